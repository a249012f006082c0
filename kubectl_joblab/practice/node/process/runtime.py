"""What the node has containers run by: an interface, and the one with real processes.

The Pod workers call it; tests put their own in its place. It hands the supervisor's process what a
container is made of and tells what becomes of it. It knows nothing of Pods.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kubectl_joblab.practice.node import cleanup
from kubectl_joblab.practice.node.process.namespaces import ALL_CAPABILITIES

KILLED = 137


class StartError(Exception):
    """A program was not started; the text is a container runtime's."""


class LostError(Exception):
    """The supervisor has died, and every container with it."""


@dataclass(frozen=True)
class Root:
    """A container's files: (path, mode), (path, where it leads), (source, path, writable)."""

    folders: tuple[tuple[str, int], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    binds: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True)
class Launch:
    """A container that is to run. base: an empty folder; log: a file that does not exist."""

    id: str
    argv: tuple[str, ...]
    env: dict[str, str]
    folder: str
    hostname: str
    user: int
    group: int
    log: str
    base: str
    root: Root = field(default_factory=Root)
    capabilities: int = ALL_CAPABILITIES
    no_new_privileges: bool = False
    read_only: bool = False

    @property
    def order(self) -> dict[str, Any]:
        """What the supervisor is told."""
        return {
            "id": self.id,
            "argv": self.argv,
            "env": self.env,
            "folder": self.folder,
            "hostname": self.hostname,
            "user": self.user,
            "group": self.group,
            "log": self.log,
            "base": self.base,
            "root": vars(self.root),
            "capabilities": self.capabilities,
            "noNewPrivileges": self.no_new_privileges,
            "readOnly": self.read_only,
        }


@dataclass(frozen=True)
class Executed:
    """How a program ended that was run in a container. code None: it took too long."""

    code: int | None
    output: str


class Process(Protocol):
    """A container that runs or has run."""

    @property
    def exited(self) -> asyncio.Future[int]:
        """Its exit code, when it has ended: 128 more than the signal where one ended it."""

    def signal(self, number: int) -> None:
        """Send its first process a signal; SIGKILL ends all of them."""

    async def execute(self, argv: list[str], timeout: float | None = None) -> Executed:
        """Run a program in it. StartError where that is not possible."""


class Runtime(Protocol):
    """Runs containers."""

    @property
    def why_no_namespaces(self) -> str:
        """Why containers are plain processes without mounts here; "" where they are not."""

    async def start(self, launch: Launch) -> Process:
        """Start one. StartError where its program cannot be started."""


class _Told:
    """What has been told of one process."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int] = loop.create_future()
        self.exited: asyncio.Future[int] = loop.create_future()
        self.output = ""
        # it may be that nobody waits for it any more
        self.started.add_done_callback(lambda future: future.cancelled() or future.exception())


class SupervisedProcess:
    """A process of the supervisor's."""

    def __init__(self, runtime: ProcessRuntime, launch: Launch, told: _Told) -> None:
        self._runtime = runtime
        self._launch = launch
        self._told = told
        self._executions = 0

    @property
    def pid(self) -> int:
        """Its number on this machine."""
        return self._told.started.result()

    @property
    def exited(self) -> asyncio.Future[int]:
        """Its exit code."""
        return self._told.exited

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._runtime.tell({"do": "signal", "id": self._launch.id, "number": int(number)})

    async def execute(self, argv: list[str], timeout: float | None = None) -> Executed:
        """Run a program in it."""
        self._executions += 1
        name = f"{self._launch.id}/{self._executions}"
        order = self._launch.order | {"do": "execute", "id": name, "in": self._launch.id}
        told = self._runtime.begin(order | {"argv": argv})
        await asyncio.shield(told.started)
        await asyncio.wait([told.exited], timeout=timeout)
        if not told.exited.done():
            self._runtime.tell({"do": "signal", "id": name, "number": signal.SIGKILL})
            return Executed(None, "")
        return Executed(told.exited.result(), told.output)


class ProcessRuntime(asyncio.Protocol):
    """Containers as processes of this machine, by way of the supervisor."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, supervisor: socket.socket) -> ProcessRuntime:
        """Talk to the supervisor at the other end; LostError where there is none."""
        loop = asyncio.get_running_loop()
        _, runtime = await loop.create_connection(cls, sock=supervisor)
        await runtime._ready
        return runtime

    @property
    def why_no_namespaces(self) -> str:
        """Why containers are plain processes here."""
        return self._ready.result()

    async def start(self, launch: Launch) -> SupervisedProcess:
        """Start a container."""
        told = self.begin(launch.order | {"do": "start"})
        pid = await asyncio.shield(told.started)
        if self.why_no_namespaces:
            cleanup.record(Path(launch.log), pid)
        return SupervisedProcess(self, launch, told)

    def close(self) -> None:
        """Let the supervisor go, and every container with it."""
        if self._transport is not None:
            self._transport.close()

    def begin(self, order: dict[str, Any]) -> _Told:
        """Have a process started."""
        told = self._told[order["id"]] = _Told()
        self.tell(order)
        return told

    def tell(self, order: dict[str, Any]) -> None:
        """Give the supervisor an order."""
        if self._transport is None or self.lost.done():
            raise LostError("the supervisor of the containers has died")
        self._transport.write(json.dumps(order).encode() + b"\n")

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """The supervisor has said something."""
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def connection_lost(self, _error: Exception | None) -> None:
        """The supervisor is gone: so is every container."""
        if not self._ready.done():
            self._ready.set_exception(LostError("the supervisor of the containers has not started"))
        if not self.lost.done():
            self.lost.set_result(None)
        for told in self._told.values():
            if not told.started.done():
                told.started.set_exception(StartError("the supervisor of the containers has died"))
            if not told.exited.done():
                told.exited.set_result(KILLED)
        self._told.clear()

    def _hear(self, event: dict[str, Any]) -> None:
        if event["event"] == "ready":
            self._ready.set_result(event["whyNoNamespaces"])
            return
        told = self._told[event["id"]]
        if event["event"] == "started":
            told.started.set_result(event["pid"])
            return
        del self._told[event["id"]]
        if event["event"] == "failed":
            told.started.set_exception(StartError(event["message"]))
        else:
            told.output = event.get("output", "")
            told.exited.set_result(event["code"])
