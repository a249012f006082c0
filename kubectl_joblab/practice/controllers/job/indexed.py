"""Which indexes of an Indexed Job are done, failed or next, and which Pods are superfluous. Pure.

Follows pkg/controller/job/indexed_job_utils.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import indexes, pod_failure_policy, pods, spec
from kubectl_joblab.practice.controllers.job.indexes import Indexes


def completed(job: Object) -> Indexes:
    """The indexes that the Job's status calls completed."""
    return indexes.parse(objects.status(job).get("completedIndexes", ""), spec.indexes(job))


def succeeded(job: Object, pods_of_job: Iterable[Object]) -> Indexes:
    """The completed indexes, with those of Pods that are not counted yet.

    Follows calculateSucceededIndexes.
    """
    new = (pod for pod in pods_of_job if pods.phase(pod) == "Succeeded" and pods.is_tracked(pod))
    return completed(job) | indexes.of(_valid(job, new))


def failed(job: Object, pods_of_job: Iterable[Object]) -> Indexes:
    """The indexes that will not be tried again (calculateFailedIndexes)."""
    known = indexes.parse(objects.status(job).get("failedIndexes") or "", spec.indexes(job))
    new = (pod for pod in pods_of_job if pods.is_tracked(pod) and _fails_its_index(job, pod))
    return known | indexes.of(_valid(job, new))


def _valid(job: Object, some: Iterable[Object]) -> set[int]:
    return {index for index in pods.indexes_of(some) if index < spec.indexes(job)}


def _fails_its_index(job: Object, pod: Object) -> bool:
    if not pods.is_failed(pod, job):
        return False
    verdict = pod_failure_policy.matched(spec.pod_failure_rules(job), pod)
    if verdict.action == "FailIndex":
        return True
    limit = spec.backoff_limit_per_index(job)
    return verdict.counts and limit is not None and pods.failure_count(pod) >= limit


def has_valid_index(job: Object, pod: Object) -> bool:
    """Whether a Pod counts: one of an Indexed Job does not, if its index is none of the Job's."""
    return not spec.is_indexed(job) or 0 <= pods.index(pod) < spec.indexes(job)


def first_pending(job: Object, busy: Indexes, count: int) -> list[int]:
    """The lowest indexes that are not busy, `count` at most (firstPendingIndexes)."""
    found: list[int] = []
    candidate = 0
    for first, last in (*busy.intervals, (spec.indexes(job), spec.indexes(job))):
        end = min(first, spec.indexes(job), candidate + count - len(found))
        found.extend(range(candidate, end))
        candidate = max(candidate, last + 1)
    return found


def surplus(job: Object, active: Sequence[Object]) -> tuple[list[Object], list[Object]]:
    """The Pods to remove whatever the number that is wanted, and the Pods that are left.

    Of several Pods with one index the one that has come furthest stays; a Pod without a valid index
    never does. Follows appendDuplicatedIndexPodsForRemoval.
    """
    removed: list[Object] = []
    left: list[Object] = []
    for index, group in groupby(sorted(active, key=pods.index), key=pods.index):
        same = list(group)
        if len(same) > 1:
            same.sort(key=pods.deletion_order)
        if not 0 <= index < spec.indexes(job):
            removed += same
        else:
            removed += same[:-1]
            left += same[-1:]
    return removed, left


def delayed_deletions(
    job: Object, pods_of_job: Iterable[Object], settled: Indexes
) -> dict[int, Object]:
    """For each index that is to be tried again, the failed Pod that is kept until then.

    The index's next Pod takes over the failure count of that Pod. settled: the indexes that are
    done, failed, or tried now. Follows getPodsWithDelayedDeletionPerIndex.
    """
    found: dict[int, Object] = {}
    for pod in pods_of_job:
        index = pods.index(pod)
        if not (pods.is_tracked(pod) and has_valid_index(job, pod) and pods.is_failed(pod, job)):
            continue
        if index in settled or (index in found and not _is_later(pod, found[index])):
            continue
        found[index] = pod
    return found


def _is_later(pod: Object, other: Object) -> bool:
    return _tries(pod) >= _tries(other) and pods.finished_at(pod) >= pods.finished_at(other)


def _tries(pod: Object) -> int:
    return pods.failure_count(pod) + pods.ignored_failure_count(pod)


def failure_annotations(job: Object, replaced: Object | None) -> Mapping[str, str]:
    """The annotations of a new Pod that count the failures of its index before it.

    replaced: the index's last Pod. Follows addIndexFailureCountAnnotation.
    """
    if replaced is None:
        return {pods.FAILURE_COUNT: "0"}
    count, ignored = pods.failure_count(replaced), pods.ignored_failure_count(replaced)
    if pod_failure_policy.matched(spec.pod_failure_rules(job), replaced).counts:
        count += 1
    else:
        ignored += 1
    annotations = {pods.FAILURE_COUNT: str(count)}
    if ignored:
        annotations[pods.IGNORED_FAILURE_COUNT] = str(ignored)
    return annotations
