"""What a Pod is to its Job: active, terminating, failed, counted already, which index.

Follows pkg/controller/job/{job_controller,indexed_job_utils,backoff_utils}.go and, for what is
active and which Pod is deleted first, pkg/controller/controller_utils.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.controllers.job import spec

TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking"
INDEX = "batch.kubernetes.io/job-completion-index"
FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURE_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count"
NO_INDEX = -1
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_NEVER = float("inf")


def phase(pod: Object) -> str:
    """The Pod's status.phase, "" where it has none."""
    return str(objects.status(pod).get("phase", ""))


def has_ended(pod: Object) -> bool:
    """Whether none of the Pod's containers will run again."""
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """Whether the Pod has not ended, and its deletion was not asked for."""
    return not has_ended(pod) and not objects.is_deleted(pod)


def is_terminating(pod: Object) -> bool:
    """Whether the Pod's deletion was asked for, and it has not ended."""
    return not has_ended(pod) and objects.is_deleted(pod)


def is_ready(pod: Object) -> bool:
    """Whether the Pod's condition Ready is True."""
    return objects.is_true(pod, "Ready")


def is_failed(pod: Object, job: Object) -> bool:
    """Whether the Pod counts as a failure, which one that is being deleted may (isPodFailed)."""
    if phase(pod) == "Failed":
        return True
    if spec.replaces_only_failed(job):
        return False
    return objects.is_deleted(pod) and phase(pod) != "Succeeded"


def is_tracked(pod: Object) -> bool:
    """Whether the Pod has the finalizer that keeps it until it is counted."""
    return TRACKING_FINALIZER in (objects.metadata(pod).get("finalizers") or ())


def index(pod: Object) -> int:
    """The Pod's completion index, NO_INDEX where it has none (getCompletionIndex)."""
    return _number(objects.annotation(pod, INDEX), NO_INDEX)


def failure_count(pod: Object) -> int:
    """How often the Pod's index had failed before it."""
    return _number(objects.annotation(pod, FAILURE_COUNT), 0)


def ignored_failure_count(pod: Object) -> int:
    """How many failures of the Pod's index before it were ignored by the policy."""
    return _number(objects.annotation(pod, IGNORED_FAILURE_COUNT), 0)


def _number(text: str | None, otherwise: int) -> int:
    try:
        return strconv.parse_uint(text or "", 31)
    except strconv.NumError:
        return otherwise


def indexes_of(pods: Iterable[Object]) -> set[int]:
    """The indexes of these Pods."""
    return {index(pod) for pod in pods} - {NO_INDEX}


# ---- when a Pod ended


def finished_at(pod: Object) -> datetime:
    """When the Pod ended, by the best evidence there is (getFinishedTime)."""
    when = (
        _containers_finished(pod)
        or _ready_ended(pod)
        or _deletion_began(pod)
        or objects.created(pod)
    )
    assert when is not None  # the API gives each object a creationTimestamp
    return when


def _containers_finished(pod: Object) -> datetime | None:
    sidecars = _sidecars(pod)
    status = objects.status(pod)
    inits = [
        entry for entry in status.get("initContainerStatuses") or () if entry["name"] in sidecars
    ]
    times = [_finished(entry) for entry in [*(status.get("containerStatuses") or ()), *inits]]
    return None if None in times else max((when for when in times if when), default=None)


def _finished(container: Object) -> datetime | None:
    terminated = (container.get("state") or {}).get("terminated") or {}
    return objects.time(terminated.get("finishedAt"))


def _sidecars(pod: Object) -> set[str]:
    containers = objects.spec(pod).get("initContainers") or ()
    return {entry["name"] for entry in containers if entry.get("restartPolicy") == "Always"}


def _ready_ended(pod: Object) -> datetime | None:
    ready = objects.condition(pod, "Ready") or {}
    if ready.get("status") != "False":
        return None
    return objects.time(ready.get("lastTransitionTime"))


def _deletion_began(pod: Object) -> datetime | None:
    meta = objects.metadata(pod)
    when = objects.time(meta.get("deletionTimestamp"))
    return when and clocks.after(when, -clocks.span(meta.get("deletionGracePeriodSeconds") or 0))


# ---- which Pod to delete first


def deletion_order(pod: Object) -> tuple[Any, ...]:
    """A key that sorts Pods by how far they have come, the least far first (ActivePods).

    Unscheduled Pods come first, then Pending ones, then those that are not ready; among equals
    newer ones.
    """
    most_restarts, sidecar_restarts = restarts(pod)
    return (
        bool(objects.spec(pod).get("nodeName")),
        phase_rank(pod),
        is_ready(pod),
        -_timestamp(ready_since(pod)),
        -most_restarts,
        -sidecar_restarts,
        -_timestamp(objects.created(pod)),
    )


def phase_rank(pod: Object) -> int:
    """How far the Pod's phase is: Pending, Unknown, Running (podPhaseToOrdinal)."""
    return _PHASES.get(phase(pod), 0)


def ready_since(pod: Object) -> datetime | None:
    """When the Pod became ready; None where it is not."""
    if not is_ready(pod):
        return None
    return objects.time((objects.condition(pod, "Ready") or {}).get("lastTransitionTime"))


def _timestamp(when: datetime | None) -> float:
    return _NEVER if when is None else when.timestamp()


def restarts(pod: Object) -> tuple[int, int]:
    """The most restarts of a container of the Pod, and of a sidecar of it."""
    status, sidecars = objects.status(pod), _sidecars(pod)
    containers = [entry["restartCount"] for entry in status.get("containerStatuses") or ()]
    inits = [
        entry["restartCount"]
        for entry in status.get("initContainerStatuses") or ()
        if entry["name"] in sidecars
    ]
    return max(containers, default=0), max(inits, default=0)
