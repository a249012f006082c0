"""System calls of Linux that Python has no function for.

The supervisor and its children use them to put a container into namespaces. The module knows system
calls and their numbers, not what they are for here; where a machine has other numbers, `supported`
is false and containers run without namespaces. Every function raises OSError where the system
refuses.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
# linux/mount.h
MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2
# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_READ = 23
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
# mount_setattr(2), whose number is the same on all machines
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1
# machine -> the numbers of clone and pivot_root
_NUMBERS = {"x86_64": (56, 155), "aarch64": (220, 41), "riscv64": (220, 41)}

supported = sys.platform == "linux" and platform.machine() in _NUMBERS

_libc = ctypes.CDLL(None, use_errno=True)
# PyDLL keeps the interpreter's lock during a call: a child that begins inside clone must have it.
_locked_libc = ctypes.PyDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def fork_into(flags: int) -> int:
    """Fork a child into new namespaces, where with CLONE_NEWPID it is process 1.

    Returns as os.fork does. os.fork() cannot give the child namespaces, and after unshare() only
    the child of a child would be in the new pid namespace. The calling process must have one
    thread: nothing that Python does around a fork is done.
    """
    number = _NUMBERS[platform.machine()][0]
    child = _locked_libc.syscall(number, flags | signal.SIGCHLD, None, None, None, None)
    return _checked(child, "clone")


def setns(descriptor: int, kind: int) -> None:
    """Enter the namespace that this open file stands for; a pid namespace, with the next child."""
    _checked(_libc.setns(descriptor, kind), "setns")


def unshare(flags: int) -> None:
    """Put this process into new namespaces."""
    _checked(_libc.unshare(flags), "unshare")


def sethostname(name: str) -> None:
    """Set the host name in the uts namespace of this process."""
    _checked(_libc.sethostname(name.encode(), len(name.encode())), "sethostname")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount as mount(2) does. kind: the type of the file system; data: its options."""
    arguments = [os.fsencode(text) or None for text in (source, target, kind)]
    result = _libc.mount(*arguments, ctypes.c_ulong(flags), data.encode() or None)
    _checked(result, f"mount {source or kind} on {target}")


def bind(source: str, target: str) -> None:
    """Show what is at source, and what is mounted below source, at target too."""
    mount(source, target, flags=MS_BIND | MS_REC)


def unmount(target: str) -> None:
    """Take a mount away for all who open files from now on; who has one open keeps it."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def make_read_only(target: str, *, below: bool) -> None:
    """Forbid to write through the mount at target; below: also through the mounts below it."""
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY, 0, 0, 0)
    result = _libc.syscall(
        _SYS_MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        _AT_RECURSIVE if below else 0,
        attributes,
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    if result < 0:  # Linux before 5.12 has no mount_setattr
        _remount_read_only(target)


def _remount_read_only(target: str) -> None:
    kept = os.statvfs(target).f_flag & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
    mount("", target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY | kept)


def pivot_root(folder: str) -> None:
    """Make a mounted folder the root, and let go of the old one."""
    number = _NUMBERS[platform.machine()][1]
    os.chdir(folder)
    _checked(_libc.syscall(number, b".", b"."), f"pivot_root {folder}")
    unmount(".")
    os.chdir("/")


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Have the system send this process the signal when its parent dies.

    A change of the process's user or capabilities clears it.
    """
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Make this process the parent of those of its descendants whose parent dies."""
    _checked(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def forbid_new_privileges() -> None:
    """Keep all programs that this process starts from gaining rights, by set-user-ID say."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def keep_capabilities(kept: int) -> None:
    """Let programs that this process starts have these capabilities at most.

    kept: a bit for each capability, by the numbers of linux/capability.h.
    """
    capability = 0
    while _libc.prctl(_PR_CAPBSET_READ, capability, 0, 0, 0) >= 0:
        if not kept >> capability & 1:
            _checked(_libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl")
        capability += 1
