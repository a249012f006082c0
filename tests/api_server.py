"""A scripted HTTP(S) server on loopback: it gives the answers it was told to, and records requests.

tests/client, tests/evidence and tests/cli use it. It is no Kubernetes: it knows nothing of objects,
and a request that the script has no answer for is refused with 400, which no client tries again.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 10.0  # seconds a gate stays shut before the test counts as hung


class Gate:
    """A place in an answer where the server waits until the test opens the gate."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def open(self) -> None:
        """Let the server go on."""
        self._event.set()

    def passed(self) -> bool:
        """Wait until the gate is opened; whether it was opened within PATIENCE."""
        return self._event.wait(PATIENCE)


@dataclass(frozen=True)
class Nap:
    """A place in an answer where the server pauses, so that the answer comes slowly."""

    seconds: float


@dataclass(frozen=True)
class Answer:
    """One answer of the script. body: text or JSON. chunks: in its place, each sent by itself.

    Between chunks there may be gates and naps. end: how a chunked answer ends: "done" as HTTP has
    it, "cut" by closing the connection before that end, "reset" by a TCP reset.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    chunks: Sequence[str | bytes | Gate | Nap] | None = None
    end: str = "done"

    def header_items(self) -> list[tuple[str, str]]:
        """The headers as pairs; a name may come more than once."""
        return list(self.headers.items() if isinstance(self.headers, Mapping) else self.headers)


@dataclass(frozen=True)
class Reset:
    """The connection is reset after the request, without an answer."""


@dataclass(frozen=True)
class Silence:
    """No answer until the gate is opened; then the connection is closed."""

    gate: Gate


@dataclass(frozen=True)
class Request:
    """A request as it came. target: with the query string. user: of the client certificate."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: Any
    user: str = ""

    @property
    def path(self) -> str:
        """The path of the request, without its query string."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query string, one value for each name."""
        return dict(parse_qsl(urlsplit(self.target).query, strict_parsing=bool(self._raw_query)))

    @property
    def _raw_query(self) -> str:
        return urlsplit(self.target).query

    def header(self, name: str) -> list[str]:
        """All values of the header of this name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


Step = Answer | Reset | Silence


@dataclass
class Server:
    """A server that answers each request with the next step of `script`.

    certificate: one of CERTIFICATES, for HTTPS. port: where to listen; 0 for any. hangs_up: how
    many TLS handshakes end before they begin. proxy: whether to answer requests that are meant for
    another host too, after CONNECT with the server's own certificate.
    """

    script: list[Step] = field(default_factory=list)
    certificate: str = ""
    port: int = 0
    proxy: bool = False
    refuses_connect: bool = False
    hangs_up: int = 0
    requests: list[Request] = field(default_factory=list)
    connects: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._listener = _Listener(("127.0.0.1", self.port), _Handler)
        self.port = int(self._listener.server_address[1])
        self._listener.script = self
        self.tls = _context(self.certificate, self.names) if self.certificate else None
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,))

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    @property
    def url(self) -> str:
        """The server's URL."""
        scheme = "https" if self.certificate and not self.proxy else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """Method and target of each request so far."""
        return [f"{request.method} {request.target}" for request in self.requests]

    def next_step(self, request: Request) -> Step:
        """Record a request and take its answer from the script."""
        with self._lock:
            self.requests.append(request)
            if self.script:
                return self.script.pop(0)
        return Answer(f"the script has no answer for {request.method} {request.target}", 400)

    def hangs_up_now(self) -> bool:
        """Whether to end this TLS handshake before it begins, as `hangs_up` says."""
        with self._lock:
            self.hangs_up -= 1
            return self.hangs_up >= 0


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    script: Server

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients that go away are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener
    timeout = PATIENCE
    connection: socket.socket
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Shake hands in this connection's own thread."""
        script = self.server.script
        script.connections += 1
        if script.tls is not None and not script.proxy:
            if script.hangs_up_now():
                self.request.recv(65536)  # closing with unread bytes would send a TCP reset
                self.request.close()
                raise ConnectionAbortedError
            self._encrypt(self.request)
        super().setup()

    def finish(self) -> None:
        """Close the TLS connection too, which was put around the plain one."""
        super().finish()
        self.request.close()

    def _encrypt(self, plain: socket.socket) -> None:
        context = self.server.script.tls
        assert context is not None
        plain.settimeout(PATIENCE)
        self.request = context.wrap_socket(plain, server_side=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's
        """Print nothing."""

    def do_CONNECT(self) -> None:
        """Answer as a proxy does, and go on as the host that the client wants."""
        self.server.script.connects.append(self.path)
        if self.server.script.refuses_connect:
            self.send_response_only(403)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response_only(200)
        self.end_headers()
        self._encrypt(self.connection)
        super().setup()
        self.close_connection = False

    def do_GET(self) -> None:
        """Give the next answer of the script, whatever the method is."""
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        request = Request(
            self.command,
            self.path,
            list(self.headers.items()),
            json.loads(raw) if raw else None,
            self._user(),
        )
        step = self.server.script.next_step(request)
        if isinstance(step, Reset):
            self._reset()
        elif isinstance(step, Silence):
            step.gate.passed()
            self.close_connection = True
        else:
            self._give(step)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 -- the base class's

    def _user(self) -> str:
        if not isinstance(self.connection, ssl.SSLSocket):
            return ""
        certificate: Any = self.connection.getpeercert() or {}
        subject = {key: value for pairs in certificate.get("subject", ()) for key, value in pairs}
        return str(subject.get("commonName", ""))

    def _reset(self) -> None:
        # closing with a linger of 0 seconds sends RST
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _give(self, answer: Answer) -> None:
        headers = answer.header_items()
        self.send_response_only(answer.status)
        for name, value in headers:
            self.send_header(name, value)
        if answer.chunks is None:
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            data = text.encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in answer.chunks:
            if isinstance(chunk, Gate):
                if not chunk.passed():
                    self._reset()  # the client waits for what was to come before the gate opens
                    return
                continue
            if isinstance(chunk, Nap):
                time.sleep(chunk.seconds)
                continue
            data = chunk.encode() if isinstance(chunk, str) else chunk
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        if answer.end == "done":
            self.wfile.write(b"0\r\n\r\n")
        elif answer.end == "reset":
            self._reset()
        self.close_connection = self.close_connection or answer.end != "done"


def refusing() -> socket.socket:
    """A socket whose port refuses connections; while it is kept nobody else takes the port."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


def _context(certificate: str, names: list[str]) -> ssl.SSLContext:
    """TLS with one of CERTIFICATES; the names clients ask for are kept in `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder, "chain.pem")
        chain.write_text(CERTIFICATES[certificate] + KEY, "ascii")
        context.load_cert_chain(chain)
    context.load_verify_locations(cadata=AUTHORITY)
    context.verify_mode = ssl.CERT_OPTIONAL

    def keep(_: object, name: str | None, __: object) -> None:
        names.append(name or "")

    context.sni_callback = keep
    return context


# Made by openssl for these tests and for nothing else: an authority (whose key is not kept), and
# certificates of one key that it has signed. They hold until 2125, but for the one that is expired.
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBiTCCATCgAwIBAgIBEDAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBhcGktc2Vy
dmVyLXRlc3RzMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjYwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBBhcGktc2VydmVyLXRlc3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAENUshKO+rJemrxH198DziEYIPlvsKO7c6CA4X4nTmTrAdglM8kxw7M5UFIR3b
zb7yFUKsavfDm461rB7TURY25KNjMGEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8B
Af8EBAMCAgQwHQYDVR0OBBYEFLMO7vi5ZNO/HN03DvvuvIKlTScKMB8GA1UdIwQY
MBaAFLMO7vi5ZNO/HN03DvvuvIKlTScKMAoGCCqGSM49BAMCA0cAMEQCIBhgPJOt
zGjeIZsd8QYsGFRdBPY5eilQOlH7lOx789BTAiAxhR7HICRfDD5UPMJe91E8gIO5
Hz4/zk3skX5BpTHNNA==
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzN1xddw/9fFCz5B/
FI08Xdf6ncLl9ujMNAxpMHJYzBuhRANCAASWZZOncljZbMdcO96xA0uoQ4bYp+tU
5Yk7W4zBWjsHk6SUDP+jlQ3PJaUfRaH0g3uVbU3U0egBkhWl64f41FQQ
-----END PRIVATE KEY-----
"""
CERTIFICATES = {
    # for localhost and 127.0.0.1
    "server": """\
-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIBETAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBhcGktc2Vy
dmVyLXRlc3RzMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjUwMTAxMDAwMDAwWjARMQ8w
DQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASWZZOncljZ
bMdcO96xA0uoQ4bYp+tU5Yk7W4zBWjsHk6SUDP+jlQ3PJaUfRaH0g3uVbU3U0egB
khWl64f41FQQo14wXDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwHQYDVR0O
BBYEFF1rHHQ6HsisuyNCrJXyooMm0inPMB8GA1UdIwQYMBaAFLMO7vi5ZNO/HN03
DvvuvIKlTScKMAoGCCqGSM49BAMCA0gAMEUCIQDO8i5dFFf9ZPaszbRqOiCVRXfe
mpErsueiuORuGVL/tQIgHOu8SHvCM/mDiFHY3O5ltFhqxSLOqfe9CQBzfu4lNMA=
-----END CERTIFICATE-----
""",
    # for elsewhere.example
    "elsewhere": """\
-----BEGIN CERTIFICATE-----
MIIBgDCCASagAwIBAgIBEjAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBhcGktc2Vy
dmVyLXRlc3RzMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjUwMTAxMDAwMDAwWjAUMRIw
EAYDVQQDDAllbHNld2hlcmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASWZZOn
cljZbMdcO96xA0uoQ4bYp+tU5Yk7W4zBWjsHk6SUDP+jlQ3PJaUfRaH0g3uVbU3U
0egBkhWl64f41FQQo2AwXjAcBgNVHREEFTATghFlbHNld2hlcmUuZXhhbXBsZTAd
BgNVHQ4EFgQUXWscdDoeyKy7I0KslfKigybSKc8wHwYDVR0jBBgwFoAUsw7u+Llk
078c3TcO++68gqVNJwowCgYIKoZIzj0EAwIDSAAwRQIhAOjTUpsyi5nJiv7SC/fs
9JfE9IPYkNvLEcomwhsTrcFdAiB7FfMCz/uMgArgcGpuTUwO47niuoxfYk6pIcUr
H9LZ9g==
-----END CERTIFICATE-----
""",
    # for localhost and 127.0.0.1, in January 2020
    "expired": """\
-----BEGIN CERTIFICATE-----
MIIBezCCASCgAwIBAgIBEzAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBhcGktc2Vy
dmVyLXRlc3RzMB4XDTIwMDEwMTAwMDAwMFoXDTIwMDIwMTAwMDAwMFowEjEQMA4G
A1UEAwwHZXhwaXJlZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJZlk6dyWNls
x1w73rEDS6hDhtin61TliTtbjMFaOweTpJQM/6OVDc8lpR9FofSDe5VtTdTR6AGS
FaXrh/jUVBCjXjBcMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4E
FgQUXWscdDoeyKy7I0KslfKigybSKc8wHwYDVR0jBBgwFoAUsw7u+Llk078c3TcO
++68gqVNJwowCgYIKoZIzj0EAwIDSQAwRgIhAMRpyM4EHKNeqh4qbDsGQdCNcC6l
1khuInRX96aHa+CHAiEAtWKLsooftwiUE86ay5KdtzY8vwEoI0sxq3YWzlzYms4=
-----END CERTIFICATE-----
""",
    # a client's, for the user alice
    "alice": """\
-----BEGIN CERTIFICATE-----
MIIBcTCCARagAwIBAgIBFDAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBhcGktc2Vy
dmVyLXRlc3RzMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjUwMTAxMDAwMDAwWjAQMQ4w
DAYDVQQDDAVhbGljZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJZlk6dyWNls
x1w73rEDS6hDhtin61TliTtbjMFaOweTpJQM/6OVDc8lpR9FofSDe5VtTdTR6AGS
FaXrh/jUVBCjVDBSMBAGA1UdEQQJMAeCBWFsaWNlMB0GA1UdDgQWBBRdaxx0Oh7I
rLsjQqyV8qKDJtIpzzAfBgNVHSMEGDAWgBSzDu74uWTTvxzdNw777ryCpU0nCjAK
BggqhkjOPQQDAgNJADBGAiEA4DabYk9LJJBSeuTy/w2qF4ty7d0cfYPc+pNcnSzx
T5MCIQC5fOn7FVeIWQHvW91S/ljKwRjDqPub7cJrPkNV8TEslA==
-----END CERTIFICATE-----
""",
}
