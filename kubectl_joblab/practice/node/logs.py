"""The logs of containers, for `kubectl logs`.

The API's verbs call it once they know that the container has a log. Follows
k8s.io/cri-client/pkg/logs/logs.go. The supervisor does not tell of new lines, so a file that is
followed is read twenty times a second.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.options import PodLogOptions
from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.node import crilog
from kubectl_joblab.practice.node.attempts import RUNTIME
from kubectl_joblab.practice.node.crilog import Entry
from kubectl_joblab.practice.node.folder import Folder

LOOK_SECONDS = 0.05
_CHUNK = 64 * 1024
_BLOCK = 8 * 1024
_NANOSECOND_DIGITS = 9


@dataclass(frozen=True)
class _Options:
    """Which lines are wanted: not before `since`, the last `tail`, with their times or without.

    since: a time of the cluster.
    """

    since: datetime | None
    timestamps: bool
    tail: int | None


class Logs:
    """The logs of all Pods of a node.

    Containers write by wall time, whatever the clock shows; clients see each line as old as it is
    for the cluster. exit_of: given a Pod's uid and a container, the future exit of the container,
    None where it does not run.
    """

    def __init__(
        self,
        pods: Path,
        clock: MovableClock,
        exit_of: Callable[[str, str], asyncio.Future[int] | None],
    ) -> None:
        self._pods = pods
        self._clock = clock
        self._exit_of = exit_of

    async def read(
        self, pod: Object, container: str, options: PodLogOptions
    ) -> AsyncIterator[bytes]:
        """The log of a container, chunk by chunk."""
        previous, since = options.previous, options.since_time
        if since is not None:
            since = clocks.after(since, timedelta(seconds=self._clock.ahead))
        if options.since_seconds is not None:
            since = clocks.after(self._clock.now(), -clocks.span(options.since_seconds))
        entry = _status(pod, container)
        path = Folder(self._pods / objects.uid(pod)).log(container, _number(entry, previous))
        ended = None if previous else self._exit_of(objects.uid(pod), container)
        wanted = _Options(since, options.timestamps, options.tail_lines)
        if not path.exists() or (previous and _is_removed(entry)):
            yield _missing(entry, previous).encode()
            return
        left = options.limit_bytes
        writer = _Writer(wanted, self._clock)
        async for data in _read(path, writer, wanted.tail, ended if options.follow else None):
            piece = data if left is None else data[:left]
            if piece:
                yield piece
            if left is not None:
                left -= len(piece)
                if left <= 0:
                    return


def _status(pod: Object, container: str) -> Object:
    status = objects.status(pod)
    entries = [
        *(status.get("containerStatuses") or ()),
        *(status.get("initContainerStatuses") or ()),
    ]
    found: Object = next((one for one in entries if one["name"] == container), {})
    return found


def _number(entry: Object, previous: bool) -> int:
    """The number of the start whose log is asked for.

    While a container waits for its next start, the last one is both the present and the previous.
    """
    count = int(entry.get("restartCount", 0))
    waits = "waiting" in (entry.get("state") or {})
    return count - 1 if previous and not waits else count


def _is_removed(entry: Object) -> bool:
    """Whether a kubelet would have no log any more of the run before the last.

    It keeps one dead container of each: when a run has ended, what is left of the run before goes,
    its log too. Follows getContainersToDeleteInPod in pkg/kubelet/pod_container_deletor.go. Here
    the file stays until the Pod goes.
    """
    return "terminated" in (entry.get("state") or {})


def _missing(entry: Object, previous: bool) -> str:
    state, last = entry.get("state") or {}, entry.get("lastState") or {}
    ended = (
        last.get("terminated") if previous else state.get("terminated") or last.get("terminated")
    )
    identity = (ended or {}).get("containerID") or entry.get("containerID") or RUNTIME
    return f"unable to retrieve container logs for {identity}"


async def _read(
    path: Path, writer: _Writer, tail: int | None, ended: asyncio.Future[int] | None
) -> AsyncIterator[bytes]:
    """The wanted lines of a log's newest file and, until the container has ended, what follows.

    As a kubelet does, it begins with the newest file however little is in it. A log that is
    followed is read on from file to file, none left out as long as it is kept.
    """
    file: BinaryIO | None = path.open("rb")
    try:
        assert file is not None
        file.seek(_tail(file, tail))
        rest = b""
        while file is not None:
            # asked first: an end, or a new file, may come while this reads
            over = ended is None or ended.done()
            more = ended is not None and _is_other_file(path, file)
            while data := file.read(_CHUNK):
                *lines, rest = (rest + data).split(b"\n")
                if text := b"".join(writer.written(lines)):
                    yield text
            if more:
                with file:
                    file = _following(path, file)
            elif over:
                return
            else:
                assert ended is not None
                await _changed(path, file, ended)
    finally:
        if file is not None:
            file.close()


async def _changed(path: Path, file: BinaryIO, ended: asyncio.Future[int]) -> None:
    """Wait until a log is not as it was read, or its container has ended.

    file: read to its end. Most looks find nothing, so they are callbacks that cost one stat each:
    a task that is woken for each takes four times as long.
    """
    loop = asyncio.get_running_loop()
    changed: asyncio.Future[None] = loop.create_future()
    timer: asyncio.TimerHandle
    read, was = file.tell(), os.fstat(file.fileno())

    def wake(*_: object) -> None:
        if not changed.done():
            changed.set_result(None)

    def look() -> None:
        nonlocal timer
        try:
            now = os.stat(path)
        except OSError:
            wake()
            return
        if now.st_size == read and os.path.samestat(now, was):
            timer = loop.call_later(LOOK_SECONDS, look)
        else:
            wake()

    timer = loop.call_later(LOOK_SECONDS, look)
    ended.add_done_callback(wake)
    try:
        await changed
    finally:
        timer.cancel()
        ended.remove_done_callback(wake)


def _is_other_file(path: Path, file: BinaryIO) -> bool:
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _following(path: Path, file: BinaryIO) -> BinaryIO | None:
    """The file of a log that comes after an open one, or the oldest where that one is deleted.

    None where the whole log is deleted.
    """
    while path.exists():
        earlier = crilog.parts(path)
        places = (at for at, part in enumerate(earlier) if not _is_other_file(part, file))
        after = [*earlier, path][next(places, -1) + 1]
        try:
            found = after.open("rb")
        except FileNotFoundError:
            continue
        if after != path or crilog.parts(path) == earlier:
            return found
        found.close()  # the log has gone on: what was the newest file is an earlier part now
    return None


class _Writer:
    """Turns lines of the file into what is sent."""

    def __init__(self, options: _Options, clock: MovableClock) -> None:
        self._options = options
        self._clock = clock
        self._at_line_start = True

    def written(self, lines: list[bytes]) -> Iterator[bytes]:
        for line in lines:
            entry = crilog.parse(line)
            if entry is None:
                continue
            if not self._is_too_old(entry):
                if self._options.timestamps and self._at_line_start:
                    yield self._shown(entry).encode() + b" "
                yield entry.content
            self._at_line_start = entry.ends

    def _is_too_old(self, entry: Entry) -> bool:
        if self._options.since is None:
            return False
        time = objects.time(entry.time)
        if time is None:
            return False
        return time + timedelta(seconds=self._ahead_at(time)) < self._options.since

    def _shown(self, entry: Entry) -> str:
        """The time of a line as clients see it now."""
        time = objects.time(entry.time) if self._clock.ahead else None
        if time is None:
            return _fixed(entry.time)
        by = timedelta(seconds=self._ahead_at(time) - self._clock.ahead)
        return objects.later(_fixed(entry.time), by)

    def _ahead_at(self, time: datetime) -> int:
        """The seconds by which the cluster was ahead of wall time at one of its moments."""
        return self._clock.ahead_at(time.timestamp()) if self._clock.ahead else 0


def _fixed(time: str) -> str:
    """A time with nine digits of the second, as the kubelet prints it."""
    whole, _, part = time.rstrip("Z").partition(".")
    return f"{whole}.{part.ljust(_NANOSECOND_DIGITS, '0')}Z"


def _tail(file: BinaryIO, lines: int | None) -> int:
    """The offset at which the last so many lines of a file begin (findTailLineStartIndex)."""
    if lines is None:
        return 0
    left = file.seek(0, os.SEEK_END)
    count, block = 0, b""
    while left > 0 and count <= lines:
        size = min(_BLOCK, left)
        left -= size
        file.seek(left)
        block = file.read(size)
        count += block.count(b"\n")
    while count > lines:
        index = block.index(b"\n") + 1
        block, left, count = block[index:], left + index, count - 1
    return left
