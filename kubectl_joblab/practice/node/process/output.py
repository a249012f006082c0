"""A child of the supervisor while it runs: its pipes are read, and the server is told of its end.

The supervisor makes a Running for each child. What a container prints goes to its log; the
beginning of what an executed program prints goes to the server with the exit code.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from kubectl_joblab import files
from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.process import link
from kubectl_joblab.practice.node.process.children import Child
from kubectl_joblab.practice.node.process.copies import Copies
from kubectl_joblab.practice.node.process.messages import (
    ChildExited,
    ChildFailed,
    ChildStarted,
    Event,
    Exited,
    Failed,
    Reader,
    Report,
    Started,
)

OOM_KILLED = 128 + signal.SIGKILL
_READ = 256 * 1024
_ROOM = 512  # bytes; a file system gives at least a block of its own for them

# sends the server a message
Tell = Callable[[Event], None]
# sends the server a descriptor
Hand = Callable[[int], None]


class Sink(Protocol):
    """Takes what a child prints."""

    @property
    def output(self) -> str:
        """What the server is told of the output when the child has ended."""

    def stream(self, name: str) -> Callable[[bytes], None]:
        """A function for the data of one pipe, stdout or stderr; b"" is the end of the pipe."""

    def terminal(self) -> Callable[[bytes], None] | None:
        """A function for what is printed on a terminal; None where somebody else reads that."""

    def close(self) -> None:
        """Finish: all pipes have ended."""


class Running:
    """A child that runs, and the pipes that come from it.

    loop: what waits for the pipes; it calls what is registered with them. name: the id that the
    server knows the child by. container: the id of the container that the child is, or runs in.
    """

    def __init__(
        self,
        tell: Tell,
        hand: Hand,
        loop: selectors.BaseSelector,
        name: str,
        child: Child,
        sink: Sink,
        container: str,
    ) -> None:
        self.child = child
        self.container = container
        self._oom_killed = False
        self._tell = tell
        self._hand = hand
        self._loop = loop
        self._name = name
        self._sink = sink
        self._open: dict[int, Callable[[bytes], None]] = {}
        self._held: set[int] = set()  # those that are open and not read for now
        self._reports: Reader[Report] = Reader(Report)
        self._failed = False
        self._copies: dict[str, Copies] = {}
        self._add(child.report, self._reported)
        for stream, descriptor in child.outputs.items():
            self._add_output(stream, descriptor, self._sink.stream(stream))

    def _add(self, descriptor: int, take: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._open[descriptor] = take
        self._loop.register(descriptor, selectors.EVENT_READ, lambda: self._read(descriptor))

    def _add_output(self, stream: str, descriptor: int, take: Callable[[bytes], None]) -> None:
        """Read what the program prints to a stream, for the log and for who is attached."""
        copies = self._copies[stream] = Copies(
            self._loop, partial(self._hold, descriptor), partial(self._resume, descriptor)
        )

        def take_and_copy(data: bytes) -> None:
            take(data)
            copies.write(data)

        self._add(descriptor, take_and_copy)

    def _hold(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._loop.unregister(descriptor)
            self._held.add(descriptor)

    def _resume(self, descriptor: int) -> None:
        if descriptor in self._held:
            self._held.remove(descriptor)
            self._loop.register(descriptor, selectors.EVENT_READ, lambda: self._read(descriptor))

    def attach(self, output: int, errors: int) -> None:
        """Copy what the program prints to these descriptors, which are closed at the end."""
        for stream, descriptor in (("stdout", output), ("stderr", errors)):
            if stream in self._copies:
                self._copies[stream].add(descriptor)
            else:
                os.close(descriptor)

    def _read(self, descriptor: int) -> bool:
        """Hand on what can be read from a pipe now; whether there may be more."""
        try:
            data = os.read(descriptor, _READ)
        except BlockingIOError:
            return False
        except OSError:  # EIO: nobody has the other side of a terminal open any more
            data = b""
        take = self._open[descriptor]
        if not data:
            self._close(descriptor)
        take(data)
        return bool(data)

    def _close(self, descriptor: int) -> None:
        if descriptor in self._held:
            self._held.remove(descriptor)
        else:
            self._loop.unregister(descriptor)
        del self._open[descriptor]
        os.close(descriptor)

    def _reported(self, data: bytes) -> None:
        """Take what the child reports before it becomes the program, or what its guard reports."""
        for report in self._reports.read(data):
            self._take_report(report)
        if not data and not self.child.guarded and not self._failed:
            # A child without a guard says nothing when it succeeds: executing closes the pipe.
            self._take_report(ChildStarted(self.child.pid))

    def _take_report(self, report: Report) -> None:
        match report:
            case ChildFailed(message):
                self._failed = True
                self._tell(Failed(self._name, message))
            case ChildStarted(pid):
                self.child.program = pid
                self._take_terminal()
                self._tell(Started(self._name, pid))
            case ChildExited(code):
                self.child.code = code

    def _take_terminal(self) -> None:
        """Hand the terminal on to the server; a container's is read here too, for its log."""
        if self.child.console is None:
            return
        try:
            (held,) = link.receive(self.child.console, 1)
        except OSError:  # it was killed before it had one
            held = os.open(os.devnull, os.O_RDWR)
        self._hand(held)
        if take := self._sink.terminal():
            self._add_output("stdout", held, take)
        else:
            os.close(held)

    def kill_for_memory(self) -> None:
        """End a container that uses more memory than it may."""
        self._oom_killed = True
        self.child.kill()

    def ended(self, status: int, *, oom_killed: bool = False) -> None:
        """Read what is left in the pipes of a child that is gone, and tell the server.

        status: what waitpid has said of the child. oom_killed: whether memory was the reason.
        """
        for descriptor in list(self._open):
            while descriptor in self._open and self._read(descriptor):
                pass
        # A pipe that has not ended is held open by a process that got away.
        for descriptor in list(self._open):
            self._close(descriptor)
        for copies in self._copies.values():
            copies.write(b"")
        self._sink.close()
        self.child.close()
        if not self._failed:
            killed = oom_killed or self._oom_killed
            code = OOM_KILLED if killed else self.child.exit_code(status)
            self._tell(Exited(self._name, code, self._sink.output, killed))


