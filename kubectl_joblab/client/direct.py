"""The direct transport: requests over http.client, from a pool of connections that threads share.

connection.py chooses it for targets whose settings are plain data (settings.py); all others are
left to kubernetes_package.py. A response that was read to its end leaves its connection to the
next request.
"""

from __future__ import annotations

import http.client
import select
import socket
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from kubectl_joblab.client import failures
from kubectl_joblab.client.dial import Dialer
from kubectl_joblab.client.settings import Settings
from kubectl_joblab.client.transport import Request

PART = 1 << 16  # bytes read at once


class DirectTransport:
    """Sends requests to the server of these settings; makes a connection where none is idle.

    Raises ConfigError where the certificates of the settings cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._authorization = settings.authorization()
        self._dialer = Dialer(settings)
        self._host = urlsplit(settings.server).netloc  # as messages name it
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close, self._idle)

    @property
    def server(self) -> str:
        """The server's URL, below which the paths of requests are."""
        return self._settings.server

    @contextmanager
    def send(self, request: Request) -> Iterator[_Response]:
        """A context that sends the request and holds the response open while it is read."""
        connection, response = self._begin(request)
        try:
            yield response
        finally:
            if response.is_read and connection.sock is not None:
                with self._lock:
                    self._idle.append(connection)
            else:
                response.close()
                connection.close()

    def _begin(self, request: Request) -> tuple[http.client.HTTPConnection, _Response]:
        if (connection := self._take()) is None:
            with _told(self._host, dialling=True):
                connection = self._dialer.dial(request.connect)
        with _told(self._host):
            return connection, self._exchange(connection, request)

    def _take(self) -> http.client.HTTPConnection | None:
        """An idle connection that the server has not closed meanwhile; None where there is none."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None or not _has_news(connection.sock):
                return connection
            connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> _Response:
        sock = connection.sock
        try:
            sock.settimeout(request.read)
            connection.putrequest(request.method, self._dialer.prefix + request.path)
            for name, value in [*self._headers(), *request.headers]:
                connection.putheader(name, value.encode())  # UTF-8, as Go sends it
            if request.body is not None:
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            return _Response(connection.getresponse(), sock, self._host)
        except BaseException:
            connection.close()
            raise

    def _headers(self) -> list[tuple[str, str]]:
        headers = list(self._dialer.headers.items())
        with suppress(OSError):  # while the token file is being replaced, its last token serves
            self._authorization = self._settings.authorization()
        return headers + [("Authorization", self._authorization)] * bool(self._authorization)


class _Response:
    """A response of http.client, and the socket it comes from; see transport.Response."""

    def __init__(self, response: http.client.HTTPResponse, sock: socket.socket, host: str) -> None:
        self.status = response.status
        self.reason = response.reason
        self._response = response
        self._sock = sock
        self._host = host

    @property
    def is_read(self) -> bool:
        """Whether the body was read to its end."""
        return self._response.isclosed()

    def headers(self, name: str) -> list[str]:
        """All values of the header of this name."""
        return self._response.headers.get_all(name) or []

    def chunks(self) -> Iterator[bytes]:
        """The parts of the body as they arrive."""
        with _told(self._host):
            while part := self._response.read1(PART):
                yield part
            if self._response.length:  # closed before all was sent, which read1 does not tell
                raise http.client.IncompleteRead(b"", self._response.length)
            self._response.close()  # so that its connection takes the next request

    def end(self) -> None:
        """Break the connection off, so that a thread which waits for the body stops waiting."""
        with suppress(OSError):  # the connection has ended by itself
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give up the rest of the body."""
        self._response.close()


@contextmanager
def _told(host: str, *, dialling: bool = False) -> Iterator[None]:
    """Raise what breaks a connection as UnreachableError, in client-go's words."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise failures.unreachable(error, host, dialling=dialling) from error


def _close(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _has_news(sock: socket.socket) -> bool:
    """Whether an idle connection has something to read, which can only be that it was closed."""
    if not hasattr(select, "poll"):
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
