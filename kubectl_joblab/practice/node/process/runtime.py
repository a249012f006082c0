"""The container runtime: an interface, and the runtime whose containers are real processes.

The Pod workers start containers with it; tests put a runtime of their own in its place. The one
with real processes hands the supervisor's process what a container is made of, and hears from it
what becomes of the container. It knows nothing of Pods.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from kubectl_joblab.practice.api.streaming import Session
from kubectl_joblab.practice.node import cleanup
from kubectl_joblab.practice.node.process import link, messages, sessions
from kubectl_joblab.practice.node.process.children import Streams
from kubectl_joblab.practice.node.process.link import Link
from kubectl_joblab.practice.node.process.messages import (
    TERMINAL,
    Attach,
    Attached,
    Event,
    Execute,
    Exited,
    Failed,
    Launch,
    Order,
    Reader,
    Ready,
    Signal,
    Start,
    Started,
)
from kubectl_joblab.practice.node.process.sessions import AttachSession, Ends, ExecSession

_NO_STREAMS = Streams()
KILLED = 137  # the exit code of what SIGKILL ended


class StartError(Exception):
    """A program was not started; the text says why as a container runtime does."""


class LostError(Exception):
    """The supervisor has died, and every container with it."""


@dataclass(frozen=True)
class Executed:
    """How a program ended that was executed in a container.

    code: None where the program took too long. output: the beginning of what it printed.
    """

    code: int | None
    output: str


class Process(Protocol):
    """A container that runs or has run."""

    @property
    def exited(self) -> asyncio.Future[int]:
        """The container's exit code once it has ended: 128 more than the signal that ended it."""

    @property
    def oom_killed(self) -> bool:
        """Whether the container, which has ended, was killed for the memory that it used."""

    def written(self) -> int:
        """The bytes that the container has written outside of volumes; called in any thread."""

    def signal(self, number: int) -> None:
        """Send the container's first process a signal; SIGKILL ends all of its processes."""

    async def execute(self, argv: list[str], timeout: float | None = None) -> Executed:
        """Run a program in the container. StartError where that is not possible.

        timeout: the seconds after which the program is killed.
        """

    async def stream(self, argv: list[str], *, tty: bool) -> Session:
        """Run a program in the container for somebody who holds its streams, or its terminal.

        StartError where that is not possible.
        """

    async def attach(self, *, once: bool) -> Session:
        """Hold the streams of the container's own program. StartError where that is not possible.

        once: whether its stdin ends with what is typed first.
        """


class Runtime(Protocol):
    """Runs containers."""

    @property
    def why_no_namespaces(self) -> str:
        """Why containers are plain processes without mounts here; "" where they are not."""

    async def start(self, launch: Launch) -> Process:
        """Start a container. StartError where its program cannot be started, LostError where the
        runtime itself has died."""


class _Progress:
    """What the supervisor has told of one program.

    started: the number of its process, or a StartError. exited: its exit code. output: how its
    output begins, where it was executed. oom_killed: whether it was killed for its memory. tty:
    whether it has a terminal. held: the other end of that, once it has started.
    """

    def __init__(self, *, tty: bool) -> None:
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int] = loop.create_future()
        self.exited: asyncio.Future[int] = loop.create_future()
        self.output = ""
        self.oom_killed = False
        self.tty = tty
        self.held = -1
        # asyncio complains of an error that nobody has asked for, and a worker may have stopped
        self.started.add_done_callback(lambda future: future.cancelled() or future.exception())


