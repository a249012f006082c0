"""A client's transport that leads to the handler of the practice API, without a connection.

A request is made as aiohttp makes one of what it reads, and what the handler sends is kept for the
thread that asked. So everything runs that stands between the client and the store, except TLS and
HTTP/1.1 itself: credentials, options, negotiation, bodies, answers, watches and logs. Where a
client turns away from an answer, its handler is cancelled, as the server does when a connection
ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from aiohttp import HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from kubectl_joblab.client.transport import Request
from kubectl_joblab.clock import Clock
from kubectl_joblab.errors import UnreachableError
from kubectl_joblab.practice import user
from tests.inprocess.turns import Turn, Turns

SERVER = "https://127.0.0.1:6443"
REFUSED = (
    "The connection to the server 127.0.0.1:6443 was refused"
    " - did you specify the right host or port?"
)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Sent(NamedTuple):
    """A request that was sent. query: the options of its query string, decoded."""

    method: str
    path: str
    query: dict[str, str]


class Transport:
    """The Transport of client/transport.py, to a handler. requests: what was sent, in order."""

    server = SERVER

    def __init__(self, turns: Turns, clock: Clock, handler: Handler) -> None:
        self._turns = turns
        self._clock = clock
        self._handler = handler
        self.requests: list[Sent] = []
        self._open: list[Answer] = []
        self._is_cut = False

    def cut(self, *, off: bool = True) -> None:
        """End all connections and let no request through, or let requests through again."""
        self._is_cut = off
        for answer in self._open if off else ():
            answer.end()

    @contextmanager
    def send(self, request: Request) -> Iterator[Answer]:
        """The answer to a request, for the time in which it is read.

        Raises what the handler raises; UnreachableError where `Answer.end` or `cut` is called.
        """
        path, _, query = request.path.partition("?")
        self.requests.append(Sent(request.method, path, dict(parse_qsl(query))))
        if self._is_cut:
            raise UnreachableError(REFUSED, transient=True)
        answer = Answer(self._turns, self._clock)
        self._open.append(answer)
        self._turns.call(lambda: answer.begin(self._handler, request))
        try:
            answer.await_head()
            yield answer
        finally:
            self._open.remove(answer)
            self._turns.call(answer.leave)


class Answer(AbstractStreamWriter):
    """The Response of client/transport.py: the handler writes it in the loop, a thread reads it."""

    def __init__(self, turns: Turns, clock: Clock) -> None:
        self.status = 0
        self.reason = ""
        self._turns = turns
        self._clock = clock
        self._headers: CIMultiDict[str] = CIMultiDict()
        self._chunks: deque[bytes] = deque()
        self._is_whole = self._is_ended = False
        self._reading: list[Turn] = []

    # ---- the loop's side

    def begin(self, handler: Handler, request: Request) -> None:
        """Start the handler, with this as what it writes to."""
        self._task = asyncio.ensure_future(self._handle(handler, request))

    async def _handle(self, handler: Handler, request: Request) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await handler(_request(request, self, task))
        finally:
            self._turns.wake(self._reading)

    def leave(self) -> None:
        """Cancel the handler, unless it has ended."""
        self._task.cancel()

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        _, code, self.reason = status_line.split(" ", 2)
        self.status = int(code)
        self._headers = CIMultiDict(headers)
        self._headers["Date"] = formatdate(self._clock.time(), usegmt=True)
        self._turns.wake(self._reading)

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        self._chunks.append(bytes(chunk))
        self._turns.wake(self._reading)

    async def write_eof(self, chunk: bytes = b"") -> None:
        self._chunks.append(chunk)
        self._is_whole = True
        self._turns.wake(self._reading)

    async def drain(self) -> None:
        pass

    def enable_compression(self, *_: object, **__: object) -> None:
        raise AssertionError("the practice API does not compress")

    def enable_chunking(self) -> None:
        pass

    # ---- the client's side

    def await_head(self) -> None:
        """Wait until the status and the headers have come."""
        while not self.status:
            self._await_more()

    def headers(self, name: str) -> list[str]:
        """All values of the header of this name."""
        return self._headers.getall(name, [])

    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """The parts of the body, as they come."""
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            if self._is_whole:
                return
            self._await_more()

    def _await_more(self) -> None:
        if self._task.done():
            self._task.result()  # raises where the handler has
            raise AssertionError("the handler has sent no end")
        if not self._is_ended:
            self._turns.wait(self._reading)
        if self._is_ended:
            raise UnreachableError("the reading was ended", transient=True)

    def end(self) -> None:
        """Have the thread that reads the body stop; another thread calls it."""
        self._is_ended = True
        self._turns.wake(self._reading)


class _Connection:
    """The connection of a request, as far as aiohttp and the handler look at it."""

    ssl_context = peername = sockname = user = None
    _reading_paused = False

    def __init__(self) -> None:
        self.transport = self

    def get_extra_info(self, name: str) -> object:
        """A client certificate, as if the client had shown one; None for anything else."""
        subject = (("organizationName", user.GROUP),), (("commonName", user.NAME),)
        return {"subject": subject} if name == "peercert" else None

    def resume_reading(self, **_: object) -> None:
        """Do nothing: the whole request is here already."""


def _request(request: Request, answer: Answer, task: asyncio.Task[Any]) -> web.BaseRequest:
    """The request as aiohttp makes it of what it reads from a connection."""
    headers = CIMultiDict(request.headers)
    headers["Host"] = SERVER.partition("://")[2]
    if request.body is not None:
        headers["Content-Length"] = str(len(request.body))
    message = RawRequestMessage(
        request.method,
        request.path,
        HttpVersion11,
        CIMultiDictProxy(headers),
        (),
        should_close=False,
        compression=None,
        upgrade=False,
        chunked=False,
        url=URL(request.path, encoded=True),
    )
    connection: Any = _Connection()
    body = StreamReader(connection, 2**22, loop=task.get_loop())
    if request.body:
        body.feed_data(request.body)
    body.feed_eof()
    return web.BaseRequest(message, body, connection, answer, task, task.get_loop())
