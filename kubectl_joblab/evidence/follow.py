"""Follows a Job until it is finished, or gone: watches it, its Pods and events, reads their logs.

`start`, `watch`, `check --wait`, `logs -f` and `lab test` call it. Each watch and each log is read
by a thread of its own; all that the threads read goes through one queue into the recorder
(recorder.py), so that the rest of the program is single-threaded.
"""

from __future__ import annotations

import functools
import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.connection import Stop
from kubectl_joblab.client.resources import WatchEvent
from kubectl_joblab.errors import ApiError, JoblabError, UnreachableError, WaitTimeoutError
from kubectl_joblab.evidence import gather, schedules
from kubectl_joblab.evidence.causes import waiting
from kubectl_joblab.evidence.recorder import Change, Recorder
from kubectl_joblab.evidence.snapshot import PodRecord

# seconds without news, after which the recorder is told the time: that alone changes ages, and
# makes a Pod's silence worth a line
TICK = 1.0
ASK_AGAIN = 10.0  # seconds between two questions for the events of a Pod that is slow to start
# seconds that the Pods of a finished Job may take to come to rest, and those of a deleted one to go
SETTLE = 10.0
READERS = 32  # logs read at the same time; those of further Pods are read at the end
READ_RETRIES = 20  # times to read a log whose connection breaks; the waits between them grow


_Key = tuple[str, str, int]  # of an attempt: its Pod's uid, its container, its number from 1 on


@dataclass(frozen=True)
class _Log:
    """The log of an attempt, as a thread has read it.

    lines: with their timestamps; None where the log could not be read. cut: whether the log has
    more lines than these.
    """

    key: _Key
    lines: tuple[str, ...] | None
    cut: bool


@dataclass(frozen=True)
class _Line:
    """A log line that was just written.

    pod: the Pod's name. place: how many lines the log has before it. text: begins with a timestamp.
    """

    pod: str
    key: _Key
    place: int
    text: str


