"""What a hostPath volume shows: a folder or file of the node, which is an empty machine of its own.

All paths are below one folder, where the node keeps them; no file of whoever runs the cluster is
among them, whatever links containers have made there, or make meanwhile. Follows
pkg/volume/hostpath/host_path.go; a path of no type that is missing is made, as by a container
runtime.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node.container.sources import MissingError
from kubectl_joblab.practice.node.volumes.inside import TooManyLinksError, Way

FOLDERS = ("etc", "home", "mnt", "opt", "root", "run", "srv", "tmp", "usr", "var/lib", "var/log")
_OPEN_TO_ALL = ("tmp",)
_CHECKS: dict[str, tuple[Callable[[int], bool], str]] = {
    "Directory": (stat.S_ISDIR, "directory"),
    "File": (stat.S_ISREG, "file"),
    "Socket": (stat.S_ISSOCK, "socket file"),
    "CharDevice": (stat.S_ISCHR, "character device"),
    "BlockDevice": (stat.S_ISBLK, "block device"),
}


def prepare(root: Path) -> None:
    """Make the folders that every machine has, where nothing else has been put in their place."""
    root.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        with Way(root, is_root=True) as way:
            try:
                way.go(name)
                way.make_folders(0o1777 if name in _OPEN_TO_ALL else 0o755)
            except (OSError, TooManyLinksError):
                continue


def path_of(root: Path, host: Object) -> Path:
    """Where a hostPath volume is on this machine. MissingError where it is not of its type."""
    prepare(root)
    named, kind = host["path"], host.get("type") or ""
    with Way(root, is_root=True) as way:
        try:
            way.go(named)
            if kind in ("", "DirectoryOrCreate"):
                way.make_folders(0o755)
            elif kind == "FileOrCreate" and not way.mode:
                way.make_file(0o644)
        except TooManyLinksError:
            raise MissingError(f"hostPath type check failed: {named} has too many links") from None
        except OSError as error:
            raise MissingError(f"hostPath type check failed: {named}: {error.strerror}") from None
        check, called = _CHECKS.get(kind.removesuffix("OrCreate"), (bool, "path"))
        if not check(way.mode):
            raise MissingError(_mismatch(named, way.mode, called))
        return way.path


def _mismatch(named: str, mode: int, expected: str) -> str:
    """What is said of a path that is of another type (typeMatchedOrError)."""
    found = next((kind for kind, (check, _) in _CHECKS.items() if check(mode)), "")
    if found:
        return f"hostPath type check failed: {named} is not a {expected}, it's a {found}"
    return (
        f"hostPath type check failed, {named} is not a {expected}, unable to determine its type: "
        f'path "{named}" does not exist'
    )
