"""A process that stands over one program and all its descendants, and ends them.

The supervisor forks one where it has no namespace that would do it: for containers without
namespaces, and for what is executed in a container. The guard adopts orphans where the system
can, reports how the program ended, and kills whatever is left, also when the supervisor dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from kubectl_joblab.practice.node.process import linux

KILL = b"k"  # sent to the guard: end everything. Any other byte is the number of a signal.
_SIGNAL_BASE = 128


def run(
    become: Callable[[int], NoReturn], control: int, report: int, *, owns_all: bool
) -> NoReturn:
    """Watch over a new child. become: what the child does, with a descriptor for its complaints.

    control: bytes from the supervisor; its end is the supervisor's end. report: one line of JSON
    with the pid, or what the child has complained, and one with the exit code. owns_all: whether
    what the program leaves behind dies with it.
    """
    guard = _Guard(become, control, report)
    code = guard.watch()
    if owns_all:
        guard.kill_descendants()
    guard.tell({"exit": code})
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
            self.failed = pipe.read()
        if self.failed:
            os.write(report, self.failed)
        else:
            self.tell({"pid": self._child})

    def tell(self, what: dict[str, Any]) -> None:
        """Report."""
        with contextlib.suppress(OSError):
            os.write(self._report, json.dumps(what).encode() + b"\n")

    def watch(self) -> int:
        """Until the program has ended; its exit code, as a shell tells it."""
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
        """The status of the program, if it has ended; orphans are let go."""
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
        """The program, which must not see the others end, and what is below it now."""
        below = _descendants(self._child)
        _kill(self._child)
        for pid in below:
            _kill(pid)

    def kill_descendants(self) -> None:
        """Those that are left; each that dies may leave its own children to the guard."""
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
    """Everything below a process."""
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
    """Every process with its parent."""
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
