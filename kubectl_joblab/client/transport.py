"""What a transport to the API server is: it sends a request and gives the response to be read.

connection.py sends its requests over one of two: direct.py uses http.client, kubernetes_package.py
the kubernetes package. A transport knows HTTP and credentials, and nothing of resources.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol


class Request(NamedTuple):
    """An HTTP request to the API server.

    path: below the server's URL, quoted, with the query string. headers: without the credentials,
    which the transport adds. connect: seconds to wait for a connection. read: seconds to wait for
    each part of the response; None waits as long as it takes.
    """

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes | None
    connect: float
    read: float | None


class Response(Protocol):
    """A server's response, whose body is still to be read, once.

    Reading raises UnreachableError where the connection breaks before the body is complete.
    """

    @property
    def status(self) -> int:
        """The HTTP status code."""

    @property
    def reason(self) -> str:
        """The words after the status code, such as Not Found; "" where the server sent none."""

    def headers(self, name: str) -> list[str]:
        """All values of the header of this name; an empty list where the response has none."""

    def chunks(self) -> Iterator[bytes]:
        """The parts of the body as they arrive; where one part ends has no meaning."""

    def end(self) -> None:
        """Break the connection off, so that a thread which waits for the body stops waiting."""


class Transport(Protocol):
    """Sends requests to one server with one user's credentials, from any thread."""

    @property
    def server(self) -> str:
        """The server's URL, below which the paths of requests are."""

    def send(self, request: Request) -> AbstractContextManager[Response]:
        """A context that sends the request and holds the response open while it is read.

        Raises UnreachableError where no response comes, ConfigError where the user's credentials
        cannot be had.
        """
