"""How long a Job waits before it creates the next Pod after failures.

Ten seconds, doubled by each failure since the last success, at most ten minutes. Pure: the
controller keeps a Record for each Job in memory. Follows pkg/controller/job/backoff_utils.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import pods

FIRST = timedelta(seconds=10)  # DefaultJobPodFailureBackOff
LONGEST = timedelta(minutes=10)  # MaxJobPodFailureBackOff
NONE = timedelta()


@dataclass(frozen=True)
class Record:
    """The failures of a Job since its last success, and when the last of them was."""

    failures: int = 0
    last: datetime | None = None


def updated(
    record: Record, new_succeeded: Sequence[Object], new_failed: Sequence[Object]
) -> Record:
    """The record after these Pods have ended (newBackoffRecord)."""
    failed = sorted(map(pods.finished_at, new_failed))
    if not new_succeeded:
        if not failed:
            return record
        return Record(record.failures + len(failed), failed[-1])
    last_success = max(map(pods.finished_at, new_succeeded))
    later = [when for when in failed if when > last_success]
    return Record(len(later), later[-1] if later else None)


def remaining(record: Record, now: datetime) -> timedelta:
    """The time until the next Pod may be created (getRemainingTime)."""
    return _remaining(record.failures, record.last, now)


def remaining_for_index(last_failed: Object | None, now: datetime) -> timedelta:
    """The time until the next Pod of an index may be created (getRemainingTimePerIndex).

    It is counted from the end of the Pod that has failed last in the index.
    """
    if last_failed is None:
        return NONE
    failures = pods.failure_count(last_failed) + pods.ignored_failure_count(last_failed) + 1
    return _remaining(failures, pods.finished_at(last_failed), now)


def delay(failures: int) -> timedelta:
    """The time between a failure and the next Pod, after so many failures."""
    if failures == 0:
        return NONE
    doublings = min(failures - 1, 16)  # far beyond the longest delay: keeps the number small
    return min(FIRST * int(2**doublings), LONGEST)


def _remaining(failures: int, last: datetime | None, now: datetime) -> timedelta:
    if not failures or last is None:
        return NONE
    return max(delay(failures) - (now - last), NONE)
