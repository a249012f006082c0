"""How many Pods a Job should have now, and which to create or remove. Pure.

Never are Pods created and removed in the same sync. Follows manageJob in
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import backoff, indexed, indexes, pods, spec
from kubectl_joblab.practice.controllers.job.snapshot import Snapshot

AT_ONCE = 500  # Pods to create or remove in one sync: MaxPodCreateDeletePerSync


@dataclass(frozen=True)
class Plan:
    """What to do.

    remove: Pods. create: an index for each new Pod, NO_INDEX where the Job has no indexes. wait:
    the time until the Pods that are missing may be created.
    """

    remove: Sequence[Object] = ()
    create: Sequence[int] = ()
    wait: timedelta | None = None


def plan(seen: Snapshot) -> Plan:
    """What brings the number of active Pods to where it should be."""
    active = len(seen.active)
    if spec.is_suspended(seen.job):
        return Plan(remove=_removed(seen, active))
    wanted = _wanted(seen)
    if removed := _removed(seen, max(active - wanted, 0)):
        return Plan(remove=removed[:AT_ONCE])
    terminating = seen.terminating if spec.replaces_only_failed(seen.job) else 0
    missing = wanted - terminating - active
    return _creation(seen, missing) if missing > 0 else Plan()


def _wanted(seen: Snapshot) -> int:
    completions = spec.completions(seen.job)
    if completions is None:
        # A work queue: after the first success no Pod is added, and none is removed.
        return len(seen.active) if seen.succeeded else spec.parallelism(seen.job)
    return max(min(completions - seen.succeeded, spec.parallelism(seen.job)), 0)


def _removed(seen: Snapshot, at_least: int) -> list[Object]:
    """The Pods to remove, at least so many: those that have come least far.

    Follows activePodsForRemoval.
    """
    removed: list[Object] = []
    left = list(seen.active)
    if spec.is_indexed(seen.job):
        removed, left = indexed.surplus(seen.job, left)
    more = at_least - len(removed)
    if more <= 0:
        return removed
    return removed + sorted(left, key=pods.deletion_order)[:more]


def _creation(seen: Snapshot, missing: int) -> Plan:
    if spec.backoff_limit_per_index(seen.job) is None:
        wait = backoff.remaining(seen.record, seen.now)
        if wait:
            return Plan(wait=wait)
    missing = min(missing, AT_ONCE)
    if not spec.is_indexed(seen.job):
        return Plan(create=[pods.NO_INDEX] * missing)
    candidates = indexed.first_pending(seen.job, _busy(seen), missing)
    if spec.backoff_limit_per_index(seen.job) is None:
        return Plan(create=candidates)
    return _creation_by_index(seen, candidates)


def _busy(seen: Snapshot) -> indexes.Indexes:
    """The indexes that need no Pod now: done, failed, tried now, or still terminating."""
    occupied = list(seen.active)
    if spec.replaces_only_failed(seen.job):
        occupied += [pod for pod in seen.pods if pods.is_terminating(pod)]
    busy = seen.succeeded_indexes | indexes.of(pods.indexes_of(occupied))
    return busy if seen.failed_indexes is None else busy | seen.failed_indexes


def _creation_by_index(seen: Snapshot, candidates: Sequence[int]) -> Plan:
    """The plan where each index waits by itself (getPodCreationInfoForIndependentIndexes)."""
    waits = {
        index: backoff.remaining_for_index(seen.delayed.get(index), seen.now)
        for index in candidates
    }
    now = [index for index, wait in waits.items() if not wait]
    if now or not waits:
        return Plan(create=now)
    return Plan(wait=min(waits.values()))
