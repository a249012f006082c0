"""Jobs and Pods for tests of pure functions, as the API would serve them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers.job import pods

NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
SELECTOR = {"batch.kubernetes.io/controller-uid": "job-uid"}


def at(seconds: float) -> str:
    """A time, told as seconds from NOW."""
    return clocks.rfc3339(NOW + timedelta(seconds=seconds))


def job(status: Object | None = None, *, deleted: bool = False, **spec: Any) -> Object:
    """A Job; spec fields that are None are left out."""
    whole: Object = {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 6,
        "selector": {"matchLabels": SELECTOR},
        "template": {
            "metadata": {"labels": dict(SELECTOR)},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "x"}]},
        },
    } | spec
    meta: Object = {"name": "j", "namespace": "default", "uid": "job-uid", "generation": 1}
    if deleted:
        meta["deletionTimestamp"] = at(0)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta,
        "spec": {key: value for key, value in whole.items() if value is not None},
        "status": status or {},
    }


def indexed(completions: int, status: Object | None = None, **spec: Any) -> Object:
    """An Indexed Job."""
    parallelism = spec.pop("parallelism", completions)
    return job(
        status,
        completionMode="Indexed",
        completions=completions,
        parallelism=parallelism,
        **spec,
    )


def pod(
    name: str,
    phase: str = "Running",
    *,
    index: int | None = None,
    failures: int | None = None,
    ignored: int | None = None,
    exit_code: int | None = None,
    finished: float = 0,
    ready: bool = False,
    deleted: bool = False,
    tracked: bool = True,
    node: str = "node1",
    restarts: int = 0,
    created: float = -60,
) -> Object:
    """A Pod of that Job; times are seconds from NOW. exit_code: of its container, once it ended."""
    numbers = {pods.INDEX: index, pods.FAILURE_COUNT: failures, pods.IGNORED_FAILURE_COUNT: ignored}
    annotations = {key: str(value) for key, value in numbers.items() if value is not None}
    meta: Object = {
        "name": name,
        "namespace": "default",
        "uid": f"uid-{name}",
        "creationTimestamp": at(created),
        "labels": dict(SELECTOR),
        "annotations": annotations,
    }
    if tracked:
        meta["finalizers"] = [pods.TRACKING_FINALIZER]
    if deleted:
        meta |= {"deletionTimestamp": at(0), "deletionGracePeriodSeconds": 30}
    status: Object = {"phase": phase}
    if ready:
        status["conditions"] = [{"type": "Ready", "status": "True", "lastTransitionTime": at(-5)}]
    if phase != "Pending":
        status["containerStatuses"] = [_container(phase, exit_code, finished, restarts)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": {"nodeName": node} if node else {},
        "status": status,
    }


def _container(phase: str, exit_code: int | None, finished: float, restarts: int) -> Object:
    state: Object = {"running": {"startedAt": at(-60)}}
    if phase in ("Succeeded", "Failed"):
        code = exit_code if exit_code is not None else int(phase == "Failed")
        state = {"terminated": {"exitCode": code, "finishedAt": at(finished)}}
    return {"name": "main", "restartCount": restarts, "state": state}


def names(some: list[Object] | tuple[Object, ...]) -> list[str]:
    """The names of objects."""
    return [str(one["metadata"]["name"]) for one in some]
