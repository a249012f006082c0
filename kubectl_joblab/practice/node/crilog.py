"""The log of a container in CRI's format: in each line the time, the stream, a tag and the text.

The supervisor writes it while the container prints, the node reads it for `kubectl logs`. The tag
says whether the entry ends a line: a line longer than 16 KiB, and one that has no end, is split
into partial entries. Follows containerd's internal/cri/io/logger.go and k8s.io/cri-client/pkg/logs.
It knows nothing of Pods.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

LONGEST_PART = 16 * 1024
ROTATED_AT = 10 * 1024 * 1024  # containerLogMaxSize
ROTATED = ".old"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NANOSECONDS = 1_000_000_000


def written_time(nanoseconds: int) -> str:
    """A time in nanoseconds since 1970 as Go writes RFC3339Nano, without zeros at the end."""
    seconds, rest = divmod(nanoseconds, _NANOSECONDS)
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    part = f"{rest:09}".rstrip("0")
    return f"{whole}.{part}Z" if part else f"{whole}Z"


class Log:
    """The log file of one attempt.

    A file that is too large is kept beside a new one, until the next.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(self._path, flags, 0o600)
        self._size = os.fstat(self._file).st_size

    def write(self, data: bytes) -> None:
        """Append entries. They have to be whole: the file may be rotated before each call."""
        if self._size >= ROTATED_AT:
            os.close(self._file)
            self._path.replace(f"{self._path}{ROTATED}")
            self._open()
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        self._size += len(data)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class Stream:
    """The output that comes through one pipe, cut into entries."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._rest = b""

    def entries(self, data: bytes, now: int) -> bytes:
        """The entries that this data completes. now: nanoseconds since 1970."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        found = [part for line in lines for part in self._parts(line)]
        while len(self._rest) > LONGEST_PART:
            found.append((b"P", self._rest[:LONGEST_PART]))
            self._rest = self._rest[LONGEST_PART:]
        return self._joined(found, now)

    def end(self, now: int) -> bytes:
        """The entry of a last line that has no end, b"" where there is none."""
        rest, self._rest = self._rest, b""
        return self._joined([(b"P", rest)] if rest else [], now)

    def _parts(self, line: bytes) -> list[tuple[bytes, bytes]]:
        starts = range(0, max(len(line), 1), LONGEST_PART)
        parts = [(b"P", line[start : start + LONGEST_PART]) for start in starts]
        return [*parts[:-1], (b"F", parts[-1][1])]

    def _joined(self, parts: list[tuple[bytes, bytes]], now: int) -> bytes:
        head = written_time(now).encode() + b" " + self._name
        return b"".join(b"%b %b %b\n" % (head, tag, text) for tag, text in parts)


@dataclass(frozen=True)
class Entry:
    """One line of the file. ends: whether it ends a line of the container's output."""

    time: str
    ends: bool
    text: bytes

    @property
    def content(self) -> bytes:
        """What the container printed, with its line break."""
        return self.text + b"\n" if self.ends else self.text


def parse(line: bytes) -> Entry | None:
    """Read a line of the file, given without its end; None where it is no entry."""
    parts = line.split(b" ", 3)
    if len(parts) != 4:
        return None
    time, _, tag, text = parts
    return Entry(time.decode("ascii", "replace"), tag == b"F", text)
