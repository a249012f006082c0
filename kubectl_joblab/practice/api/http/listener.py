"""The socket that clients connect to, its TLS, and how connections begin and end.

The cluster opens it when it is ready, and closes it before anything else.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from kubectl_joblab.practice.api.http import limits
from kubectl_joblab.practice.api.http.acceptor import Acceptor
from kubectl_joblab.practice.api.http.router import Api

DRAIN_SECONDS = 0.5


def tls(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """The TLS of a server that asks for a client certificate and goes on without one.

    A client without one is told 401 over HTTP; one with that of another authority does not get so
    far.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(ca))
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_cert_chain(certificate, key)
    return context


def bound(port: int) -> socket.socket:
    """A socket on loopback that does not listen yet, on another port where this one is taken."""
    for wanted in (port, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except OSError:
            listener.close()
            if not wanted:
                raise
        else:
            return listener
    raise AssertionError("unreachable: port 0 is always another")


class Listener:
    """Serves an Api on a socket that is bound."""

    def __init__(self, api: Api, listener: socket.socket, context: ssl.SSLContext) -> None:
        self._api = api
        self._connections = limits.Server(api.handle)
        self._acceptor = Acceptor(self._connections, listener, context)

    def open(self) -> None:
        """Accept connections from now on."""
        self._acceptor.open()

    async def close(self) -> None:
        """Accept no more connections, end watches, let answers out, and cut what is left."""
        await self._acceptor.close()
        self._api.close()
        await self._connections.end(DRAIN_SECONDS)
