"""Logs of a Pod, and connections to its containers, which a practice cluster does not have.

The HTTP handlers call it with the Pod. It finds the container that is meant and says why there is
no log yet; the log itself is the node's. Follows
k8s.io/kubernetes/pkg/registry/core/pod/strategy.go (LogLocation), pkg/apis/core/validation
(ValidatePodLogOptions) and pkg/kubelet/kubelet_pods.go (validateContainerLogStatus).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.http.requests import Query

_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}
_RFC3339 = re.compile(
    r"(?P<second>[0-9-]{10}T[0-9:]{8})(\.(?P<part>[0-9]{1,6})[0-9]*)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})"
)
_AT_LEAST = (("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1))


class Logs(Protocol):
    """Where the node keeps what containers print."""

    def __call__(
        self,
        pod: Object,
        container: str,
        *,
        follow: bool,
        previous: bool,
        tail_lines: int | None,
        since_seconds: int | None,
        since_time: datetime | None,
        timestamps: bool,
        limit_bytes: int | None,
    ) -> AsyncIterator[bytes]:
        """The log of a container, chunk by chunk."""


@dataclass(frozen=True)
class LogOptions:
    """Which part of whose log."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    tail_lines: int | None = None
    since_seconds: int | None = None
    since_time: datetime | None = None
    timestamps: bool = False
    limit_bytes: int | None = None


def options(pod: str, query: Query) -> LogOptions:
    """Read and check them."""
    since = query.text("sinceTime")
    found = LogOptions(
        container=query.text("container"),
        follow=bool(query.flag("follow")),
        previous=bool(query.flag("previous")),
        tail_lines=query.integer("tailLines"),
        since_seconds=query.integer("sinceSeconds"),
        since_time=_time(since) if since else None,
        timestamps=bool(query.flag("timestamps")),
        limit_bytes=query.integer("limitBytes"),
    )
    if wrong := _errors(query, found):
        raise errors.invalid("", "PodLogOptions", pod, wrong)
    return found


def _time(text: str) -> datetime:
    """A time as RFC 3339 has it; Python reads no more than microseconds, and 3.10 no "Z"."""
    found = _RFC3339.fullmatch(text)
    try:
        if found:
            part = (found["part"] or "").ljust(6, "0")
            zone = found["zone"].replace("Z", "+00:00")
            return datetime.fromisoformat(f"{found['second']}.{part}{zone}")
    except ValueError:
        pass
    layout = "2006-01-02T15:04:05Z07:00"
    raise errors.bad_request(f'parsing time "{text}" as "{layout}": cannot parse "{text}"')


def _errors(query: Query, given: LogOptions) -> list[FieldError]:
    found = []
    for name, least in _AT_LEAST:
        value = query.integer(name)
        if value is not None and value < least:
            why = "must be greater than 0" if least else "must be greater than or equal to 0"
            found.append(field.invalid(name, value, why))
    if given.since_seconds is not None and given.since_time is not None:
        why = "at most one of `sinceTime` or `sinceSeconds` may be specified"
        found.append(field.forbidden("[]", why))
    if query.text("stream"):
        found.append(field.forbidden("stream", "may not be specified"))
    return found


def container(pod: Object, asked: str) -> str:
    """The container that is meant: the one asked for, or the only one beside init containers."""
    spec, name = objects.spec(pod), objects.name(pod)
    main = [one["name"] for one in spec.get("containers") or []]
    everything = [one["name"] for one in spec.get("initContainers") or []] + main
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
    """Refuse where this container has not run, or with previous not twice."""
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
    for key in ("containerStatuses", "initContainerStatuses"):
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


def connection(pod: Object, query: Query, subresource: str) -> StatusError:
    """Why there is no exec, attach or port-forward to this Pod."""
    if subresource != "portforward":
        container(pod, query.text("container"))
    phase = objects.status(pod).get("phase")
    if phase in ("Succeeded", "Failed"):
        word = {"exec": "exec into", "attach": "attach to"}.get(subresource, "port-forward to")
        return errors.bad_request(
            f"cannot {word} a container in a completed pod; current phase is {phase}"
        )
    message = f"the practice cluster has no pods/{subresource}; kubectl logs shows what it printed"
    return StatusError(501, "NotImplemented", message, {})
