"""What a Job had counted when a limit ended it: tries, failed Pods, restarts. Pure.

The Job controller counts failed Pods without those that podFailurePolicy ignores, and, where Pods
restart in place, the restarts of those that run. Follows syncJob and pastBackoffLimitOnFailure in
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import failure_policy, objects
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.failure_policy import Match
from kubectl_joblab.objects import Attempt, Object

RESTARTS = "OnFailure"  # the restartPolicy of Pods whose restarts count


class Tally(NamedTuple):
    """How far a Job had come at one moment.

    begun: its Pods that had been started, or had failed before. failed: those that had failed and
    count. ignored: those that had failed and, by podFailurePolicy, do not. by_own_deadline: of the
    failed, those which the Pods' own activeDeadlineSeconds has ended. running: whether the newest
    Pod had not ended. restarts: of the containers of Pods that had not ended. restarting: the Pods
    of these.
    """

    begun: int
    failed: int
    ignored: int
    by_own_deadline: int
    running: bool
    restarts: int
    restarting: int


def at(seen: Snapshot, when: datetime | None, *, by_end: bool) -> Tally:
    """What the Job of a snapshot, which has every start, had counted at a moment; None: at its end.

    by_end: whether the end of a Pod decided, so that it may be of the same second as the moment.
    """
    begun = [one for one in seen.pods if _has_begun(one, when)]
    over = [one for one in begun if _is_over(one, when, by_end)]
    going = [one for one in begun if one not in over]
    rules = _rules(seen)
    failed = [one for one in over if _has_failed(one)]
    counted = [one for one in failed if not _is(failure_policy.match(rules, one.pod), "Ignore")]
    restarts = [_restarts(one, when) for one in going]
    return Tally(
        len(begun),
        len(counted),
        len(failed) - len(counted),
        sum(objects.status(one.pod).get("reason") == "DeadlineExceeded" for one in counted),
        bool(begun) and begun[-1] not in over,
        sum(restarts),
        sum(map(bool, restarts)),
    )


def tries(seen: Snapshot) -> int:
    """How often the Pods of a snapshot, which has every start, were begun or begun again."""
    return sum(max((one.number for one in record.attempts), default=0) for record in seen.pods)


def starts_again(seen: Snapshot) -> bool:
    """Whether a container of a Job's Pods was started more than once, by whatever rule."""
    return any(one.number > 1 for record in seen.pods for one in record.attempts)


def was_held(seen: Snapshot) -> bool:
    """Whether the Job was suspended when it had Pods: those that this deletes do not count."""
    ages = [age for record in seen.pods if (age := objects.created(record.pod))]
    held = [one.time for one in seen.transitions if one.type == "Suspended"]
    return any(age < moment for age in ages for moment in held)


class FailedIndexes(NamedTuple):
    """The indexes of a Job that have failed, by what has failed them.

    number: of all. by_rule: of those that a rule of podFailurePolicy has failed at once. rules: the
    numbers of such rules. evenly: whether each other one had as many Pods as its limit allows.
    """

    number: int
    by_rule: int
    rules: tuple[int, ...]
    evenly: bool


def failed_indexes(seen: Snapshot) -> FailedIndexes:
    """What has failed each index of a Job, from a snapshot that has every Pod."""
    job = seen.job or {}
    listed = str(objects.status(job).get("failedIndexes") or "")
    allowed = int(objects.spec(job).get("backoffLimitPerIndex") or 0) + 1
    rules, by_rule, evenly = set(), 0, True
    for pods in _by_index(seen.pods, list(_ranges(listed))).values():
        found = failure_policy.match(_rules(seen), pods[-1].pod)
        if found is not None and _is(found, "FailIndex"):
            by_rule += 1
            rules.add(found.number)
        else:
            evenly = evenly and len(pods) == allowed
    return FailedIndexes(number(listed), by_rule, tuple(sorted(rules)), evenly)


def _by_index(
    pods: Iterable[PodRecord], ranges: Iterable[tuple[int, int]]
) -> Mapping[int, list[PodRecord]]:
    """The Pods of each of some indexes, in the order of their creation."""
    found: dict[int, list[PodRecord]] = {}
    for record in pods:
        text = objects.annotation(record.pod, objects.INDEX_ANNOTATION) or ""
        if text.isdecimal() and any(first <= int(text) <= last for first, last in ranges):
            found.setdefault(int(text), []).append(record)
    return found


def number(indexes: str) -> int:
    """How many indexes a list such as 1,3-5 has."""
    return sum(last - first + 1 for first, last in _ranges(indexes))


def _ranges(indexes: str) -> Iterator[tuple[int, int]]:
    """The first and the last of each range of a list such as 1,3-5."""
    for part in filter(None, indexes.split(",")):
        first, _, last = part.partition("-")
        yield int(first), int(last or first)


def _rules(seen: Snapshot) -> list[Object]:
    return list(objects.field(seen.job or {}, "spec.podFailurePolicy.rules") or ())


def _is(found: Match | None, action: str) -> bool:
    return found is not None and found.action == action


def _has_begun(record: PodRecord, when: datetime | None) -> bool:
    """Whether a Pod had run, or failed without it."""
    starts = [start for one in record.attempts if (start := one.started or one.finished)]
    if not starts and _has_failed(record):
        starts = [objects.created(record.pod) or objects.FIRST]
    return bool(starts) and (when is None or min(starts) <= when)


def _is_over(record: PodRecord, when: datetime | None, by_end: bool) -> bool:
    """Whether a Pod had ended by itself or was made to before; times are whole seconds.

    The Job controller takes an eviction for the end of a Pod. When it ends a Job it deletes those
    that run, which are no failures that led to it, though they may end within the same second.
    """
    if not objects.has_ended(record.pod) and not record.gone:
        return False
    if when is None:
        return True
    ends = [one.finished for one in record.attempts if one.finished]
    end = max(ends, default=objects.created(record.pod) or objects.FIRST)
    asked = objects.deleted_at(record.pod)
    if asked and objects.is_true(record.pod, "DisruptionTarget"):
        end = asked
    elif asked and not record.succeeded and (end >= asked or _restarts_in_place(record.pod)):
        return asked < when
    return end <= when if by_end else end < when


def _restarts_in_place(pod: Object) -> bool:
    return objects.spec(pod).get("restartPolicy") == RESTARTS


def _has_failed(record: PodRecord) -> bool:
    return objects.status(record.pod).get("phase") == "Failed" or (
        record.gone and not record.succeeded
    )


def _restarts(record: PodRecord, when: datetime | None) -> int:
    """How often the containers of a Pod had been started again."""
    return sum(one.number > 1 and _has_started(one, when) for one in record.attempts)


def _has_started(attempt: Attempt, when: datetime | None) -> bool:
    start = attempt.started or attempt.finished
    return start is not None and (when is None or start <= when)
