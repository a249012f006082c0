"""Files of a volume, changed all at once: a folder with the time in its name, and a link to it.

Volumes made of ConfigMaps, Secrets and the Pod itself are written so. Follows
pkg/volume/util/atomic_writer.go. It does not know what the files say.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

_DATA = "..data"

# path of a file in the volume -> its content and mode
Payload = Mapping[str, tuple[bytes, int]]


def write(folder: Path, payload: Payload, now: datetime) -> None:
    """Have a volume hold these files and no others, and leave it alone where it does."""
    current = folder / _DATA
    if current.is_symlink() and _read(current.resolve()) == dict(payload):
        return
    # as os.MkdirTemp of Go names it
    fresh = folder / f"{now:..%Y_%m_%d_%H_%M_%S}.{secrets.randbits(32)}"
    fresh.mkdir()
    fresh.chmod(0o755)
    for name, (content, mode) in payload.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
    old = current.resolve() if current.is_symlink() else None
    _point(current, fresh.name)
    _link_names(folder, payload)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _read(folder: Path) -> dict[str, tuple[bytes, int]]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            mode = path.stat().st_mode & 0o7777
            found[str(path.relative_to(folder))] = (_content(path, mode), mode)
    return found


def _content(path: Path, mode: int) -> bytes:
    if not mode & 0o400:  # the mode that was asked for forbids even its owner to read the file
        path.chmod(0o600)
    try:
        return path.read_bytes()
    finally:
        if not mode & 0o400:
            path.chmod(mode)


def _point(link: Path, target: str) -> None:
    """Have a link lead to this target, in one step where it leads elsewhere."""
    fresh = link.with_name(f"{link.name}_tmp")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _link_names(folder: Path, payload: Payload) -> None:
    """Make the links that a user sees, which lead to files in ..data, and remove old ones."""
    names = {name.partition("/")[0] for name in payload}
    for entry in os.scandir(folder):
        if entry.is_symlink() and not entry.name.startswith("..") and entry.name not in names:
            os.unlink(entry.path)
    for name in names:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"{_DATA}/{name}")
