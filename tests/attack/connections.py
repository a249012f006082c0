"""Connections that are opened and then left alone, each further on its way into a server.

A table's value opens one to a port of this machine; the context is that of a client without a
credential. A socket that is returned waits for the server at most PATIENCE seconds.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress

PATIENCE = 20.0


def _plain(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def silent(port: int, _: ssl.SSLContext) -> socket.socket:
    """Says nothing at all."""
    return _plain(port)


def stray(port: int, _: ssl.SSLContext) -> socket.socket:
    """Says one byte with which TLS could begin."""
    connected = _plain(port)
    connected.sendall(b"\x16")
    return connected


def greeted(port: int, context: ssl.SSLContext) -> socket.socket:
    """Begins TLS, and does not answer the server."""
    connected, out = _plain(port), ssl.MemoryBIO()
    tls = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    connected.sendall(out.read())
    return connected


def shaken(port: int, context: ssl.SSLContext) -> socket.socket:
    """Has TLS, and asks for nothing."""
    return context.wrap_socket(_plain(port), server_hostname="localhost")


def half_asked(port: int, context: ssl.SSLContext) -> socket.socket:
    """Has TLS, and asks for half of something."""
    connected = shaken(port, context)
    connected.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\nX:")
    return connected


OPENED: Mapping[str, Callable[[int, ssl.SSLContext], socket.socket]] = {
    "silent": silent,
    "one byte": stray,
    "greeted": greeted,
    "with TLS": shaken,
    "half a request": half_asked,
}


def has_ended(connected: socket.socket) -> bool:
    """Whether the server ends a connection, which is waited for; what it says before is dropped."""
    try:
        while connected.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass  # it was cut
    return True
