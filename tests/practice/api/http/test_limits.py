"""Who is let in, how much is read, how long is waited, and that nothing a client does breaks it."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubectl_joblab.practice import identity
from kubectl_joblab.practice.api.http import limits
from kubectl_joblab.practice.clock import SystemClock
from tests.practice.api.served import PATIENCE, Served

MAPS = "/api/v1/namespaces/default/configmaps"
PROTOBUF = "application/vnd.kubernetes.protobuf"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one namespace."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        yield server


def said(served: Served, text: bytes) -> bytes:
    """All that comes back when these bytes are sent, until the server closes the connection."""
    received = b""
    # it may have closed before all was sent
    with served.connect() as connection, contextlib.suppress(ConnectionError, ssl.SSLError):
        connection.sendall(text)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def lines(*parts: str) -> bytes:
    """A request's head."""
    return "".join(f"{part}\r\n" for part in (*parts, "")).encode("latin-1")


# ---- who


@pytest.mark.parametrize("path", ["/api/v1/pods", "/version", "/readyz", "/nope", "/api/v1/.."])
def test_nobody_is_answered_without_a_credential(served: Served, path: str) -> None:
    reply = served.request("GET", path, credential=False)
    assert (reply.code, reply.json["reason"]) == (403, "Forbidden")
    assert 'User "system:anonymous" cannot ' in reply.message


def test_a_token_that_nobody_has_issued_is_refused(served: Served) -> None:
    token = {"Authorization": "Bearer abc"}
    reply = served.request("GET", "/version", headers=token, credential=False)
    assert (reply.code, reply.json) == (
        401,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": "Unauthorized",
            "reason": "Unauthorized",
            "code": 401,
        },
    )


def test_another_clusters_certificate_is_no_credential(
    served: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = identity.ensure(tmp_path_factory.mktemp("other"), SystemClock().now())
    context = ssl.create_default_context(cafile=str(served.identity.ca))
    context.load_cert_chain(*other.client)
    plain = socket.create_connection(("127.0.0.1", served.port), PATIENCE)
    with pytest.raises((ssl.SSLError, ConnectionError)):  # noqa: SIM117, PT012 -- when is not known
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(lines("GET /version HTTP/1.1", "Host: localhost"))
            if not connection.recv(65536):
                raise ConnectionResetError
    assert served.is_healthy()


def test_the_servers_certificate_is_no_clients(served: Served) -> None:
    context = ssl.create_default_context(cafile=str(served.identity.ca))
    context.load_cert_chain(*served.identity.server)
    plain = socket.create_connection(("127.0.0.1", served.port), PATIENCE)
    with pytest.raises((ssl.SSLError, ConnectionError)):  # noqa: SIM117, PT012 -- when is not known
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(lines("GET /version HTTP/1.1", "Host: localhost"))
            if not connection.recv(65536):
                raise ConnectionResetError
    assert served.is_healthy()


def test_nobody_is_answered_in_plain_text(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as plain:
        plain.sendall(lines("GET /version HTTP/1.1", "Host: localhost"))
        with contextlib.suppress(ConnectionError):
            assert b"gitVersion" not in plain.recv(65536)
    assert served.is_healthy()


HOSTS = {
    "127.0.0.1": True,
    "127.0.0.1:1": True,
    "localhost:6443": True,
    "LOCALHOST": True,
    "[::1]": True,
    "[::1]:6443": True,
    "example.com": False,
    "localhost.example.com": False,
    "127.0.0.1.example.com:6443": False,
    "127.0.0.1:x": False,
    "[::1]x": False,
    "::1": False,
    "": False,
    " ": False,
}


@pytest.mark.parametrize("host", HOSTS)
def test_only_loopbacks_own_names_are_answered_to(served: Served, host: str) -> None:
    assert limits.is_own(host) == HOSTS[host]
    answer = said(served, lines("GET /version HTTP/1.1", f"Host: {host}", "Connection: close"))
    assert answer.startswith(b"HTTP/1.1 200" if HOSTS[host] else b"HTTP/1.1 403")


def test_no_web_page_of_another_origin_is_let_in(served: Served) -> None:
    origin = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}
    for method in ("OPTIONS", "GET"):
        reply = served.request(method, MAPS, headers=origin)
        assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]


def test_an_answer_does_not_say_what_it_is_made_with(served: Served) -> None:
    reply = served.get("/version")
    assert reply.all("Server") == ["joblab"]
    assert len(reply.all("Date")) == 1


# ---- how much


def big(size: int) -> bytes:
    """A ConfigMap in a body of this size."""
    body = json.dumps({"metadata": {"name": "big"}}).encode()
    return body + b" " * (size - len(body))


def test_a_body_may_have_three_mebibytes_and_no_more(served: Served) -> None:
    limit = 3 * 1024 * 1024
    path = f"{MAPS}?dryRun=All"
    assert served.request("POST", path, big(limit)).code == 201
    reply = served.request("POST", path, big(limit + 1))
    assert (reply.code, reply.json["reason"], reply.message) == (
        413,
        "RequestEntityTooLarge",
        "Request entity too large: limit is 3145728",
    )


