"""The status of a ReplicaSet. Pure. Follows pkg/controller/replicaset/replica_set_utils.go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers.job import pods

FAILURE = "ReplicaFailure"


def calculate(
    replica_set: Object,
    active: Sequence[Object],
    terminating: Collection[Object],
    failure: str,
    now: datetime,
) -> Object:
    """The new status. failure: why Pods could not be created or deleted, "" where they could."""
    old, spec = objects.status(replica_set), objects.spec(replica_set)
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    seconds = int(spec.get("minReadySeconds") or 0)
    found: Object = {
        **old,
        "replicas": len(active),
        "fullyLabeledReplicas": sum(_has(pod, labels) for pod in active),
        "readyReplicas": sum(map(pods.is_ready, active)),
        "availableReplicas": sum(is_available(pod, seconds, now) for pod in active),
        "terminatingReplicas": len(terminating),
    }
    conditions = [one for one in old.get("conditions") or () if one["type"] != FAILURE]
    if failure:
        conditions.append(_failed(replica_set, active, failure, now))
    found.pop("conditions", None)
    return found | ({"conditions": conditions} if conditions else {})


def _failed(replica_set: Object, active: Sequence[Object], failure: str, now: datetime) -> Object:
    """The condition that tells of a failure; the first one stays as it is."""
    for one in objects.status(replica_set).get("conditions") or ():
        if one["type"] == FAILURE:
            return dict(one)
    few = len(active) < (objects.spec(replica_set).get("replicas") or 0)
    return {
        "type": FAILURE,
        "status": "True",
        "lastTransitionTime": clocks.rfc3339(now),
        "reason": "FailedCreate" if few else "FailedDelete",
        "message": failure,
    }


def _has(pod: Object, labels: Mapping[str, str]) -> bool:
    own = objects.labels(pod)
    return all(own.get(key) == value for key, value in labels.items())


def is_available(pod: Object, seconds: int, now: datetime) -> bool:
    """Whether the Pod has been ready for so long (IsPodAvailable)."""
    if not pods.is_ready(pod):
        return False
    since = pods.ready_since(pod)
    return not seconds or (since is not None and since + timedelta(seconds=seconds) <= now)


def next_check(active: Sequence[Object], seconds: int, now: datetime) -> timedelta | None:
    """How long until the next Pod becomes available (FindMinNextPodAvailabilityCheck)."""
    waits = [
        since + timedelta(seconds=seconds) - now
        for pod in active
        if pods.is_ready(pod)
        and not is_available(pod, seconds, now)
        and (since := pods.ready_since(pod)) is not None
    ]
    return min(waits, default=None)
