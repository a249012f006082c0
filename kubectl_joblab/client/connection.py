"""A connection to one API server: JSON and streams over a transport, and the server's time.

resources.py's Client sends its requests through it; transport_for chooses the transport. It turns
status codes into ApiError and warning headers into calls, and knows nothing of resources.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timezone
from urllib.parse import quote, urlencode, urlsplit

from kubectl_joblab.client import failures
from kubectl_joblab.client.kubeconfig import Target
from kubectl_joblab.client.transport import Request, Response, Transport
from kubectl_joblab.clock import Clock
from kubectl_joblab.objects import Object

CONNECT_SECONDS = 30.0  # client-go's dialer
LONGEST_BODY = 1 << 26  # bytes; a page of a list has 500 objects of some 10 KiB
LONGEST_LINE = 1 << 24  # bytes; an object has at most 1.5 MiB
_AHEAD = 4  # parts of a body that wait to be used
_GRACE = 0.2  # seconds in which the timeout of a socket, which says more, comes first


class Stop:
    """A way to end streams from any thread: those that are open, and those that are opened later.

    One Stop may be given to any number of streams; once asked it stays asked.
    """

    def __init__(self, clock: Clock) -> None:
        self._asked = clock.event()
        self._open: set[Response] = set()
        self._lock = threading.Lock()

    def asked(self) -> bool:
        """Whether the streams have been asked to end."""
        return self._asked.is_set()

    def ask(self) -> None:
        """End all streams that this Stop was given to, also those whose server sends nothing."""
        with self._lock:
            self._asked.set()
            for response in self._open:
                response.end()

    def wait(self, seconds: float) -> None:
        """Pause for so many seconds, but no longer than until the streams are asked to end."""
        self._asked.wait(seconds)

    @contextmanager
    def over(self, response: Response) -> Iterator[None]:
        """A context in which the response is read, and ended when the streams are asked to end."""
        with self._lock:
            self._open.add(response)
            if self.asked():
                response.end()
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(response)


class Connection:
    """Sends requests to one API server with one user's credentials, from any thread.

    on_warning is called with the text of each Warning header, as kubectl prints it. transport: how
    requests get there; None for the transport that the target needs.
    """

    def __init__(
        self,
        target: Target,
        on_warning: Callable[[str], None],
        clock: Clock,
        transport: Transport | None,
    ) -> None:
        self._target = target
        self._on_warning = on_warning
        self._clock = clock
        self._transport = transport or transport_for(target)
        self._server_clock = _ServerClock(clock)

    @property
    def server(self) -> str:
        """The URL of the API server."""
        return self._transport.server

    @property
    def host(self) -> str:
        """The API server's host and port, as kubectl's messages name the server."""
        return urlsplit(self.server).netloc

    def now(self) -> datetime:
        """The time by the API server's clock; by this machine's until a response has come."""
        return self._server_clock.now()

    def json(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Object:
        """The JSON object in the response to one request.

        path: not yet quoted. body: sent as JSON of this content_type. Raises ApiError for a status
        code from 400 on, UnreachableError where no response comes or it is not a JSON object.
        """
        headers = [("Accept", accept)]
        payload = None
        if body is not None:
            headers.append(("Content-Type", content_type))
            payload = json.dumps(body).encode()
        request = self._request(method, path, query or {}, headers, payload)
        with self._open(request, Stop(self._clock)) as chunks:
            return failures.parsed(_whole(chunks))

    @contextmanager
    def stream(
        self, path: str, query: Mapping[str, str], stop: Stop, body: Object | None = None
    ) -> Iterator[Iterator[str]]:
        """A context with the lines of the response as they arrive, without their line ends.

        body: sent as JSON by a POST, whose response may last as long as it likes. A line that is
        longer than LONGEST_LINE comes in pieces. Asking `stop` ends the iteration, with or without
        UnreachableError. Otherwise it raises as `json` does.
        """
        headers = [("Accept", "application/json, */*")]
        request = self._request("GET", path, query, headers, None)
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            request = self._request("POST", path, query, headers, json.dumps(body).encode())
            request = request._replace(read=None)
        with self._open(request, stop) as chunks:
            yield _lines(chunks)

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: list[tuple[str, str]],
        body: bytes | None,
    ) -> Request:
        limit = self._target.timeout or None
        return Request(
            method,
            quote(path) + (f"?{urlencode(query)}" if query else ""),
            [*headers, *self._target.impersonate],
            body,
            limit or CONNECT_SECONDS,
            # a watch of objects that do not change is silent, and so is the log of a quiet program
            None if "watch" in query or "follow" in query else limit,
        )

    @contextmanager
    def _open(self, request: Request, stop: Stop) -> Iterator[Iterator[bytes]]:
        """A context with the body of the response to a request, in parts as they arrive."""
        if request.read is None:
            with self._send(request, stop) as response:
                yield response.chunks()
        else:
            within = _Within(request.read, self._clock)
            self._clock.start(within.fetch, lambda: self._send(request, stop))
            try:
                yield within.chunks()
            finally:
                within.leave()

    @contextmanager
    def _send(self, request: Request, stop: Stop) -> Iterator[Response]:
        sent = self._clock.time()
        with self._transport.send(request) as response, stop.over(response):
            self._server_clock.read(response.headers("Date"), sent)
            for warning in response.headers("Warning"):
                self._on_warning(failures.warning_text(warning))
            if response.status >= 400:
                body = _whole(response.chunks())
                status = failures.status(response.status, response.reason, body)
                raise failures.api_error(response.status, status)
            if not 200 <= response.status < 300:
                raise failures.redirected(response.status, "".join(response.headers("Location")))
            yield response


class _Within:
    """The body of a response that has to be there within so many seconds, however it trickles in.

    A thread sends the request and reads the response. Whoever waits for it waits no longer than
    that, whatever it is that takes so long, and leaves the thread behind.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds + _GRACE
        self._ready = clock.queue(size=_AHEAD)
        self._left = clock.event()
        self._reading: Response | None = None

    def fetch(self, send: Callable[[], AbstractContextManager[Response]]) -> None:
        """What the thread does."""
        try:
            with send() as response:
                self._reading = response
                for chunk in response.chunks():
                    if self._left.is_set():
                        return
                    self._ready.put(chunk)
                self._reading = None
            self._ready.put(None)
        except Exception as error:
            self._ready.put(error)

    def chunks(self) -> Iterator[bytes]:
        """The parts of the body. Raises what the thread has met, or that it is too late."""
        while True:
            try:
                found = self._ready.get(timeout=max(self._end - self._clock.monotonic(), 0.0))
            except queue.Empty:
                raise failures.too_late() from None
            if found is None:
                return
            if isinstance(found, Exception):
                raise found
            yield found

    def leave(self) -> None:
        """Let the thread end, if it still reads."""
        self._left.set()
        if (reading := self._reading) is not None:
            reading.end()
        with suppress(queue.Empty):  # it may wait for room
            while True:
                self._ready.get(timeout=0.0)


