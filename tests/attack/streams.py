"""Clients of exec that leave in the middle, never read, or send what is no frame.

Meanwhile another client is answered. A program that reads or prints ends with its client; any other
runs on, as on a real node. With the Pod all of them are gone, and no descriptor of the server or of
its supervisor is left.
"""

from __future__ import annotations

import os
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlencode

import pytest
import websocket

from kubectl_joblab.practice.identity import Identity
from tests.attack.rounds import PODS, Round, script_pod
from tests.practice.clusters import PATIENCE, Cluster, await_true
from tests.practice.node import theatre

CLIENTS, FEW = 400, 24  # of a round; of a quick one
AT_ONCE = 12
STAYS = "-stays"  # at the end of the marker of a program that neither reads nor prints
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER by which a connection is cut, not closed


class Client:
    """A connection to a program, over a socket that a test may do anything with."""

    def __init__(self, tls: ssl.SSLSocket, url: str) -> None:
        self.socket = tls
        self._frames = websocket.WebSocket()
        self._frames.connect(url, subprotocols=["v5.channel.k8s.io"], socket=tls)  # type: ignore[no-untyped-call]

    def type(self, data: bytes) -> None:
        """Send a message for the program's stdin; who has been cut off sends nothing."""
        self.send(b"\x00" + data)

    def send(self, message: bytes) -> None:
        """Send a message; who has been cut off, or is not listened to, sends nothing."""
        with suppress(OSError, websocket.WebSocketException):
            self._frames.send_binary(message)

    def read(self) -> bytes:
        """The next message; b"" where there is none any more."""
        with suppress(OSError, websocket.WebSocketException):
            said = self._frames.recv()
            return said.encode() if isinstance(said, str) else said
        return b""

    def leave(self, *, cut: bool = False) -> None:
        """Close the socket, or cut the connection, without a word."""
        if cut:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.socket.close()


Exec = Callable[..., Client]


def _leaves_at_once(execute: Exec, marker: str) -> Client:
    return execute(["cat", marker, "-"], stdin=True)


def _leaves_in_mid_stream(execute: Exec, marker: str) -> Client:
    client = execute(["yes", marker])
    for _ in range(5):
        client.read()
    return client


def _never_reads(execute: Exec, marker: str) -> Client:
    return execute(["yes", marker])


def _claims_a_huge_frame(execute: Exec, marker: str) -> Client:
    client = execute(["yes", marker])
    client.socket.sendall(b"\x82\xff" + struct.pack("!Q", 1 << 40) + b"mask" + b"x" * 1000)
    return client


def _sends_a_huge_message(execute: Exec, marker: str) -> Client:
    client = execute(["cat", marker, "-"], stdin=True)
    client.socket.settimeout(1.0)  # the server need not read it
    client.type(b"x" * (9 << 20))
    return client


def _sends_no_frame(execute: Exec, marker: str) -> Client:
    client = execute(["yes", marker])
    client.socket.sendall(b"\xff" * 64)
    return client


def _stops_in_a_frame(execute: Exec, marker: str) -> Client:
    client = execute(["cat", marker, "-"], stdin=True)
    client.socket.sendall(b"\x82\xfe\x01")
    return client


def _leaves_a_terminal(execute: Exec, marker: str) -> Client:
    client = execute(["sh", "-c", "read a; sleep 1000; :", marker + STAYS], stdin=True, tty=True)
    client.type(b"typed\n")
    client.read()
    return client


def _resizes_a_terminal(execute: Exec, marker: str) -> Client:
    client = execute(["sh", "-c", "sleep 1000; :", marker + STAYS], stdin=True, tty=True)
    for number in range(200):
        client.send(b'\x04{"Width":%d,"Height":70000}' % number)
    return client


def _types_what_nobody_reads(execute: Exec, marker: str) -> Client:
    client = execute(["sh", "-c", "read a; read b; kill $$", marker], stdin=True)
    client.socket.settimeout(0.2)
    for _ in range(32):
        client.type(b"x" * (1 << 16))
    return client


