"""The file system of a container, made of folders of the machine.

Runs in the child that becomes the container, in its own mount namespace, before the program. What
goes where was decided by the node: folders, links, and what to bind. Everything else of the machine
is gone at the end.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from kubectl_joblab.practice.node.process import linux

DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
_LINKS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}
_STASH = ".under"
_LINKS_FOLLOWED = 40


def enter(base: str, root: dict[str, Any], *, read_only: bool) -> None:
    """Make the root on the empty folder `base`, and go there."""
    linux.mount("", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", base, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755")
    for path, mode in root["folders"]:
        os.makedirs(base + path, exist_ok=True)
        os.chmod(base + path, mode)
    for path, target in root["links"]:
        os.symlink(target, base + path)
    _mount_proc(base)
    _mount_dev(base)
    for source, target, writable in root["binds"]:
        _bind(base, source, target, writable=writable)
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
    os.mkdir(f"{dev}/shm")
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    linux.mount("shm", f"{dev}/shm", "tmpfs", flags, "mode=1777,size=65536k")


def _bind(base: str, source: str, target: str, *, writable: bool) -> None:
    place = _place(base, target)
    if not os.path.lexists(place):
        _make_place(base, place, folder=os.path.isdir(source))
    linux.bind(source, place)
    if not writable:
        linux.make_read_only(place, below=True)


def _place(base: str, path: str) -> str:
    """Where a path of the container is now: links lead to places below base, not in the machine."""
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
    """Something to mount on, also where the folder above cannot be written."""
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
    """Put a folder that can be written in the place of one that cannot, with the same things."""
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
