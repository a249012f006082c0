"""Connections over real sockets to a node that a test plays: refusals, streams, hostile clients."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
import websocket

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import limits
from kubectl_joblab.practice.api.http.connect import connections
from kubectl_joblab.practice.api.http.connect.channels import V5
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.programs import Programs
from tests.practice.api.served import PATIENCE, Served

PODS = "/api/v1/namespaces/default/pods"
V4 = "v4.channel.k8s.io"
ECHO = f"{PODS}/p/exec?stdin=1&stdout=1&stderr=1&command=echo"
CLOSED = (8, b"\x03\xe8")
_OPEN: list[ssl.SSLSocket] = []
DONE = (2, b'\x03{"metadata":{},"status":"Success"}')


@pytest.fixture
def node(served: Served) -> Iterator[Programs]:
    """The node of a server that has a Pod p, which runs."""
    served.programs.forget()
    for name, containers, where in (
        ("p", ["main"], "here"),
        ("waits", ["main"], ""),
        ("two", ["main", "other"], "here"),
    ):
        _have(served, name, containers, where)
    yield served.programs
    for connected in _OPEN:
        connected.close()
    _OPEN.clear()
    assert served.programs.waiting == 0  # as the descriptor may be another connection's by now
    assert served.is_healthy()


def _have(served: Served, name: str, containers: list[str], where: str) -> None:
    body: Object = {
        "metadata": {"name": name},
        "spec": {
            "nodeName": where,
            "containers": [{"name": one, "image": "busybox"} for one in containers],
        },
    }
    with contextlib.suppress(StatusError):  # an earlier test has made it
        served.make(kinds.PODS, body, "default")


def client(served: Served, path: str, offered: Sequence[str] = (V5,)) -> websocket.WebSocket:
    """A connection to a container."""
    plain, found = served.connect(), websocket.WebSocket()
    _OPEN.append(plain)
    url = f"wss://127.0.0.1:{served.port}{path}"
    found.connect(url, subprotocols=list(offered), socket=plain)  # type: ignore[no-untyped-call]
    return found


def told(connected: websocket.WebSocket) -> list[tuple[int, bytes]]:
    """All that the server says until it closes the connection."""
    found: list[tuple[int, bytes]] = []
    while not found or found[-1][0] != websocket.ABNF.OPCODE_CLOSE:
        code, data = connected.recv_data(control_frame=True)
        found.append((code, data))
    connected.close()
    return found


def refused(served: Served, path: str, offered: Sequence[str] = (V5,)) -> tuple[int, str]:
    """Why no connection is made."""
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        client(served, path, offered)
    return caught.value.status_code, (caught.value.resp_body or b"").decode()


# ---- refusals


def test_the_api_server_and_the_kubelet_refuse_in_their_own_words(
    served: Served, node: Programs
) -> None:
    for what, code, words in (
        ("nope/exec?stdout=1&command=x", 404, r'"message":"pods \"nope\" not found"'),
        ("waits/exec?stdout=1&command=x", 400, "pod waits does not have a host assigned"),
        ("p/exec?container=no&stdout=1", 400, "container no is not valid for pod p"),
        ("two/attach?stdout=1", 400, "for pod two, choose one of: [main other]"),
        ("two/exec?container=other&stdout=1", 500, 'container not found ("other")'),
        (
            "two/attach?container=other&stdout=1",
            500,
            "container other not found in pod two_default",
        ),
        ("p/exec?command=x", 400, "you must specify at least 1 of stdin, stdout, stderr"),
        ("p/portforward?ports=80", 501, "the practice cluster has no pods/portforward"),
    ):
        found, said = refused(served, f"{PODS}/{what}")
        assert (found, words in said) == (code, True), (what, said)
    assert refused(served, ECHO, ["nosuch.k8s.io"]) == (403, "")
    assert node.begun == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_asks_for_no_upgrade_or_for_another_one_is_told_which(
    served: Served, node: Programs, method: str
) -> None:
    reply = served.request(method, ECHO)
    assert (reply.code, reply.message) == (400, "Upgrade request required")
    spdy = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}
    reply = served.request(method, ECHO, headers=spdy)
    assert (reply.code, reply.json["reason"]) == (501, "NotImplemented")
    assert "kubectl 1.31 or newer" in reply.message
    assert node.begun == []


# ---- streams


def test_what_is_typed_is_read_and_the_end_of_input_ends_it(served: Served, node: Programs) -> None:
    connected = client(served, ECHO)
    for message in (b"\0hello\n", b"", b"\1no", b"\x09no", b"\4no", b"\xff\0"):
        connected.send_binary(message)
    assert told(connected) == [(2, b"\1"), (2, b"\1hello\n"), DONE, CLOSED]
    assert node.begun == [("p", "main", ("echo",), False)]


def test_the_exit_code_is_a_cause_of_the_status(served: Served, node: Programs) -> None:
    *_, status, closed = told(client(served, f"{PODS}/p/exec?stderr=1&command=fail&command=3"))
    assert b'"causes":[{"reason":"ExitCode","message":"3"}]' in status[1]
    assert closed == CLOSED


def test_only_the_streams_that_are_asked_for_are_sent(served: Served, node: Programs) -> None:
    path = f"{PODS}/p/exec?stderr=1&command=fail&command=0"
    assert told(client(served, path)) == [(2, b"\2"), (2, b"\2err\n"), DONE, CLOSED]
    path = f"{PODS}/p/exec?stdin=1&command=fail&command=0"
    assert told(client(served, path)) == [(2, b"\3"), DONE, CLOSED]


def test_who_has_a_terminal_says_how_large_it_is(served: Served, node: Programs) -> None:
    connected = client(served, f"{ECHO}&tty=true")
    connected.send_binary(b'\4{"Width":81,"Height":25}')
    connected.send_binary(b"\xff\0")
    assert told(connected)[-2:] == [DONE, CLOSED]
    assert node.begun == [("p", "main", ("echo",), True)]
    assert node.sizes == [(81, 25)]


def test_base64_is_text_both_ways(served: Served, node: Programs) -> None:
    connected = client(
        served, f"{PODS}/p/exec?stdin=1&stdout=1&command=line", ["v4.base64." + V5[3:]]
    )
    connected.send("0" + base64.b64encode(b"hello\n").decode())
    assert [data for _, data in told(connected)[:2]] == [b"1", b"1aGVsbG8K"]


def test_a_client_that_leaves_lets_go_of_the_program(served: Served, node: Programs) -> None:
    connected = client(served, ECHO)
    connected.send_binary(b"\0hello\n")
    assert [connected.recv() for _ in range(2)] == [b"\1", b"\1hello\n"]
    assert served.call(lambda: len(served.verbs.connections)) == 1
    _OPEN[-1].shutdown(socket.SHUT_RDWR)
    assert node.closed.wait(PATIENCE)
    _until(lambda: served.call(lambda: len(served.verbs.connections)) == 0)


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


# ---- hostile clients


def _frame(first: int, length: int, data: bytes = b"", *, mask: bool = True) -> bytes:
    head = bytes([first, (0x80 if mask else 0) | 127]) + struct.pack("!Q", length)
    return head + (b"\0\0\0\0" if mask else b"") + data


HOSTILE = {
    "no frame": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "reserved bits": b"\xf2\x80\0\0\0\0",
    "an unknown kind": b"\x83\x80\0\0\0\0",
    "a long ping": _frame(0x89, 200, b"x" * 200),
    "a continuation of nothing": b"\x80\x80\0\0\0\0",
    "a split close": b"\x08\x80\0\0\0\0",
    "text that is none": b"\x81\x82\0\0\0\0\xff\xfe",
    "a bad close": b"\x88\x81\0\0\0\0\1",
    "too large a message": _frame(0x82, connections.MESSAGE_BYTES + 1),
    "far too large a message": _frame(0x82, 2**63 - 1),
    "a bad end of a stream": b"\x82\x83\0\0\0\0\xff\0\0",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_frame_ends_the_connection_and_nothing_else(
    served: Served, node: Programs, what: str
) -> None:
    assert client(served, ECHO).recv() == b"\1"
    _OPEN[-1].sendall(HOSTILE[what])
    while _OPEN[-1].recv(4096):
        pass
    assert node.closed.wait(PATIENCE)


def test_a_client_that_reads_nothing_makes_the_program_wait_and_is_cut(
    served: Served, node: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STALLED_SECONDS", 0.5)
    connected = client(served, f"{PODS}/p/exec?stdout=1&command=flood")
    assert node.closed.wait(PATIENCE)
    assert node.printed < 32 * 1024 * 1024
    connected.close()


def test_many_connect_at_once_and_others_are_served_meanwhile(
    served: Served, node: Programs
) -> None:
    results: list[list[tuple[int, bytes]]] = []

    def one() -> None:
        connected = client(served, ECHO)
        for _ in range(20):
            connected.send_binary(b"\0" + b"x" * 1000)
        connected.send_binary(b"\xff\0")
        results.append(told(connected))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert served.is_healthy()
    for thread in threads:
        thread.join(PATIENCE)
    assert [sum(len(data) - 1 for _, data in found[1:-2]) for found in results] == [20_000] * 20


def _type_without_end(connected: websocket.WebSocket) -> None:
    while True:
        connected.send_binary(b"\0" + b"x" * 1_000_000)


def test_who_types_faster_than_the_program_reads_waits_and_is_missed_when_he_leaves(
    served: Served, node: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "ASK_SECONDS", 0.2)
    connected = client(served, f"{PODS}/p/exec?stdin=1&stdout=1&command=deaf")
    _OPEN[-1].settimeout(0.5)
    with pytest.raises((TimeoutError, websocket.WebSocketTimeoutException)):
        _type_without_end(connected)
    _OPEN[-1].close()
    assert node.closed.wait(PATIENCE)


@pytest.mark.parametrize("turn", range(8))
def test_nobody_waits_for_a_stream_of_a_client_that_was_cut_off(
    served: Served, node: Programs, turn: int
) -> None:
    connected = client(served, f"{PODS}/p/exec?stdout=1&stderr=1&command=flood")
    for _ in range(turn + 1):
        connected.recv()
    cut = struct.pack("ii", 1, 0)
    _OPEN[-1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, cut)
    _OPEN[-1].close()
    assert node.closed.wait(PATIENCE)
    assert node.waiting == 0
