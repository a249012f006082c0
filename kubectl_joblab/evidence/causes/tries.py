"""The tries of a Job that failed, and how many: the arithmetic that causes of tries rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.objects import Attempt, Object

# what the kubelet says of a container that has gone while nobody watched: containerd's reason after
# the node's restart, and pkg/kubelet/container/runtime.go, ContainerReasonStatusUnknown
LOST = ("Unknown", "ContainerStatusUnknown")
# conditions by which the Job controller itself ends what still runs
_ENDING = ("FailureTarget", "Failed", "SuccessCriteriaMet", "Complete")


class Try(NamedTuple):
    """A try that failed: the Pod, and its attempt, without an exit code where the Pod alone failed.

    init: whether an init container made the attempt.
    """

    record: PodRecord
    attempt: Attempt
    init: bool = False

    @property
    def end(self) -> datetime:
        """When it failed, as far as that is known."""
        return self.attempt.finished or objects.created(self.record.pod) or objects.FIRST


def failed_try(seen: Snapshot) -> Try | None:
    """The newest try that failed; None where there is none, or where a later one succeeded."""
    failed = max(all_failed(seen.pods), key=lambda one: one.end, default=None)
    return None if failed is None or is_made_good(seen, failed) else beside(failed)[0]


def is_made_good(seen: Snapshot, failed: Try) -> bool:
    """Whether another try has succeeded since, and the Job goes on."""
    wins = [
        attempt.finished
        for record in seen.pods
        for attempt in record.attempts
        if attempt.exit_code == 0 and attempt.finished
    ]
    return bool(wins) and not seen.over and max(wins) > failed.end


def was_cut_off(seen: Snapshot, record: PodRecord, attempt: Attempt) -> bool:
    """Whether an attempt did not end by itself, nor by the end of its Job.

    It was lost with its node, or its Pod was deleted while the Job went on: the Job was suspended,
    its parallelism lowered, or someone has deleted the Pod.
    """
    if attempt.finished is None or attempt.reason in LOST:
        return attempt.finished is not None
    asked = asked_to_stop(record.pod)
    ending = [
        objects.time((objects.condition(seen.job or {}, kind) or {}).get("lastTransitionTime"))
        for kind in _ENDING
        if objects.is_true(seen.job or {}, kind)
    ]
    return attempt.finished >= asked and all(when is None or asked < when for when in ending)


def all_failed(pods: Iterable[PodRecord]) -> Iterator[Try]:
    for record in pods:
        stopped = asked_to_stop(record.pod)
        tries = [
            Try(record, one)
            for one in record.attempts
            if one.exit_code
            and one.reason not in LOST
            and (one.finished or objects.FIRST) < stopped
        ]
        inits = objects.init_attempts(record.pod)
        tries += [Try(record, one, init=True) for one in inits if one.exit_code]
        tries += [Try(record, one, init=True) for one in _blocking(record)]
        status = objects.status(record.pod)
        reason = str(status.get("reason") or "")
        # a Pod that has a reason of its own was ended from outside, whatever its containers did;
        # the kubelet may have removed them before it saw how they ended
        lost = any(one.reason in LOST for one in record.attempts)
        alone = reason or not (tries or lost)
        if status.get("phase") == "Failed" and alone and stopped is objects.LAST:
            end = max((one.finished for one in record.attempts if one.finished), default=None)
            tries = [Try(record, Attempt("", 0, None, end, reason=reason or "Failed"))]
        yield from tries


def _blocking(record: PodRecord) -> Iterator[Attempt]:
    """The failed attempts of a sidecar that does not come up, so that no container is started."""
    if record.attempts or record.gone or objects.is_true(record.pod, "Initialized"):
        return
    for one in objects.sidecar_attempts(record.pod):
        if one.exit_code and one.reason not in LOST:
            yield one


def rounds(record: PodRecord) -> int:
    """How many tries a Pod has made, however many containers it has.

    A try is one start of all of them. It was made as well where an init container has failed, or
    where the Pod failed without any.
    """
    entries = objects.status(record.pod).get("containerStatuses") or []
    counted = [
        int(entry.get("restartCount") or 0) + 1
        for entry in entries
        if any(attempt.container == entry["name"] for attempt in record.attempts)
    ]
    known = {attempt.number for attempt in record.attempts}
    inits = [one.number for one in objects.init_attempts(record.pod) if one.exit_code]
    return max([*counted, len(known), *inits], default=0) or int(any(all_failed([record])))


def spans(pods: Iterable[PodRecord]) -> Iterator[tuple[PodRecord, datetime, datetime | None]]:
    """Each try with its Pod, its start, and its end: that of its last container, None for none."""
    for record in pods:
        for number in sorted({one.number for one in record.attempts}):
            made = [one for one in record.attempts if one.number == number and one.started]
            if not made or (record.gone and any(one.finished is None for one in made)):
                continue
            ends = [one.finished for one in made]
            begun = min(one.started for one in made if one.started)
            yield record, begun, None if None in ends else max(filter(None, ends))


def asked_to_stop(pod: Object) -> datetime:
    """When the Pod was asked to stop; LAST where it was not. What ends then has not failed."""
    return objects.deleted_at(pod) or objects.LAST


def count(pods: Iterable[PodRecord]) -> int:
    """How many tries have failed, also those of which a Pod's status tells no more."""
    return sum(map(_count, pods))


def _count(record: PodRecord) -> int:
    """How many tries of a Pod have failed: those in which any of its containers has."""
    failed = list(all_failed([record]))
    own = {one.attempt.number for one in failed if not one.init}
    inits = {one.attempt.key for one in failed if one.init}
    fine = {one.number for one in record.attempts} - own
    return max(len(own) + len(inits), rounds(record) - len(fine))


def beside(failed: Try) -> list[Try]:
    """The failed attempts of one try, in the order in which they are told.

    What ended first may have been why the others did; in the same second first comes what has
    logged something, then what the Pod names first.
    """
    own = [one.get("name") for one in objects.spec(failed.record.pod).get("containers") or ()]
    order = {str(name): place for place, name in enumerate(own)}
    same = [
        one
        for one in all_failed([failed.record])
        if not one.init and one.attempt.number == failed.attempt.number
    ]
    return sorted(
        [failed] if failed.init else same,
        key=lambda one: (
            one.end,
            not any(one.attempt.log or ()),
            order.get(one.attempt.container, 0),
        ),
    )
