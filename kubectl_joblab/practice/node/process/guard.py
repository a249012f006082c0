"""A process that stands over one program and all its descendants, and ends them.

The supervisor forks one where it has no namespace that would do it: for containers without
namespaces, and for what is executed in a container. The guard adopts orphans where the system
can, reports how the program ended, and kills whatever is left, also when the supervisor dies.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

from kubectl_joblab.practice.node.process import linux, messages
from kubectl_joblab.practice.node.process.messages import ChildExited, ChildStarted

KILL = b"k"  # what the supervisor sends to end everything; any other byte is a signal's number
_SIGNAL_BASE = 128


def run(
    become: Callable[[int], NoReturn], control: int, report: int, *, owns_all: bool
) -> NoReturn:
    """Watch over a new child, and exit when the child has ended.

    become: what the child does, given a pipe for a ChildFailed. control: the pipe on which the
    supervisor sends bytes, and whose end is the supervisor's end. report: the pipe that gets a
    ChildStarted or the child's ChildFailed, and then a ChildExited. owns_all: whether what the
    program leaves behind dies with it.
    """
    guard = _Guard(become, control, report)
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
        status, heard = None, select.poll()
        heard.register(self._control, select.POLLIN)
        heard.register(self._woken, select.POLLIN)
        while status is None:
            ready = [descriptor for descriptor, _ in heard.poll()]
            if self._woken in ready:
                os.read(self._woken, 4096)
            status = self._reaped()
            if self._control in ready and status is None:
                order = os.read(self._control, 1)
                self._obey(order)
                if not order:
                    heard.unregister(self._control)
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else _SIGNAL_BASE - code

    def _obey(self, order: bytes) -> None:
        if order in (b"", KILL):
            self._kill_tree()
        else:
            os.kill(self._child, order[0])

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
        """Kill the program and all its descendants, the program first: it must not see them end."""
        below = _descendants(self._child)
        _kill(self._child)
        for pid in below:
            _kill(pid)

    def kill_descendants(self) -> None:
        """Kill all that the program has left behind.

        Each descendant that dies may leave children of its own to the guard, so the search is
        repeated until there is nothing to wait for.
        """
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child, signal.SIGKILL)
        while True:
            for pid in _descendants(os.getpid()):
                _kill(pid)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _descendants(ancestor: int) -> list[int]:
    """The children of a process, their children and so on."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found, left = [], [ancestor]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def _parents() -> list[tuple[int, int]]:
    """The number of each process of the machine, with that of its parent."""
    if sys.platform != "linux":
        table = subprocess.run(["/bin/ps", "-axo", "pid=,ppid="], capture_output=True, check=False)
        pairs = [line.split() for line in table.stdout.splitlines()]
        return [(int(pid), int(parent)) for pid, parent in pairs]
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
                found.append((int(name), int(fields[1])))
    return found
