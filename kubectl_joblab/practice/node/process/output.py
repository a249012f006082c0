"""A child of the supervisor while it runs: its pipes are read, and its end is told.

What a container prints goes to its log, what is executed in one is kept for who has asked.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.process.children import Child, Order

_READ = 256 * 1024

# tells the server something
Tell = Callable[[Order], None]


class Sink(Protocol):
    """Where what a child prints goes."""

    @property
    def result(self) -> Order:
        """What is told of it at the end."""

    def stream(self, name: str) -> Callable[[bytes], None]:
        """Where the data of a pipe go."""

    def close(self) -> None:
        """No more will come."""


class Running:
    """A child, and the pipes that come from it."""

    def __init__(
        self, tell: Tell, loop: selectors.BaseSelector, name: str, child: Child, sink: Sink
    ) -> None:
        self.child = child
        self._tell = tell
        self._loop = loop
        self._name = name
        self._sink = sink
        self._open: dict[int, Callable[[bytes], None]] = {}
        self._said = b""
        self._failed = False
        self._add(child.report, self._reported)
        for stream, descriptor in zip(("stdout", "stderr"), child.outputs, strict=True):
            self._add(descriptor, self._sink.stream(stream))

    def _add(self, descriptor: int, take: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._open[descriptor] = take
        self._loop.register(descriptor, selectors.EVENT_READ, lambda: self._read(descriptor))

    def _read(self, descriptor: int) -> bool:
        """Take what a pipe has; whether there may be more."""
        try:
            data = os.read(descriptor, _READ)
        except BlockingIOError:
            return False
        take = self._open[descriptor]
        if not data:
            self._loop.unregister(descriptor)
            del self._open[descriptor]
            os.close(descriptor)
        take(data)
        return bool(data)

    def _reported(self, data: bytes) -> None:
        """What the child says before it is the program, or its guard says: lines of JSON."""
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            self._take_report(json.loads(line))
        if not data and not self.child.guarded and not self._failed:
            self._take_report({"pid": self.child.pid})  # executing has closed the pipe

    def _take_report(self, report: Order) -> None:
        if "error" in report:
            self._failed = True
            self._tell({"event": "failed", "id": self._name, "message": report["error"]})
        elif "pid" in report:
            told = {"event": "started", "id": self._name, "pid": report["pid"]}
            self._tell(told)
        self.child.code = report.get("exit", self.child.code)

    def ended(self, status: int) -> None:
        """The child is gone: read what is left in its pipes and say so."""
        for descriptor in list(self._open):
            while descriptor in self._open and self._read(descriptor):
                pass
        for descriptor in list(self._open):  # held open by something that got away
            self._loop.unregister(descriptor)
            os.close(descriptor)
        self._sink.close()
        self.child.close()
        if not self._failed:
            exited = {"event": "exited", "id": self._name, "code": self.child.exit_code(status)}
            self._tell(exited | self._sink.result)


class LogSink:
    """Writes what comes to the log of a container."""

    def __init__(self, path: Path) -> None:
        self._log = crilog.Log(path)
        self._streams: list[crilog.Stream] = []

    @property
    def result(self) -> Order:
        """Nothing: it is in the log."""
        return {}

    def stream(self, name: str) -> Callable[[bytes], None]:
        """Where the data of a pipe go."""
        stream = crilog.Stream(name)
        self._streams.append(stream)

        def take(data: bytes) -> None:
            if data:
                self._write(stream.entries(data, _now()))

        return take

    def _write(self, entries: bytes) -> None:
        with contextlib.suppress(OSError):  # a full disk must not end the other containers
            self._log.write(entries)

    def close(self) -> None:
        """No more will come."""
        for stream in self._streams:
            self._write(stream.end(_now()))
        self._log.close()


class Capture:
    """Keeps the beginning of what comes, for who has asked."""

    LIMIT = 10 * 1024  # maxReadLength of pkg/probe/exec

    def __init__(self) -> None:
        self._data = b""

    @property
    def result(self) -> Order:
        """The output."""
        return {"output": self._data.decode(errors="replace")}

    def stream(self, _name: str) -> Callable[[bytes], None]:
        """Where the data of a pipe go."""

        def take(data: bytes) -> None:
            self._data = (self._data + data)[: self.LIMIT]

        return take

    def close(self) -> None:
        """No more will come."""


def _now() -> int:
    return time.time_ns()
