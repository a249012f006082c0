"""The clock of a practice cluster on a scripted server: what is asked, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kubectl_joblab.client import kubeconfig
from kubectl_joblab.client.cluster_clock import ClusterClock, Jump, Skipping, Wait, Waiting
from kubectl_joblab.client.kubeconfig import ConnectionFlags
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError, JoblabError, UnreachableError
from tests.api_server import PATIENCE, Answer, Gate, Reset, Server

VERSION = Answer({"gitVersion": "v1.37.2+joblab"})
WAIT = {"kind": "Job", "namespace": "labs", "name": "retry", "what": "next Pod", "why": "back-off"}
JUMPED = json.dumps({"type": "JUMPED", "seconds": 20, "ahead": 20, "for": WAIT}) + "\n"
WAITING = (
    json.dumps(
        {
            "type": "WAITING",
            "running": [{"namespace": "labs", "pod": "retry-a", "container": "main"}],
        }
    )
    + "\n"
)
NOT_FOUND = Answer({"kind": "Status", "reason": "NotFound", "message": "no such path"}, 404)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Client:
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": server.url}}],
        "users": [{"name": "me", "user": {}}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return Client(kubeconfig.load(ConnectionFlags(), {"KUBECONFIG": str(path)}), on_warning=print)


def test_what_happens_comes_as_it_is_told(server: Server, client: Client) -> None:
    gate = Gate()
    server.script = [Answer(chunks=[WAITING, JUMPED, gate])]
    told = ClusterClock(client).move({"advance": 60})
    waiting, jump = next(told), next(told)
    gate.open()
    assert isinstance(waiting, Waiting)
    assert [(one.pod, one.container) for one in waiting.running] == [("retry-a", "main")]
    assert jump == Jump(20, Wait(**WAIT))
    assert list(told) == []
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/joblab/clock")
    assert request.body == {"advance": 60}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        pytest.param(
            [Answer({"gitVersion": "v1.37.2"})],
            "error: only a practice cluster's clock can be moved, and HOST is none",
            id="another cluster",
        ),
        pytest.param(
            [VERSION, NOT_FOUND],
            "error: the practice cluster's server is of a version without a clock",
            id="a practice cluster of an earlier version",
        ),
    ],
)
def test_where_there_is_no_clock_it_says_why(
    server: Server, client: Client, answers: list[Answer], message: str
) -> None:
    server.script = list(answers)
    with pytest.raises(JoblabError) as error:
        ClusterClock(client).require()
    assert str(error.value) == message.replace("HOST", client.host)
    assert error.value.next == "kubectl joblab practice up"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(NOT_FOUND, ApiError, id="the server refuses"),
        pytest.param(
            Answer(chunks=['{"type": "ERROR", "message": "no space left"}\n']),
            JoblabError,
            id="the clock cannot be moved",
        ),
        pytest.param(Answer(chunks=["<html>\n"]), UnreachableError, id="no practice cluster"),
        pytest.param(Answer(chunks=[JUMPED], end="cut"), UnreachableError, id="it breaks off"),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours(
    server: Server, client: Client, answer: Answer, kind: type[JoblabError]
) -> None:
    server.script = [answer]
    with pytest.raises(JoblabError) as error:
        list(ClusterClock(client).move({"skip": True}))
    assert type(error.value) is kind


def taken(skipping: Skipping, wanted: int) -> list[Jump]:
    """The next jumps, so many."""
    found: list[Jump] = []
    over = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        found += skipping.jumps()
        if len(found) >= wanted or over.wait(0.05):
            break
    return found


def test_waits_are_skipped_on_where_the_connection_breaks(server: Server, client: Client) -> None:
    gate = Gate()
    server.script = [Answer(chunks=[JUMPED], end="cut"), Reset(), Answer(chunks=[JUMPED, gate])]
    skipping = Skipping(client)
    skipping.begin()
    skipping.begin()
    try:
        assert taken(skipping, 2) == [Jump(20, Wait(**WAIT))] * 2
    finally:
        skipping.end()
        gate.open()
    assert [one.body for one in server.requests] == [{"skip": True}] * 3


def test_a_refusal_is_raised_where_the_jumps_are_taken(server: Server, client: Client) -> None:
    server.script = [NOT_FOUND]
    skipping = Skipping(client)
    skipping.begin()
    with pytest.raises(ApiError):
        taken(skipping, 1)


def test_nothing_is_asked_where_nobody_has_begun(server: Server, client: Client) -> None:
    skipping = Skipping(client)
    assert (list(skipping.jumps()), skipping.has_begun) == ([], False)
    skipping.end()
    assert server.requests == []


def test_a_user_without_the_right_is_told_what_gives_it(server: Server, client: Client) -> None:
    why = 'forbidden: User "x" cannot get path "/joblab/clock"'
    body = {"kind": "Status", "reason": "Forbidden", "message": why}
    server.script = [VERSION, Answer(body, 403)]
    with pytest.raises(JoblabError) as caught:
        ClusterClock(client).require()
    assert str(caught.value.message) == (
        f"error: this user may not move the practice cluster's clock: {why}"
    )
    assert [str(one) for one in caught.value.means] == [
        "A ClusterRole with nonResourceURLs /joblab/clock and the verbs get and post, bound to the"
        " user, lets it."
    ]
