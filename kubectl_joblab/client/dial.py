"""Opens connections to a server: dials, passes through a proxy, shakes hands over TLS.

direct.py keeps the connections and sends requests over them.
"""

from __future__ import annotations

import binascii
import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from kubectl_joblab.client.settings import Pem, Settings
from kubectl_joblab.errors import ConfigError

# client-go's dialer: when a silent peer is probed, how far apart, how often
_PROBES = (("TCP_KEEPIDLE", 30), ("TCP_KEEPALIVE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 9))


class Dialer:
    """Opens connections as the settings say. Raises ConfigError where OpenSSL refuses their files.

    prefix: what stands before the path of each request: the path of the server's URL, or the whole
    URL where a proxy reads the requests. headers: what that proxy wants in each request.
    """

    def __init__(self, settings: Settings) -> None:
        server = urlsplit(settings.server)
        self._context = _context(settings) if server.scheme == "https" else None
        self._host = str(server.hostname)
        self._port = server.port or (443 if self._context else 80)
        self._name = settings.server_name or self._host
        self._proxy = urlsplit(settings.proxy) if settings.proxy else None
        # without TLS a proxy reads each request; with TLS it reads only which host to connect to
        reads = self._proxy is not None and self._context is None
        self.prefix = server.geturl() if reads else server.path
        self.headers = _proxy_credentials(self._proxy) if reads else {}

    def dial(self, seconds: float) -> http.client.HTTPConnection:
        """A new open connection.

        seconds: how long each step may take: the lookup and the dialling, the proxy's response,
        the handshake. Raises what the standard library raises: OSError, HTTPException.
        """
        host, port = self._host, self._port
        if self._proxy:
            host, port = str(self._proxy.hostname), self._proxy.port or 80
        connection = _Connection(host, port, seconds, self._context, self._name)
        if self._proxy and self._context:
            headers = _proxy_credentials(self._proxy)
            connection.tunnel(self._host, self._port, headers)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection


class _Connection(http.client.HTTPConnection):
    """http.client's connection with keep-alive probes, and TLS for another name than the dialled.

    context: None for a connection without TLS. name: the one the certificate has to be for.
    """

    def __init__(
        self, host: str, port: int, seconds: float, context: ssl.SSLContext | None, name: str
    ) -> None:
        super().__init__(host, port, timeout=seconds)
        self._context = context
        self._name = name
        self._tunnels = False
        if context is not None:
            self.default_port = 443  # left out of the Host header

    def tunnel(self, host: str, port: int, headers: dict[str, str]) -> None:
        """Have the proxy that is dialled connect to this host and port, by HTTP's CONNECT."""
        self._tunnels = True
        self.set_tunnel(host, port, headers)

    def connect(self) -> None:
        """Dial, have the proxy connect if there is one, and shake hands if there is TLS."""
        if self._tunnels:
            super().connect()
        else:
            address: Any = (_ascii(self.host), self.port)
            self.sock = socket.create_connection(address, self.timeout)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _PROBES:
            if (option := getattr(socket, name, None)) is not None:
                with suppress(OSError):  # a system may name what it does not have
                    self.sock.setsockopt(socket.IPPROTO_TCP, option, value)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=_ascii(self._name))


def _ascii(host: str) -> bytes:
    """A host's name as bytes: Python encodes a str by a codec that takes long to import."""
    return host.encode("ascii") if host.isascii() else host.encode("idna")


def _proxy_credentials(proxy: SplitResult | None) -> dict[str, str]:
    """The Proxy-Authorization header of the user and password in a proxy's URL, if there are."""
    if proxy is None or not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": "Basic " + binascii.b2a_base64(pair, newline=False).decode()}


# ---- TLS


def _context(settings: Settings) -> ssl.SSLContext:
    """The TLS context: the authorities that are trusted, and the user's certificate and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    # as Go does: each certificate that is given is trusted, whether it is an authority's or not
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.authority is None:
        context.load_default_certs()
    try:
        if settings.verify and settings.authority is not None:
            context.load_verify_locations(cadata=settings.authority.text.decode("ascii", "ignore"))
        if settings.certificate is not None and settings.key is not None:
            with _file(settings.certificate) as certificate, _file(settings.key) as key:
                # an encrypted key is refused, as kubectl does, and no password asked for
                context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        text = " ".join(str(error).split())
        if "KEY_VALUES_MISMATCH" in text:
            text = "private key does not match public key"
        raise ConfigError(f"error: tls: {text}", next="kubectl config view --minify") from error
    return context


@contextmanager
def _file(pem: Pem) -> Iterator[str]:
    """The path of a file with this text, for a moment: OpenSSL reads certificates only from files.

    Text that stood in no file is written to memory where the system can, so that no key is left
    on a disk.
    """
    if pem.path:
        yield pem.path
    elif hasattr(os, "memfd_create"):
        handle = os.memfd_create("joblab")  # other users cannot open it
        try:
            os.write(handle, pem.text)
            yield f"/proc/self/fd/{handle}"
        finally:
            os.close(handle)
    else:
        import tempfile

        handle, path = tempfile.mkstemp()  # readable by the user alone
        try:
            with open(handle, "wb") as file:
                file.write(pem.text)
            yield path
        finally:
            os.unlink(path)
