"""Pods for tests of the node, as the API would serve them."""

from __future__ import annotations

from typing import Any

from kubectl_joblab.objects import Object

NODE = "node1"
UID = "11111111-2222-3333-4444-555555555555"


def container(name: str = "main", *command: str, **fields: Any) -> Object:
    """A container, of busybox where `fields` name no other image."""
    found: Object = {"name": name, "image": "busybox:1.36", "imagePullPolicy": "IfNotPresent"}
    if command:
        found["command"] = list(command)
    return found | fields


def pod(*containers: Object, status: Object | None = None, **spec: Any) -> Object:
    """A Pod that is bound to the node. Metadata's fields begin with _: _labels, _finalizers."""
    meta: Object = {
        "name": "p",
        "namespace": "default",
        "uid": UID,
        "generation": 1,
        "resourceVersion": "1",
    }
    meta |= {key[1:]: value for key, value in spec.items() if key.startswith("_")}
    whole: Object = {
        "containers": list(containers) or [container()],
        "nodeName": NODE,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 30,
    }
    whole |= {key: value for key, value in spec.items() if not key.startswith("_")}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": whole,
        "status": status or {"phase": "Pending"},
    }


def waiting(name: str = "main", reason: str = "ContainerCreating", **fields: Any) -> Object:
    """The status of a container that waits."""
    return _entry(name, {"waiting": {"reason": reason}}, fields)


def running(name: str = "main", **fields: Any) -> Object:
    """The status of a container that runs."""
    state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    return _entry(name, state, {"ready": True, "started": True} | fields)


def ended(name: str = "main", code: int = 0, **fields: Any) -> Object:
    """The status of a container that has ended."""
    return _entry(name, {"terminated": termination(code)}, fields)


def termination(code: int = 0) -> Object:
    """How a container has ended."""
    return {
        "containerID": f"containerd://{'ab' * 32}",
        "exitCode": code,
        "reason": "Error" if code else "Completed",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:01Z",
    }


def _entry(name: str, state: Object, fields: Object) -> Object:
    entry: Object = {
        "name": name,
        "image": "docker.io/library/busybox:1.36",
        "imageID": "sha256:12",
        "containerID": f"containerd://{'ab' * 32}",
        "restartCount": 0,
        "ready": False,
        "started": False,
        "state": state,
        "lastState": {},
    }
    return entry | fields
