"""The process that starts containers, writes their logs and says when they end.

The server forks the supervisor before it loads anything else, so that the supervisor stays small,
has one thread and can fork. The two talk over a socket, in the words of messages.py. The supervisor
does what it is told and knows nothing of Pods: what a container is made of, and when it must go,
the node decides. When the server goes, the supervisor ends, and all containers with it.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import resource
import selectors
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from kubectl_joblab.practice.node.process import cgroup, guard, link, memory, messages, namespaces
from kubectl_joblab.practice.node.process.children import Child, Children, Streams
from kubectl_joblab.practice.node.process.link import Link
from kubectl_joblab.practice.node.process.messages import (
    Attach,
    Attached,
    Event,
    Execute,
    Failed,
    Launch,
    Order,
    Reader,
    Ready,
    Signal,
    Start,
)
from kubectl_joblab.practice.node.process.output import Capture, LogSink, Running, Sink

# for the end of all containers; it is longer than a guard takes
END_SECONDS = math.ceil(2 * (guard.STOP_SECONDS + guard.END_SECONDS)) + 1
FILES = 65_536  # that the supervisor may have open, where the system lets it
_READ = 256 * 1024

Handler = Callable[[], None]


def fork(*, with_namespaces: bool = True) -> Link:
    """Start the supervisor; the server's end of the link.

    with_namespaces: whether containers get namespaces, where this machine lets them.
    """
    ours, theirs = link.pair()
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork() == 0:
        code = 1
        try:
            ours.close()
            serve(theirs, with_namespaces=with_namespaces)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    theirs.close()
    return ours


def serve(server: Link, *, with_namespaces: bool) -> None:
    """Be the supervisor until the server closes its end of the link, or ends.

    server: the supervisor's end. MessageError where the server sends something else than an Order.
    The end of the server is seen by the socket alone: a supervisor that died with the server could
    not wait until the containers have gone, and they would still be there when the lock that both
    hold is free.
    """
    # A terminal's Ctrl-C is for the server, which then ends the supervisor by closing the socket.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _allow_files()
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            os.setgroups([os.getegid()])
    _Supervisor(server, with_namespaces=with_namespaces).serve()


def _allow_files() -> None:
    """Raise the limit of open files: each container has its pipes, and there may be many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Supervisor:
    def __init__(self, server: Link, *, with_namespaces: bool) -> None:
        self._server, self._files = server
        self._told_to_end = False
        self._loop = selectors.DefaultSelector()
        self._children: dict[str, Running] = {}
        why_not = _why_no_namespaces() if with_namespaces else "they are turned off"
        self._groups = cgroup.delegated()
        self._memory = memory.Watch()
        self._factory = Children(self._groups, with_namespaces=not why_not)
        self._orders: Reader[Order] = Reader(Order)
        self._wake_on_child()
        self._loop.register(self._server, selectors.EVENT_READ, self._receive)
        self.tell(Ready(why_not))

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
        """Do what the server orders until it goes, then end all containers."""
        while not self._told_to_end:
            for key, _ in self._loop.select(self._memory.seconds()):
                # A handler that was called before this one may have closed its descriptor.
                if self._loop.get_map().get(key.fd) is key:
                    handler: Handler = key.data
                    handler()
            self._look_after_memory()
        for running in self._children.values():
            running.child.kill()
        signal.alarm(END_SECONDS)
        with contextlib.suppress(ChildProcessError):
            while True:  # when this process is gone, so is every container
                os.waitpid(-1, 0)
        if self._groups is not None:
            self._groups.close()

    def tell(self, event: Event) -> None:
        """Send the server a message, unless the server is gone."""
        with contextlib.suppress(OSError):
            self._server.sendall(messages.encode(event))

    def _receive(self) -> None:
        try:
            data = self._server.recv(_READ)
        except OSError:
            data = b""
        if not data:
            # It is not closed: its end tells the server that every container has gone.
            self._loop.unregister(self._server)
            self._told_to_end = True
        for order in self._orders.read(data):
            self._obey(order)

    # ---- what the server orders

    def _obey(self, order: Order) -> None:
        match order:
            case Start(launch):
                log, streams = Path(launch.log), self._source(launch)
                target = self._child(launch.target)
                start = functools.partial(self._factory.container, launch, target, streams)
                if self._begin(launch.id, lambda: LogSink(log), start, launch.id, streams):
                    self._limit(launch)
            case Execute(name, container, launch, streamed):
                child = self._child(container)
                streams = self._streams(launch) if streamed else Streams()
                execute = functools.partial(self._factory.executed, launch, child, streams)
                self._begin(name, Capture, execute, container, streams)
            case Attach(name, container):
                copies = link.receive(self._files, 2)
                if running := self._children.get(container):
                    running.attach(*copies)
                else:
                    Streams(None, *copies).close()
                self.tell(Attached(name))
            case Signal(name, number):
                if running := self._children.get(name):
                    running.child.signal(number)

    def _child(self, name: str) -> Child | None:
        """The process of a container that runs; None where it does not."""
        running = self._children.get(name)
        return running.child if running else None

    def _source(self, launch: Launch) -> Streams:
        """The stdin that the server has sent for a container, where it has one."""
        given = launch.stdin and not launch.tty
        return Streams(*link.receive(self._files, 1)) if given else Streams()

    def _streams(self, launch: Launch) -> Streams:
        """The streams that the server has sent for a program, where it has no terminal."""
        return Streams() if launch.tty else Streams(*link.receive(self._files, 3))

    def _begin(
        self,
        name: str,
        sink: Callable[[], Sink],
        begin: Callable[[], Child],
        container: str,
        streams: Streams,
    ) -> bool:
        """Start a program, and tell the server if that is not possible; whether it is."""
        try:
            where = sink()
            try:
                child = begin()
            except OSError:
                where.close()
                raise
        except OSError as error:
            self.tell(Failed(name, str(error)))
            return False
        finally:
            streams.close()
        loop, tell, hand = self._loop, self.tell, self._hand
        self._children[name] = Running(tell, hand, loop, name, child, where, container)
        return True

    def _hand(self, descriptor: int) -> None:
        """Send the server a descriptor, unless the server is gone."""
        with contextlib.suppress(OSError):
            link.send(self._files, descriptor)

    # ---- limits of memory

    def _limit(self, launch: Launch) -> None:
        """Look after the memory of a container, where no cgroup does."""
        if launch.memory and self._groups is None:
            self._memory.add(launch.id, launch.memory)

    def _look_after_memory(self) -> None:
        """Kill the containers that use more than they may."""
        for name, limit in self._memory.due():
            parts = [one for one in self._children.values() if one.container == name]
            roots = [(one.child.pid, not one.child.guarded) for one in parts]
            if memory.exceeds(roots, limit):
                for one in parts:
                    one.kill_for_memory()

    def _oom_killed(self, name: str, peak: int) -> bool:
        """Whether a container that has ended was killed for its memory, or had to be."""
        if self._groups is not None:
            return self._groups.remove(name)
        return self._memory.remove(name, peak)

    # ---- what happens to the children

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for name, running in list(self._children.items()):
                if running.child.pid == pid:
                    del self._children[name]
                    killed = self._oom_killed(name, memory.peak(usage))
                    running.ended(status, oom_killed=killed)
                    self._end_within(name)

    def _end_within(self, container: str) -> None:
        """End what was executed in a container that has ended.

        With namespaces the system has done so already.
        """
        for running in self._children.values():
            if running.container == container:
                running.child.kill()


def _why_no_namespaces() -> str:
    base = tempfile.mkdtemp(prefix="kubectl-joblab-")
    try:
        return namespaces.probe(base)
    finally:
        os.rmdir(base)
