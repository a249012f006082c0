"""The descendants of a process, and how to end them all, even where they fork without end.

The guard calls it. Whoever kills what a look at the process table has shown comes too late for what
was forked meanwhile, and a storm of forks is made of nothing else. So all are stopped first: what
is stopped cannot fork, and when two looks show the same processes and none of them runs, those are
all. It knows nothing of containers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from typing import NamedTuple

# Stopped, traced, dead, and waiting for a device: what waits so is stopped before it forks again.
_STILL = "TtZXD"


class Descendant(NamedTuple):
    """A row of the process table. state: a letter, as ps prints it. group: its process group."""

    pid: int
    state: str
    group: int


def stop(ancestor: int, until: float) -> list[Descendant]:
    """Stop the descendants of a process, and return them.

    until: the moment of time.monotonic after which those are returned that were seen, stopped or
    not.
    """
    before: list[int] | None = None
    while True:
        found, awake = [], False
        for process in walk(ancestor):
            found.append(process)
            if process.state not in _STILL:
                awake = True
                send([process], signal.SIGSTOP)  # now: after the walk it may have a successor
        numbers = sorted(process.pid for process in found)
        if (not awake and numbers == before) or time.monotonic() > until:
            return found
        before = numbers


def send(processes: Collection[Descendant], number: int) -> None:
    """Send processes a signal, and whoever else is in their process groups.

    A signal to a group reaches also what its members fork at this moment.
    """
    for group in {process.group for process in processes} - {0, 1, os.getpgrp()}:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, number)


def walk(ancestor: int) -> Iterator[Descendant]:
    """The descendants of a process, each before its own, as they are when they are asked for."""
    table = None if _tells_children() else _table()
    left = [ancestor]
    while left:
        pid = left.pop()
        below = _children(pid) if table is None else table.get(pid, [])
        yield from below
        left += [process.pid for process in below]


# ---- Linux


def _tells_children() -> bool:
    """Whether the system tells the children of a process, without a look at all processes."""
    return os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def _children(pid: int) -> list[Descendant]:
    with contextlib.suppress(OSError):  # the process has gone meanwhile
        threads = os.listdir(f"/proc/{pid}/task")
        lists = [_read(f"/proc/{pid}/task/{thread}/children").split() for thread in threads]
        rows = [_row(int(child)) for children in lists for child in children]
        return [row for row, _ in filter(None, rows)]
    return []


def _row(pid: int) -> tuple[Descendant, int] | None:
    """A process and the number of its parent; None where it has gone."""
    stat = _read(f"/proc/{pid}/stat")
    if not stat:
        return None
    state, parent, group = stat.rpartition(b")")[2].split()[:3]
    return Descendant(pid, state.decode(), int(group)), int(parent)


def _read(path: str) -> bytes:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read()
    return b""


# ---- everywhere


def _table() -> dict[int, list[Descendant]]:
    """All processes of the machine, by the number of their parent."""
    children: dict[int, list[Descendant]] = {}
    for process, parent in _all_of_proc() if sys.platform == "linux" else _all_of_ps():
        children.setdefault(parent, []).append(process)
    return children


def _all_of_proc() -> Iterator[tuple[Descendant, int]]:
    yield from filter(None, (_row(int(name)) for name in os.listdir("/proc") if name.isdigit()))


def _all_of_ps() -> Iterator[tuple[Descendant, int]]:
    command = ["/bin/ps", "-axo", "pid=,ppid=,pgid=,state="]
    try:
        done = subprocess.run(  # noqa: S603 -- no input of a user
            command, capture_output=True, text=True, check=False
        )
    except OSError:  # there is no room for one more process
        return
    for line in done.stdout.splitlines():
        pid, parent, group, state = line.split()
        yield Descendant(int(pid), state[0], int(group)), int(parent)