def transport_for(target: Target) -> Transport:
    """The direct transport where settings.py understands the target, else the kubernetes package.

    Raises ConfigError for a kubeconfig that cannot be used.
    """
    from kubectl_joblab.client import settings

    if (plain := settings.of(target)) is not None:
        from kubectl_joblab.client.direct import DirectTransport

        return DirectTransport(plain)
    # imported only here: it takes longer than most requests do
    from kubectl_joblab.client.kubernetes_package import PackageTransport

    return PackageTransport(target)


class _ServerClock:
    """The server's time, as far as the Date headers of its responses tell: whole seconds, cut off.

    Each response bounds how many seconds the server's clock is ahead of this machine's. Where
    being 0 seconds ahead is within all bounds, this machine's clock is taken to be right; where
    it is not, the nearest bound is taken.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = (float("-inf"), float("inf"))

    def read(self, dates: list[str], sent: float) -> None:
        """Take a response's Date headers; sent: when the request left, by this machine's clock."""
        if not dates:
            return
        from email.utils import parsedate_to_datetime

        try:
            stamp = parsedate_to_datetime(dates[0]).timestamp()
        except (TypeError, ValueError):
            return
        low, high = stamp - self._clock.time(), stamp + 1 - sent
        before = self._ahead
        self._ahead = max(low, before[0]), min(high, before[1])
        if self._ahead[0] > self._ahead[1]:  # one of the clocks was set meanwhile
            self._ahead = low, high

    def now(self) -> datetime:
        """The server's time."""
        low, high = self._ahead
        ahead = min(max(0.0, low), high)
        return datetime.fromtimestamp(self._clock.time() + ahead, timezone.utc)


def _whole(chunks: Iterator[bytes]) -> bytes:
    """A whole body. Raises UnreachableError for one that is longer than any server's."""
    parts, size = [], 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > LONGEST_BODY:
            raise failures.malformed(f"it has more than {LONGEST_BODY >> 20} MiB")
    return b"".join(parts)


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    parts: list[bytes] = []  # of the line that has not ended
    size = 0
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        for line in others:
            parts.append(first)
            yield b"".join(parts).decode("utf-8", "replace")
            parts, size, first = [], 0, line
        parts.append(first)
        size += len(first)
        if size > LONGEST_LINE:
            yield b"".join(parts).decode("utf-8", "replace")
            parts, size = [], 0
    if any(parts):
        yield b"".join(parts).decode("utf-8", "replace")
