"""A child in namespaces of its own, and a program that joins the namespaces of another.

The supervisor and its children call it, on Linux. A container is process 1 of its pid namespace:
a signal that it has no handler for does not reach it, and its end is the end of all it has started.
Its user is the user who runs the cluster, whatever number the container sees.
"""

from __future__ import annotations

import os
import select
from pathlib import Path

from kubectl_joblab.practice.node.process import linux, rootfs
from kubectl_joblab.practice.node.process.messages import ALL_CAPABILITIES, Launch, Root

_SYS_ADMIN = 21  # CAP_SYS_ADMIN of linux/capability.h
_OWN = linux.CLONE_NEWNS | linux.CLONE_NEWUTS  # what a container shares with none
_FLAGS = _OWN | linux.CLONE_NEWUSER | linux.CLONE_NEWPID


def fork() -> int:
    """Fork a child into new user, mount, pid and uts namespaces. OSError where that is refused."""
    return linux.fork_into(_FLAGS)


def enter(launch: Launch, parent: int, user: int, group: int) -> None:
    """In a child in new namespaces: become the container, but for its program.

    parent: the pidfd of the parent; user and group: those that the parent runs as.
    """
    _map(launch.user, user, launch.group, group)
    # 1. The end of the parent ends the child. This stands behind the change of identity, which
    #    would clear it, and the parent may have died before: its pidfd is readable then.
    linux.die_with_parent()
    if select.select([parent], [], [], 0)[0]:
        os._exit(1)
    _settle(launch)


def enter_beside(launch: Launch) -> None:
    """In a child in the user and pid namespace of another container: become a container there."""
    linux.unshare(_OWN)
    _settle(launch)


def _settle(launch: Launch) -> None:
    # 2. The host name and the files.
    linux.sethostname(launch.hostname)
    unmounts = bool(launch.capabilities >> _SYS_ADMIN & 1)
    rootfs.enter(launch.base, launch.root, read_only=launch.read_only, unmounts=unmounts)
    # 3. The rights, which were needed until here.
    restrict(launch)


def restrict(launch: Launch) -> None:
    """Take the rights from this process that the container is not to have."""
    if launch.no_new_privileges:
        linux.forbid_new_privileges()
    if launch.capabilities != ALL_CAPABILITIES:
        linux.keep_capabilities(launch.capabilities)


def _map(inside_user: int, user: int, inside_group: int, group: int) -> None:
    # The encoding is named, for it must be one that is loaded: this user may not be able to read
    # the folder where Python keeps the others.
    Path("/proc/self/setgroups").write_text("deny", "utf-8")
    Path("/proc/self/uid_map").write_text(f"{inside_user} {user} 1", "utf-8")
    Path("/proc/self/gid_map").write_text(f"{inside_group} {group} 1", "utf-8")


class Joined:
    """The namespaces of a running container, which a program enters in two steps.

    A guard takes the first step and its child the second: the guard must go on to see the machine's
    /proc, or it would kill processes by the numbers that they have in the container. OSError where
    the container is gone.
    """

    def __init__(self, pid: int) -> None:
        kinds = {"user": linux.CLONE_NEWUSER, "pid": linux.CLONE_NEWPID}
        rest = {"uts": linux.CLONE_NEWUTS, "mnt": linux.CLONE_NEWNS}
        self._first = _opened(pid, kinds)
        self._second = _opened(pid, rest)

    def begin(self) -> None:
        """Enter the user namespace, which gives the right to the others; the next child is in the
        container's pid namespace."""
        for descriptor, kind in self._first:
            linux.setns(descriptor, kind)

    def finish(self) -> None:
        """Enter the uts and mount namespaces: the container's host name and files."""
        for descriptor, kind in self._second:
            linux.setns(descriptor, kind)

    @property
    def descriptors(self) -> list[int]:
        """The open files of the namespaces, which both steps need."""
        return [descriptor for descriptor, _ in self._first + self._second]

    def close(self) -> None:
        """Close the files of the namespaces."""
        for descriptor in self.descriptors:
            os.close(descriptor)


def _opened(pid: int, kinds: dict[str, int]) -> list[tuple[int, int]]:
    folder = f"/proc/{pid}/ns"
    return [(os.open(f"{folder}/{name}", os.O_RDONLY), kind) for name, kind in kinds.items()]


def probe(base: str) -> str:
    """Try to start a container; "" where it works, else why not. base: an empty folder."""
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
    trial = Launch(
        id="trial",
        argv=(),
        env={},
        folder="/",
        hostname="trial",
        user=0,
        group=0,
        log="",
        base=base,
        root=Root(binds=(("/usr", "/usr", False),)),
        capabilities=0,
        no_new_privileges=True,
        read_only=True,
    )
    try:
        enter(trial, parent, user, group)
    except OSError as error:
        os.write(writing, str(error).encode())
    return 0
