"""The cgroup that holds the pods of the cluster: made before the kubelet starts, emptied by `down`.

A kubelet kills every pod it does not know below its cgroup root, so two kubelets of one machine
must not share the usual one.
"""

import collections.abc
import contextlib
import os
import pathlib
import signal

MOUNT = pathlib.Path("/sys/fs/cgroup")
# What the kubelet insists on where there is one hierarchy for all (cgroup v2).
_CONTROLLERS = frozenset({"cpu", "cpuset", "hugetlb", "memory", "pids"})


def create(name: str) -> None:
    """Make the cgroup in every hierarchy there is, with the controllers the kubelet needs."""
    available = MOUNT / "cgroup.controllers"
    if available.exists():
        wanted = sorted(_CONTROLLERS.intersection(available.read_text().split()))
        (MOUNT / "cgroup.subtree_control").write_text(" ".join(f"+{each}" for each in wanted))
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir(exist_ok=True)


def kill(name: str) -> None:
    """Kill every process in the cgroup, whether or not containerd still knows of it."""
    for hierarchy in _hierarchies():
        for folder, _, _ in os.walk(hierarchy / name):  # it passes over what goes meanwhile
            for pid in _processes(pathlib.Path(folder)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def remove(name: str) -> None:
    """Remove the cgroup and those below it; one that is still busy stays."""
    for hierarchy in _hierarchies():
        for folder, _, _ in os.walk(hierarchy / name, topdown=False):
            with contextlib.suppress(OSError):
                pathlib.Path(folder).rmdir()


def _processes(cgroup: pathlib.Path) -> list[int]:
    """The processes of one cgroup; none where it has gone, as it does with its last process."""
    try:
        return [int(pid) for pid in (cgroup / "cgroup.procs").read_text().split()]
    except OSError:  # FileNotFoundError, or ENODEV where it went between opening and reading
        return []


def _hierarchies() -> collections.abc.Iterator[pathlib.Path]:
    """The one hierarchy of cgroup v2, or those of v1: a folder a controller."""
    if (MOUNT / "cgroup.controllers").exists():
        yield MOUNT
    else:
        yield from (folder for folder in MOUNT.iterdir() if (folder / "cgroup.procs").exists())
