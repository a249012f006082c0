"""What is seen of a Job and its Pods at one moment, and what follows from it by counting. Pure.

Everything that a sync decides, it decides from a Snapshot. Follows the first half of syncJob in
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers.job import (
    backoff,
    indexed,
    indexes,
    pod_failure_policy,
    pods,
    spec,
)
from kubectl_joblab.practice.controllers.job.indexes import Indexes


@dataclass(frozen=True)
class Uncounted:
    """The uids of ended Pods that the status lists and its counters do not count yet."""

    succeeded: frozenset[str]
    failed: frozenset[str]


@dataclass(frozen=True)
class Snapshot:
    """A Job and its Pods at one moment.

    status: the Job's, with startTime where it has just started. succeeded, failed: numbers of Pods,
    with those that have ended but are not counted in the status yet. record: the failures known
    now. completed_before: the indexes that the status calls completed. failed_indexes: None for a
    Job without backoffLimitPerIndex. delayed: for each index that is to be tried again, the failed
    Pod that is kept until then.
    """

    job: Object
    status: Object
    pods: Sequence[Object]
    active: Sequence[Object]
    now: datetime
    ready: int
    terminating: int
    uncounted: Uncounted
    succeeded: int
    failed: int
    record: backoff.Record
    completed_before: Indexes
    succeeded_indexes: Indexes
    failed_indexes: Indexes | None
    delayed: Mapping[int, Object]


def observe(
    job: Object, pods_of_job: Sequence[Object], record: backoff.Record, now: datetime
) -> Snapshot:
    """The snapshot of a Job and its Pods. record: the failures known so far."""
    status = _started(job, now)
    uncounted = _uncounted(status)
    new_succeeded, new_failed = _new_finished(job, pods_of_job, uncounted)
    succeeded = status.get("succeeded", 0) + len(new_succeeded) + len(uncounted.succeeded)
    failed = status.get("failed", 0) + len(uncounted.failed)
    active = [pod for pod in pods_of_job if pods.is_active(pod)]
    done, lost, delayed = _indexes(job, pods_of_job, active)
    return Snapshot(
        job=job,
        status=status,
        pods=pods_of_job,
        active=active,
        now=now,
        ready=sum(map(pods.is_ready, active)),
        terminating=sum(map(pods.is_terminating, pods_of_job)),
        uncounted=uncounted,
        succeeded=len(done) if spec.is_indexed(job) else succeeded,
        failed=failed + pod_failure_policy.counted(job, new_failed),
        record=backoff.updated(record, new_succeeded, new_failed),
        completed_before=indexed.completed(job) if spec.is_indexed(job) else Indexes(),
        succeeded_indexes=done,
        failed_indexes=lost,
        delayed=delayed,
    )


def _started(job: Object, now: datetime) -> Object:
    status = dict(objects.status(job))
    status.setdefault("uncountedTerminatedPods", {})
    if not spec.is_suspended(job):
        status.setdefault("startTime", clocks.rfc3339(now))
    return status


def _uncounted(status: Object) -> Uncounted:
    listed = status["uncountedTerminatedPods"]
    succeeded, failed = listed.get("succeeded") or (), listed.get("failed") or ()
    return Uncounted(frozenset(succeeded), frozenset(failed))


def _new_finished(
    job: Object, pods_of_job: Sequence[Object], uncounted: Uncounted
) -> tuple[list[Object], list[Object]]:
    """The Pods that have ended since the last sync (getNewFinishedPods)."""
    valid = [
        pod for pod in pods_of_job if pods.is_tracked(pod) and (indexed.has_valid_index(job, pod))
    ]
    succeeded = [
        pod
        for pod in valid
        if pods.phase(pod) == "Succeeded" and objects.uid(pod) not in uncounted.succeeded
    ]
    failed = [
        pod
        for pod in valid
        if pods.is_failed(pod, job) and objects.uid(pod) not in uncounted.failed
    ]
    return succeeded, failed


def _indexes(
    job: Object, pods_of_job: Sequence[Object], active: Sequence[Object]
) -> tuple[Indexes, Indexes | None, Mapping[int, Object]]:
    if not spec.is_indexed(job):
        return Indexes(), None, {}
    done = indexed.succeeded(job, pods_of_job)
    if spec.backoff_limit_per_index(job) is None:
        return done, None, {}
    lost = indexed.failed(job, pods_of_job)
    settled = done | lost | indexes.of(pods.indexes_of(active))
    return done, lost, indexed.delayed_deletions(job, pods_of_job, settled)
