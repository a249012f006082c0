"""Which container's log is meant, and why there is none yet.

The HTTP handlers call it with the Pod; the node reads the log itself. Follows
k8s.io/kubernetes/pkg/registry/core/pod/strategy.go (LogLocation) and pkg/kubelet/kubelet_pods.go
(validateContainerLogStatus).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.options import PodLogOptions

_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


class Logs(Protocol):
    """The node's reader of logs."""

    def __call__(self, pod: Object, container: str, options: PodLogOptions) -> AsyncIterator[bytes]:
        """The log of a container, chunk by chunk."""


def container(pod: Object, asked: str) -> str:
    """The container that is asked for, "" for the only one; 400 where it is not clear which."""
    spec, name = objects.spec(pod), objects.name(pod)
    main = [one["name"] for one in spec.get("containers") or []]
    inits, ephemeral = spec.get("initContainers") or [], spec.get("ephemeralContainers") or []
    everything = [one["name"] for one in (*inits, *(spec.get("containers") or []), *ephemeral)]
    if asked:
        if asked not in everything:
            raise errors.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(main) == 1:
        return str(main[0])
    choice = " ".join(everything)
    raise errors.bad_request(
        f"a container name must be specified for pod {name}, choose one of: [{choice}]"
    )


def check_started(pod: Object, name: str, *, previous: bool) -> None:
    """Raise 400 where a container has not run yet; with previous, where it has not run twice."""
    where = f'container "{name}" in pod "{objects.name(pod)}"'
    status = _status(pod, name)
    if status is None:
        raise errors.bad_request(f"{where} is not available")
    state = status.get("state") or {}
    last = (status.get("lastState") or {}).get("terminated")
    if previous:
        if not _ran(last):
            raise errors.bad_request(f"previous terminated {where} not found")
    elif "running" not in state and not _ran(state.get("terminated")) and not _ran(last):
        raise errors.bad_request(f"{where} is {_why(state)}")


def _status(pod: Object, name: str) -> Object | None:
    status = objects.status(pod)
    for key in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for one in status.get(key) or []:
            if one["name"] == name:
                found: Object = one
                return found
    return None


def _ran(terminated: Object | None) -> bool:
    return bool(terminated and terminated.get("containerID"))


def _why(state: Object) -> str:
    if "terminated" in state:
        return "terminated"
    if "waiting" not in state:
        return "waiting to start - no logs yet"
    reason = state["waiting"].get("reason") or ""
    return f"waiting to start: {_WAITING.get(reason, reason)}"
