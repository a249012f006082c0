"""Limits that keep the server healthy whatever clients do: sizes, times, host names.

The HTTP handlers and the listener use it. A client that is too slow is cut off; one that does not
speak HTTP gets a Status and the end of the connection.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiohttp import web

from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import answers

LOG = logging.getLogger("joblab.http")

BODY_BYTES = 3 * 1024 * 1024  # MaxRequestBodyBytes in k8s.io/apiserver/pkg/server/config.go
HEADER_BYTES = 64 * 1024  # of the request line, and of each header
HEADERS = 128
IDLE_SECONDS = 90.0  # until the next request, or the whole of the first, has come
REQUEST_SECONDS = 60.0  # for a body to come, or an answer to be taken
STALLED_SECONDS = 30.0  # for a watch or a log to take what it is sent

_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


def is_own(host: str) -> bool:
    """Whether a Host header names this machine's loopback.

    A name which someone else's DNS points to this machine is not one, so that no web page can reach
    the API under a name of its own.
    """
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name:
        name, port = host, ""
    return name.lower() in _OWN_NAMES and (not port or port.isdigit())


@contextmanager
def patience(request: web.BaseRequest, seconds: float) -> Iterator[None]:
    """Break the connection off where what is done within takes longer than so many seconds."""
    transport = request.transport
    if transport is None:
        yield  # the connection is gone, and writing raises that
        return
    connected = transport.get_extra_info("socket")
    timer = asyncio.get_running_loop().call_later(seconds, cut, connected)
    try:
        yield
    finally:
        timer.cancel()


def cut(connected: Any) -> None:
    """End a connection at once, by the socket of its transport.

    The transport itself is no way to do it: closing TLS waits for the client to close too
    (close_notify), and some older Pythons then forget how to abort the transport, and its socket.
    """
    with suppress(OSError):  # the connection has ended already
        connected.shutdown(socket.SHUT_RDWR)


async def body(request: web.BaseRequest) -> bytes:
    """The body of a request; 413 where it is too large, 504 where it does not come in time."""
    try:
        return await asyncio.wait_for(_limited(request), REQUEST_SECONDS)
    except asyncio.TimeoutError as exc:
        message = "Timeout: request did not complete within the allotted timeout"
        raise StatusError(504, "Timeout", message, {}) from exc
    except web.RequestPayloadError as exc:
        raise StatusError(400, "BadRequest", "the body of the request is broken") from exc


async def _limited(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > BODY_BYTES:
        raise _too_large()
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > BODY_BYTES:
            raise _too_large()
    return b"".join(chunks)


def _too_large() -> StatusError:
    message = f"Request entity too large: limit is {BODY_BYTES}"
    return StatusError(413, "RequestEntityTooLarge", message)


class Connection(web.RequestHandler):
    """The connection of a client; it answers what is no HTTP request with a Status.

    user: whom its certificate names, once somebody has asked. known: set once it has shown a token
    that holds.
    """

    user: User | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.known = asyncio.Event()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 -- it may show what is not the client's
    ) -> web.StreamResponse:
        """The answer to a request that could not be read, or whose handler failed."""
        if status >= 500 and not isinstance(
            exc, ConnectionError
        ):  # a client that has gone is no mistake
            LOG.error("%s %s", request.method, request.path, exc_info=exc)
        error = answers.internal() if status >= 500 else answers.unreadable(status)
        answer = answers.of_status(error, pretty=False)
        headers = {**answers.HEADERS, "Content-Type": answer.content_type}
        response = web.Response(status=answer.code, body=answer.body, headers=headers)
        response.force_close()
        return response


class Server(web.Server):
    """Makes a Connection for each client that connects, and knows those that are open."""

    def __init__(self, handler: Any) -> None:
        super().__init__(handler, handler_cancellation=True)
        self._open: dict[web.RequestHandler, Any] = {}  # each with its socket
        self._changed = asyncio.Event()

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Count a connection in, for aiohttp, whose name this is."""
        super().connection_made(handler, transport)
        self._open[handler] = transport.get_extra_info("socket")

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        """Count a connection out, for aiohttp, whose name this is."""
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)
        self._changed.set()

    async def end(self, seconds: float) -> None:
        """Let answers out for so many seconds, cut every connection, and wait until all ended."""
        await self.shutdown(seconds)
        for connected in self._open.values():
            cut(connected)  # not every client closes TLS when the server does
        while self._open:
            self._changed.clear()
            await self._changed.wait()

    def __call__(self) -> Connection:
        """The connection of a new client; aiohttp asks for it."""
        return Connection(
            self,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=IDLE_SECONDS,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            max_headers=HEADERS,
            lingering_time=1.0,
            auto_decompress=False,
            access_log=logging.getLogger("joblab.access"),
        )
