"""Control groups of version 2, which hold containers to their limits where the system lets us.

The supervisor asks once whether a group is delegated to its user (`delegated`), has a group made
for each container with a limit, and asks in the end whether the kernel has killed for want of
memory. Follows what the kubelet writes (pkg/kubelet/kuberuntime/kuberuntime_container_linux.go):
memory.max, memory.oom.group, so that a container dies as a whole, no swap, and cpu.max. It knows
nothing of containers.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

PREFIX = "kubectl-joblab."
CPU_PERIOD = 100_000  # microseconds, cpu.cfs_period_us of a kubelet
SHORTEST_QUOTA = 1_000  # microseconds, minQuotaPeriod
_CONTROLLER = "memory"


class Groups:
    """The groups of one supervisor. folder: the group that they are in."""

    def __init__(self, folder: Path, controllers: frozenset[str]) -> None:
        self._folder = folder
        self._controllers = controllers

    def make(self, name: str, memory: int, cpu: int) -> int:
        """Make a group; the descriptor by which a process enters it, by writing 0 there.

        memory: the limit in bytes, 0 for none. cpu: the limit in thousandths of a CPU, 0 for none.
        OSError where there can be no such group.
        """
        group = self._folder / name
        group.mkdir()
        try:
            if memory:
                _write(group / "memory.max", str(memory))
                _write(group / "memory.oom.group", "1")
                with contextlib.suppress(OSError):  # there is no such file where swap is off
                    _write(group / "memory.swap.max", "0")
            if cpu and "cpu" in self._controllers:
                quota = max(SHORTEST_QUOTA, cpu * CPU_PERIOD // 1000)
                _write(group / "cpu.max", f"{quota} {CPU_PERIOD}")
            return os.open(group / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)
        except OSError:
            group.rmdir()
            raise

    def entrance(self, name: str) -> int:
        """The descriptor by which one more process enters a group. OSError where it is gone."""
        return os.open(self._folder / name / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)

    def remove(self, name: str) -> bool:
        """Remove a group whose processes have ended; whether the kernel killed for its memory."""
        group = self._folder / name
        events = _read(group / "memory.events")
        with contextlib.suppress(OSError):  # a process is still on its way out: `close` comes again
            group.rmdir()
        found = re.search(r"^oom_kill (\d+)", events, re.MULTILINE)
        return found is not None and int(found[1]) > 0

    def close(self) -> None:
        """Remove what is left: the supervisor ends, and every process in its groups has ended."""
        _remove(self._folder)


def delegated(root: Path = Path("/")) -> Groups | None:
    """Groups in which containers can be held to a limit of memory; None where this user has none.

    A group may have controllers for the groups in it only as long as it has no process itself, and
    the one that we are in has this process. So they are made in the closest group above that gives
    its own groups the controller of memory already and in which this user may make another: as a
    rule that of the user's session manager. root: the folder that stands for /, for tests.
    """
    where = _own(root)
    mount = _mount(root)
    if where is None or mount is None:
        return None
    group = mount / where
    while group != mount.parent:
        if _CONTROLLER in _read(group / "cgroup.subtree_control").split():
            with contextlib.suppress(OSError):
                return _tried(group)
        group = group.parent
    return None


def _tried(above: Path) -> Groups:
    """Groups below this one, after a trial: a process is moved there and back by nobody else."""
    for left in above.glob(f"{PREFIX}*"):
        _remove(left)
    folder = above / f"{PREFIX}{os.getpid()}"
    folder.mkdir()
    try:
        usable = _read(folder / "cgroup.controllers").split()
        wanted = [name for name in (_CONTROLLER, "cpu") if name in usable]
        _write(folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in wanted))
        groups = Groups(folder, frozenset(wanted))
        trial = groups.make("trial", 1 << 30, 0)
        try:
            _enter_for_a_moment(trial)
        finally:
            os.close(trial)
        groups.remove("trial")
    except OSError:
        _remove(folder)
        raise
    return groups


def _enter_for_a_moment(entrance: int) -> None:
    """Have a process enter a group, and end there. OSError where it may not."""
    child = os.fork()
    if child == 0:
        try:
            enter(entrance)
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise PermissionError("a process cannot be moved to the group")


def enter(entrance: int) -> None:
    """Enter the group that this descriptor belongs to."""
    os.write(entrance, b"0")


def _remove(folder: Path) -> None:
    """Remove a group and those in it, as far as they are empty."""
    with contextlib.suppress(OSError):
        for group in folder.iterdir():
            if group.is_dir():
                group.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _own(root: Path) -> str | None:
    """The path of the group that this process is in, relative to where groups are mounted."""
    found = re.search(r"^0::/(.*)$", _read(root / "proc/self/cgroup"), re.MULTILINE)
    return found[1] if found else None


def _mount(root: Path) -> Path | None:
    """Where groups of version 2 are mounted."""
    mounts = _read(root / "proc/self/mountinfo")
    found = re.search(r"^\S+ \S+ \S+ / (\S+) .* - cgroup2 ", mounts, re.MULTILINE)
    return root / found[1].lstrip("/") if found else None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
