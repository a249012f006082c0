"""Whether a Job is over, and how. Pure.

Interim conditions (FailureTarget, SuccessCriteriaMet) are written before the Job's Pods are
counted, terminal ones (Failed, Complete) afterwards. Follows the order of syncJob in
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers.job import (
    pod_failure_policy,
    pods,
    spec,
    success_policy,
)
from kubectl_joblab.practice.controllers.job.snapshot import Snapshot

BACKOFF_LIMIT = "BackoffLimitExceeded", "Job has reached the specified backoff limit"
DEADLINE = "DeadlineExceeded", "Job was active longer than specified deadline"
FAILED_INDEXES = "FailedIndexes", "Job has failed indexes"
MAX_FAILED_INDEXES = (
    "MaxFailedIndexesExceeded",
    "Job has exceeded the specified maximal number of failed indexes",
)
COMPLETIONS = "CompletionsReached", "Reached expected number of succeeded pods"


def condition(kind: str, status: str, reason: str, message: str, now: datetime) -> Object:
    """A condition of a Job, in all its fields (newCondition)."""
    when = clocks.rfc3339(now)
    return {
        "type": kind,
        "status": status,
        "lastProbeTime": when,
        "lastTransitionTime": when,
        "reason": reason,
        "message": message,
    }


def ensured(
    conditions: list[Object], kind: str, status: str, reason: str, message: str, now: datetime
) -> list[Object]:
    """The conditions with this one among them; the same list where nothing changes.

    A condition that never was True is not added as False (ensureJobConditionStatus).
    """
    wanted = condition(kind, status, reason, message, now)
    for place, found in enumerate(conditions):
        if found["type"] == kind:
            if all(found.get(key) == wanted[key] for key in ("status", "reason", "message")):
                return conditions
            return [*conditions[:place], wanted, *conditions[place + 1 :]]
    return conditions if status == "False" else [*conditions, wanted]


def evaluate(seen: Snapshot) -> Object | None:
    """The condition that ends the Job whatever its Pods do now; None while the Job goes on."""
    return _decided(seen) or _failed(seen) or _failed_by_index(seen) or _succeeded_early(seen)


def _decided(seen: Snapshot) -> Object | None:
    """1. What an earlier sync has decided stands."""
    for kind in ("SuccessCriteriaMet", "FailureTarget"):
        if objects.is_true(seen.job, kind):
            found = dict(objects.condition(seen.job, kind) or {})
            return found if kind == "SuccessCriteriaMet" else terminal(found, seen.now)
    return None


def _failed(seen: Snapshot) -> Object | None:
    """2. The ways to fail that every Job has."""
    if message := pod_failure_policy.fail_job_message(seen.job, seen.pods):
        return _failure_target("PodFailurePolicy", message, seen.now)
    if seen.failed > spec.backoff_limit(seen.job) or _restarted_too_often(seen):
        return _failure_target(*BACKOFF_LIMIT, seen.now)
    left = deadline(seen)
    if left is not None and left <= timedelta():
        return _failure_target(*DEADLINE, seen.now)
    return None


def deadline(seen: Snapshot) -> timedelta | None:
    """How long the Job may still be active; None where it has no deadline."""
    seconds = objects.spec(seen.job).get("activeDeadlineSeconds")
    start = objects.time(seen.status.get("startTime"))
    if seconds is None or start is None or spec.is_suspended(seen.job):
        return None
    return clocks.after(start, clocks.span(seconds)) - seen.now


def _restarted_too_often(seen: Snapshot) -> bool:
    """Whether containers were restarted as often as backoffLimit says.

    Only for restartPolicy OnFailure. A limit of 0 permits one restart, as 1 does:
    pastBackoffLimitOnFailure.
    """
    if objects.field(seen.job, "spec.template.spec.restartPolicy") != "OnFailure":
        return False
    restarts: int = sum(
        entry["restartCount"]
        for pod in seen.pods
        if pods.phase(pod) in ("Running", "Pending")
        for key in ("initContainerStatuses", "containerStatuses")
        for entry in objects.status(pod).get(key) or ()
    )
    return restarts >= max(spec.backoff_limit(seen.job), 1)


def _failed_by_index(seen: Snapshot) -> Object | None:
    """3. The ways to fail of a Job with backoffLimitPerIndex."""
    if not seen.failed_indexes:
        return None
    most = objects.spec(seen.job).get("maxFailedIndexes")
    if most is not None and len(seen.failed_indexes) > most:
        return _failure_target(*MAX_FAILED_INDEXES, seen.now)
    settled = len(seen.failed_indexes) + len(seen.succeeded_indexes)
    if settled >= spec.indexes(seen.job):
        return _failure_target(*FAILED_INDEXES, seen.now)
    return None


def _succeeded_early(seen: Snapshot) -> Object | None:
    """4. spec.successPolicy."""
    if not spec.is_indexed(seen.job):
        return None
    message = success_policy.matched(seen.job, seen.succeeded_indexes)
    if message is None:
        return None
    return condition("SuccessCriteriaMet", "True", "SuccessPolicy", message, seen.now)


def completed(seen: Snapshot, active: int) -> Object | None:
    """5. Whether enough Pods have succeeded and none is active: the condition that says so.

    Asked after Pods were created and removed.
    """
    wanted = spec.completions(seen.job)
    enough = seen.succeeded > 0 if wanted is None else seen.succeeded >= wanted
    if not enough or active:
        return None
    return condition("SuccessCriteriaMet", "True", *COMPLETIONS, seen.now)


def _failure_target(reason: str, message: str, now: datetime) -> Object:
    return condition("FailureTarget", "True", reason, message, now)


def terminal(interim: Object, now: datetime) -> Object:
    """The terminal condition that follows an interim one; a terminal one stays what it is."""
    kind = {"FailureTarget": "Failed", "SuccessCriteriaMet": "Complete"}.get(interim["type"])
    if kind is None:
        return interim
    return condition(kind, "True", interim["reason"], interim["message"], now)


def is_success(ending: Object | None) -> bool:
    """Whether a Job that ends with this condition has met its success criteria."""
    return ending is not None and ending["type"] in ("SuccessCriteriaMet", "Complete")
