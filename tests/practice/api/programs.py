"""A node for tests of connections: programs that echo, fail, flood and do not listen."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.streaming import (
    STDERR,
    STDOUT,
    Begin,
    Ended,
    NodeError,
    Session,
    StreamOptions,
)


class Programs:
    """The containers called main run, no other does.

    begun: the Pod, the container, the command and whether it has a terminal, of each program.
    closed: set when somebody has let go of one. sizes: of their terminals. printed: bytes.
    waiting: how many waited for a stream that was let go of.
    """

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.forget()

    def forget(self) -> None:
        """Begin anew, for the next test."""
        self.begun: list[tuple[str, str, tuple[str, ...], bool]] = []
        self.closed.clear()
        self.sizes: list[tuple[int, int]] = []
        self.printed = self.waiting = 0

    def execute(self, pod: Object, container: str, options: StreamOptions) -> Begin:
        """Run a program of the test's."""
        if container != "main":
            raise NodeError(500, f'container not found ("{container}")')

        async def begin() -> Session:
            name = objects.name(pod)
            self.begun.append((name, container, options.command, options.tty))
            program = _Program(self, options)
            if not options.stdin:
                program.end_input()
            return program

        return begin

    def attach(self, pod: Object, container: str, options: StreamOptions) -> Begin:
        """Run one that echoes."""
        if container != "main":
            where = f"{objects.name(pod)}_{objects.metadata(pod)['namespace']}"
            raise NodeError(500, f"container {container} not found in pod {where}")
        return self.execute(pod, container, options)


class _Program:
    """echo: prints what it reads. line: prints one thing that it reads, and ends. fail N: complains
    and exits with N. flood: prints without end. deaf: reads nothing."""

    def __init__(self, node: Programs, options: StreamOptions) -> None:
        self._node = node
        self._what, *given = options.command or ("echo",)
        self._code = int(given[0]) if given else 0
        self._command = list(options.command)
        self._read: asyncio.Queue[bytes] = asyncio.Queue()
        self._complained = False
        self._waiting = 0
        self.outputs = (STDOUT,) if options.tty else (STDOUT, STDERR)

    async def read(self, stream: str) -> bytes:
        """What it prints."""
        with self._waited_for():
            return await self._printed(stream)

    @contextlib.contextmanager
    def _waited_for(self) -> Iterator[None]:
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def _printed(self, stream: str) -> bytes:
        if self._what == "flood" and stream == STDOUT:
            self._node.printed += 32 * 1024
            return bytes(32 * 1024)
        if self._what == "flood":
            await asyncio.get_running_loop().create_future()
        if self._what == "fail" and stream == STDERR and not self._complained:
            self._complained = True
            return b"err\n"
        if self._what == "fail" or stream == STDERR:
            return b""
        data = await self._read.get()
        if self._what == "line":
            self._what = "fail"
        return data

    async def write(self, data: bytes) -> None:
        """Take what is typed."""
        if self._what == "deaf":
            with self._waited_for():
                await asyncio.get_running_loop().create_future()
        self._read.put_nowait(data)

    def end_input(self) -> None:
        """Note the end of what is typed."""
        self._read.put_nowait(b"")

    def resize(self, width: int, height: int) -> None:
        """Note the size."""
        self._node.sizes.append((width, height))

    async def wait(self) -> None:
        """End as it does."""
        if self._code:
            raise Ended(self._code, self._command)

    def close(self) -> None:
        """Note that somebody has let go of it."""
        self._node.waiting += self._waiting
        self._node.closed.set()
