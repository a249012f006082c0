"""Connections without a credential: bounded in number, time and memory, and in nobody's way."""

from __future__ import annotations

import gc
import time
from asyncio.sslproto import SSLProtocol
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab.practice.api.access.tokens import Bound
from kubectl_joblab.practice.api.http import acceptor
from kubectl_joblab.practice.api.registry import kinds
from tests.attack import connections
from tests.practice.api.served import PATIENCE, Served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with one namespace, to which nobody is connected."""
    with Served(tmp_path) as server:
        server.make_namespace("default")
        yield server


@pytest.mark.parametrize("name", connections.OPENED)
def test_a_connection_without_a_credential_is_ended_in_time(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(acceptor, "STRANGER_SECONDS", 0.3)
    with connections.OPENED[name](served.port, served.tls(credential=False)) as connected:
        assert connections.has_ended(connected)
    assert served.is_healthy()


@pytest.mark.parametrize("name", connections.OPENED)
def test_the_oldest_makes_room_for_the_next(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(acceptor, "MOST_SILENT", 5)
    monkeypatch.setattr(acceptor, "MOST_STRANGERS", 5)
    context = served.tls(credential=False)
    opened = [connections.OPENED[name](served.port, context) for _ in range(6)]
    assert connections.has_ended(opened[0])
    assert served.is_healthy()
    for connected in opened:
        connected.close()


@pytest.mark.parametrize("name", connections.OPENED)
def test_many_cost_no_more_memory_than_the_most_that_are_let_in(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(acceptor, "MOST_SILENT", 10)
    monkeypatch.setattr(acceptor, "MOST_STRANGERS", 10)
    context = served.tls(credential=False)
    gc.collect()
    gc.disable()  # what is not freed without it would grow until it runs
    try:
        opened = [connections.OPENED[name](served.port, context) for _ in range(60)]
        assert all(connections.has_ended(one) for one in opened[:50])
        assert served.is_healthy()
        await_no_more_than(served, 12)
    finally:
        gc.enable()
    for connected in opened:
        connected.close()


def await_no_more_than(served: Served, most: int) -> None:
    """Wait until the server has the TLS of no more connections than this."""
    deadline = time.monotonic() + PATIENCE
    while True:
        kept = served.call(lambda: sum(isinstance(one, SSLProtocol) for one in gc.get_objects()))
        if kept <= most:
            return
        assert time.monotonic() < deadline, kept


def test_those_with_a_credential_are_counted_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptor, "MOST_KNOWN", 3)
    opened = [served.connect() for _ in range(4)]
    assert connections.has_ended(opened[3])
    opened[0].close()
    for connected in opened:
        connected.close()


def test_strangers_keep_out_nobody_with_a_credential(served: Served) -> None:
    context = served.tls(credential=False)
    opened = []
    for _ in range(40):
        opened += [one(served.port, context) for one in connections.OPENED.values()]
        assert served.is_healthy()
    for connected in opened:
        connected.close()


def test_a_server_that_closes_waits_for_no_stranger(tmp_path: Path) -> None:
    opened = []
    with Served(tmp_path) as server:
        context = server.tls(credential=False)
        opened = [one(server.port, context) for one in connections.OPENED.values()]
    assert all(connections.has_ended(one) for one in opened)
    for connected in opened:
        connected.close()


def test_who_shows_a_token_is_no_stranger_any_more(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptor, "STRANGER_SECONDS", 1.0)
    account = served.call(lambda: served.registry.get(kinds.SERVICE_ACCOUNTS, "default", "default"))
    headers = {
        "Authorization": f"Bearer {served.call(lambda: served.tokens.issue(Bound(account)))}"
    }
    known, stranger = (served.connection(credential=False) for _ in range(2))
    for connection, shown in ((known, headers), (stranger, {})):
        connection.request("GET", "/version", headers=shown)
        assert connection.getresponse().read()
    assert connections.has_ended(stranger.sock)
    known.request("GET", "/version", headers=headers)
    answer = known.getresponse()
    assert (answer.status, bool(answer.read())) == (403, True)  # no role says otherwise
    for connection in (known, stranger):
        connection.close()
