"""The log of a container in CRI's format: in each line the time, the stream, a tag and the text.

The supervisor writes it while the container prints, the node reads it for `kubectl logs`. The tag
says whether the entry ends a line: a line longer than 16 KiB, and one that has no end, is split
into partial entries. Follows containerd's internal/cri/io/logger.go, k8s.io/cri-client/pkg/logs
and, where a log begins anew, pkg/kubelet/logs/container_log_manager.go. It knows nothing of Pods.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

LONGEST_PART = 16 * 1024
ROTATED_AT = 10 * 1024 * 1024  # bytes; containerLogMaxSize
ROTATED_EACH = 10 * 10**9  # nanoseconds; containerLogMonitorInterval
KEPT = 5  # files; containerLogMaxFiles
# bytes at which no time is waited for: a kubelet lets a log grow for its ten seconds, without end
LARGEST = 10 * ROTATED_AT
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NANOSECONDS = 1_000_000_000


def written_time(nanoseconds: int) -> str:
    """A time in nanoseconds since 1970 as Go writes RFC3339Nano, without zeros at the end."""
    seconds, rest = divmod(nanoseconds, _NANOSECONDS)
    whole = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    part = f"{rest:09}".rstrip("0")
    return f"{whole}.{part}Z" if part else f"{whole}Z"


class Log:
    """The log file of one attempt, and the earlier parts of the log, which are kept beside it.

    As with a kubelet, a file that is too large makes way for a new one only every ten seconds: what
    a short program prints is in one file, and that is what `kubectl logs` reads. now: nanoseconds
    since 1970.
    """

    def __init__(self, path: Path, now: int) -> None:
        self._path = path
        self._file = _opened(path)
        self._size = os.fstat(self._file).st_size
        self._looked = now

    def write(self, data: bytes, now: int) -> None:
        """Append entries. They have to be whole: another file may begin with them.

        Raises OSError where the disk takes not all of them; then it has none.
        """
        if not data:
            return
        if self._is_full(now):
            self._begin_anew(data)
            return
        try:
            _write(self._file, data)
        except OSError:
            with suppress(OSError):  # it may be no file, such as /dev/full
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def _is_full(self, now: int) -> bool:
        if self._size >= LARGEST:
            return True
        if now - self._looked < ROTATED_EACH:
            return False
        self._looked = now
        return self._size >= ROTATED_AT

    def _begin_anew(self, data: bytes) -> None:
        """Put a file that has these entries in the place of the present one, and keep that.

        There is a file at any moment, and it is never empty.
        """
        fresh = self._path.with_name(f"{self._path.name}.new")
        fresh.unlink(missing_ok=True)
        file = _opened(fresh)
        try:
            _write(file, data)
            earlier = parts(self._path)
            os.link(self._path, f"{self._path}.{_number(earlier[-1]) + 1 if earlier else 1}")
            fresh.replace(self._path)
        except OSError:
            os.close(file)
            fresh.unlink(missing_ok=True)
            raise
        os.close(self._file)
        self._file, self._size = file, len(data)
        for path in parts(self._path)[: -(KEPT - 1)]:
            path.unlink()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _write(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def parts(path: Path) -> list[Path]:
    """The earlier parts of the log at a path, oldest first; the file at the path is the newest."""
    found = path.parent.glob(f"{path.name}.*")
    return sorted((one for one in found if one.suffix[1:].isdigit()), key=_number)


def _number(part: Path) -> int:
    return int(part.suffix[1:])


class Stream:
    """The output that comes through one pipe, cut into entries."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._rest = b""

    def entries(self, data: bytes, now: int) -> bytes:
        """The entries that this data completes. now: nanoseconds since 1970."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        # as a runtime has it, which so takes out what a terminal puts before each line break
        found = [part for line in lines for part in self._parts(line.removesuffix(b"\r"))]
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
