"""How much memory containers use, looked up from time to time where no cgroup holds them.

The supervisor asks while containers with a limit run, and kills those that are over. What counts is
what the processes have for themselves, as in a cgroup that reclaims everything else: not the pages
of programs and libraries, and what several of them share, once. It knows nothing of containers.
"""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

from kubectl_joblab.practice.node.process import descendants

_LINUX = sys.platform == "linux"
# Between two looks. A look takes some 60 microseconds a process on Linux; elsewhere it starts ps.
PERIOD_SECONDS = 0.1 if _LINUX else 1.0
# What a process may have had more than the limit when it has ended between two looks: its peak is
# known, but counts the pages of its program and libraries, and of the supervisor that forked it.
PEAK_ALLOWANCE = 32 << 20
_PAGE = resource.getpagesize()


class Watch:
    """Looks after the limits of the containers that run. limits: in bytes, by name."""

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}
        self._next = 0.0

    def add(self, name: str, limit: int) -> None:
        """Begin to look after a container."""
        self._limits[name] = limit

    def seconds(self) -> float | None:
        """The seconds until the next look; None where there is nothing to look after."""
        return max(0.0, self._next - time.monotonic()) if self._limits else None

    def due(self) -> list[tuple[str, int]]:
        """The containers to be looked at now, with their limits; none while it is too early."""
        if not self._limits or time.monotonic() < self._next:
            return []
        self._next = time.monotonic() + PERIOD_SECONDS
        return list(self._limits.items())

    def remove(self, name: str, peak: int) -> bool:
        """Look no more after a container, which has ended.

        Returns whether one of its processes had so much that it was over the limit in a moment
        when nobody looked. peak: the most bytes that one of them had.
        """
        limit = self._limits.pop(name, None)
        return limit is not None and peak > limit + PEAK_ALLOWANCE


def peak(usage: resource.struct_rusage) -> int:
    """The most bytes that a process, or one that it waited for, has had in memory."""
    return usage.ru_maxrss * (1024 if _LINUX else 1)


def exceeds(roots: Iterable[tuple[int, bool]], limit: int) -> bool:
    """Whether processes use more memory than a limit, in bytes.

    roots: processes whose descendants count, and whether they count themselves.
    """
    if not _LINUX:
        return _of_ps(roots) > limit
    found = list(_processes(roots))
    return sum(map(_private, found)) > limit and sum(map(_proportional, found)) > limit


def _processes(roots: Iterable[tuple[int, bool]]) -> Iterator[int]:
    for pid, counts in roots:
        if counts:
            yield pid
        yield from (process.pid for process in descendants.walk(pid))


def _private(pid: int) -> int:
    """The bytes of a process that are no file's; too many where it shares them with its parent."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/{pid}/statm", "rb") as file:
        _, resident, shared = map(int, file.read().split()[:3])
        return (resident - shared) * _PAGE
    return 0


def _proportional(pid: int) -> int:
    """The bytes of a process that are no file's, its part of what it shares; slower to tell."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            rows = dict(line.split(b":", 1) for line in file if line.startswith(b"Pss_"))
        return sum(int(rows[key].split()[0]) * 1024 for key in (b"Pss_Anon", b"Pss_Shmem"))
    except (OSError, KeyError):  # it has gone, is another user's, or the kernel is an old one
        return _private(pid)


def _of_ps(roots: Iterable[tuple[int, bool]]) -> int:
    """The resident bytes of processes, as ps tells them."""
    pids = ",".join(str(pid) for pid in _processes(roots))
    command = ["/bin/ps", "-o", "rss=", "-p", pids or "0"]
    with contextlib.suppress(OSError):
        done = subprocess.run(  # noqa: S603 -- no input of a user
            command, capture_output=True, text=True, check=False
        )
        return sum(int(line) * 1024 for line in done.stdout.split())
    return 0
