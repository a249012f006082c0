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
import resource
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from kubectl_joblab.practice.node.process import linux, namespaces
from kubectl_joblab.practice.node.process.children import Child, Children, Order
from kubectl_joblab.practice.node.process.output import Capture, LogSink, Running, Sink

FILES = 65_536  # open files
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
            serve(theirs, server, with_namespaces=with_namespaces)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    theirs.close()
    return ours


def serve(server: socket.socket, pid: int, *, with_namespaces: bool) -> None:
    """Be the supervisor for the process of this number, at the other end of the socket."""
    if sys.platform == "linux":
        linux.die_with_parent()
        if os.getppid() != pid:
            return
    # a terminal's Ctrl-C is for the server, which then ends this by closing the socket
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _allow_files()
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            os.setgroups([os.getegid()])
    _Supervisor(server, with_namespaces=with_namespaces).serve()


def _allow_files() -> None:
    """Each container has two pipes; how many there may be, the server does not know yet."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Supervisor:
    def __init__(self, server: socket.socket, *, with_namespaces: bool) -> None:
        self._server = server
        self._loop = selectors.DefaultSelector()
        self._children: dict[str, Running] = {}
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
        for running in self._children.values():
            running.child.kill()
        with contextlib.suppress(ChildProcessError):
            while True:  # when this process is gone, so is every container
                os.waitpid(-1, 0)

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
        log = Path(order["log"])
        self._begin(order["id"], lambda: LogSink(log), lambda: self._factory.container(order))

    def _execute(self, order: Order) -> None:
        container = self._children[order["in"]].child if order["in"] in self._children else None
        self._begin(order["id"], Capture, lambda: self._factory.executed(order, container))

    def _begin(self, name: str, sink: Callable[[], Sink], begin: Callable[[], Child]) -> None:
        try:
            where = sink()
            try:
                child = begin()
            except OSError:
                where.close()
                raise
        except OSError as error:
            self.tell({"event": "failed", "id": name, "message": str(error)})
            return
        self._children[name] = Running(self.tell, self._loop, name, child, where)

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


def _why_no_namespaces() -> str:
    base = tempfile.mkdtemp(prefix="kubectl-joblab-")
    try:
        return namespaces.probe(base)
    finally:
        os.rmdir(base)