class SupervisedProcess:
    """A container that the supervisor has started.

    source: where its stdin is written to, or its terminal; None where it has neither.
    """

    def __init__(
        self, runtime: ProcessRuntime, launch: Launch, progress: _Progress, source: Ends | None
    ) -> None:
        self._runtime = runtime
        self._launch = launch
        self._progress = progress
        self._source = source
        self._executions = 0
        if source is not None:
            progress.exited.add_done_callback(lambda _: source.close())

    @property
    def pid(self) -> int:
        """The number of the container's first process on this machine."""
        return self._progress.started.result()

    @property
    def exited(self) -> asyncio.Future[int]:
        """The container's exit code once it has ended."""
        return self._progress.exited

    @property
    def oom_killed(self) -> bool:
        """Whether the container was killed for the memory that it used."""
        return self._progress.oom_killed

    def written(self) -> int:
        """The bytes in the container's root; those of a plain process are not known."""
        if self._runtime.why_no_namespaces:
            return 0
        try:
            root = os.statvfs(f"/proc/{self.pid}/root")
        except OSError:  # it has ended
            return 0
        return (root.f_blocks - root.f_bfree) * root.f_frsize

    def signal(self, number: int) -> None:
        """Send the container's first process a signal."""
        self._runtime.tell(Signal(self._launch.id, int(number)))

    async def execute(self, argv: list[str], timeout: float | None = None) -> Executed:
        """Run a program in the container."""
        launch = replace(self._launch, argv=tuple(argv), stdin=False, tty=False)
        name, order = self._execution(launch)
        progress = self._runtime.begin(name, order)
        await asyncio.shield(progress.started)
        await asyncio.wait([progress.exited], timeout=timeout)
        if not progress.exited.done():
            self._runtime.tell(Signal(name, int(signal.SIGKILL)))
            return Executed(None, "")
        return Executed(progress.exited.result(), progress.output)

    async def stream(self, argv: list[str], *, tty: bool) -> ExecSession:
        """Run a program in the container for somebody who holds its streams."""
        env = {**self._launch.env, "TERM": TERMINAL} if tty else self._launch.env
        launch = replace(self._launch, argv=tuple(argv), env=env, stdin=True, tty=tty)
        name, order = self._execution(launch, streamed=True)
        if tty:
            progress = self._runtime.begin(name, order)
            await asyncio.shield(progress.started)
            return ExecSession(Ends.of_terminal(progress.held), argv, progress.exited, tty=True)
        ends, streams = sessions.pipes()
        with _closed_unless_begun(ends):
            progress = self._runtime.begin(name, order, streams)
            await asyncio.shield(progress.started)
        return ExecSession(ends, argv, progress.exited, tty=False)

    async def attach(self, *, once: bool) -> AttachSession:
        """Hold the streams of the container's own program."""
        printed, copies = sessions.copies()
        self._executions += 1
        name = messages.executed(self._launch.id, self._executions)
        with _closed_unless_begun(printed):
            await self._runtime.attach(Attach(name, self._launch.id), copies)
        source = self._source if self._launch.stdin else None
        return AttachSession(printed, source, tty=self._launch.tty, once=once)

    def _execution(self, launch: Launch, *, streamed: bool = False) -> tuple[str, Execute]:
        """The order to execute a program, and the name of the execution."""
        self._executions += 1
        name = messages.executed(self._launch.id, self._executions)
        return name, Execute(name, self._launch.id, launch, streamed)


@contextlib.contextmanager
def _closed_unless_begun(ends: Ends | None) -> Iterator[None]:
    """Have the ends of streams closed where what they belong to does not begin."""
    try:
        yield
    except BaseException:  # who asked may be cancelled, and then nobody has the descriptors
        if ends is not None:
            ends.close()
        raise


