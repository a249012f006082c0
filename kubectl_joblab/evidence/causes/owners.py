"""Who makes a Job again: where a correction of the Job itself would last until the next one.

What to do about a failing Job ends, for most causes, in deleting it and creating it again. Of a Job
that a CronJob, another controller, a chart or a repository makes, that is no remedy: the template
from which it is made is to be corrected.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.language import Phrase, Sentence, phrase
from kubectl_joblab.objects import Object


class _Sign(NamedTuple):
    """A label or an annotation by which a program knows what it has applied."""

    key: str
    program: str


_SIGNS = (
    _Sign("meta.helm.sh/release-name", "Helm"),
    _Sign("helm.sh/hook", "Helm"),
    _Sign("argocd.argoproj.io/tracking-id", "Argo CD"),
    _Sign("argocd.argoproj.io/instance", "Argo CD"),
    _Sign("argocd.argoproj.io/hook", "Argo CD"),
    _Sign("kustomize.toolkit.fluxcd.io/name", "Flux"),
    _Sign("helm.toolkit.fluxcd.io/name", "Flux"),
)
# the English template of each fix that has a Job created again -> what to correct in a template
CORRECTIONS = {
    # failing.py
    "Correct the command, then delete the Job and create it again.": phrase("Correct the command."),
    "The file is no program for this node: built for another architecture, or a script without its"
    " first line #!/bin/sh. Take an image for the node's architecture, or add the line; then delete"
    " the Job and create it again.": phrase(
        "The file is no program for this node: built for another architecture, or a script without"
        " its first line #!/bin/sh. Take an image for the node's architecture, or add the line."
    ),
    "The image has no {shell}, and each try fails like this. Write the command for a"
    " shell that it has, such as sh, or take an image with {shell}; then delete the Job"
    " and create it again.": phrase(
        "The image has no {shell}, and each try fails like this. Write the command for a shell that"
        " it has, such as sh, or take an image with {shell}."
    ),
    "The image has no program of that name, and each try fails like this. Write the program"
    " and each argument as an item of command of its own, or give the whole line to a"
    " shell: [sh, -c, LINE]. Then delete the Job and create it again.": phrase(
        "The image has no program of that name, and each try fails like this. Write the program and"
        " each argument as an item of command of its own, or give the whole line to a shell:"
        " [sh, -c, LINE]."
    ),
    "The file is there, but it is no program that may be run: see its mode, or give it to"
    " a shell: [sh, FILE]. Then delete the Job and create it again.": phrase(
        "The file is there, but it is no program that may be run: see its mode, or give it to a"
        " shell: [sh, FILE]."
    ),
    "Correct command and what it needs, then delete the Job and create it again.": phrase(
        "Correct command and what it needs."
    ),
    "Write the whole line as one item: [{shell}, -c, {line}]. Then delete the Job and"
    " create it again.": phrase("Write the whole line as one item: [{shell}, -c, {line}]."),
    "Raise resources.limits.memory, or have the program use less memory.": phrase(
        "Raise resources.limits.memory, or have the program use less memory."
    ),
    # disruption.py
    "The template's activeDeadlineSeconds has ended the Pod: raise it, or have the program"
    " be done sooner; then delete the Job and create it again.": phrase(
        "The template's activeDeadlineSeconds has ended the Pod: raise it, or have the program be"
        " done sooner."
    ),
    # limits.py
    "Mend the cause, then delete the Job and create it again.": phrase("Mend the cause."),
    "Raise activeDeadlineSeconds, or have the Job be done sooner; then delete it and create"
    " it again. A suspended Job can have another deadline when it is resumed.": phrase(
        "Raise activeDeadlineSeconds, or have the Job be done sooner."
    ),
    "The rule ends the Job at the first such failure. Mend what the exit code stands for,"
    " or change the rule; then delete the Job and create it again.": phrase(
        "The rule ends the Job at the first such failure. Mend what the exit code stands for, or"
        " change the rule."
    ),
    "See why these indexes fail: the others are not to blame. Then delete the Job and"
    " create it again, with these indexes alone where the program can be told so.": phrase(
        "See why these indexes fail: the others are not to blame."
    ),
    "See why these indexes fail, or raise maxFailedIndexes, so that the others go on."
    " Then delete the Job and create it again.": phrase(
        "See why these indexes fail, or raise maxFailedIndexes, so that the others go on."
    ),
    # waiting.py
    "A Job never fails from this. Create what is missing, and its Pod goes on; to change the"
    " template instead, delete the Job and create it again.": phrase(
        "A Job never fails from this. Create what is missing, and its Pod goes on; or correct its"
        " name."
    ),
    "No node took its Pod in time. See that one has what the Pod asks for, or ask for what one"
    " has; then delete the Job and create it again.": phrase(
        "No node took its Pod in time. See that one has what the Pod asks for, or ask for what one"
        " has."
    ),
    "Create what is missing, or correct its name; then delete the Job and create it again.": phrase(
        "Create what is missing, or correct its name."
    ),
    "Correct the image, or have the node get it in time; then delete the Job and create it"
    " again.": phrase("Correct the image, or have the node get it in time."),
    "Mend what the message names, then delete the Job and create it again.": phrase(
        "Mend what the message names."
    ),
    "A Job never fails from this: correct the image, delete the Job, and create it again.": phrase(
        "A Job never fails from this: correct the image."
    ),
    "Wait until a node has what the Pod asks for. Or ask for what one has: the template cannot be"
    " changed, so delete the Job and create it again.": phrase(
        "Wait until a node has what the Pod asks for. Or ask for what one has."
    ),
    "The node does not have the image, and imagePullPolicy is Never: bring the image to the"
    " node, or delete the Job and create it again with another policy.": phrase(
        "The node does not have the image, and imagePullPolicy is Never: bring the image to the"
        " node, or take another policy."
    ),
    "The registry does not tell which: the image is not there by this name, or this Pod may"
    " not have it. Correct the name, or add imagePullSecrets; then delete the Job and"
    " create it again.": phrase(
        "The registry does not tell which: the image is not there by this name, or this Pod may not"
        " have it. Correct the name, or add imagePullSecrets."
    ),
    "The registry has no such image or tag. A Job never fails from this: correct the image,"
    " delete the Job, and create it again.": phrase(
        "The registry has no such image or tag. A Job never fails from this: correct the image."
    ),
    "A Job never fails from this. Set securityContext.runAsUser to the number of a user"
    " other than 0, or take an image with one; then delete the Job and create it again.": phrase(
        "A Job never fails from this. Set securityContext.runAsUser to the number of a user other"
        " than 0, or take an image with one."
    ),
    "A Job never fails from this. Correct what the message names, then delete the Job and"
    " create it again.": phrase("A Job never fails from this. Correct what the message names."),
    "See whether a scheduler of that name runs; it takes the Pod by itself. To have"
    " another, delete the Job and create it again without schedulerName.": phrase(
        "See whether a scheduler of that name runs; it takes the Pod by itself. To have another,"
        " leave out schedulerName."
    ),
    "A Pod of a node that is gone is deleted after some time, and another follows. Where the"
    " template names the node, delete the Job and create it again without nodeName.": phrase(
        "A Pod of a node that is gone is deleted after some time, and another follows. Where the"
        " template names the node, leave out nodeName."
    ),
    "The file is there, and the program that its first line names is not: an interpreter that the"
    " image has not, or a line that ends as Windows writes it. Correct the file, then delete the"
    " Job and create it again.": phrase(
        "The file is there, and the program that its first line names is not: an interpreter that"
        " the image has not, or a line that ends as Windows writes it. Correct the file."
    ),
    # forbidden.py, held.py, endings.py
    "Have the LimitRange changed, or ask for what it allows; the template cannot be"
    " changed, so delete the Job and create it again.": phrase(
        "Have the LimitRange changed, or ask for what it allows."
    ),
    "Where there is no such controller, delete the Job and create it again without"
    " managedBy, which cannot be changed.": phrase(
        "Where there is no such controller, leave out managedBy."
    ),
    "Leave out manualSelector and selector: the API server gives each Job one of its own."
    " Delete the Job, then create it again.": phrase(
        "Leave out manualSelector and selector: the API server gives each Job one of its own."
    ),
}


def mended(cause: Cause, job: Object) -> Cause:
    """The cause, whose fix speaks of the template that the Job is made from, where it has one."""
    short = CORRECTIONS.get(cause.fix.template) if isinstance(cause.fix, Phrase) else None
    where = _where(job) if short is not None else ""
    if not short or not where or not isinstance(cause.fix, Phrase):
        return cause
    mend = Phrase(short.template, cause.fix.values)
    return cause._replace(fix=phrase("{fix} {where}", fix=mend, where=where))


def _where(job: Object) -> Sentence:
    """Where a correction lasts; "" for a Job that stands alone."""
    owner = objects.controller(job)
    if owner is not None and owner.get("kind") == "CronJob":
        name = str(owner.get("name"))
        return phrase(
            "Do so in spec.jobTemplate of {owner}, which makes each next Job: {edit}. To try it at"
            " once: {create}.",
            owner=f"cronjob.batch/{name}",
            edit=f"kubectl edit cronjob {name}",
            create=f"kubectl create job {name}-again --from=cronjob/{name}",
        )
    if owner is not None:
        group = str(owner.get("apiVersion") or "").rpartition("/")[0]
        kind = ".".join(filter(None, (str(owner.get("kind")).lower(), group)))
        return phrase(
            "Do so in {owner}, which makes this Job, and makes it the same again: {edit}.",
            owner=f"{kind}/{owner.get('name')}",
            edit=f"kubectl edit {kind} {owner.get('name')}",
        )
    for sign in _SIGNS:
        if sign.key in objects.labels(job) or objects.annotation(job, sign.key) is not None:
            return phrase(
                "Do so where {program} has the Job from, and apply it again: it makes the Job the"
                " same again.",
                program=sign.program,
            )
    return ""
