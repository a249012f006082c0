"""Conditions of a status: of Pods, and of the kinds that have metav1's.

Whoever writes a condition that is not alone its own takes it from here. Pure. Follows
UpdatePodCondition in pkg/api/v1/pod/util.go and SetStatusCondition in
k8s.io/apimachinery/pkg/api/meta/conditions.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.clock import rfc3339

DISRUPTION_TARGET = "DisruptionTarget"


def of_pod(
    type_: str,
    status: str,
    reason: str = "",
    message: str = "",
    *,
    generation: int | None = None,
) -> Object:
    """A condition of a Pod, still without its time.

    generation: of the Pod whose state the condition tells, where the writer says so.
    """
    found: Object = {"type": type_, "status": status, "lastProbeTime": None}
    said = {"reason": reason, "message": message, "observedGeneration": generation}
    return found | {key: value for key, value in said.items() if value}


def with_pod_condition(status: Object, condition: Object, now: datetime) -> Object:
    """A Pod's status with a condition in it; the status itself where it has this very one already.

    A condition keeps its time as long as its status is the same.
    """
    conditions = list(status.get("conditions") or ())
    new = {**condition, "lastTransitionTime": rfc3339(now)}
    for place, old in enumerate(conditions):
        if old["type"] != condition["type"]:
            continue
        if old["status"] == condition["status"] and old.get("lastTransitionTime"):
            new["lastTransitionTime"] = old["lastTransitionTime"]
        if _says(old) == _says(new):
            return status
        conditions[place] = new
        return {**status, "conditions": conditions}
    return {**status, "conditions": [*conditions, new]}


def _says(condition: Object) -> list[object]:
    """The parts of a Pod's condition without which it has not changed."""
    keys = ("status", "reason", "message", "lastProbeTime", "lastTransitionTime")
    return [condition.get(key) or "" for key in keys]


def with_condition(conditions: Sequence[Object], condition: Object, now: datetime) -> list[Object]:
    """Conditions as metav1 has them, with one set; its time is that of its last other status."""
    found, new = list(conditions), {**condition, "lastTransitionTime": rfc3339(now)}
    for place, old in enumerate(found):
        if old["type"] == condition["type"]:
            if old["status"] == condition["status"]:
                new["lastTransitionTime"] = old["lastTransitionTime"]
            found[place] = new
            return found
    return [*found, new]
