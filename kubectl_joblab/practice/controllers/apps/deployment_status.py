"""The status of a Deployment, and what its conditions say. Pure.

Follows calculateStatus in pkg/controller/deployment/sync.go and syncRolloutStatus in progress.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers.apps import proportions, replica_set_status
from kubectl_joblab.practice.controllers.apps.revisions import replicas

AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"
PROGRESSING = "Progressing"
_NEVER = 2**31 - 1  # seconds that are no deadline

Status = Mapping[str, Any]


def condition(kind: str, status: str, reason: str, message: str, now: datetime) -> Object:
    """A condition of a Deployment."""
    at = clocks.rfc3339(now)
    return {
        "type": kind,
        "status": status,
        "lastUpdateTime": at,
        "lastTransitionTime": at,
        "reason": reason,
        "message": message,
    }


def found(status: Status, kind: str) -> Object | None:
    """The condition of this type."""
    return next((one for one in status.get("conditions") or () if one["type"] == kind), None)


def with_condition(status: Status, new: Object) -> Object:
    """A status with a condition, unless it has one of this status and reason already."""
    old = found(status, new["type"])
    if old is not None and (old["status"], old["reason"]) == (new["status"], new["reason"]):
        return dict(status)
    if old is not None and old["status"] == new["status"]:
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return {**status, "conditions": [*_others(status, new["type"]), new]}


def without_condition(status: Status, kind: str) -> Object:
    """A status without the condition of this type."""
    return {**status, "conditions": _others(status, kind)}


def _others(status: Status, kind: str) -> list[Object]:
    return [one for one in status.get("conditions") or () if one["type"] != kind]


def deadline(deployment: Object) -> int | None:
    """The seconds within which something has to change; None where there is no such deadline."""
    seconds = objects.spec(deployment).get("progressDeadlineSeconds")
    return None if seconds in (None, _NEVER) else int(seconds)


# ---- counting


def calculate(
    deployment: Object, sets: Sequence[Object], new: Object | None, now: datetime
) -> Object:
    """The status that follows from the ReplicaSets. new: the one of the newest template."""
    available = _sum(sets, "availableReplicas")
    counted: Object = {
        "observedGeneration": deployment["metadata"]["generation"],
        "replicas": _sum(sets, "replicas"),
        "updatedReplicas": _sum([new] if new else [], "replicas"),
        "readyReplicas": _sum(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, sum(map(replicas, sets)) - available),
        "terminatingReplicas": _sum(sets, "terminatingReplicas"),
    }
    old = objects.status(deployment)
    kept = {key: old[key] for key in ("collisionCount", "conditions") if key in old}
    enough = available >= replicas(deployment) - proportions.max_unavailable(deployment)
    return with_condition({**counted, **kept}, _availability(now, enough=enough))


def _sum(sets: Sequence[Object], key: str) -> int:
    return sum(int(objects.status(one).get(key) or 0) for one in sets)


def _availability(now: datetime, *, enough: bool) -> Object:
    if enough:
        text = "Deployment has minimum availability."
        return condition("Available", "True", "MinimumReplicasAvailable", text, now)
    text = "Deployment does not have minimum availability."
    return condition("Available", "False", "MinimumReplicasUnavailable", text, now)


def is_complete(deployment: Object, status: Status) -> bool:
    """Whether all Pods are new and available, and no old ones are there."""
    wanted = replicas(deployment)
    counts = [status.get(key) or 0 for key in ("updatedReplicas", "replicas", "availableReplicas")]
    seen = int(status.get("observedGeneration") or 0)
    return counts == [wanted] * 3 and seen >= int(deployment["metadata"]["generation"])


# ---- progress


def of_rollout(
    deployment: Object, sets: Sequence[Object], new: Object | None, now: datetime
) -> Object:
    """The status while a rollout may go on: with what its progress is (syncRolloutStatus)."""
    status = calculate(deployment, sets, new, now)
    current = found(objects.status(deployment), PROGRESSING)
    if deadline(deployment) is None:
        status = without_condition(status, PROGRESSING)
    else:
        done = status["replicas"] == status["updatedReplicas"]
        if not (done and current is not None and current["reason"] == AVAILABLE):
            status = _progressed(deployment, status, new, current, now)
    return _with_failure(status, sets, new)


def _progressed(
    deployment: Object, status: Object, new: Object | None, current: Object | None, now: datetime
) -> Object:
    who = f'Deployment "{objects.name(deployment)}"'
    if new is not None:
        who = f'ReplicaSet "{objects.name(new)}"'
    if is_complete(deployment, status):
        text = f"{who} has successfully progressed."
        return with_condition(status, condition(PROGRESSING, "True", AVAILABLE, text, now))
    if _has_progressed(objects.status(deployment), status):
        text = f"{who} is progressing."
        made = condition(PROGRESSING, "True", "ReplicaSetUpdated", text, now)
        if current is not None:
            if current["status"] == "True":
                made["lastTransitionTime"] = current["lastTransitionTime"]
            status = without_condition(status, PROGRESSING)
        return with_condition(status, made)
    if _timed_out(deployment, status, now):
        text = f"{who} has timed out progressing."
        return with_condition(status, condition(PROGRESSING, "False", TIMED_OUT, text, now))
    return status


def _has_progressed(old: Status, new: Status) -> bool:
    def count(status: Status, key: str) -> int:
        return int(status.get(key) or 0)

    def of_old(status: Status) -> int:
        return count(status, "replicas") - count(status, "updatedReplicas")

    more = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return of_old(new) < of_old(old) or any(count(new, key) > count(old, key) for key in more)


def _timed_out(deployment: Object, status: Status, now: datetime) -> bool:
    current, seconds = found(status, PROGRESSING), deadline(deployment)
    if current is None or seconds is None or current["reason"] == AVAILABLE:
        return False
    if current["reason"] == TIMED_OUT:
        return True
    since = objects.time(current["lastUpdateTime"])
    return since is not None and since + timedelta(seconds=seconds) < now


def next_check(deployment: Object, status: Status, now: datetime) -> timedelta | None:
    """How long until the deadline for progress; None where there is nothing to wait for."""
    current, seconds = found(objects.status(deployment), PROGRESSING), deadline(deployment)
    if current is None or seconds is None or current["reason"] == TIMED_OUT:
        return None
    since = objects.time(current["lastUpdateTime"])
    if is_complete(deployment, status) or since is None:
        return None
    # a second more, because times are whole seconds
    return max(timedelta(), since + timedelta(seconds=seconds) - now) + timedelta(seconds=1)


def _with_failure(status: Object, sets: Sequence[Object], new: Object | None) -> Object:
    """The status with why Pods cannot be created, as the ReplicaSets tell it."""
    kind = replica_set_status.FAILURE
    for one in [*([new] if new else []), *sets]:
        if failure := found(objects.status(one), kind):
            since = failure["lastTransitionTime"]
            return with_condition(status, {**failure, "lastUpdateTime": since})
    return without_condition(status, kind)
