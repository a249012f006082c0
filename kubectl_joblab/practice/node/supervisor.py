"""The process that starts containers, writes their logs and says when they end.

The server forks it before it loads anything else, so that it stays small, has one thread and can
fork. They talk over a socket, a JSON object a line. It does what it is told and knows nothing of
Pods: what a container is made of, and when it must go, the node decides. When the server goes, it
goes, and all containers with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from kubectl_joblab.practice.node import crilog, linux, namespaces
from kubectl_joblab.practice.node.children import Child, Children, Order

_READ = 256 * 1024

Handler = Callable[[], None]


def fork(*, with_namespaces: bool = True) -> socket.socket:
    """Start it; returns the server's end of the socket. with_namespaces: use them if they work."""
    ours, theirs = socket.socketpair()
    server = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork() == 0:
        code = 1
        try:
            ours.close()
            _run(theirs, server, with_namespaces=with_namespaces)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    theirs.close()
    return ours


def _run(server: socket.socket, pid: int, *, with_namespaces: bool) -> None:
    if sys.platform == "linux":
        linux.die_with_parent()
        if os.getppid() != pid:
            return
    # a terminal's Ctrl-C is for the server, which then ends this by closing the socket
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            os.setgroups([os.getegid()])
    _Supervisor(server, with_namespaces=with_namespaces).serve()


class _Supervisor:
    def __init__(self, server: socket.socket, *, with_namespaces: bool) -> None:
        self._server = server
        self._loop = selectors.DefaultSelector()
        self._children: dict[str, _Running] = {}
        why_not = _why_no_namespaces() if with_namespaces else "they are turned off"
        self._factory = Children(with_namespaces=not why_not)
        self._received = b""
        self._wake_on_child()
        self._loop.register(server, selectors.EVENT_READ, self._receive)
        self.tell({"event": "ready", "whyNoNamespaces": why_not})

    def _wake_on_child(self) -> None:
        woken, waker = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)

        def reap() -> None:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            self._reap()

        self._loop.register(woken, selectors.EVENT_READ, reap)

    def serve(self) -> None:
        """Until the server goes."""
        while self._server.fileno() >= 0:
            for key, _ in self._loop.select():
                if self._loop.get_map().get(key.fd) is key:  # no handler before it has closed it
                    handler: Handler = key.data
                    handler()
        for running in list(self._children.values()):
            running.child.kill()

    def tell(self, what: Order) -> None:
        """Send the server a message; where there is no server, there is nobody to tell."""
        with contextlib.suppress(OSError):
            self._server.sendall(json.dumps(what).encode() + b"\n")

    def _receive(self) -> None:
        try:
            data = self._server.recv(_READ)
        except OSError:
            data = b""
        if not data:
            self._loop.unregister(self._server)
            self._server.close()
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            _ORDERS[order["do"]](self, order)

    # ---- what it is told to do

    def _start(self, order: Order) -> None:
        self._begin(order["id"], lambda: self._factory.container(order), Path(order["log"]))

    def _execute(self, order: Order) -> None:
        container = self._children[order["in"]].child if order["in"] in self._children else None
        self._begin(order["id"], lambda: self._factory.executed(order, container), None)

    def _begin(self, name: str, begin: Callable[[], Child], log: Path | None) -> None:
        try:
            child = begin()
        except OSError as error:
            self.tell({"event": "failed", "id": name, "message": str(error)})
            return
        self._children[name] = _Running(self, self._loop, name, child, log)

    def _signal(self, order: Order) -> None:
        if running := self._children.get(order["id"]):
            running.child.signal(order["number"])

    # ---- what happens to its children

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for name, running in list(self._children.items()):
                if running.child.pid == pid:
                    del self._children[name]
                    running.ended(status)


_ORDERS: dict[str, Callable[[_Supervisor, Order], None]] = {
    "start": _Supervisor._start,
    "execute": _Supervisor._execute,
    "signal": _Supervisor._signal,
}


class _Running:
    """A child, and the pipes that come from it."""

    def __init__(
        self,
        supervisor: _Supervisor,
        loop: selectors.BaseSelector,
        name: str,
        child: Child,
        log: Path | None,
    ) -> None:
        self.child = child
        self._supervisor = supervisor
        self._loop = loop
        self._name = name
        self._sink = _LogSink(log) if log else _Capture()
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
        if message := report.get("error"):
            self._failed = True
            self._supervisor.tell({"event": "failed", "id": self._name, "message": message})
        elif "pid" in report:
            told = {"event": "started", "id": self._name, "pid": report["pid"]}
            self._supervisor.tell(told)
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
            self._supervisor.tell(exited | self._sink.result)


class _LogSink:
    """Writes what comes to the log of a container."""

    result: Order = {}  # noqa: RUF012 -- never changed

    def __init__(self, path: Path) -> None:
        self._log = crilog.Log(path)
        self._streams: list[crilog.Stream] = []

    def stream(self, name: str) -> Callable[[bytes], None]:
        """Where the data of a pipe go."""
        stream = crilog.Stream(name)
        self._streams.append(stream)

        def take(data: bytes) -> None:
            if data:
                self._log.write(stream.entries(data, _now()))

        return take

    def close(self) -> None:
        """No more will come."""
        for stream in self._streams:
            self._log.write(stream.end(_now()))
        self._log.close()


class _Capture:
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


def _why_no_namespaces() -> str:
    base = tempfile.mkdtemp(prefix="kubectl-joblab-")
    try:
        return namespaces.probe(base)
    finally:
        os.rmdir(base)