class ProcessRuntime(asyncio.Protocol):
    """Runs containers as processes of this machine, by way of the supervisor.

    ends: the server's of the link; the runtime is the protocol of its messages. lost: done when the
    supervisor has gone.
    """

    def __init__(self, ends: Link) -> None:
        self._files = ends.files
        self._files.setblocking(False)
        self._programs: dict[str, _Progress] = {}
        self._attaching: dict[str, asyncio.Future[None]] = {}
        self._events: Reader[Event] = Reader(Event)
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, ends: Link) -> ProcessRuntime:
        """A runtime whose supervisor is at the other end of a link; LostError where none is."""
        loop = asyncio.get_running_loop()
        _, runtime = await loop.create_connection(lambda: cls(ends), sock=ends.words)
        await runtime._ready
        return runtime

    @property
    def why_no_namespaces(self) -> str:
        """Why containers are plain processes here."""
        return self._ready.result()

    async def start(self, launch: Launch) -> SupervisedProcess:
        """Start a container."""
        source, given = None, _NO_STREAMS
        if launch.stdin and not launch.tty:
            source, given = sessions.source()
        with _closed_unless_begun(source):
            progress = self.begin(launch.id, Start(launch), given)
            pid = await asyncio.shield(progress.started)
        if launch.tty:
            source = Ends.of_terminal(progress.held)
        if self.why_no_namespaces:
            cleanup.record(Path(launch.log), pid)
        return SupervisedProcess(self, launch, progress, source)

    async def attach(self, order: Attach, copies: list[int]) -> None:
        """Have what a container prints copied to these descriptors, which are closed here."""
        attached = self._attaching[order.id] = asyncio.get_running_loop().create_future()
        try:
            self._send(copies)
            self.tell(order)
        finally:
            Streams(None, *copies).close()
        await attached

    async def close(self) -> None:
        """Let the supervisor go, and wait until it has, and every container with it."""
        if self._transport is not None and not self.lost.done():
            self._transport.write_eof()
            await self.lost

    def begin(self, name: str, order: Start | Execute, streams: Streams = _NO_STREAMS) -> _Progress:
        """Have a program started, of which the supervisor's messages speak by this name.

        streams: the program's, which are sent with the order and closed here.
        """
        try:
            if given := streams.given:
                self._send(given)
            progress = _Progress(tty=order.launch.tty)
            self.tell(order)
        finally:
            streams.close()
        self._programs[name] = progress
        return progress

    def _send(self, descriptors: list[int]) -> None:
        try:
            link.send(self._files, *descriptors)
        except OSError as error:  # the supervisor does not keep up, or has died
            raise StartError(f"the supervisor of the containers: {error.strerror}") from error

    def tell(self, order: Order) -> None:
        """Give the supervisor an order. LostError where there is no supervisor any more."""
        if self._transport is None or self.lost.done():
            raise LostError("the supervisor of the containers has died")
        self._transport.write(messages.encode(order))

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket to the supervisor."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hear the supervisor. A MessageError makes asyncio log it and close the socket."""
        for event in self._events.read(data):
            self._hear(event)

    def connection_lost(self, _error: Exception | None) -> None:
        """Say of every container that it has been killed: so it has, with its supervisor."""
        self._files.close()
        if not self._ready.done():
            self._ready.set_exception(LostError("the supervisor of the containers has not started"))
        if not self.lost.done():
            self.lost.set_result(None)
        for progress in self._programs.values():
            if not progress.started.done():
                died = StartError("the supervisor of the containers has died")
                progress.started.set_exception(died)
            if not progress.exited.done():
                progress.exited.set_result(KILLED)
        self._programs.clear()
        for attached in self._attaching.values():
            attached.cancel()

    def _hear(self, event: Event) -> None:
        match event:
            case Ready(why_no_namespaces):
                self._ready.set_result(why_no_namespaces)
            case Started(name, pid):
                progress = self._programs[name]
                if progress.tty:
                    (progress.held,) = link.receive(self._files, 1)
                progress.started.set_result(pid)
            case Attached(name):
                attached = self._attaching.pop(name)
                if not attached.done():  # who wanted it may have left
                    attached.set_result(None)
            case Failed(name, message):
                self._programs.pop(name).started.set_exception(StartError(message))
            case Exited(name, code, output, oom_killed):
                progress = self._programs.pop(name)
                progress.output, progress.oom_killed = output, oom_killed
                progress.exited.set_result(code)
