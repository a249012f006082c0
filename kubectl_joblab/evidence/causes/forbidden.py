"""Pods that the API server does not let the Job controller create, and why.

The messages are upstream's: those of quota and limits in plugin/pkg/admission, of Pod Security in
k8s.io/pod-security-admission, of webhooks and policies in k8s.io/apiserver/pkg/admission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import COMBINED, Cause
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

# the Job controller may not create Pods: pkg/controller/controller_utils.go, FailedCreatePodReason
REFUSED = "FailedCreate"
POD_SECURITY = "PodSecurity"  # what the message of a refusal by Pod Security begins with


class Refusal(NamedTuple):
    """How a kind of refusal is known, by its message, and what to do about it.

    run: a command, in which {0} is what the pattern's group has found and {name} the Job. kind: one
    of kinds.REFUSED.
    """

    id: str
    pattern: str
    fix: Sentence
    run: str = "kubectl describe job {name}"
    kind: str = "refused"


_OTHER = Refusal(
    "pods-refused",
    "",
    phrase("Make it possible for the Job controller to create Pods; it tries again by itself."),
)
REFUSALS = (
    Refusal(
        "namespace-terminating",
        "because it is being terminated",
        phrase("The namespace is being deleted: create the Job in another."),
        "kubectl get namespace {namespace} -o yaml",
    ),
    Refusal(
        "quota",
        r"exceeded quota: ([^,]+).* limited: (?:\S*,)?(?:pods|count/pods)=0(?![^,;])",
        phrase(
            "The quota allows this namespace no Pod at all: have whoever manages the namespace"
            " raise it. The Job controller tries again by itself."
        ),
        "kubectl describe quota {0}",
        kinds.NO_ROOM,
    ),
    Refusal(
        "quota",
        r"exceeded quota: ([^,]+)",
        phrase("Have the quota raised, or ask for no more than it leaves."),
        "kubectl describe quota {0}",
        kinds.NO_ROOM,
    ),
    Refusal(
        "quota",
        r"failed quota: ([^:]+): must specify",
        phrase("Write into the template's resources what the quota asks for."),
        "kubectl describe quota {0}",
    ),
    Refusal(
        "pod-security",
        POD_SECURITY,
        phrase("Write what Pod Security asks for into the Pod template."),
    ),
    Refusal(
        "admission-webhook",
        r"admission webhook \"([^\"]+)\" denied|failed calling webhook \"([^\"]+)\"",
        phrase(
            "Ask who runs the webhook: it denies the Pod, or does not answer. The Job controller"
            " tries again by itself."
        ),
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
    ),
    Refusal(
        "admission-webhook",
        r"ValidatingAdmissionPolicy '([^']+)' with binding",
        phrase("Write into the Pod template what the policy asks for."),
        "kubectl get validatingadmissionpolicy {0} -o yaml",
    ),
    Refusal(
        "service-account-missing",
        r"serviceaccount \"([^\"]+)\" not found",
        phrase("Create the ServiceAccount; the Job controller tries again by itself."),
        "kubectl create serviceaccount {0}",
    ),
    Refusal(
        "priority-class-missing",
        r"no PriorityClass with name (\S+) was found",
        phrase("Have the PriorityClass created; the Job controller tries again by itself."),
        "kubectl get priorityclasses",
    ),
    Refusal(
        "limit-range",
        r"(?:minimum|maximum) \S+ usage per (?:Pod|Container)|limit to request ratio per",
        kinds.anew(
            phrase("Have the LimitRange changed, or ask for what it allows."), kinds.FOR_THAT
        ),
        "kubectl describe limitrange",
    ),
)


def refused(seen: Snapshot) -> Cause | None:
    """The newest refusal of a Pod by the API server; None where the events tell of none."""
    events = _refusals(seen)
    if not events:
        return None
    message = str(events[-1].get("message") or "").removeprefix(COMBINED)
    found, run = known(message, seen.name, seen.namespace)
    return Cause(
        found.kind,
        not seen.pods,
        kinds.job_word(seen.name),
        REFUSED,
        message,
        found.fix,
        run,
        id=found.id,
        shows=(kinds.event(events[-1]),),
    )


def known(message: str, name: str, namespace: str) -> tuple[Refusal, str]:
    """Which refusal a message tells of, and the command that shows more.

    name: of the Job, or of the CronJob whose Job is refused.
    """
    found, match = _OTHER, None
    for one in REFUSALS:
        if match := re.search(one.pattern, message):
            found = one
            break
    groups = [group for group in match.groups() if group] if match else []
    return found, found.run.format(*groups, name=name, namespace=namespace)


def _refusals(seen: Snapshot) -> list[Object]:
    return [event for event in seen.events or () if event.get("reason") == REFUSED]


def still_refused(seen: Snapshot) -> Iterator[Cause]:
    """The refusal, where no Pod was created after it: the Job lacks one that it may not have."""
    times = [objects.event_time(event) or objects.LAST for event in _refusals(seen)]
    newest = max((objects.created(one.pod) or objects.FIRST for one in seen.pods), default=None)
    found = refused(seen)
    if found is not None and (newest is None or max(times) >= newest):
        yield found
