"""A child in namespaces of its own, and a program that joins the namespaces of another.

The supervisor and its children call it, on Linux. A container is process 1 of its pid namespace:
a signal that it has no handler for does not reach it, and its end is the end of all it has started.
Its user is the user who runs the cluster, whatever number it sees.
"""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Any

from kubectl_joblab.practice.node.process import linux, rootfs

ALL_CAPABILITIES = (1 << 64) - 1
_FLAGS = linux.CLONE_NEWUSER | linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWUTS


def fork() -> int:
    """fork() into new namespaces."""
    return linux.fork_into(_FLAGS)


def enter(container: dict[str, Any], parent: int, user: int, group: int) -> None:
    """Become the container, but for its program. Called in the child.

    parent: a descriptor of the parent's process; user and group: what the parent is.
    """
    _map(container["user"], user, container["group"], group)
    # 1. After the changes of identity, which clear it, and then see that it came in time.
    linux.die_with_parent()
    if select.select([parent], [], [], 0)[0]:
        os._exit(1)
    # 2. The place.
    linux.sethostname(container["hostname"])
    rootfs.enter(container["base"], container["root"], read_only=container["readOnly"])
    # 3. What it may do.
    restrict(container)


def restrict(container: dict[str, Any]) -> None:
    """Take away the rights that the container does not have."""
    if container["noNewPrivileges"]:
        linux.forbid_new_privileges()
    if container["capabilities"] != ALL_CAPABILITIES:
        linux.keep_capabilities(container["capabilities"])


def _map(inside_user: int, user: int, inside_group: int, group: int) -> None:
    # an encoding that is loaded: another user may not read where Python keeps the others
    Path("/proc/self/setgroups").write_text("deny", "utf-8")
    Path("/proc/self/uid_map").write_text(f"{inside_user} {user} 1", "utf-8")
    Path("/proc/self/gid_map").write_text(f"{inside_group} {group} 1", "utf-8")


class Joined:
    """The namespaces of a container, entered in two steps.

    A guard takes the first one and its child the second: the guard must go on to see the machine's
    /proc, or it would kill by the container's numbers.
    """

    def __init__(self, pid: int) -> None:
        kinds = {"user": linux.CLONE_NEWUSER, "pid": linux.CLONE_NEWPID}
        rest = {"uts": linux.CLONE_NEWUTS, "mnt": linux.CLONE_NEWNS}
        self._first = _opened(pid, kinds)
        self._second = _opened(pid, rest)

    def begin(self) -> None:
        """The user namespace, which gives the right to the others, and that of the next child."""
        for descriptor, kind in self._first:
            linux.setns(descriptor, kind)

    def finish(self) -> None:
        """The name and the file system."""
        for descriptor, kind in self._second:
            linux.setns(descriptor, kind)

    @property
    def descriptors(self) -> list[int]:
        """What has to stay open until then."""
        return [descriptor for descriptor, _ in self._first + self._second]

    def close(self) -> None:
        """Let go of them."""
        for descriptor in self.descriptors:
            os.close(descriptor)


def _opened(pid: int, kinds: dict[str, int]) -> list[tuple[int, int]]:
    folder = f"/proc/{pid}/ns"
    return [(os.open(f"{folder}/{name}", os.O_RDONLY), kind) for name, kind in kinds.items()]


def probe(base: str) -> str:
    """Try it; "" where it works, else what does not. base: an empty folder."""
    if not linux.supported:
        return "this system has no namespaces"
    reading, writing = os.pipe()
    try:
        parent, user, group = os.pidfd_open(os.getpid()), os.geteuid(), os.getegid()
        child = fork()
        if child == 0:
            os._exit(_trial(base, parent, user, group, writing))
        os.close(parent)
    except OSError as error:
        os.close(writing)
        os.close(reading)
        return str(error)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def _trial(base: str, parent: int, user: int, group: int, writing: int) -> int:
    root: dict[str, Any] = {"folders": [], "links": [], "binds": [["/usr", "/usr", False]]}
    trial = {"user": 0, "group": 0, "hostname": "trial", "base": base, "readOnly": True}
    rights = {"noNewPrivileges": True, "capabilities": 0}
    try:
        enter(trial | rights | {"root": root}, parent, user, group)
    except OSError as error:
        os.write(writing, str(error).encode())
    return 0