class LogSink:
    """Writes what a container prints to its log. OSError where there can be no log.

    What a full disk does not take is lost, and the log says so: a small file is kept beside it,
    which makes room for that line by going.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = crilog.Log(path, _now())
        self._room = path.with_name(f"{path.name}.room")
        self._streams: list[crilog.Stream] = []
        self._loss: OSError | None = None
        self._noted = False
        with contextlib.suppress(OSError):
            self._make_room()

    def _make_room(self) -> None:
        self._room.write_bytes(bytes(_ROOM))

    @property
    def output(self) -> str:
        """Nothing: the output is in the log."""
        return ""

    def stream(self, name: str) -> Callable[[bytes], None]:
        """A function that writes the data of a pipe to the log."""
        stream = crilog.Stream(name)
        self._streams.append(stream)

        def take(data: bytes) -> None:
            if data:
                now = _now()
                self._write(stream.entries(data, now), now)

        return take

    def terminal(self) -> Callable[[bytes], None]:
        """A function that writes what is printed on a terminal to the log."""
        return self.stream("stdout")

    def _write(self, entries: bytes, now: int) -> None:
        try:
            if self._loss is not None:
                self._make_room()
            self._log.write(entries, now)
        except OSError as error:  # it must not end the other containers
            self._lose(error, now)
        else:
            self._loss, self._noted = None, False

    def _lose(self, error: OSError, now: int) -> None:
        """Say in the log, and once on stderr, that output is lost from here on."""
        self._room.unlink(missing_ok=True)
        words = f"output is lost: {files.why(error, self._path)}\n"
        if self._loss is None:
            with contextlib.suppress(OSError):
                sys.stderr.write(words)
                sys.stderr.flush()
        self._loss = error
        if not self._noted:
            note = crilog.Stream("stderr").entries(f"kubectl-joblab: {words}".encode(), now)
            with contextlib.suppress(OSError):
                self._log.write(note, now)
                self._noted = True

    def close(self) -> None:
        """Write the last lines, where they have no end, and close the log."""
        now = _now()
        for stream in self._streams:
            if rest := stream.end(now):
                self._write(rest, now)
        self._log.close()
        self._room.unlink(missing_ok=True)


class Capture:
    """Keeps the beginning of what an executed program prints, stdout and stderr as they come."""

    LIMIT = 10 * 1024  # maxReadLength of pkg/probe/exec

    def __init__(self) -> None:
        self._data = b""

    @property
    def output(self) -> str:
        """The beginning of the output, as text."""
        return self._data.decode(errors="replace")

    def stream(self, _name: str) -> Callable[[bytes], None]:
        """A function that keeps the data of a pipe."""

        def take(data: bytes) -> None:
            self._data = (self._data + data)[: self.LIMIT]

        return take

    def terminal(self) -> None:
        """Nothing: who executes a program on a terminal reads that."""

    def close(self) -> None:
        """Do nothing: what was kept is asked for afterwards."""


def _now() -> int:
    return time.time_ns()
