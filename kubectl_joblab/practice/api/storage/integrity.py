"""Whether the database still has what was written to it: checksums, and what clients were told.

A disk that changes a bit does not say so. SQLite notices it in what holds its pages together; each
row has a checksum for the rest, and all rows together have one that tells of a row that is missing.
The end of SQLite's write-ahead log can be lost without a trace, because that is how a log looks
that was being written when the power went: so a small file tells how far clients have been
answered. No error says what is in a row, which may be a Secret.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_WORDS = (  # of SQLite, about the file as a whole
    "attempt to write a readonly database",
    "database disk image is malformed",
    "database is locked",
    "disk I/O error",
    "file is not a database",
    "unable to open database file",
)
_FULL = "database or disk is full"


class FormatError(Exception):
    """The file was written by another version of the program, or is no database of ours."""


class DamagedError(FormatError):
    """What is in the file is not what was written."""


def words(error: sqlite3.Error) -> str:
    """What an error of SQLite says, without what it may have found in a row."""
    text = str(error)
    if text == _FULL:
        return os.strerror(errno.ENOSPC).lower()
    return text if text in _WORDS else "SQLite cannot read it"


def of_row(texts: Iterable[bytes], expires: float) -> int:
    """The checksum of a row. texts: its key and its body; no other type has one."""
    return zlib.crc32(b"\0".join((*texts, repr(expires).encode())))


def of_counter(revision: int, rows: int) -> int:
    """The checksum of the counter. rows: the checksums of all rows, in one by exclusive or."""
    return zlib.crc32(f"{revision} {rows}".encode())


def check_structure(connection: sqlite3.Connection, path: Path | str) -> None:
    """Raise DamagedError where the pages of the file do not hold together."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != b"ok":
        where = found.decode("ascii", "replace").splitlines()[-1]
        raise DamagedError(f"{path}: {where}")


class Told:
    """The file of the last revision that clients have been told of, beside the database.

    It is written only when the disk has that revision, so it never promises too much; where it is
    older, or cannot be read, it only promises less.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def read(self) -> int:
        """The revision; 0 where none can be read."""
        number, _, checksum = os.pread(self._file, 64, 0).strip().partition(b" ")
        whole = number.isdigit() and checksum == b"%08x" % zlib.crc32(number)
        return int(number) if whole else 0

    def write(self, revision: int) -> None:
        """Note a revision, in one call of the system: kill -9 leaves the old or the new."""
        number = b"%020d" % revision
        with suppress(OSError):  # of a full disk; what is not noted is only not promised
            os.pwrite(self._file, b"%b %08x\n" % (number, zlib.crc32(number)), 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