def test_a_body_that_does_not_say_its_size_is_measured(served: Served) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    head = lines(f"POST {MAPS} HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
    assert said(served, head + chunk * 4).startswith(b"HTTP/1.1 413")
    assert served.is_healthy()


def test_a_body_that_was_packed_small_is_not_unpacked(served: Served) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert served.request("POST", MAPS, b"\x1f\x8b" + b"\x00" * 99, packed).code == 400


HEADS = {
    "no HTTP": b"nonsense\r\n\r\n",
    "a version of HTTP that is none": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a method that is none": b"F\x00O / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
    "a header with NUL": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n",
    "two lengths": b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length that is none": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "a length and chunks": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nabc",
    "a path that is enormous": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a header that is enormous": b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "a thousand headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
    "chunks that are none": b"POST " + MAPS.encode() + b" HTTP/1.1\r\nHost: localhost\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_is_no_request_is_refused_with_a_status(served: Served, head: bytes) -> None:
    answer = said(served, head)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"400"
    assert b"aiohttp" not in head
    assert json.loads(body)["kind"] == "Status"
    assert served.is_healthy()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HT", id="half a head"),
        pytest.param(lines(f"POST {MAPS} HTTP/1.1", "Content-Length: 99") + b"{", id="half a body"),
    ],
)
def test_a_client_that_goes_too_soon_is_forgotten(served: Served, text: bytes) -> None:
    with served.connect() as connection:
        connection.sendall(text)
    assert served.is_healthy()


# ---- how long


def test_a_body_that_does_not_come_is_not_waited_for_forever(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUEST_SECONDS", 0.1)
    with served.connect() as slow:
        slow.sendall(
            lines(f"POST {MAPS} HTTP/1.1", "Host: localhost", "Content-Length: 9", "") + b"{"
        )
        assert slow.recv(65536).startswith(b"HTTP/1.1 504")


def test_a_client_that_says_nothing_is_not_waited_for_forever(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.2)
    with Served(tmp_path_factory.mktemp("served")) as server:
        for text in (b"", b"GET /version HTTP/1.1\r\nHost:"):
            with server.connect() as silent:
                silent.sendall(text)
                assert silent.recv(65536) == b""


def test_many_idle_connections_do_not_keep_others_out(served: Served) -> None:
    idle = [served.connect() for _ in range(60)]
    assert served.is_healthy()
    for connection in idle:
        connection.close()


# ---- whatever comes


def test_a_mistake_of_ours_is_logged_and_not_shown(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(served.registry, "get", broken)
    with caplog.at_level(logging.ERROR):
        reply = served.get(f"{MAPS}/x")
    assert (reply.code, reply.json["reason"]) == (500, "InternalError")
    assert reply.message == "Internal error occurred: see kubectl joblab practice logs"
    assert "secret" in caplog.text
    assert "Traceback" in caplog.text


SEGMENTS = st.sampled_from(
    [
        *("api", "apis", "v1", "batch", "v2", "namespaces", "default", "pods", "jobs", "nodes"),
        *("events", "configmaps", "secrets", "serviceaccounts", "selfsubjectaccessreviews"),
        *("authorization.k8s.io", "openapi", "v3", "version", "readyz", "x", "log", "status"),
        *("finalize", "binding", "exec", "..", ".", "", "%2F", "%00", "%ff", "%", "%zz", "가"),
    ]
)
PATHS = st.lists(SEGMENTS, max_size=8).map(lambda parts: "/" + "/".join(parts))
TARGETS = st.sampled_from(
    ["configmaps", "pods", "secrets", "events", "serviceaccounts", "configmaps/x", "pods/x/status"]
).map("/api/v1/namespaces/default/".__add__) | st.sampled_from(
    ["/apis/batch/v1/namespaces/default/jobs", "/api/v1/nodes", "/api/v1/namespaces"]
)
QUERIES = st.dictionaries(
    st.sampled_from(
        [
            *("limit", "continue", "labelSelector", "fieldSelector", "resourceVersion"),
            *("resourceVersionMatch", "dryRun", "fieldManager", "fieldValidation", "force"),
            *("propagationPolicy", "gracePeriodSeconds", "pretty", "includeObject", "tailLines"),
        ]
    ),
    st.sampled_from(["", "0", "1", "-1", "true", "All", "x", "a=b", "a in (", "Orphan", "Exact"])
    | st.text(max_size=8),
    max_size=3,
)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
CONTENT_TYPES = st.sampled_from(
    [
        *("application/json", "application/yaml", PROTOBUF, "text/plain", ""),
        *("application/merge-patch+json", "application/json-patch+json"),
        *("application/strategic-merge-patch+json", "application/apply-patch+yaml"),
    ]
)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("kind", "apiVersion", "metadata", "name", "namespace", "labels", "spec"),
                    *("status", "template", "containers", "image", "data", "finalizers", "uid"),
                    *("op", "path", "ownerReferences", "$patch", "value"),
                    "$setElementOrder/containers",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BODIES = (
    VALUES.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.binary(max_size=60).map(lambda rest: b"k8s\0" + rest)
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(METHODS, PATHS | TARGETS, QUERIES, CONTENT_TYPES, BODIES)
def test_any_request_gets_an_answer_that_is_no_mistake(
    served: Served, method: str, path: str, query: dict[str, str], kind: str, body: bytes
) -> None:
    from urllib.parse import quote, urlencode

    target = quote(path, safe="/%") + (f"?{urlencode(query)}" if query else "")
    reply = served.request(method, target, body, {"Content-Type": kind} if kind else {})
    assert reply.code not in (500, 502), reply
    if reply.body and reply.all("Content-Type") == ["application/json"]:
        assert "kind" in reply.json or "paths" in reply.json or "major" in reply.json


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_leave_it_healthy(served: Served, text: bytes) -> None:
    for head in (b"", b"GET /api/v1/pods HTTP/1.1\r\nHost: localhost\r\n"):
        with served.connect() as connection, contextlib.suppress(ConnectionError, ssl.SSLError):
            connection.sendall(head + text)
            connection.sendall(b"\r\n\r\n")
    assert served.is_healthy()
