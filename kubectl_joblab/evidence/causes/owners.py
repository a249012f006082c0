"""Who makes a Job again: where a correction of the Job itself would last until the next one.

What to do about a failing Job ends, for most causes, in deleting it and creating it again. Of a Job
that a CronJob, another controller, a chart or a repository makes, that is no remedy: the template
from which it is made is to be corrected.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.language import Sentence, phrase
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


def mended(cause: Cause, job: Object) -> Cause:
    """The cause, whose fix speaks of the template that the Job is made from, where it has one."""
    where = _where(job) if isinstance(cause.fix, kinds.Anew) else ""
    if not where:
        return cause
    fix = phrase("{fix} {where}", fix=kinds.correction(cause.fix), where=where)
    return cause._replace(fix=fix)


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
