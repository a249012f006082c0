"""How long one request can keep the server from all others, whatever is sent.

What is measured is work, not time: the calls of functions between two moments at which the event
loop can turn to another client. A hundred thousand take some tens of milliseconds.
"""

from __future__ import annotations

import sys
from asyncio.events import Handle
from collections.abc import Iterator
from types import FrameType

import pytest

from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.served import Served

MOST_CALLS = 100_000
NAMESPACE = "/api/v1/namespaces/default"
MAPS = f"{NAMESPACE}/configmaps"
JSON = "application/json"
YAML = "application/yaml"
HEAD = '"kind":"ConfigMap","apiVersion":"v1"'


class Holds:
    """Counts the calls of the server's thread in each step of its event loop."""

    def __init__(self) -> None:
        self.longest = self._now = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note one event of the interpreter (sys.setprofile)."""
        if event == "call" and frame.f_code is Handle._run.__code__:
            self._now = 0
        if event in ("call", "c_call"):
            self._now += 1
            self.longest = max(self.longest, self._now)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default and a ConfigMap in it."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        body = {"metadata": {"name": "kept"}, "data": {"a": "b"}}
        server.make(kinds.CONFIG_MAPS, body, "default")
        assert server.get(f"{MAPS}/kept").code == 200  # what is made once is made
        yield server


BODIES: dict[str, tuple[str, bytes]] = {
    "an array of numbers": (JSON, f'{{{HEAD},"x":[{"1," * 200_000}1]}}'.encode()),
    "an array that is broken at its end": (JSON, f'{{{HEAD},"x":[{"1," * 200_000}x]}}'.encode()),
    "a text of escapes that does not end": (JSON, b'"' + b"\\u0061" * 200_000),
    "a value within values": (JSON, b"[" * 500_000),
    "a number of many digits": (JSON, b'{"kind":' + b"9" * 1_000_000 + b"}"),
    "a field that stands many times": (
        JSON,
        f"{{{HEAD}{',{}:{}'.format(chr(34) + 'data' + chr(34), '{}') * 50_000}}}".encode(),
    ),
    "a list in YAML": (YAML, b"- a\n" * 50_000),
    "a mapping in YAML": (YAML, "".join(f"k{one}: v\n" for one in range(20_000)).encode()),
    "aliases in YAML": (YAML, b"x: &a [1, 2, 3]\ny: [" + b"*a," * 20_000 + b"]\n"),
    "blanks in YAML": (YAML, b" " * 1_000_000),
    "a text of a million letters": (
        JSON,
        f'{{{HEAD},"data":{{"a":"{"x" * 1_000_000}"}}}}'.encode(),
    ),
}
QUERIES = {
    "blanks": "labelSelector=" + "%20" * 20_000,
    "blanks behind a key": "labelSelector=a" + "%09" * 20_000 + "b",
    "equal signs": "labelSelector=" + "=" * 60_000,
    "parentheses": "labelSelector=a%20in%20" + "(" * 60_000,
    "backslashes": "fieldSelector=metadata.name=" + "%5C" * 20_000,
    "commas in a field selector": "fieldSelector=" + "," * 60_000,
    "a manager's name that cannot be shown": "fieldManager=" + "%01" * 20_000,
    "a continue token": "continue=" + "A" * 60_000,
    "broken escapes": "labelSelector=" + "%2" * 30_000,
    "digits": "limit=" + "9" * 60_000,
}


def longest(served: Served, method: str, path: str, body: bytes | None, media: str) -> int:
    """The most calls in one step while a request is answered; the server goes on then."""
    holds = Holds()
    served.call(lambda: sys.setprofile(holds))
    try:
        reply = served.request(method, path, body, {"Content-Type": media})
    finally:
        served.call(lambda: sys.setprofile(None))
    assert reply.code in (200, 201, 400, 404, 413, 415, 422), reply.body[:200]
    assert served.is_healthy()
    return holds.longest


@pytest.mark.parametrize("name", BODIES)
def test_no_body_holds_the_server(served: Served, name: str) -> None:
    media, body = BODIES[name]
    assert (
        longest(served, "POST", f"{MAPS}?dryRun=All&fieldValidation=Ignore", body, media)
        < MOST_CALLS
    )


@pytest.mark.parametrize("name", BODIES)
def test_no_deletion_holds_the_server(served: Served, name: str) -> None:
    media, body = BODIES[name]
    assert longest(served, "DELETE", f"{MAPS}/none", body, media) < MOST_CALLS


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_holds_the_server(served: Served, name: str) -> None:
    method = "POST" if "fieldManager" in QUERIES[name] else "GET"
    body = f'{{{HEAD},"metadata":{{"name":"x"}}}}'.encode() if method == "POST" else None
    assert longest(served, method, f"{MAPS}?{QUERIES[name]}", body, JSON) < MOST_CALLS