class Follow:
    """Feeds a recorder with what the cluster shows of its Job.

    on_lost: called once each time the connection breaks. on_line: called with Pod, container and
    text of each log line as it is written; the text begins with its timestamp. tail: how many lines
    to read of a log that is there already; None for all. goes_on: asked when the Job is finished
    and its logs are read, and after each change from then on: whether its deletion, or what its
    CronJob does, is waited for. schedule: whether the CronJob that the Job is of is followed, too.
    """

    def __init__(
        self,
        client: resources.Client,
        recorder: Recorder,
        on_lost: Callable[[], None],
        on_line: Callable[[str, str, str], None] = lambda *_: None,
        tail: int | None = None,
        goes_on: Callable[[], bool] = lambda: False,
        schedule: bool = False,
    ) -> None:
        self.client = client
        self._clock = client.clock
        self.recorder = recorder
        self._on_lost = on_lost
        self._on_line = on_line
        self._tail = tail
        self._goes_on = goes_on
        self._schedule = schedules.maker(recorder.job) if schedule else ""
        self._stop = Stop(self._clock)
        self._listed: set[str] = set()
        self._looked = self._asked = float("-inf")
        self._last_stamp: dict[tuple[str, str], str] = {}
        self.lost = False  # whether the connection is broken at present
        self._queue = self._clock.queue()
        self._taken: list[tuple[str, Any]] = []  # out of the queue, for the next look at it
        self._readers = 0
        self._read: set[_Key] = set()
        self._read_again: set[_Key] = set()
        self._first_lines: dict[_Key, str] = {}
        self._written: dict[_Key, list[str]] = {}  # the lines by now, of logs that are being read

    @property
    def has_begun(self) -> bool:
        """Whether the Pods and events are known that were there before the Job was followed."""
        return self._listed >= {"pod", "event"}

    def run(self, timeout: float | None = None) -> Iterator[list[Change]]:
        """The changes that are worth a line, as they come; an empty list where a second has none.

        Ends when the Job is finished, its Pods are at rest and their logs read, but no later than
        SETTLE seconds after the Job's end; or when the Job is deleted. Where it is to go on past
        the end, it ends when that is so no longer, when the timeout is over, or when the Job and
        its Pods are gone, but no later than SETTLE seconds after the Job. Raises WaitTimeoutError
        where the Job is not finished after `timeout` seconds, and the JoblabError that a watch
        cannot go on from. However the iteration ends, all watches and readers of logs end with it.
        """
        try:
            yield from self._run(timeout)
        finally:
            self._stop.ask()

    def _run(self, timeout: float | None) -> Iterator[list[Change]]:
        deadline = None if timeout is None else self._clock.monotonic() + timeout
        self._watch_all()
        finished: float | None = None
        while True:
            yield self._next(deadline)
            self._ask_why_slow()
            now = self._clock.monotonic()
            if self.recorder.deleted:
                break
            if self.recorder.finished:
                finished = finished or now
                late = now - finished > SETTLE
                if late or (self.recorder.settled and not self._readers):
                    self._read_rest()
                    break
            elif deadline is not None and now >= deadline:
                name = self.recorder.name
                raise WaitTimeoutError(f"error: timed out waiting for the condition on jobs/{name}")
        if self.recorder.finished:
            yield from self._until_gone(deadline)

    def _until_gone(self, deadline: float | None) -> Iterator[list[Change]]:
        """The changes of a finished Job, as long as its deletion is worth waiting for."""
        gone: float | None = None
        while self._goes_on():
            now = self._clock.monotonic()
            if self.recorder.deleted:
                gone = gone or now
            if gone is not None and (self.recorder.is_empty or now - gone > SETTLE):
                return
            if deadline is not None and now >= deadline:
                return
            yield self._next(deadline)

    # ---- watches

    def _watch_all(self) -> None:
        job, namespace = self.recorder.job, self.recorder.namespace
        watch = functools.partial(self.client.watch, stop=self._stop)
        name, uid = objects.name(job), objects.uid(job)
        sources = {
            "job": watch(resources.JOBS, namespace, fields=f"metadata.name={name}", known=job),
            "pod": watch(
                resources.PODS,
                namespace,
                labels=gather.selector(job),
                on_listed=lambda: self._queue.put(("listed", "pod")),
            ),
            "event": watch(
                resources.EVENTS,
                namespace,
                fields=f"involvedObject.kind=Job,involvedObject.uid={uid}",
                on_listed=lambda: self._queue.put(("listed", "event")),
            ),
        }
        if self._schedule:
            fields = f"metadata.name={self._schedule}"
            sources["cronJob"] = watch(resources.CRON_JOBS, namespace, fields=fields)
            sources["scheduled"] = watch(resources.JOBS, namespace)
        self._queue.put(("job", WatchEvent("ADDED", job)))
        for kind, events in sources.items():
            self._clock.start(self._pump, kind, events)

    def _pump(self, kind: str, events: Iterator[WatchEvent]) -> None:
        try:
            for event in events:
                self._queue.put((kind, event))
        except Exception as error:
            self._queue.put(("error", error))  # raised again where it can be told

    def _next(self, deadline: float | None) -> list[Change]:
        wait = TICK if deadline is None else min(TICK, max(deadline - self._clock.monotonic(), 0.0))
        try:
            kind, item = self._taken.pop() if self._taken else self._queue.get(timeout=wait)
        except queue.Empty:
            return self.recorder.tick(self.client.now())
        if isinstance(item, WatchEvent):
            return self._on_watch(kind, item)
        if kind == "listed":
            self._listed.add(item)
        elif isinstance(item, _Line):
            self._on_lines([item, *self._further_lines()])
        elif isinstance(item, _Log):
            self._on_log(item)
        elif isinstance(item, JoblabError):
            raise item
        elif isinstance(item, Exception):
            raise RuntimeError("a watch ended in a way it should not") from item
        return []

    def _tell_line(self, line: _Line) -> None:
        """Give a line to on_line, unless on_line has had it.

        Two threads can read the same log; a line that is older than the container's newest was told
        before.
        """
        container = line.key[1]
        of, stamp = (line.pod, container), line.text.partition(" ")[0]
        if stamp >= self._last_stamp.get(of, ""):
            self._last_stamp[of] = stamp
            self._on_line(line.pod, container, line.text)

    def _on_watch(self, kind: str, event: WatchEvent) -> list[Change]:
        if event.kind == "LOST":
            if not self.lost:
                self._on_lost()
            self.lost = True
            return []
        self.lost = False
        if kind == "job":
            return self.recorder.on_job(event.kind, event.object, self.client.now())
        if kind == "event":
            self.recorder.on_event(event.kind, event.object, self.client.now())
            return []
        if kind in ("cronJob", "scheduled"):
            self.recorder.on_schedule(event.object)
            return []
        changes = self.recorder.on_pod(event.kind, event.object, self.client.now())
        if event.kind != "DELETED":
            self._read_logs(objects.uid(event.object))
        return changes

    def _ask_why_slow(self) -> None:
        """Read the events of a Pod whose containers are long in the making.

        Only they tell of a volume that cannot be mounted. The Job's own events are watched, and
        those of all its Pods would be many.
        """
        moment = self._clock.monotonic()
        if moment - self._looked < TICK or moment - self._asked < ASK_AGAIN:
            return
        self._looked = moment
        if slow := waiting.slow(self.recorder.view(self.client.now())):
            self._asked = moment
            self._clock.start(self._read_events, objects.uid(slow.pod))

    def _read_events(self, uid: str) -> None:
        with suppress(ApiError, UnreachableError):  # without them, less is explained
            for event in gather.events(self.client, self.recorder.namespace, [uid]):
                self._queue.put(("event", WatchEvent("ADDED", event)))

    # ---- logs

    def _read_logs(self, uid: str) -> None:
        """Start to read the logs of a Pod's attempts that no thread reads yet. uid: the Pod's."""
        record = next((r for r in self.recorder.pods if objects.uid(r.pod) == uid), None)
        for attempt in record.attempts if record else ():
            key = (uid, attempt.container, attempt.number)
            if record and attempt.log is None and key not in self._read and self._readers < READERS:
                self._read_log(key, record.name, previous=not record.is_latest(attempt))

    def _read_log(self, key: _Key, pod: str, *, previous: bool) -> None:
        self._read.add(key)
        self._readers += 1
        self._clock.start(self._reader, key, pod, previous)

    def _reader(self, key: _Key, pod: str, previous: bool) -> None:
        lines: list[str] | None = None
        cut, wait = False, resources.RETRY_FIRST
        for _ in range(READ_RETRIES):
            if self._stop.asked():
                break
            try:
                lines, cut = self._read_lines(key, pod, previous)
                break
            except ApiError as error:
                # an API server that starts serves before its authorizer knows the rules
                starting = error.code in (401, 403) and self.lost
                if not starting and error.code != 429 and error.code < 500:
                    break  # the Pod or its log is gone; checks that need the log say UNKNOWN
            except UnreachableError:
                pass
            self._stop.wait(wait)
            wait = min(wait * 2, resources.RETRY_LAST)
        kept = None if lines is None or gather.is_lost(lines) else tuple(lines)
        self._queue.put(("log", _Log(key, kept, cut)))

    def _read_lines(self, key: _Key, pod: str, previous: bool) -> tuple[list[str], bool]:
        lines: list[str] = []
        read = 0
        stream = self.client.logs(
            pod,
            self.recorder.namespace,
            key[1],
            follow=not previous,
            previous=previous,
            tail=self._tail,
            timestamps=True,
            stop=self._stop,
        )
        for line in stream:
            self._queue.put(("line", _Line(pod, key, len(lines), line)))
            lines.append(line)
            read += gather.size(line)
            if read > gather.LOG_BYTES:
                return lines, True
        return lines, self._tail is not None and len(lines) >= self._tail

    def _further_lines(self) -> Iterator[_Line]:
        """The lines that wait behind another; with all of them at once, a judge keeps up."""
        for _ in range(self._queue.qsize()):
            kind, item = self._queue.get()
            if not isinstance(item, _Line):
                self._taken.append((kind, item))
                return
            yield item

    def _on_lines(self, lines: Sequence[_Line]) -> None:
        """Tell of lines that were just written, and keep them until their log is read whole."""
        for line in lines:
            self._tell_line(line)
            written = self._written.setdefault(line.key, [])
            if line.place == len(written):  # else it is read again, by a new connection
                written.append(line.text)
        for key in dict.fromkeys(line.key for line in lines):
            written = self._written[key]
            if not gather.is_lost(written) and not self._is_mistaken(key, written[0]):
                self.recorder.add_lines(key[0], key[1:], tuple(map(_text, written)))

    def _on_log(self, log: _Log) -> None:
        """Keep a log that was read to its end."""
        self._readers -= 1
        self._written.pop(log.key, None)
        if log.lines is None or (log.lines and self._is_mistaken(log.key, log.lines[0])):
            return
        self.recorder.add_log(log.key[0], log.key[1:], tuple(map(_text, log.lines)), log.cut)

    def _is_mistaken(self, key: _Key, first: str) -> bool:
        """Whether the log that begins with this line is a later attempt's than the one it is for.

        The API names no attempt: it gives the log of the current or of the previous one, and the
        container can be restarted between the watch event and the answer. Logs whose first lines
        are equal are one and the same, as their timestamps count nanoseconds: it is that of the
        last attempt for which it was read. For the others the right one is read.
        """
        self._first_lines[key] = first
        same = sorted(
            one
            for one, line in self._first_lines.items()
            if one[:2] == key[:2] and self.recorder.is_same_line(line, first)
        )
        for wrong in same[:-1]:
            self._forget(wrong)
        return key != same[-1]

    def _forget(self, key: _Key) -> None:
        """Take back a log that is a later attempt's, and read the right one, as previous, once."""
        uid = key[0]
        self.recorder.add_log(uid, key[1:], None, False)
        if key in self._written:
            return  # it is forgotten again when it is read to its end
        del self._first_lines[key]
        record = next(r for r in self.recorder.pods if objects.uid(r.pod) == uid)
        if not record.gone and key not in self._read_again:
            self._read_again.add(key)
            self._read_log(key, record.name, previous=True)

    def _read_rest(self) -> None:
        """Read what is still there of the logs that no reader has got."""
        for record in self.recorder.pods:
            if not record.gone:
                with suppress(UnreachableError):  # without a log, checks say UNKNOWN
                    self._read_rest_of(record)

    def _read_rest_of(self, record: PodRecord) -> None:
        for attempt in gather.with_logs(self.client, record).attempts:
            if attempt.log is not None:
                uid = objects.uid(record.pod)
                self.recorder.add_log(uid, attempt.key, attempt.log, attempt.log_cut)


def _text(line: str) -> str:
    """A log line without its timestamp."""
    return line.partition(" ")[2]
