"""What the server holds of a program's streams: it reads what is printed, and writes what is typed.

The runtime makes a Session for each program that somebody watches. The streams are pipes, or one
terminal for all three, to the program itself; the supervisor has no part in what goes through them.
So whoever reads slowly makes the program wait, and nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Callable, Sequence

from kubectl_joblab.practice.api.streaming import STDERR, STDOUT, Ended
from kubectl_joblab.practice.node.process.children import Streams

_CHUNK = 32 * 1024  # bytes that are read at a time, as io.Copy does


class Ends:
    """The server's ends of a program's streams.

    source: where its stdin is written to, None where it has none. outputs: what it prints is read
    from these. is_terminal: whether it is one and the same terminal.
    """

    def __init__(
        self, source: int | None, outputs: dict[str, int], *, is_terminal: bool = False
    ) -> None:
        self._source = source
        self._outputs = outputs
        self._is_terminal = is_terminal
        self._writing = asyncio.Lock()  # two who are attached may type at once
        for descriptor in self._all:
            os.set_blocking(descriptor, False)

    @classmethod
    def of_terminal(cls, held: int) -> Ends:
        """The ends of a program whose terminal's other end is this descriptor."""
        return cls(held, {STDOUT: held}, is_terminal=True)

    @property
    def _all(self) -> set[int]:
        found = {*self._outputs.values()}
        return found if self._source is None else {*found, self._source}

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the streams that are read."""
        return tuple(self._outputs)

    async def read(self, stream: str) -> bytes:
        """What was printed next; b"" at the end."""
        descriptor = self._outputs[stream]
        loop = asyncio.get_running_loop()
        while True:
            try:
                return os.read(descriptor, _CHUNK)
            except BlockingIOError:
                await _ready(loop.add_reader, loop.remove_reader, descriptor)
            except OSError:  # EIO: nobody has the other side of a terminal open any more
                return b""

    async def write(self, data: bytes) -> None:
        """Write to the program's stdin, as fast as it reads."""
        async with self._writing:
            await self._write(memoryview(data))

    async def _write(self, left: memoryview) -> None:
        loop = asyncio.get_running_loop()
        while left and self._source is not None:
            try:
                left = left[os.write(self._source, left[:_CHUNK]) :]
            except BlockingIOError:
                await _ready(loop.add_writer, loop.remove_writer, self._source)
            except OSError as error:
                raise BrokenPipeError from error

    def end_input(self) -> None:
        """Close what leads to the program's stdin; a terminal stays."""
        if not self._is_terminal and self._source is not None:
            os.close(self._source)
            self._source = None

    def resize(self, width: int, height: int) -> None:
        """Set the size of the terminal, where it is one."""
        if self._is_terminal and self._source is not None:
            with contextlib.suppress(OSError):
                size = struct.pack("HHHH", height, width, 0, 0)
                fcntl.ioctl(self._source, termios.TIOCSWINSZ, size)

    def close(self) -> None:
        """Close all of them."""
        for descriptor in self._all:
            os.close(descriptor)
        self._source, self._outputs = None, {}


def pipes() -> tuple[Ends, Streams]:
    """The server's ends of three pipes, and the program's."""
    read_input, write_input = os.pipe()
    read_output, write_output = os.pipe()
    read_errors, write_errors = os.pipe()
    ends = Ends(write_input, {STDOUT: read_output, STDERR: read_errors})
    return ends, Streams(read_input, write_output, write_errors)


def source() -> tuple[Ends, Streams]:
    """The server's end of a container's stdin, and the container's."""
    read_input, write_input = os.pipe()
    return Ends(write_input, {}), Streams(read_input)


def copies() -> tuple[Ends, list[int]]:
    """The server's ends of two pipes, and the ends to copy stdout and stderr to."""
    read_output, write_output = os.pipe()
    read_errors, write_errors = os.pipe()
    return Ends(None, {STDOUT: read_output, STDERR: read_errors}), [write_output, write_errors]


class ExecSession:
    """A program that was executed in a container.

    command: it, with its arguments. exited: its exit code. Who closes the session leaves the
    program alone, as a real runtime does: its input ends, it may print to nobody, and its terminal
    is held until it has ended.
    """

    def __init__(
        self, ends: Ends, command: Sequence[str], exited: asyncio.Future[int], *, tty: bool
    ) -> None:
        self._command = command
        self._ends = ends
        self._exited = exited
        self._tty = tty

    @property
    def outputs(self) -> tuple[str, ...]:
        """The streams that the program prints to."""
        return self._ends.outputs

    async def read(self, stream: str) -> bytes:
        """What the program has printed next."""
        return await self._ends.read(stream)

    async def write(self, data: bytes) -> None:
        """Have the program read this."""
        await self._ends.write(data)

    def end_input(self) -> None:
        """Let the program's stdin end."""
        self._ends.end_input()

    def resize(self, width: int, height: int) -> None:
        """Say how large the window is."""
        self._ends.resize(width, height)

    async def wait(self) -> None:
        """Wait until the program has ended; raises Ended where it has failed."""
        if code := await asyncio.shield(self._exited):
            raise Ended(code, list(self._command))

    def close(self) -> None:
        """Hold the streams no more; a terminal is held while the program runs."""
        if self._tty:
            self._exited.add_done_callback(lambda _: self._ends.close())
        else:
            self._ends.close()


class AttachSession:
    """Who is attached to a container's own program.

    printed: what the supervisor copies of its output. source: where its stdin is written to, which
    is the container's, None where it has none. once: whether the end of what is typed is the end of
    the container's stdin; else it is the end of this session, as with containerd
    (internal/cri/io/container_io.go).
    """

    def __init__(self, printed: Ends, source: Ends | None, *, tty: bool, once: bool) -> None:
        self._printed = printed
        self._source = source
        self._tty = tty
        self._once = once and not tty
        self._left = asyncio.get_running_loop().create_future()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The streams that the container prints to."""
        return (STDOUT,) if self._tty else (STDOUT, STDERR)

    async def read(self, stream: str) -> bytes:
        """What the container prints next."""
        reading = asyncio.ensure_future(self._printed.read(stream))
        try:
            both: list[asyncio.Future[bytes]] = [reading, self._left]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else b""
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def write(self, data: bytes) -> None:
        """Have the container read this, where it reads at all."""
        if self._source is not None:
            await self._source.write(data)

    def end_input(self) -> None:
        """Let the container's stdin end, or this session."""
        if self._source is not None and self._once:
            self._source.end_input()
        elif not self._left.done():
            self._left.set_result(b"")

    def resize(self, width: int, height: int) -> None:
        """Say how large the window is."""
        if self._source is not None:
            self._source.resize(width, height)

    async def wait(self) -> None:
        """Nothing is told of the container's own exit code."""

    def close(self) -> None:
        """Leave; a stdin that is there once ends."""
        if self._source is not None and self._once:
            self._source.end_input()
        self._printed.close()


async def _ready(
    add: Callable[..., object], remove: Callable[[int], object], descriptor: int
) -> None:
    """Wait until a descriptor can be read, or written."""
    ready = asyncio.get_running_loop().create_future()
    add(descriptor, _settle, ready)
    try:
        await ready
    finally:
        remove(descriptor)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
