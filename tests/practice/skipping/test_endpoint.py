"""/joblab/clock over HTTP: who may use it, what it answers, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import GATHERED, Running, Wait
from kubectl_joblab.practice.skipping.engine import MOST_AHEAD
from tests.practice.api.served import Served
from tests.practice.clusters import await_true
from tests.practice.skipping.scenes import job

PATH = "/joblab/clock"
TTL = Wait("Job", "default", "old", "deleted", "TTL")


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the API where nothing runs."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        yield server


def state(served: Served) -> Object:
    """The state of the clock, without its time."""
    found: Object = served.get(PATH).json
    del found["time"]
    return found


def post(served: Served, body: object) -> list[Object]:
    """The lines of the answer to a POST."""
    reply = served.request("POST", PATH, body)
    assert reply.code == 200, reply.body
    return [json.loads(line) for line in reply.body.splitlines()]


@contextmanager
def waiting(served: Served, seconds: float, wait: Wait) -> Iterator[None]:
    """Have an object wait for so many seconds."""
    timer = served.call(lambda: served.clock.call_later(seconds, lambda: None, wait=wait))
    try:
        yield
    finally:
        served.call(timer.cancel)


def test_it_shows_what_waits_and_what_runs(served: Served) -> None:
    served.running = [Running("default", "p", "main")]
    with (
        waiting(served, 3600, TTL),
        waiting(served, 60, TTL._replace(name="new")),
        waiting(served, 30, TTL._replace(why=GATHERED)),
    ):
        found = state(served)
    named = [(one["name"], one["what"], one["why"], one["seconds"]) for one in found.pop("timers")]
    assert named == [("new", "deleted", "TTL", 60), ("old", "deleted", "TTL", 3600)]
    running = [{"namespace": "default", "pod": "p", "container": "main"}]
    assert found == {"ahead": 0, "auto": False, "running": running}


def test_an_advance_tells_what_happens(served: Served) -> None:
    with waiting(served, 40, TTL):
        first, second, done = post(served, {"advance": 100})
    left = first["seconds"]  # on a busy machine some of the 40 pass by themselves
    assert 0 < left <= 40
    assert first == {"type": "JUMPED", "seconds": left, "ahead": left, "for": TTL._asdict()}
    assert second == {"type": "JUMPED", "seconds": 100 - left, "ahead": 100}
    assert done["type"] == "DONE"
    assert done["clock"]["ahead"] == 100
    assert "reached" not in done
    assert state(served)["ahead"] == 100


def test_containers_are_waited_for_unless_that_is_not_wanted(served: Served) -> None:
    served.running = [Running("default", "p", "main")]
    told = post(served, {"advance": 1})
    running = [{"namespace": "default", "pod": "p", "container": "main"}]
    assert told[0] == {"type": "WAITING", "running": running}
    assert [one["type"] for one in told] == ["WAITING", "DONE"]
    anyway = post(served, {"advance": 100, "whileRunning": True})
    assert [one["type"] for one in anyway] == ["JUMPED", "DONE"]


@pytest.mark.parametrize("goal", [{"condition": "Suspended"}, {"pods": 3}, {"tries": 3}], ids=str)
def test_what_will_never_be_is_told(served: Served, goal: Object) -> None:
    served.make(kinds.JOBS, job(suspend=True), "default")
    until = {"kind": "Job", "namespace": "default", "name": "j", **goal}
    (done,) = post(served, {"until": until, "atMost": 60})
    assert (done["type"], done["reached"], done["why"]) == ("DONE", False, "nothing waits")


def test_at_most_is_kept(served: Served) -> None:
    served.make(kinds.JOBS, job(), "default")
    until = {"kind": "Job", "namespace": "default", "name": "j", "condition": "Failed"}
    with waiting(served, 3600, TTL):
        *_, done = post(served, {"until": until, "atMost": 60})
    assert (done["reached"], done["why"], done["clock"]["ahead"]) == (False, "at-most", 60)


def test_auto_is_for_good(served: Served) -> None:
    (found,) = post(served, {"auto": True})
    assert found["auto"] is True
    with waiting(served, 3600, TTL):
        await_true(lambda: state(served)["ahead"] >= 3599)
    assert post(served, {"auto": False})[0]["auto"] is False


def test_to_skip_ends_with_the_connection(served: Served) -> None:
    connection = served.connection()
    connection.request("POST", PATH, b'{"skip": true}')
    with waiting(served, 3600, TTL):
        line = json.loads(connection.getresponse().readline())
    assert (line["type"], line["for"]["name"]) == ("JUMPED", "old")
    assert served.call(lambda: len(served.engine)) == 1
    connection.close()
    await_true(lambda: served.call(lambda: len(served.engine)) == 0)


JOB = {"kind": "Job", "namespace": "default", "name": "j"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        ([], "the body is not a JSON object"),
        ({}, "the body is none of advance, until, skip and auto"),
        ({"advance": 5, "auto": True}, "the body is none of"),
        ({"advance": 5, "until": {}}, "the body is none of"),
        ({"skip": False}, "the body is none of"),
        ({"skip": 1}, "skip is neither true nor false"),
        ({"auto": "on"}, "auto is neither true nor false"),
        ({"advance": 5, "whileRunning": 1}, "whileRunning is neither true nor false"),
        ({"advance": 0}, f"advance is no whole number of seconds from 1 to {MOST_AHEAD}"),
        ({"advance": MOST_AHEAD + 1}, "advance is no whole number"),
        ({"advance": 1.5}, "advance is no whole number"),
        ({"advance": True}, "advance is no whole number"),
        ({"until": "j"}, "until: it has to name a Job"),
        ({"until": {**JOB, "kind": "Pod", "pods": 1}}, "until: it has to name a Job"),
        ({"until": JOB}, "until: it has to have one of condition, pods, tries"),
        ({"until": {**JOB, "pods": 1, "tries": 1}}, "until: it has to have one of"),
        ({"until": {"kind": "Job", "pods": 1}}, "until: it has to have one of"),
        ({"until": {**JOB, "pods": "3"}}, "until: pods is not of type int"),
        ({"until": {**JOB, "condition": 3}}, "until: condition is not of type str"),
        ({"until": {**JOB, "name": 3, "pods": 3}}, "until: pods is not of type int"),
        ({"until": {**JOB, "pods": 1}, "atMost": -1}, "atMost is no whole number"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_body_that_asks_for_nothing_is_refused(
    served: Served, body: object, message: str
) -> None:
    reply = served.request("POST", PATH, body)
    assert (reply.code, reply.json["reason"]) == (400, "BadRequest")
    assert message in reply.json["message"]


def test_a_job_that_is_not_there_is_not_found(served: Served) -> None:
    reply = served.request("POST", PATH, {"until": {**JOB, "pods": 3}})
    assert (reply.code, reply.json["message"]) == (404, 'jobs.batch "j" not found')


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_served(served: Served, method: str) -> None:
    assert served.request(method, PATH, {"advance": 5}).code == 405


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_without_the_certificate_comes_here(served: Served, method: str) -> None:
    reply = served.request(method, PATH, {"advance": 5}, credential=False)
    assert reply.code == 403
    assert state(served)["ahead"] == 0


@pytest.mark.parametrize("path", ["/joblab", "/joblab/clock/x", "/joblab/x", "/apis/joblab"])
def test_nothing_else_is_there(served: Served, path: str) -> None:
    assert served.get(path).code == 404


def test_no_document_speaks_of_it(served: Served) -> None:
    documents = ("/", "/apis", "/api")
    assert [path for path in documents if b"clock" in served.get(path).body] == []