KINDS: Mapping[str, Callable[[Exec, str], Client]] = {
    "leaves at once": _leaves_at_once,
    "leaves in mid-stream": _leaves_in_mid_stream,
    "never reads": _never_reads,
    "claims a huge frame": _claims_a_huge_frame,
    "sends a huge message": _sends_a_huge_message,
    "sends no frame": _sends_no_frame,
    "stops in a frame": _stops_in_a_frame,
    "leaves a terminal": _leaves_a_terminal,
    "resizes a terminal": _resizes_a_terminal,
    "types what nobody reads": _types_what_nobody_reads,
}


def play(trial: Round) -> None:
    """Have many such clients, some of them at once, and look for what is left of them."""
    if not os.path.exists("/proc/self/task"):
        pytest.skip("descriptors are counted in /proc")
    marker, inner = f"attack-streams-{trial.seed}", f"attack-exec-{trial.seed}"
    with trial.cluster() as cluster:
        cluster.up()
        body = {"metadata": {"name": "p"}, "spec": script_pod("sleep 1000; :", marker)}
        trial.ask(cluster, "POST", PODS, body)
        await_true(lambda: theatre.running(marker))
        kinds = trial.chance.sample(list(KINDS), len(KINDS))
        _answers(trial, cluster)
        before = _descriptors(cluster)
        number = FEW if trial.quick else CLIENTS
        clients: list[Client] = []
        try:
            for turn in range(number):
                trial.requests += 1
                clients.append(KINDS[kinds[turn % len(kinds)]](_exec(cluster), inner))
                if len(clients) == AT_ONCE:
                    _answers(trial, cluster)
                    _leave(trial, clients)
        finally:
            _leave(trial, clients)
        trial.hold(theatre.gone(inner), "a program that reads or prints outlives its client")
        _answers(trial, cluster)
        trial.ask(cluster, "DELETE", f"{PODS}/p?gracePeriodSeconds=0")
        trial.hold(theatre.gone(f"{inner}{STAYS}"), "a program outlives its Pod")
        with suppress(AssertionError):
            await_true(lambda: _descriptors(cluster) <= before)
        left = _descriptors(cluster) - before
        trial.hold(left <= 0, f"{left} descriptors are left open")


def _leave(trial: Round, clients: list[Client]) -> None:
    """Have all of them leave, each in one way or the other."""
    while clients:
        clients.pop().leave(cut=trial.chance.random() < 0.5)


def _answers(trial: Round, cluster: Cluster) -> None:
    """Hold that another client is answered, and that what it executes is told to it."""
    code, _ = trial.ask(cluster, "GET", PODS)
    trial.hold(code == 200, f"another client gets {code}")
    client, said = _exec(cluster)(["echo", "ok"]), b""
    while b"Success" not in said and (more := client.read()):
        said += more
    client.leave()
    trial.hold(b"ok\n" in said, "another client's program is not heard of")


def _exec(cluster: Cluster) -> Exec:
    """A function that begins a program in the container, by a connection of its own."""
    credentials = Identity(cluster.home.pki)
    context = ssl.create_default_context(cafile=str(credentials.ca))
    context.load_cert_chain(*credentials.client)
    port = cluster.server.port

    def execute(command: list[str], *, stdin: bool = False, tty: bool = False) -> Client:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        query = [("stdout", "1"), ("stdin", str(int(stdin))), ("tty", str(int(tty)))]
        query += [("command", one) for one in command]
        tls = context.wrap_socket(plain, server_hostname="127.0.0.1")
        return Client(tls, f"wss://127.0.0.1:{port}{PODS}/p/exec?{urlencode(query)}")

    return execute


def _descriptors(cluster: Cluster) -> int:
    """How many descriptors the server and its supervisor have open."""
    server = cluster.server.pid
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in (server, *_children(server)))


def _children(pid: int) -> Iterator[int]:
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            yield from map(int, file.read().split())
