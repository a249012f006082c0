"""What a hostPath volume shows: a folder or file of the node, which is an empty machine of its own.

All paths are below one folder, where the node keeps them; no file of whoever runs the cluster is
among them, whatever links containers have made there. Follows pkg/volume/hostpath/host_path.go; a
path of no type that is missing is made, as by a container runtime.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.container.sources import MissingError

FOLDERS = ("etc", "home", "mnt", "opt", "root", "run", "srv", "tmp", "usr", "var/lib", "var/log")
_MOST_LINKS = 40  # as many as Linux follows
_OPEN_TO_ALL = ("tmp",)
_CHECKS: dict[str, tuple[Callable[[Path], bool], str]] = {
    "Directory": (Path.is_dir, "directory"),
    "File": (Path.is_file, "file"),
    "Socket": (Path.is_socket, "socket file"),
    "CharDevice": (Path.is_char_device, "character device"),
    "BlockDevice": (Path.is_block_device, "block device"),
}


def prepare(root: Path) -> None:
    """Make the folders that every machine has."""
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in _OPEN_TO_ALL:
        (root / name).chmod(0o1777)


def path_of(root: Path, host: Object) -> Path:
    """Where a hostPath volume is on this machine. MissingError where it is not of its type."""
    prepare(root)
    path, kind = inside(root, host["path"]), host.get("type") or ""
    if kind in ("", "DirectoryOrCreate") and not path.exists():
        path.mkdir(0o755, parents=True)
    elif kind == "FileOrCreate" and not path.exists():
        path.touch(0o644)
    check, called = _CHECKS.get(kind.removesuffix("OrCreate"), (Path.exists, "path"))
    if not check(path):
        raise MissingError(_mismatch(host["path"], path, called))
    return path


def _mismatch(named: str, path: Path, expected: str) -> str:
    """What is said of a path that is of another type (typeMatchedOrError)."""
    found = next((kind for kind, (check, _) in _CHECKS.items() if check(path)), "")
    if found:
        return f"hostPath type check failed: {named} is not a {expected}, it's a {found}"
    return (
        f"hostPath type check failed, {named} is not a {expected}, unable to determine its type: "
        f'path "{named}" does not exist'
    )


def inside(root: Path, path: str) -> Path:
    """A path as it is below a folder that is taken for the root, links included.

    MissingError where links lead in a circle.
    """
    left = list(reversed(PurePosixPath(path).parts))
    found, links = root, 0
    while left:
        part = left.pop()
        if part in ("/", "."):
            found = root if part == "/" else found
        elif part == "..":
            found = root if found == root else found.parent
        elif (found / part).is_symlink():
            links += 1
            if links > _MOST_LINKS:
                raise MissingError(f"hostPath type check failed: {path} has too many links")
            left += reversed(PurePosixPath(os.readlink(found / part)).parts)
        else:
            found /= part
    return found
