"""Exec and attach, as the node does them: it finds the container that runs, and holds its streams.

The kubelet makes it, and the API's handlers ask it. Texts follow pkg/kubelet/kubelet_pods.go
(GetExec, GetAttach) and what containerd and runc say below it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.streaming import (
    Begin,
    NodeError,
    Session,
    StreamError,
    StreamOptions,
)
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.process.runtime import LostError, Process, StartError

_EXEC_FAILED = "OCI runtime exec failed: exec failed"


class NodeStreaming:
    """Connections to the containers of a node.

    process_of: given a Pod's uid and a container, the container that runs; None where none does.
    """

    def __init__(self, process_of: Callable[[str, str], Process | None]) -> None:
        self._process_of = process_of

    def execute(self, pod: Object, container: str, options: StreamOptions) -> Begin:
        """Run a program in a container."""
        process = self._process_of(objects.uid(pod), container)
        if process is None:
            raise NodeError(500, f'container not found ("{container}")')

        async def begin() -> Session:
            try:
                if not options.command:
                    raise StartError("args must not be empty")
                session = await process.stream(list(options.command), tty=options.tty)
            except (StartError, LostError) as error:
                raise StreamError(_not_executed(str(error), options)) from error
            if not options.stdin:
                session.end_input()
            return session

        return begin

    def attach(self, pod: Object, container: str, options: StreamOptions) -> Begin:
        """Hold the streams of a container's own program."""
        process = self._process_of(objects.uid(pod), container)
        where = f"{objects.name(pod)}_{objects.metadata(pod)['namespace']}"
        if process is None:
            raise NodeError(500, f"container {container} not found in pod {where}")
        spec = next(one for one in attempts.all_containers(pod) if one["name"] == container)
        if spec.get("tty") and options.stderr:
            why = "rpc error: code = InvalidArgument desc = tty and stderr cannot both be true"
            raise NodeError(500, why)
        once = bool(spec.get("stdinOnce")) and options.stdin

        async def begin() -> Session:
            try:
                return await process.attach(once=once)
            except (StartError, LostError) as error:
                raise StreamError(f"error attaching to container: {error}") from error

        return begin


def _not_executed(why: str, options: StreamOptions) -> str:
    """Why a program was not started in a container, as the kubelet says it."""
    start = "" if not options.command else "unable to start container process: "
    identity = secrets.token_hex(32)
    return (
        "error executing command in container: failed to exec in container: "
        f'failed to start exec "{identity}": {_EXEC_FAILED}: {start}{why}'
    )
