"""A process that stands over one program and all its descendants, and ends them.

The supervisor forks one where it has no namespace that would do it: for containers without
namespaces, and for what is executed in a container. The guard adopts orphans where the system
can, reports how the program ended, and kills whatever is left, also when the supervisor dies. What
it kills it stops first (descendants.py), and it gives up after a time: what cannot be stopped then
has been killed, and goes when the system lets it.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Collection
from typing import NoReturn

from kubectl_joblab.practice.node.process import descendants, linux, messages
from kubectl_joblab.practice.node.process.messages import ChildExited, ChildStarted

KILL = b"k"  # what the supervisor sends to end everything; any other byte is a signal's number
STOP_SECONDS = 2.0  # for stopping the descendants, before those that were seen are killed
END_SECONDS = 6.0  # for the end of all of them
_SIGNAL_BASE = 128


def run(
    become: Callable[[int], NoReturn],
    control: int,
    report: int,
    given: Collection[int],
    *,
    owns_all: bool,
) -> NoReturn:
    """Watch over a new child, and exit when the child has ended.

    become: what the child does, given a pipe for a ChildFailed. control: the pipe on which the
    supervisor sends bytes, and whose end is the supervisor's end. report: the pipe that gets a
    ChildStarted or the child's ChildFailed, and then a ChildExited. given: the descriptors that are
    the child's alone. owns_all: whether what the program leaves behind dies with it.
    """
    guard = _Guard(become, control, report)
    for descriptor in given:
        os.close(descriptor)
    code = guard.watch()
    if owns_all:
        guard.kill_descendants()
    guard.tell(ChildExited(code))
    os._exit(0)


class _Guard:
    def __init__(self, become: Callable[[int], NoReturn], control: int, report: int) -> None:
        self._control = control
        self._report = report
        if sys.platform == "linux":
            linux.adopt_orphans()
        self._woken, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        complaints, complain = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(complaints)
            os.setsid()
            if sys.platform == "linux":
                linux.die_with_parent()
            become(complain)
        os.close(complain)
        with open(complaints, "rb") as pipe:
            failed = pipe.read()
        if failed:
            os.write(report, failed)
        else:
            self.tell(ChildStarted(self._child))

    def tell(self, report: ChildStarted | ChildExited) -> None:
        """Tell the supervisor, as long as there is one."""
        with contextlib.suppress(OSError):
            os.write(self._report, messages.encode(report))

    def watch(self) -> int:
        """Obey the supervisor until the program has ended; its exit code, as a shell tells it."""
        status, until, heard = None, math.inf, select.poll()
        heard.register(self._control, select.POLLIN)
        heard.register(self._woken, select.POLLIN)
        while status is None and time.monotonic() < until:
            wait = None if until == math.inf else _milliseconds(until)
            ready = [descriptor for descriptor, _ in heard.poll(wait)]
            if self._woken in ready:
                os.read(self._woken, 4096)
            status = self._reaped()
            if self._control in ready and status is None:
                order = os.read(self._control, 1)
                if not order:
                    heard.unregister(self._control)
                if order in (b"", KILL):
                    until = min(until, time.monotonic() + END_SECONDS)
                    self._kill_tree()
                else:
                    os.kill(self._child, order[0])
        if status is None:
            return _SIGNAL_BASE + signal.SIGKILL
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else _SIGNAL_BASE - code

    def _reaped(self) -> int | None:
        """The status of the program, None while it runs. Adopted orphans are only waited for."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 0
            if pid == self._child:
                return status
            if pid == 0:
                return None

    def _kill_tree(self) -> None:
        """Kill the program and all its descendants; none of them sees another one end."""
        found = descendants.stop(os.getpid(), time.monotonic() + STOP_SECONDS)
        descendants.send(found, signal.SIGKILL)

    def kill_descendants(self) -> None:
        """Kill all that the program has left behind, and wait until it is gone, but not for ever.

        Each descendant that dies may leave children of its own to the guard, so the search is
        repeated until there is nothing to wait for.
        """
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child, signal.SIGKILL)
        until = time.monotonic() + END_SECONDS
        while time.monotonic() < until:
            self._kill_tree()
            if self._all_reaped(min(until, time.monotonic() + STOP_SECONDS)):
                return

    def _all_reaped(self, until: float) -> bool:
        """Wait for the ends of all children; whether there is none any more in time."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                if time.monotonic() > until:
                    return False
                if select.select([self._woken], [], [], _milliseconds(until) / 1000)[0]:
                    os.read(self._woken, 4096)


def _milliseconds(until: float) -> float:
    """From now to a moment of time.monotonic, at least one."""
    return max(1.0, (until - time.monotonic()) * 1000)
