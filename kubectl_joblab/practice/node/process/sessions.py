"""What the server holds of a program's streams: it reads what is printed, and writes what is typed.

The runtime makes a Session for each program that somebody watches. The streams are pipes, or one
terminal for all three, to the program itself; the supervisor has no part in what goes through them.
So whoever reads slowly makes the program wait, and nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence

from kubectl_joblab.practice.api.streaming import STDERR, STDOUT, Ended
from kubectl_joblab.practice.node.process import terminal
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
        loop, left = asyncio.get_running_loop(), memoryview(data)
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
                terminal.resize(self._source, width, height)

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
