"""Files of the user's that are written whole or not at all, and JSON files of ours.

Whoever keeps something on disk calls it: records and hints, the practice cluster's state and keys,
the user's kubeconfig, the file that kubectl completes our words by. It knows nothing of what is in
them.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PRIVATE = 0o600  # only the owner may read


def read(path: Path, longest: int) -> bytes:
    """What is in a regular file of at most so many bytes.

    Raises OSError for anything else: who reads a pipe or a device may wait, or read, for ever.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is a folder, a pipe or a device", str(path))
    with open(descriptor, "rb") as file:
        found = file.read(longest + 1)
    if len(found) > longest:
        raise OSError(errno.EFBIG, f"it has more than {longest >> 10} KiB", str(path))
    return found


def write(path: Path, data: bytes, *, mode: int = PRIVATE, keep_owner: bool = False) -> None:
    """Replace a file, or a link, in one step: who reads it sees all of the old or of the new.

    mode: as umask allows it. keep_owner: whether a file of another user's stays that user's, where
    root writes. An OSError names this path and why; after any failure the file is as it was.
    """
    # beside the file: only within one file system a file takes another's place in one step
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
            if keep_owner:
                _give(fresh, path)
            os.replace(fresh, path)
        except BaseException:  # Ctrl-C too leaves nothing behind
            with suppress(OSError):
                os.unlink(fresh)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _give(fresh: Path, path: Path) -> None:
    """Give a new file to the owner of the file that it is to replace."""
    if os.getuid() == 0 and path.exists():
        before = path.stat()
        os.chown(fresh, before.st_uid, before.st_gid)


def flush(descriptor: int) -> None:
    """Have the disk itself take what was written to an open file. Raises OSError."""
    import fcntl  # which Windows does not have

    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS, whose fsync leaves it in the disk's own memory
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)


def why(error: OSError, place: Path | str) -> str:
    """What the system says, and of what: `no space left on device: FILE`.

    place: where it was, if the error itself does not say.
    """
    return f"{(error.strerror or str(error)).lower()}: {error.filename or place}"


def require_space(folder: Path, size: int) -> None:
    """Raise OSError, which names the folder, where its disk does not take so many bytes more."""
    path = folder / f".space.{os.urandom(4).hex()}"
    try:
        write(path, bytes(size))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
    path.unlink()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock for a file, which lies beside it, so that no other program of ours changes it.

    It waits until it has the lock; a program that ends in whichever way leaves none behind.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path.with_name(f"{path.name}.lock"), "ab") as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # the system frees it at the end
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_json(path: Path, body: object) -> None:
    """Write a JSON file for the user alone, in a folder for the user alone; OSError as `write`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path, json.dumps(body).encode())


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where there is no such file, or something else in it."""
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
