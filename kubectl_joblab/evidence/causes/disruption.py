"""Pods that something outside has ended: the kubelet, the scheduler, an eviction, their node.

A Pod that has a reason of its own, or the condition DisruptionTarget, was ended from outside,
whatever its containers did: pkg/apis/core and KEP-3329. The API tells that a Pod was evicted by the
eviction API and not by whom: a drain and any other eviction are one cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact, job_word
from kubectl_joblab.evidence.causes.tries import LOST, Try, failed_try, is_made_good
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.objects import Attempt, Object

# events of Pods, with what their messages begin with: pkg/scheduler/framework/preemption,
# pkg/controller/tainteviction and pkg/kubelet/events/event.go; and the condition of such a Pod
_TAKEN_AWAY = (
    ("Preempted", "", "PreemptionByScheduler"),
    ("TaintManagerEviction", "Marking for deletion", "DeletionByTaintManager"),
    ("Killing", "Stopping container", "EvictionByEvictionAPI"),
)
TARGET = "DisruptionTarget"  # the condition of a Pod that is ended from outside
_DISK = r"ephemeral[ -](?:local )?storage|EmptyDir volume|nodefs|imagefs|disk|inodes|DiskPressure"
_MEMORY = r"resource: memory|MemoryPressure"
# by the reason of DisruptionTarget: k8s.io/api/core/v1, and the taint manager and garbage collector
_BY_CONDITION = {
    "PreemptionByScheduler": (
        "preempted",
        phrase(
            "A Pod of a higher priority took its place. Give the Job a higher priority class, or"
            " have podFailurePolicy ignore DisruptionTarget, so that it is tried again."
        ),
    ),
    "EvictionByEvictionAPI": (
        "eviction",
        phrase(
            "The API does not tell whether the node was drained or someone evicted this Pod alone."
            " To have such an end not count, let podFailurePolicy ignore DisruptionTarget."
        ),
    ),
    "DeletionByTaintManager": (
        "node-lost",
        phrase(
            "The node became unfit for the Pod: it is not ready or not reachable, or someone has"
            " tainted it. To have such an end not count, let podFailurePolicy ignore"
            " DisruptionTarget."
        ),
    ),
    "DeletionByPodGC": (
        "node-lost",
        phrase(
            "The Pod's node is gone from the cluster. To have such an end not count, let"
            " podFailurePolicy ignore DisruptionTarget."
        ),
    ),
}


def of_pod(record: PodRecord, attempt: Attempt, look: str, number: int) -> Cause:
    """The cause of a Pod that failed as a whole. number: how many tries have failed."""
    status = objects.status(record.pod)
    message = str(status.get("message") or "")
    word, fix = _of(record.pod, message)
    return Cause(
        "pod",
        False,
        f"pod/{record.name}",  # of which the message is
        attempt.reason,
        message,
        fix,
        look,
        None,
        number,
        id=word,
        shows=(
            *_status(record),
            *kinds.condition(f"pod/{record.name}", record.pod, TARGET),
        ),
    )


def _of(pod: Object, message: str) -> tuple[str, Sentence]:
    """The id of what has ended a Pod, and what to do."""
    reason = objects.status(pod).get("reason")
    if reason == "DeadlineExceeded":
        mend = phrase(
            "The template's activeDeadlineSeconds has ended the Pod: raise it, or have the program"
            " be done sooner."
        )
        return "pod-deadline", kinds.anew(mend)
    if reason == "Evicted" and re.search(_DISK, message):
        return "evicted-for-disk", phrase(
            "The Pod used more disk than it may, or the node had too little. Write less, or raise"
            " the limit that the message names."
        )
    if reason == "Evicted" and re.search(_MEMORY, message):
        return "evicted-for-memory", phrase(
            "The node ran out of memory and ended this Pod. Have the template request as much"
            " memory as it uses: what uses more than it requests goes first."
        )
    if reason == "Evicted":
        return "evicted", phrase("The kubelet ended the Pod to keep its node working.")
    target = objects.condition(pod, TARGET) or {}
    known = _BY_CONDITION.get(str(target.get("reason")))
    if known:
        return known
    return "pod-failed", phrase("Look for what ended the Pod: its node, a deadline, an eviction.")


def _status(record: PodRecord) -> Iterator[Fact]:
    status = objects.status(record.pod)
    for key in ("reason", "message"):
        if status.get(key):
            yield Fact(f"pod/{record.name}", f"status.{key}", str(status[key]))


def disrupted(seen: Snapshot) -> Iterator[Cause]:
    """A Pod with DisruptionTarget, where no other try has failed or succeeded since."""
    targets = [
        record
        for record in seen.pods
        if objects.is_true(record.pod, TARGET)
        and (objects.condition(record.pod, TARGET) or {}).get("reason") in _BY_CONDITION
    ]
    if not targets:
        return
    newest = max(targets, key=_disrupted_at)
    since = _disrupted_at(newest)
    later = [
        attempt
        for record in seen.pods
        if record not in targets
        for attempt in record.attempts
        if attempt.finished and str(attempt.finished) > since
    ]
    if later:
        return
    target = objects.condition(newest.pod, TARGET) or {}
    word, fix = _BY_CONDITION[str(target.get("reason"))]
    name = f"pod/{newest.name}"
    gone = newest.gone
    yield Cause(
        "pod",
        False,
        name,
        f"{TARGET} {target.get('reason')}",
        str(target.get("message") or ""),
        fix,
        f"kubectl describe {'job ' + seen.name if gone else 'pod ' + newest.name}",
        id=word,
        tries=len(targets),
        shows=kinds.condition(name, newest.pod, TARGET),
    )


def taken_away(seen: Snapshot) -> Iterator[Cause]:
    """A Pod that is gone, whom the Job controller has not deleted, as events alone tell.

    What evicts or preempts a Pod deletes it at once. Where a later try is known, that one tells.
    """
    job_failed = objects.status(seen.job or {}).get("failed")
    gone = kinds.gone_pods(seen)
    if not job_failed or not gone or failed_try(seen) is not None:
        return
    if seen.around is not None and seen.around.hides_pods:
        return
    about = [one for one in seen.events or () if kinds.about(one).get("name") in gone]
    told = next(filter(None, (_newest(about, *one) for one in _TAKEN_AWAY)), None)
    if told is None:
        return
    event, condition = told
    word, fix = _BY_CONDITION[condition]
    is_named = word != "eviction"  # by its event: else any may have deleted it
    yield Cause(
        "pod",
        False,
        f"pod/{kinds.about(event).get('name')}",
        str(event.get("reason")) if is_named else phrase("deleted from outside"),
        str(event.get("message") or "")
        if is_named
        else phrase("not by the Job controller: by a drain, another eviction, or by hand"),
        fix,
        f"kubectl describe job {seen.name}",
        id=word,
        tries=len(gone),
        shows=(
            kinds.event(event),
            kinds.field(job_word(seen.name), seen.job or {}, "status.failed"),
        ),
    )


def _newest(about: list[Object], reason: str, begins: str, by: str) -> tuple[Object, str] | None:
    events = kinds.events_of(about, reason)
    chosen = [one for one in events if str(one.get("message")).startswith(begins)]
    return (chosen[-1], by) if chosen else None


def _disrupted_at(record: PodRecord) -> str:
    target = objects.condition(record.pod, TARGET) or {}
    return str(objects.time(target.get("lastTransitionTime")))


def lost(seen: Snapshot) -> Iterator[Cause]:
    """The tries that were lost with their node, where no other has failed or succeeded since."""
    gone = [
        Try(record, attempt)
        for record in seen.pods
        for attempt in record.attempts
        if attempt.reason in LOST and not objects.status(record.pod).get("reason")
    ]
    newest, failed = max(gone, key=lambda one: one.end, default=None), failed_try(seen)
    if newest is None or is_made_good(seen, newest) or (failed and failed.end > newest.end):
        return
    name = newest.record.name
    of_several = len({one.record.name for one in gone}) > 1
    yield Cause(
        "lost",
        False,
        job_word(seen.name) if of_several else f"pod/{name}",
        plural(len(gone), "{n} try was lost with its node", "{n} tries were lost with their node"),
        phrase(
            "the node went away while it ran, or the practice cluster was stopped: exit code {code}"
            " ({reason})",
            code=newest.attempt.exit_code,
            reason=newest.attempt.reason,
        ),
        phrase(
            "Nothing is wrong with the command. It counts as a failure, and the Job controller goes"
            " on as far as backoffLimit allows."
        ),
        f"kubectl describe job {seen.name}"
        if newest.record.gone
        else f"kubectl describe pod {name}",
        tries=len(gone),
        id="node-lost",
        shows=(
            Fact(
                f"pod/{name}",
                f"state terminated of {newest.attempt.container}",
                f"exitCode {newest.attempt.exit_code}, {newest.attempt.reason}",
            ),
        ),
    )
