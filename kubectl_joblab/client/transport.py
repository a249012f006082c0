"""What a way to the API server offers: a question, and the answer while it is read.

connection.py asks, light.py and package.py answer, each in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol


class Request(NamedTuple):
    """A request. path: below the server's URL, quoted, with its query.

    connect and read: seconds to wait for a connection and for each part of the answer; None for
    as long as it takes.
    """

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes | None
    connect: float
    read: float | None


class Response(Protocol):
    """A server's answer, whose body is still to be read."""

    @property
    def status(self) -> int:
        """The HTTP status code."""

    @property
    def reason(self) -> str:
        """The words after the code."""

    def headers(self, name: str) -> list[str]:
        """All values of a header."""

    def body(self) -> bytes:
        """The body, whole."""

    def chunks(self) -> Iterator[bytes]:
        """The body, in parts as they come."""

    def end(self) -> None:
        """Have the reading of the body end, from another thread."""


class Transport(Protocol):
    """Requests to one server with one user's credentials, from any thread."""

    @property
    def server(self) -> str:
        """The URL that paths are below."""

    def send(self, request: Request) -> AbstractContextManager[Response]:
        """The answer, for the time in which it is read. Raises UnreachableError without one."""
