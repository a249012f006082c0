"""Counting of ended Pods: no Pod is counted twice, and none is lost uncounted. Pure.

The uid of an ended Pod is written to status.uncountedTerminatedPods first; then the Pod's finalizer
is removed; then the Pod is counted. Follows trackJobStatusAndRemoveFinalizers and what it calls in
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import (
    finish,
    indexed,
    pod_failure_policy,
    pods,
    spec,
)
from kubectl_joblab.practice.controllers.job.snapshot import Snapshot

LISTED_AT_MOST = 500  # MaxUncountedPods


@dataclass(frozen=True)
class Accounts:
    """The status to write before the finalizers of the Pods in `release` are removed.

    complete: whether all Pods that have ended are in it; otherwise another sync has to follow.
    """

    status: Object
    release: Sequence[Object]
    complete: bool


def account(seen: Snapshot, status: Object, ending: Object | None) -> Accounts:
    """List the Pods that have ended; of a Job that ends, all Pods."""
    status, _ = settled(status, {objects.uid(pod) for pod in seen.pods if pods.is_tracked(pod)})
    lists = {key: list(status["uncountedTerminatedPods"].get(key) or ()) for key in _LISTS}
    release: list[Object] = []
    new_indexes = 0
    for pod in _in_order(seen):
        if not pods.is_tracked(pod) or not _may_go(seen, pod, ending):
            continue
        release.append(pod)
        key = _list_for(seen, pod, ending)
        if key == "index":
            new_indexes += 1
        elif key:
            lists[key].append(objects.uid(pod))
        if new_indexes + sum(map(len, lists.values())) >= LISTED_AT_MOST:
            break
    full = new_indexes + sum(map(len, lists.values())) >= LISTED_AT_MOST
    status = {**status, "uncountedTerminatedPods": {k: v for k, v in lists.items() if v}}
    return Accounts(_with_indexes(seen, status), release, complete=not full)


_LISTS = ("succeeded", "failed")


def _in_order(seen: Snapshot) -> Sequence[Object]:
    return sorted(seen.pods, key=pods.index) if spec.is_indexed(seen.job) else seen.pods


def _may_go(seen: Snapshot, pod: Object, ending: Object | None) -> bool:
    """Whether nobody needs the Pod any more once it is listed (canRemoveFinalizer)."""
    if objects.is_deleted(seen.job) or ending is not None or pods.phase(pod) == "Succeeded":
        return True
    if not pods.is_failed(pod, seen.job):
        return False
    kept = seen.delayed.get(pods.index(pod))
    return kept is None or objects.uid(kept) != objects.uid(pod)


def _list_for(seen: Snapshot, pod: Object, ending: Object | None) -> str:
    """Where the Pod is listed: succeeded, failed, "index" for completedIndexes, "" for nowhere."""
    uid = objects.uid(pod)
    if pods.phase(pod) == "Succeeded" and uid not in seen.uncounted.failed:
        if not spec.is_indexed(seen.job):
            return "" if uid in seen.uncounted.succeeded else "succeeded"
        new = pods.index(pod) not in seen.completed_before
        return "index" if new and indexed.has_valid_index(seen.job, pod) else ""
    over = ending is not None and not finish.is_success(ending)
    if not pods.is_failed(pod, seen.job) and not over:
        return ""
    if uid in seen.uncounted.failed or not indexed.has_valid_index(seen.job, pod):
        return ""
    counts = pod_failure_policy.matched(spec.pod_failure_rules(seen.job), pod).counts
    return "failed" if counts else ""


def _with_indexes(seen: Snapshot, status: Object) -> Object:
    if not spec.is_indexed(seen.job):
        return status
    status = with_count(status, "succeeded", len(seen.succeeded_indexes))
    status = with_text(status, "completedIndexes", str(seen.succeeded_indexes))
    if seen.failed_indexes is None:
        return {key: value for key, value in status.items() if key != "failedIndexes"}
    return {**status, "failedIndexes": str(seen.failed_indexes)}


def settled(status: Object, tracked: Collection[str]) -> tuple[Object, bool]:
    """Count the Pods that are listed and have lost their finalizer; whether there was any.

    tracked: the uids of Pods that have it. Follows cleanUncountedPodsWithoutFinalizers.
    """
    listed, counted = status["uncountedTerminatedPods"], False
    left = {}
    for key in _LISTS:
        uids = listed.get(key) or []
        staying = [uid for uid in uids if uid in tracked]
        if staying:
            left[key] = staying
        if len(staying) != len(uids):
            counted = True
            status = with_count(status, key, status.get(key, 0) + len(uids) - len(staying))
    return {**status, "uncountedTerminatedPods": left}, counted


def with_count(status: Object, key: str, value: int) -> Object:
    """The status with a counter; a counter of zero is left out."""
    return {**_without(status, key), key: value} if value else _without(status, key)


def with_text(status: Object, key: str, value: str) -> Object:
    """The status with a text; an empty one is left out."""
    return {**_without(status, key), key: value} if value else _without(status, key)


def _without(status: Object, key: str) -> Object:
    return {name: value for name, value in status.items() if name != key}


def interim(status: Object, ending: Object | None) -> Object:
    """The status with the interim condition that tells how the Job will end, if it is new."""
    if ending is None or ending["type"] not in ("FailureTarget", "SuccessCriteriaMet"):
        return status
    conditions = status.get("conditions") or []
    if any(found["type"] == ending["type"] and found["status"] == "True" for found in conditions):
        return status
    return {**status, "conditions": [*conditions, ending]}


def enacted(status: Object, ending: Object | None, seen: Snapshot) -> Object | None:
    """The status of the ended Job; None while Pods are uncounted or terminating.

    status: with the number of Pods that terminate after this sync. Follows enactJobFinished.
    """
    if ending is None or status["uncountedTerminatedPods"] or status.get("terminating"):
        return None
    last = finish.terminal(ending, seen.now)
    conditions = finish.ensured(
        status.get("conditions") or [],
        last["type"],
        last["status"],
        last["reason"],
        last["message"],
        seen.now,
    )
    status = {**status, "conditions": conditions}
    if last["type"] == "Complete":
        status["completionTime"] = last["lastTransitionTime"]
    return status
