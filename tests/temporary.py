"""Prints the folder for the temporary files of the tests: `make test` gives it to them as TMPDIR.

In memory, where there is room: tests make, sync and delete thousands of files, and on a disk they
wait for each.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 << 30  # bytes that have to be free there; the tests use a small part of them


def folder() -> str:
    """The user's own TMPDIR, else memory if programs can be run from there, else the usual one."""
    if os.environ.get("TMPDIR") or not os.access(MEMORY, os.W_OK):
        return tempfile.gettempdir()
    there = os.statvfs(MEMORY)
    is_fit = there.f_bavail * there.f_frsize >= ROOM and not there.f_flag & os.ST_NOEXEC
    return str(MEMORY) if is_fit else tempfile.gettempdir()


if __name__ == "__main__":
    print(folder())
