"""The file system of a container, made of folders of the machine.

The child that becomes a container calls it in its own mount namespace, before the program. The node
has decided what goes where: folders, links, and what to bind. At the end the container sees nothing
else of the machine.
"""

from __future__ import annotations

import os
from pathlib import Path

from kubectl_joblab.practice.node.process import linux
from kubectl_joblab.practice.node.process.messages import Root

DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
_LINKS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}
_STASH = ".under"
_LINKS_FOLLOWED = 40


class HiddenError(Exception):
    """What is to be bound would show what is hidden from containers."""


def enter(base: str, root: Root, *, read_only: bool, unmounts: bool) -> None:
    """Build the root on the empty folder `base`, and make it this process's root.

    read_only: whether the root itself may not be written; what is bound into it is not concerned.
    unmounts: whether the container will have the right to unmount what hides a folder. HiddenError
    where a bind would show such a folder.
    """
    linux.mount("", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", base, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    for path, mode in root.folders:
        os.makedirs(base + path, exist_ok=True)
        os.chmod(base + path, mode)
    for path, target in root.links:
        os.symlink(target, base + path)
    _mount_proc(base)
    _mount_dev(base)
    for source, target, writable in root.binds:
        place = _place(base, target)
        real = _bind(base, source, place, writable=writable, root=root)
        for path in root.hidden:
            if _is_within(path, real):
                if unmounts:
                    raise HiddenError(f"{source} holds files of the practice cluster itself")
                _hide(place + path[len(real.rstrip("/")) :])
    linux.pivot_root(base)
    if read_only:
        linux.make_read_only("/", below=False)


def _mount_proc(base: str) -> None:
    os.makedirs(base + "/proc", exist_ok=True)
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    linux.mount("proc", base + "/proc", "proc", flags)


def _mount_dev(base: str) -> None:
    dev = base + "/dev"
    os.makedirs(dev, exist_ok=True)
    linux.mount("tmpfs", dev, "tmpfs", linux.MS_NOSUID, "mode=755,size=65536k")
    for name in DEVICES:
        if os.path.exists(f"/dev/{name}"):
            _make_file(f"{dev}/{name}")
            linux.bind(f"/dev/{name}", f"{dev}/{name}")
    for name, number in _LINKS.items():
        os.symlink(f"/proc/self/fd{number}", f"{dev}/{name}")
    os.mkdir(f"{dev}/pts")
    flags = linux.MS_NOSUID | linux.MS_NOEXEC
    linux.mount("devpts", f"{dev}/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=0620")
    os.symlink("pts/ptmx", f"{dev}/ptmx")
    os.mkdir(f"{dev}/shm")
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    linux.mount("shm", f"{dev}/shm", "tmpfs", flags, "mode=1777,size=65536k")


def _bind(base: str, source: str, place: str, *, writable: bool, root: Root) -> str:
    """Show at `place` what is at `source`; the path where that really is.

    It is opened once, then looked at and bound: a link in a volume cannot be changed in between.
    """
    if not os.path.lexists(place):
        _make_place(base, place, folder=os.path.isdir(source))
    descriptor = os.open(source, os.O_PATH)
    try:
        opened = f"/proc/self/fd/{descriptor}"
        real = os.readlink(opened)
        allowed = any(_is_within(real, path) for path in root.shown)
        if not allowed and any(_is_within(real, path) for path in root.hidden):
            raise HiddenError(f"{source} is a file of the practice cluster itself")
        # a container may have put a link there since the node looked
        if any(_is_within(source, path) and not _is_within(real, path) for path in root.shown):
            raise HiddenError(f"{source} has become a link that leads out of its volume")
        linux.bind(opened, place)
    finally:
        os.close(descriptor)
    if not writable:
        linux.make_read_only(place, below=True)
    return real


def _is_within(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _hide(folder: str) -> None:
    """Have nothing in a folder; where another mount has covered it, nothing is there to hide."""
    if os.path.isdir(folder):
        linux.mount("tmpfs", folder, "tmpfs", linux.MS_NOSUID | linux.MS_RDONLY, "mode=000")


def _place(base: str, path: str) -> str:
    """Where a path of the container is while its root lies on `base`.

    Links on the way lead to places below base, as they will in the container, not in the machine.
    """
    found, left = base, [part for part in path.split("/") if part][::-1]
    for _ in range(_LINKS_FOLLOWED):
        while left:
            part = left.pop()
            if part == "..":
                found = base if found == base else os.path.dirname(found)
                continue
            found = f"{found}/{part}"
            if os.path.islink(found):
                break
        else:
            return found
        target = os.readlink(found)
        found = base if target.startswith("/") else os.path.dirname(found)
        left += [part for part in target.split("/") if part not in ("", ".")][::-1]
    raise OSError(f"too many links: {path}")


def _make_place(base: str, place: str, *, folder: bool) -> None:
    """Make a file or folder to mount on, also where the folder above cannot be written."""
    existing = os.path.dirname(place)
    while not os.path.lexists(existing):
        existing = os.path.dirname(existing)
    if not os.access(existing, os.W_OK):
        _replace(base, existing)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if folder:
        os.mkdir(place)
    else:
        _make_file(place)


def _replace(base: str, folder: str) -> None:
    """Put a writable folder in the place of one that is not, and bind the same entries into it."""
    stash = f"{base}/{_STASH}"
    os.mkdir(stash)
    linux.bind(folder, stash)
    linux.mount("tmpfs", folder, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    with os.scandir(stash) as entries:
        for entry in entries:
            there = f"{folder}/{entry.name}"
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), there)
            elif entry.is_dir():
                os.mkdir(there)
                linux.bind(entry.path, there)
            else:
                _make_file(there)
                linux.bind(entry.path, there)
    linux.unmount(stash)
    os.rmdir(stash)


def _make_file(path: str) -> None:
    Path(path).touch(mode=0o666)
