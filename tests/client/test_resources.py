"""The client against a scripted server: its requests, and what it makes of the answers.

The sentences of kubectl were taken from kubectl 1.37.2 in the same situations.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import shlex
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_joblab import clock
from kubectl_joblab.client import connection, kubeconfig, resources, settings
from kubectl_joblab.client.connection import Stop
from kubectl_joblab.client.kubeconfig import ConnectionFlags
from kubectl_joblab.client.resources import JOBS, NAMESPACES, PODS, Client, WatchEvent
from kubectl_joblab.errors import ApiError, JoblabError, UnreachableError
from tests import api_server
from tests.api_server import PATIENCE, Answer, Gate, Nap, Request, Reset, Server, Silence, Step

JOBS_PATH = "/apis/batch/v1/namespaces/labs/jobs"
Object = dict[str, Any]


class Place:
    """Makes the clients of one test. warned: the texts of the warnings that they were sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warned: list[str] = []

    def client(
        self,
        server: Server | str,
        user: Object | None = None,
        cluster: Object | None = None,
        **flags: Any,
    ) -> Client:
        """A client as the program makes it, from a kubeconfig and flags."""
        url = server if isinstance(server, str) else server.url
        config = {
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
            "clusters": [{"name": "here", "cluster": {"server": url, **(cluster or {})}}],
            "users": [{"name": "me", "user": user or {}}],
        }
        path = self.file("config", yaml.safe_dump(config))
        target = kubeconfig.load(ConnectionFlags(**flags), {"KUBECONFIG": str(path)})
        return Client(target, self.warned.append)

    def file(self, name: str, text: str) -> Path:
        """The path of a new file with this text."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def trusting(self) -> Object:
        """A cluster entry that trusts the test authority."""
        return {"certificate-authority": str(self.file("ca.crt", api_server.AUTHORITY))}


@pytest.fixture(params=["light", "package"])
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Place:
    """A place whose clients use the direct transport, and once more the kubernetes package."""
    if request.param == "package":
        monkeypatch.setattr(settings, "of", lambda _: None)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return Place(tmp_path)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def client(place: Place, server: Server) -> Client:
    return place.client(server)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "RETRY_FIRST", 0.001)
    monkeypatch.setattr(resources, "RETRY_LAST", 0.002)


def status(code: int, reason: str, message: str, **details: Any) -> Answer:
    """A refusal as the API server words it."""
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    }
    return Answer(body, code)


def job(name: str, version: int) -> Object:
    return {"metadata": {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}}


def listing(version: int, *items: Object, more: str = "") -> Answer:
    metadata = {"resourceVersion": str(version), "continue": more}
    return Answer({"kind": "JobList", "metadata": metadata, "items": list(items)})


# ---- get, list, create, patch, delete


def test_get_gives_the_object_as_it_was_served(server: Server, client: Client) -> None:
    served = {"kind": "Job", "metadata": {"name": "sleep"}, "spec": {"newField": [1, None]}}
    server.script = [Answer(served)]
    assert client.get(JOBS, "sleep", "labs") == served
    assert server.paths == [f"GET {JOBS_PATH}/sleep"]


@pytest.mark.parametrize(
    ("resource", "namespace", "path"),
    [
        pytest.param(JOBS, "labs", JOBS_PATH + "/x", id="a group's resource lies below /apis"),
        pytest.param(PODS, "labs", "/api/v1/namespaces/labs/pods/x", id="the core's below /api"),
        pytest.param(
            NAMESPACES, "labs", "/api/v1/namespaces/x", id="a cluster's resource has no namespace"
        ),
    ],
)
def test_resources_have_the_paths_of_the_api(
    server: Server, client: Client, resource: resources.Resource, namespace: str, path: str
) -> None:
    server.script = [Answer({"metadata": {"name": "x"}})]
    client.get(resource, "x", namespace)
    assert server.requests[0].path == path


def test_a_server_below_a_path_is_asked_below_it(place: Place, server: Server) -> None:
    server.script = [Answer({"gitVersion": "v1.37.2"})]
    client = place.client(server.url + "/k8s/clusters/c-1/")
    assert client.version() == {"gitVersion": "v1.37.2"}
    assert server.paths == ["GET /k8s/clusters/c-1/version"]


def test_a_list_is_read_page_by_page(server: Server, client: Client) -> None:
    server.script = [
        listing(7, job("a", 1), job("b", 2), more="page 2/="),
        listing(7, job("c", 3)),
    ]
    found = client.list(JOBS, "labs")
    assert [item["metadata"]["name"] for item in found.items] == ["a", "b", "c"]
    assert found.resource_version == "7"
    assert [request.query for request in server.requests] == [
        {"limit": "500"},
        {"limit": "500", "continue": "page 2/="},
    ]


def test_the_items_of_a_list_say_what_they_are(server: Server, client: Client) -> None:
    server.script = [listing(7, job("a", 1))]
    (item,) = client.list(JOBS, "labs").items
    assert (item["apiVersion"], item["kind"]) == ("batch/v1", "Job")


def test_a_list_of_nothing_is_empty(server: Server, client: Client) -> None:
    server.script = [Answer({"metadata": {"resourceVersion": "5"}, "items": None})]
    assert client.list(PODS, "labs") == resources.Listing([], "5")


def test_selectors_are_sent_with_every_page(server: Server, client: Client) -> None:
    server.script = [listing(7, job("x", 1), more="next"), listing(7)]
    client.list(PODS, "labs", labels="a=b,c!=d", fields="metadata.name=x")
    for request in server.requests:
        assert request.query["labelSelector"] == "a=b,c!=d"
        assert request.query["fieldSelector"] == "metadata.name=x"


@pytest.mark.parametrize(
    ("dry_run", "query"),
    [
        pytest.param(
            False,
            {"fieldManager": "kubectl-joblab", "fieldValidation": "Strict"},
            id="for good",
        ),
        pytest.param(
            True,
            {"fieldManager": "kubectl-joblab", "fieldValidation": "Strict", "dryRun": "All"},
            id="as a dry run",
        ),
    ],
)
def test_create_sends_the_object_and_asks_for_strict_validation(
    server: Server, client: Client, dry_run: bool, query: dict[str, str]
) -> None:
    made = {"metadata": {"name": "x", "uid": "1"}}
    server.script = [Answer(made, 201)]
    body = {"kind": "Job", "metadata": {"name": "실습"}}
    assert client.create(JOBS, body, "labs", dry_run=dry_run) == made
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", JOBS_PATH, query)
    assert (request.body, request.header("Content-Type")) == (body, ["application/json"])


def test_patch_sends_a_merge_patch(server: Server, client: Client) -> None:
    patched = {"metadata": {"name": "x"}, "spec": {"suspend": True}}
    server.script = [Answer(patched)]
    assert client.patch(JOBS, "x", {"spec": {"suspend": True}}, "labs") == patched
    (request,) = server.requests
    assert (request.method, request.path) == ("PATCH", f"{JOBS_PATH}/x")
    assert request.query == {"fieldManager": "kubectl-joblab"}
    assert request.body == {"spec": {"suspend": True}}
    assert request.header("Content-Type") == ["application/merge-patch+json"]


@pytest.mark.parametrize(
    ("uid", "options"),
    [
        pytest.param("", {"propagationPolicy": "Background"}, id="by name"),
        pytest.param(
            "u-1",
            {"propagationPolicy": "Background", "preconditions": {"uid": "u-1"}},
            id="only the object of this uid",
        ),
    ],
)
def test_delete_takes_the_pods_along_in_the_background(
    server: Server, client: Client, uid: str, options: Object
) -> None:
    server.script = [Answer({"kind": "Status", "status": "Success"})]
    client.delete(JOBS, "x", "labs", uid=uid)
    (request,) = server.requests
    assert (request.method, request.path) == ("DELETE", f"{JOBS_PATH}/x")
    sent = {key: value for key, value in request.body.items() if key not in ("kind", "apiVersion")}
    assert sent == options


# ---- logs


def test_log_lines_come_while_the_container_still_writes(server: Server, client: Client) -> None:
    second, end = Gate(), Gate()
    server.script = [Answer(chunks=["one\n", second, "two\nthr", end, "ee\n"])]
    lines = client.logs("pod-x", "labs", "main", follow=True)
    assert next(lines) == "one"
    second.open()
    assert next(lines) == "two"
    end.open()
    assert list(lines) == ["three"]


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        pytest.param(["a\n", "b\n"], ["a", "b"], id="a line a chunk"),
        pytest.param(["a\nb"], ["a", "b"], id="the last line has no end"),
        pytest.param(["a\n\n", "\nb\n"], ["a", "", "", "b"], id="empty lines count"),
        pytest.param(["50%\r100%\n"], ["50%\r100%"], id="a carriage return ends no line"),
        pytest.param(["a\u2028b\n"], ["a\u2028b"], id="nor does a Unicode separator"),
        pytest.param(
            ["성공".encode()[:4], "성공".encode()[4:] + b"\n"],
            ["성공"],
            id="a character split over two chunks",
        ),
        pytest.param([b"\xff\xfe\n"], ["\ufffd\ufffd"], id="bytes that are no UTF-8"),
        pytest.param([], [], id="no log at all"),
    ],
)
def test_a_log_is_cut_into_its_lines(
    server: Server, client: Client, chunks: list[str | bytes | Gate], lines: list[str]
) -> None:
    server.script = [Answer(chunks=chunks)]
    assert list(client.logs("pod-x", "labs", "main")) == lines


@pytest.mark.parametrize(
    ("options", "query"),
    [
        pytest.param({}, {}, id="the log so far"),
        pytest.param({"follow": True}, {"follow": "true"}, id="and what follows"),
        pytest.param({"previous": True}, {"previous": "true"}, id="of the run before"),
        pytest.param({"timestamps": True}, {"timestamps": "true"}, id="with timestamps"),
        pytest.param({"tail": 0}, {"tailLines": "0"}, id="no line of what is there"),
        pytest.param({"limit_bytes": 10}, {"limitBytes": "10"}, id="the first bytes"),
    ],
)
def test_a_log_is_asked_for_with(
    server: Server, client: Client, options: Object, query: dict[str, str]
) -> None:
    server.script = [Answer("")]
    assert list(client.logs("pod-x", "labs", "main", **options)) == []
    (request,) = server.requests
    assert request.path == "/api/v1/namespaces/labs/pods/pod-x/log"
    assert request.query == {"container": "main", **query}


def test_a_log_that_breaks_off_is_told_as_unreachable(server: Server, client: Client) -> None:
    server.script = [Answer(chunks=["one\n"], end="cut")]
    lines = client.logs("pod-x", "labs", "main")
    assert next(lines) == "one"
    with pytest.raises(UnreachableError):
        next(lines)


# ---- warnings and the clock


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        pytest.param([("Warning", '299 - "restricted"')], ["restricted"], id="its text alone"),
        pytest.param(
            [("Warning", '299 - "one"'), ("Warning", '299 - "two"')], ["one", "two"], id="each"
        ),
        pytest.param(
            [("Warning", r'299 - "container \"main\" must"')],
            ['container "main" must'],
            id="quotes in it",
        ),
        pytest.param([], [], id="none"),
    ],
)
def test_warnings_of_the_server_are_told(
    place: Place, server: Server, headers: list[tuple[str, str]], told: list[str]
) -> None:
    server.script = [Answer({"metadata": {"name": "x"}}, 201, headers)]
    place.client(server).create(JOBS, {}, "labs")
    assert place.warned == told


def test_warnings_of_a_refusal_are_told_too(place: Place, server: Server) -> None:
    refusal = status(409, "AlreadyExists", 'jobs.batch "x" already exists')
    server.script = [replace(refusal, headers=[("Warning", '299 - "restricted"')])]
    with pytest.raises(ApiError):
        place.client(server).create(JOBS, {}, "labs")
    assert place.warned == ["restricted"]


NOON = datetime(2031, 5, 6, 12, 0, 0, tzinfo=timezone.utc)


def dated(at: datetime) -> Answer:
    return Answer({}, headers={"Date": at.strftime("%a, %d %b %Y %H:%M:%S GMT")})


def test_the_clock_is_the_servers(server: Server, client: Client) -> None:
    server.script = [dated(NOON)]
    client.version()
    assert NOON <= client.now() < NOON + timedelta(minutes=1)


@pytest.mark.parametrize("hours", [1, -1])
def test_the_clock_follows_a_server_whose_clock_was_set(
    server: Server, client: Client, hours: int
) -> None:
    then = NOON + timedelta(hours=hours)
    server.script = [dated(NOON), dated(then)]
    client.version()
    client.version()
    assert then <= client.now() < then + timedelta(minutes=1)


def test_a_date_of_whole_seconds_does_not_put_a_right_clock_back(
    server: Server, client: Client
) -> None:
    server.script = [dated(datetime.now(timezone.utc))]
    client.version()
    before, now, after = datetime.now(timezone.utc), client.now(), datetime.now(timezone.utc)
    rounding = timedelta(milliseconds=1)
    assert before - rounding <= now <= after + rounding


def test_the_clock_of_this_machine_serves_until_there_is_an_answer(client: Client) -> None:
    assert abs(client.now() - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_a_date_that_is_none_is_passed_over(server: Server, client: Client) -> None:
    server.script = [Answer({"gitVersion": "v1"}, headers={"Date": "today"})]
    assert client.version() == {"gitVersion": "v1"}


# ---- watch


def told(kind: str, item: Object) -> str:
    """A line of a watch."""
    return json.dumps({"type": kind, "object": item}) + "\n"


def bookmark(version: int) -> str:
    return told("BOOKMARK", {"metadata": {"resourceVersion": str(version)}})


def expired() -> str:
    body = status(410, "Expired", "too old resource version: 5 (90)").body
    return told("ERROR", body)


def take(events: Iterator[WatchEvent], count: int) -> list[str]:
    """The next events, as KIND name/version."""
    found = []
    for event in itertools.islice(events, count):
        metadata = event.object.get("metadata", {})
        name = f" {metadata['name']}/{metadata['resourceVersion']}" if metadata else ""
        found.append(event.kind + name)
    return found


@pytest.fixture
def follow(client: Client) -> Iterator[Callable[..., list[str]]]:
    """A function that watches Jobs until so many events have come, and returns the events."""
    open_watches = []

    def run(count: int, **selection: Any) -> list[str]:
        events = client.watch(JOBS, "labs", **selection)
        open_watches.append(events)
        return take(events, count)

    yield run
    for events in open_watches:
        events.close()  # type: ignore[attr-defined]


Follow = Callable[..., list[str]]


def watched_from(server: Server) -> list[str]:
    """For each request the resourceVersion that it watches from, or "list" for a list."""
    return [request.query.get("resourceVersion", "list") for request in server.requests]


def test_a_watch_tells_what_is_there_and_then_what_changes(server: Server, follow: Follow) -> None:
    server.script = [
        listing(5, job("a", 3), job("b", 4)),
        Answer(chunks=[told("MODIFIED", job("a", 6)), told("DELETED", job("b", 7))]),
    ]
    assert follow(4, labels="l=1", fields="f=2") == [
        "ADDED a/3",
        "ADDED b/4",
        "MODIFIED a/6",
        "DELETED b/7",
    ]
    query = server.requests[1].query
    seconds = int(query.pop("timeoutSeconds"))
    assert 0 < seconds <= 600
    assert query == {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "resourceVersion": "5",
        "labelSelector": "l=1",
        "fieldSelector": "f=2",
    }


def test_a_watch_from_a_known_object_asks_for_no_list(server: Server, follow: Follow) -> None:
    server.script = [Answer(chunks=[told("MODIFIED", job("a", 9))])]
    assert follow(1, known=job("a", 3)) == ["MODIFIED a/9"]
    assert watched_from(server) == ["3"]


def test_events_come_as_they_are_sent(server: Server, client: Client) -> None:
    later = Gate()
    server.script = [
        Answer(chunks=[told("MODIFIED", job("a", 4)), later, told("MODIFIED", job("a", 5))])
    ]
    events = client.watch(JOBS, "labs", known=job("a", 3))
    assert take(events, 1) == ["MODIFIED a/4"]
    later.open()
    assert take(events, 1) == ["MODIFIED a/5"]
    events.close()  # type: ignore[attr-defined]


def test_an_event_split_over_chunks_is_one_event(server: Server, follow: Follow) -> None:
    line = told("MODIFIED", job("a", 4))
    server.script = [Answer(chunks=[line[:20], line[20:50], line[50:]])]
    assert follow(1, known=job("a", 3)) == ["MODIFIED a/4"]


def test_a_watch_that_the_server_ends_goes_on_from_the_last_version(
    server: Server, follow: Follow
) -> None:
    server.script = [
        listing(5, job("a", 3)),
        Answer(chunks=[told("MODIFIED", job("a", 6))]),
        Answer(chunks=[told("MODIFIED", job("a", 8))]),
    ]
    assert follow(3) == ["ADDED a/3", "MODIFIED a/6", "MODIFIED a/8"]
    assert watched_from(server) == ["list", "5", "6"]


def test_a_bookmark_moves_the_version_and_is_not_told(server: Server, follow: Follow) -> None:
    server.script = [
        listing(5, job("a", 3)),
        Answer(chunks=[bookmark(40)]),
        Answer(chunks=[told("MODIFIED", job("a", 41))]),
    ]
    assert follow(2) == ["ADDED a/3", "MODIFIED a/41"]
    assert watched_from(server) == ["list", "5", "40"]


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(
            status(410, "Expired", "too old resource version: 5 (90)"), id="410 as the answer"
        ),
        pytest.param(Answer(chunks=[expired()]), id="410 as an ERROR event"),
    ],
)
def test_after_410_it_lists_again_and_tells_only_what_differs(
    server: Server, follow: Follow, gone: Answer
) -> None:
    server.script = [
        listing(5, job("same", 1), job("changed", 2), job("removed", 3)),
        gone,
        listing(90, job("same", 1), job("changed", 80), job("new", 85)),
        Answer(chunks=[told("MODIFIED", job("new", 91))]),
    ]
    assert follow(3) == ["ADDED same/1", "ADDED changed/2", "ADDED removed/3"]
    server.requests.clear()
    server.script.insert(0, listing(5, job("same", 1), job("changed", 2), job("removed", 3)))
    events = follow(7)[3:]
    assert sorted(events[:3]) == ["ADDED new/85", "DELETED removed/3", "MODIFIED changed/80"]
    assert events[3:] == ["MODIFIED new/91"]
    assert watched_from(server) == ["list", "5", "list", "90"]


def test_after_410_a_known_object_that_is_gone_is_told_as_deleted(
    server: Server, follow: Follow
) -> None:
    server.script = [Answer(chunks=[expired()]), listing(90)]
    assert follow(1, known=job("a", 3)) == ["DELETED a/3"]


def test_after_410_an_object_is_told_again_whose_times_alone_have_moved(
    server: Server, follow: Follow
) -> None:
    known, moved = job("a", 3), job("a", 3)
    known["metadata"]["creationTimestamp"] = "2026-03-01T12:00:20Z"
    moved["metadata"]["creationTimestamp"] = "2026-03-01T12:00:00Z"
    server.script = [Answer(chunks=[expired()]), listing(90, moved)]
    assert follow(1, known=known) == ["MODIFIED a/3"]


LOST_THEN_BACK = ["MODIFIED a/4", "LOST", "MODIFIED a/6"]


@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param([Reset()], id="the connection is reset"),
        pytest.param([Reset(), Reset(), Reset()], id="it is reset again and again"),
        pytest.param([Answer(chunks=[], end="reset")], id="it is reset behind the headers"),
        pytest.param([Answer(chunks=[], end="cut")], id="it is cut behind the headers"),
        pytest.param([Answer(chunks=[])], id="it ends at once, without an event"),
        pytest.param([Answer(chunks=['{"type":"MODI'], end="cut")], id="it is cut within an event"),
        pytest.param([Answer(chunks=['{"type":"MODI'])], id="it ends within an event"),
        pytest.param([Answer("<html>", chunks=["<html>\n"])], id="something else answers"),
        pytest.param([status(429, "TooManyRequests", "slow down")], id="429"),
        pytest.param([status(500, "InternalError", "etcd")], id="500"),
        pytest.param([Answer("upstream down", 502)], id="502 of a load balancer"),
        pytest.param([status(503, "ServiceUnavailable", "starting")], id="503"),
        pytest.param(
            [Answer(chunks=[told("ERROR", status(500, "InternalError", "x").body)])],
            id="an ERROR event that is not 410",
        ),
        pytest.param([Reset(), status(403, "Forbidden", "no")], id="403 right after an outage"),
        pytest.param(
            [Reset(), status(401, "Unauthorized", "Unauthorized")], id="401 right after an outage"
        ),
    ],
)
def test_a_watch_is_tried_again_and_the_loss_said_once_when(
    server: Server, follow: Follow, breaks: list[Step]
) -> None:
    server.script = [
        Answer(chunks=[told("MODIFIED", job("a", 4))]),
        *breaks,
        Answer(chunks=[told("MODIFIED", job("a", 6))]),
    ]
    assert follow(3, known=job("a", 3)) == LOST_THEN_BACK
    assert set(watched_from(server)[1:]) == {"4"}


def test_each_outage_is_said(server: Server, follow: Follow) -> None:
    server.script = [
        Answer(chunks=[told("MODIFIED", job("a", 4))]),
        Reset(),
        Answer(chunks=[told("MODIFIED", job("a", 5))]),
        Reset(),
        Answer(chunks=[told("MODIFIED", job("a", 6))]),
    ]
    events = follow(5, known=job("a", 3))
    assert events == ["MODIFIED a/4", "LOST", "MODIFIED a/5", "LOST", "MODIFIED a/6"]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param([Answer(chunks=[]), Reset()], id="and the server ends it"),
        pytest.param([Answer(chunks=[], end="cut")], id="and it breaks again"),
    ],
)
def test_an_outage_is_over_when_the_watch_is_open_again_though_nothing_happens(
    server: Server, follow: Follow, monkeypatch: pytest.MonkeyPatch, second: list[Step]
) -> None:
    monkeypatch.setattr(resources, "SHORTEST_WATCH", 0.0)  # so that a silent watch counts as open
    server.script = [Reset(), *second, Answer(chunks=[told("MODIFIED", job("a", 4))])]
    assert follow(3, known=job("a", 3)) == ["LOST", "LOST", "MODIFIED a/4"]


def test_a_list_that_fails_within_a_watch_is_tried_again(server: Server, follow: Follow) -> None:
    server.script = [
        Reset(),
        status(503, "ServiceUnavailable", "starting"),
        listing(5, job("a", 3)),
    ]
    assert follow(2) == ["LOST", "ADDED a/3"]


def test_a_refused_connection_is_said_and_tried_again(place: Place) -> None:
    with Server() as first:
        port = first.port
        client = place.client(first)
        first.script = [Answer(chunks=[told("MODIFIED", job("a", 4))], headers={"Connection": "x"})]
        events = client.watch(JOBS, "labs", known=job("a", 3))
        assert take(events, 1) == ["MODIFIED a/4"]
        first.script = [Answer(chunks=[], end="reset")]
    assert take(events, 1) == ["LOST"]
    with Server(port=port) as again:
        again.script = [Answer(chunks=[told("MODIFIED", job("a", 6))])]
        assert take(events, 1) == ["MODIFIED a/6"]
    events.close()  # type: ignore[attr-defined]


def test_a_handshake_that_a_starting_server_breaks_off_is_tried_again(place: Place) -> None:
    with Server(certificate="server", hangs_up=1) as server:
        server.script = [Answer(chunks=[told("MODIFIED", job("a", 4))])]
        client = place.client(server, cluster=place.trusting())
        events = client.watch(JOBS, "labs", known=job("a", 3))
        assert take(events, 2) == ["LOST", "MODIFIED a/4"]
        events.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [401, 403])
def test_a_refusal_without_an_outage_ends_the_watch(
    server: Server, follow: Follow, code: int
) -> None:
    server.script = [
        listing(5, job("a", 3)),
        status(code, "Forbidden", "jobs.batch is forbidden"),
    ]
    with pytest.raises(ApiError) as caught:
        follow(2)
    assert caught.value.code == code


def test_a_refusal_that_stays_after_an_outage_ends_the_watch(
    server: Server, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "SETTLING", 0.0)
    server.script = [Reset(), status(403, "Forbidden", "jobs.batch is forbidden")]
    with pytest.raises(ApiError, match="forbidden"):
        follow(2, known=job("a", 3))


def test_an_untrusted_server_ends_the_watch(place: Place) -> None:
    with Server(certificate="server") as server:
        events = place.client(server).watch(JOBS, "labs", known=job("a", 3))
        with pytest.raises(UnreachableError, match="unknown authority"):
            next(events)


def test_other_requests_are_answered_while_a_watch_is_open(server: Server, client: Client) -> None:
    hold = Gate()
    server.script = [
        Answer(chunks=[told("MODIFIED", job("a", 4)), hold]),
        Answer({"gitVersion": "v1.37.2"}),
    ]
    events = client.watch(JOBS, "labs", known=job("a", 3))
    assert take(events, 1) == ["MODIFIED a/4"]
    assert client.version() == {"gitVersion": "v1.37.2"}
    events.close()  # type: ignore[attr-defined]
    hold.open()


# ---- answers that no API server gives


STRANGE = "Unable to connect to the server: its answer is not that of a Kubernetes API server"


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        pytest.param(
            Answer({}, 302, {"Location": "https://login.example/"}),
            ": status code 302, to https://login.example/",
            id="a redirect",
        ),
        pytest.param(Answer("", 304), ": status code 304", id="a code that says nothing"),
        pytest.param(Answer({}), ": metadata is missing", id="an object without anything"),
        pytest.param(
            Answer({"metadata": {"name": "../../x"}}), ": metadata.name is not a name", id="a name"
        ),
        pytest.param(
            Answer({**job("a", 1), "status": {"conditions": [{"type": "Failed"}, None]}}),
            ": status.conditions[1] is not an object",
            id="an item that is null",
        ),
        pytest.param(
            Answer({**job("a", 1), "status": {"failed": 2**31}}),
            ": status.failed is not a whole number of 32 bits",
            id="a number that is too large",
        ),
        pytest.param(
            Answer({**job("a", 1), "status": {"startTime": "9999-12-31T23:59:59Z"}}),
            ": status.startTime is not a time",
            id="a time that nothing can be added to",
        ),
        pytest.param(
            Answer('{"metadata": {"name": "x"}, "x": ' + "[" * 500 + "]" * 500 + "}"),
            ": it is nested more than 100 deep",
            id="lists in lists",
        ),
        pytest.param(Answer("[" * 100_000), "", id="more lists in lists"),
        pytest.param(Answer('{"x": ' + "9" * 5000 + "}"), "", id="a number of 5,000 digits"),
        pytest.param(Answer('{"metadata": {"na'), "", id="half an answer"),
    ],
)
def test_a_strange_answer_is_told_in_one_line(
    server: Server, client: Client, answer: Answer, wrong: str
) -> None:
    server.script = [answer]
    error = refusal_of(client)
    assert isinstance(error, UnreachableError)
    assert str(error.message) == STRANGE + wrong


def test_what_is_null_is_as_if_it_were_not_there(server: Server, client: Client) -> None:
    served = {**job("a", 1), "spec": None, "status": {"startTime": None, "conditions": None}}
    server.script = [Answer(served)]
    assert client.get(JOBS, "a", "labs") == {**job("a", 1), "status": {"startTime": None}}


def test_half_a_surrogate_pair_is_shown_as_a_mark(server: Server, client: Client) -> None:
    server.script = [Answer('{"gitVersion": "\\ud83d\\ude00 \\ud800"}')]
    assert client.version() == {"gitVersion": "\U0001f600 \ufffd"}


def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LONGEST_BODY", 1 << 20)
    hold = Gate()
    server.script = [Answer(chunks=["x" * (2 << 20), hold])]
    assert str(refusal_of(client).message) == STRANGE + ": it has more than 1 MiB"
    hold.open()


def test_a_log_is_not_read_beyond_its_limit(server: Server, client: Client) -> None:
    hold = Gate()
    server.script = [Answer(chunks=["ab\n\n", "c" * 20 + "\n" * 20, hold])]
    lines = client.logs("x", "labs", "main", limit_bytes=12)
    assert list(lines) == ["ab", "", "cccccccc"]
    hold.open()


def test_a_line_without_an_end_comes_in_pieces(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LONGEST_LINE", 5)
    hold = Gate()
    server.script = [Answer(chunks=["abc", "def", hold, "g\n"])]
    lines = client.logs("x", "labs", "main")
    assert next(lines) == "abcdef"
    hold.open()
    assert list(lines) == ["g"]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(["{"] * 100, id="the body trickles"),
        pytest.param([Gate()], id="the body does not come"),
    ],
)
def test_the_request_timeout_is_that_of_the_whole_request(
    place: Place, server: Server, chunks: list[Any]
) -> None:
    trickle = [part for chunk in chunks for part in (chunk, Nap(0.02))]
    server.script = [Answer(chunks=trickle)]
    error = refusal_of(place.client(server, request_timeout=0.3))
    assert str(error.message) == "Unable to connect to the server: context deadline exceeded"


def test_the_request_timeout_ends_a_log_that_trickles(place: Place, server: Server) -> None:
    server.script = [Answer(chunks=[part for _ in range(100) for part in ("x\n", Nap(0.02))])]
    lines = place.client(server, request_timeout=0.3).logs("x", "labs", "main")
    with pytest.raises(UnreachableError, match="context deadline exceeded"):
        list(lines)


def test_within_the_request_timeout_all_is_as_without(place: Place, server: Server) -> None:
    server.script = [Answer(job("a", 1)), status(403, "Forbidden", "no"), Answer("one\ntwo")]
    client = place.client(server, request_timeout=PATIENCE)
    assert client.get(JOBS, "a", "labs") == job("a", 1)
    assert str(refusal_of(client).message) == "Error from server (Forbidden): no"
    assert list(client.logs("x", "labs", "main")) == ["one", "two"]
    assert server.connections == 1


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([{"metadata": {"continue": "x"}, "items": []}], id="an empty page"),
        pytest.param(
            [{"metadata": {"continue": "x"}, "items": [job("a", 1)]}] * 2, id="the same page again"
        ),
    ],
)
def test_a_list_that_never_ends_is_told(
    server: Server, client: Client, pages: list[Object]
) -> None:
    server.script = [Answer(page) for page in pages]
    with pytest.raises(UnreachableError, match="a list that never ends"):
        client.list(JOBS, "labs")


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        pytest.param([Answer({}, 302)], ": status code 302", id="a redirect"),
        pytest.param(
            [Answer({"items": []})], ": a list without a resourceVersion", id="a list of no version"
        ),
        pytest.param(
            [listing(5), Answer(chunks=['{"type": "ERROR"}\n'])],
            ": object is missing",
            id="an error without an object",
        ),
        pytest.param(
            [listing(5), Answer(chunks=[told("ERROR", {"kind": "Status", "code": "x"})])],
            ": code is not a whole number of 32 bits",
            id="an error whose code is a word",
        ),
        pytest.param(
            [listing(5), Answer(chunks=[told("ADDED", {"metadata": {"name": "a"}})])],
            ": metadata.resourceVersion is missing",
            id="an object without a version",
        ),
        pytest.param(
            [listing(5), Answer(chunks=[told("RENAMED", job("a", 6))])],
            ": type is not a kind of watch event",
            id="an event of a kind that is unknown",
        ),
    ],
)
def test_a_strange_answer_ends_a_watch(
    server: Server, follow: Follow, answers: list[Step], wrong: str
) -> None:
    server.script = list(answers)
    with pytest.raises(UnreachableError) as caught:
        follow(1)
    assert str(caught.value.message) == STRANGE + wrong


class Waits(clock.Clock):
    """The machine's time, and a record of what was waited for instead of the waiting."""

    def __init__(self) -> None:
        self.seconds: list[float | None] = []

    def event(self) -> Any:
        event = super().event()

        class Recorded:
            is_set, set = event.is_set, event.set

            def wait(_, timeout: float | None = None) -> bool:  # noqa: N805
                self.seconds.append(timeout)
                return False

        return Recorded()


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(
            lambda n: [status(410, "Expired", "old"), listing(90 + n)], id="410 over and over"
        ),
        pytest.param(
            lambda n: [Answer(chunks=[told("MODIFIED", job("b", 90 + n))])],
            id="watches that end behind one event",
        ),
    ],
)
def test_what_ends_at_once_again_and_again_is_waited_for_longer_each_time(
    place: Place,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    again: Callable[[int], list[Step]],
) -> None:
    monkeypatch.setattr(resources, "RETRY_FIRST", 0.25)
    monkeypatch.setattr(resources, "RETRY_LAST", 5.0)
    server.script = [step for n in range(9) for step in again(n)]
    server.script += [status(403, "Forbidden", "no")]
    waits = Waits()
    client = Client(place.client(server).target, place.warned.append, clock=waits)
    with pytest.raises(ApiError, match="no"):
        list(client.watch(JOBS, "labs", known=job("a", 3)))
    assert waits.seconds == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


# ---- streams that are stopped


def ends(stream: Iterator[Any], stop: Stop) -> list[Any]:
    """What a stream still gives when it is stopped while another thread reads it."""
    rest: list[Any] = []
    reader = threading.Thread(target=lambda: rest.extend(stream), daemon=True)
    reader.start()
    stop.ask()
    reader.join(PATIENCE / 2)
    assert not reader.is_alive()
    return rest


@pytest.mark.parametrize("certificate", ["", "server"])
def test_a_watch_can_be_stopped_while_the_server_is_silent(place: Place, certificate: str) -> None:
    hold, stop = Gate(), Stop(clock.SYSTEM)
    script: list[Step] = [Answer(chunks=[told("MODIFIED", job("a", 4)), hold])]
    with Server(script, certificate=certificate) as server:
        client = place.client(server, cluster=place.trusting() if certificate else None)
        events = client.watch(JOBS, "labs", known=job("a", 3), stop=stop)
        assert take(events, 1) == ["MODIFIED a/4"]
        assert ends(events, stop) == []
        hold.open()
        assert len(server.requests) == 1


def test_a_log_can_be_stopped_while_nothing_is_written(server: Server, client: Client) -> None:
    hold, stop = Gate(), Stop(clock.SYSTEM)
    server.script = [Answer(chunks=["one\n", hold])]
    lines = client.logs("pod", "labs", "main", follow=True, stop=stop)
    assert next(lines) == "one"
    assert ends(lines, stop) == []
    hold.open()


def test_a_watch_that_waits_for_its_next_try_can_be_stopped(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "RETRY_FIRST", 2 * PATIENCE)
    stop = Stop(clock.SYSTEM)
    server.script = [Reset()]
    events = client.watch(JOBS, "labs", known=job("a", 3), stop=stop)
    assert take(events, 1) == ["LOST"]
    assert ends(events, stop) == []


def test_what_was_stopped_before_asks_for_nothing(server: Server, client: Client) -> None:
    stop = Stop(clock.SYSTEM)
    stop.ask()
    assert list(client.watch(JOBS, "labs", known=job("a", 3), stop=stop)) == []
    assert server.requests == []


# ---- what goes wrong, in kubectl's words


def refusal_of(client: Client) -> JoblabError:
    """What reading a Job raises."""
    with pytest.raises(JoblabError) as caught:
        client.get(JOBS, "x", "labs")
    return caught.value


FORBIDDEN = (
    'jobs.batch is forbidden: User "alice" cannot create resource "jobs"'
    ' in API group "batch" in the namespace "labs"'
)
MISSING = {"field": "spec.template.spec.restartPolicy", "message": "Required value"}
NEGATIVE = {"field": "spec.completions", "message": "Invalid value: -1: must be 0 or more"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(
            status(401, "Unauthorized", "Unauthorized"),
            "error: You must be logged in to the server (Unauthorized)",
            id="Unauthorized",
        ),
        pytest.param(
            status(403, "Forbidden", FORBIDDEN),
            f"Error from server (Forbidden): {FORBIDDEN}",
            id="Forbidden",
        ),
        pytest.param(
            status(404, "NotFound", 'jobs.batch "x" not found', kind="jobs", name="x"),
            'Error from server (NotFound): jobs.batch "x" not found',
            id="NotFound",
        ),
        pytest.param(
            status(409, "AlreadyExists", 'jobs.batch "sleep" already exists'),
            'Error from server (AlreadyExists): jobs.batch "sleep" already exists',
            id="AlreadyExists",
        ),
        pytest.param(
            status(422, "Invalid", "long", kind="Job", name="yaml", causes=[MISSING]),
            'The Job "yaml" is invalid: spec.template.spec.restartPolicy: Required value',
            id="Invalid for one cause",
        ),
        pytest.param(
            status(422, "Invalid", "long", kind="Job", name="yaml", causes=[MISSING, NEGATIVE]),
            'The Job "yaml" is invalid: \n'
            "* spec.template.spec.restartPolicy: Required value\n"
            "* spec.completions: Invalid value: -1: must be 0 or more",
            id="Invalid for two causes",
        ),
        pytest.param(
            status(422, "Invalid", "long", kind="Job", name="yaml", causes=[MISSING, MISSING]),
            'The Job "yaml" is invalid: spec.template.spec.restartPolicy: Required value',
            id="Invalid twice for one cause",
        ),
        pytest.param(
            status(422, "Invalid", "long", kind="Job", name="yaml"),
            'The Job "yaml" is invalid',
            id="Invalid without a cause",
        ),
        pytest.param(
            status(422, "Invalid", "long", causes=[NEGATIVE]),
            "The request is invalid: spec.completions: Invalid value: -1: must be 0 or more",
            id="Invalid without an object",
        ),
        pytest.param(
            status(400, "BadRequest", 'strict decoding error: unknown field "spec.x"'),
            'Error from server (BadRequest): strict decoding error: unknown field "spec.x"',
            id="BadRequest",
        ),
    ],
)
def test_a_refusal_is_worded_as_kubectl_words_it(
    server: Server, client: Client, answer: Answer, message: str
) -> None:
    server.script = [answer]
    error = refusal_of(client)
    assert isinstance(error, ApiError)
    assert str(error.message) == message
    assert error.code == answer.status
    assert (error.reason, error.text) == (answer.body["reason"], answer.body["message"])


@pytest.mark.parametrize(
    ("answer", "way"),
    [
        pytest.param(
            status(401, "Unauthorized", "Unauthorized"), "kubectl auth whoami", id="Unauthorized"
        ),
        pytest.param(status(403, "Forbidden", FORBIDDEN), "kubectl joblab doctor", id="Forbidden"),
        pytest.param(
            status(404, "NotFound", 'namespaces "nope" not found', kind="namespaces", name="nope"),
            "kubectl create namespace nope",
            id="a namespace that is missing",
        ),
        pytest.param(
            status(404, "NotFound", 'jobs.batch "nope" not found', kind="jobs", name="nope"),
            "kubectl get jobs",
            id="a Job that is missing",
        ),
        pytest.param(
            status(404, "NotFound", 'cronjobs.batch "no" not found', kind="cronjobs", name="no"),
            "kubectl get cronjobs",
            id="a CronJob that is missing",
        ),
    ],
)
def test_a_refusal_says_what_to_do_next(
    server: Server, client: Client, answer: Answer, way: str
) -> None:
    server.script = [answer]
    assert refusal_of(client).next == way


@pytest.mark.parametrize(
    ("answer", "beginning"),
    [
        pytest.param(
            Answer("go away", 401), "error: You must be logged in to the server (", id="401"
        ),
        pytest.param(Answer("no entry", 403), "Error from server (Forbidden): no entry", id="403"),
        pytest.param(
            Answer("upstream down", 503), "Error from server (ServiceUnavailable): ", id="503"
        ),
    ],
)
def test_a_refusal_that_is_no_status_goes_by_its_code(
    server: Server, client: Client, answer: Answer, beginning: str
) -> None:
    server.script = [answer]
    assert str(refusal_of(client).message).startswith(beginning)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            Answer("<html>\nlog in</html>", headers={"Content-Type": "text/html"}), id="a page"
        ),
        pytest.param(Answer("<html>\nlog in</html>", 404), id="a page, with 404"),
        pytest.param(Answer("<html>\nlog in</html>", 502), id="a page, with 502"),
        pytest.param(Answer("[1]"), id="JSON that is no object"),
        pytest.param(Answer('{"kind": "Job", "me'), id="JSON that breaks off"),
    ],
)
def test_an_answer_that_is_no_object_is_an_error_of_one_line(
    server: Server, client: Client, answer: Answer
) -> None:
    server.script = [answer]
    message = str(refusal_of(client).message)
    assert message.lower().startswith(("error", "unable"))
    assert "\n" not in message


def test_a_refused_connection(place: Place) -> None:
    with api_server.refusing() as held:
        host = f"127.0.0.1:{held.getsockname()[1]}"
        error = refusal_of(place.client(f"https://{host}"))
    assert str(error.message) == (
        f"The connection to the server {host} was refused - did you specify the right host or port?"
    )
    assert error.next == "kubectl joblab doctor"


def test_a_name_that_is_not_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = refusal_of(place.client("https://api.invalid:6443"))
    assert str(error.message) == (
        "Unable to connect to the server: dial tcp: lookup api.invalid: no such host"
    )


def test_a_server_that_does_not_answer_in_time(place: Place, server: Server) -> None:
    hold = Gate()
    server.script = [Silence(hold)]
    error = refusal_of(place.client(server, request_timeout=0.05))
    hold.open()
    assert str(error.message).startswith(
        "Unable to connect to the server: context deadline exceeded"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="how a full backlog behaves is the system's")
def test_a_server_that_takes_no_connection_in_time(place: Place) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        host = f"127.0.0.1:{full.getsockname()[1]}"
        error = refusal_of(place.client(f"https://{host}", request_timeout=0.05))
        for one in waiting:
            one.close()
    assert str(error.message) == f"Unable to connect to the server: dial tcp {host}: i/o timeout"


X509 = "Unable to connect to the server: tls: failed to verify certificate: x509: "


@pytest.mark.parametrize(
    ("certificate", "trusted", "beginning"),
    [
        pytest.param(
            "server", False, X509 + "certificate signed by unknown authority", id="authority"
        ),
        pytest.param("elsewhere", True, X509, id="host name"),
        pytest.param(
            "expired", True, X509 + "certificate has expired or is not yet valid", id="time"
        ),
    ],
)
def test_a_certificate_is_not_trusted_for_its(
    place: Place, certificate: str, trusted: bool, beginning: str
) -> None:
    with Server(certificate=certificate) as server:
        cluster = place.trusting() if trusted else None
        url = server.url.replace("127.0.0.1", "localhost")
        error = refusal_of(place.client(url, cluster=cluster))
    assert str(error.message).startswith(beginning)
    assert "\n" not in str(error.message)
    if certificate == "elsewhere":
        assert "localhost" in str(error.message)
    assert error.next == "kubectl config view --minify"


def test_a_server_without_tls_at_an_https_address(place: Place, server: Server) -> None:
    server.script = [Answer({})]
    error = refusal_of(place.client(server.url.replace("http:", "https:")))
    assert str(error.message).startswith("Unable to connect to the server: ")
    assert "\n" not in str(error.message)


# ---- TLS, proxies


def answered(client: Client, server: Server) -> Request:
    """The request as the server saw it, for one that it answers."""
    server.script = [Answer({"gitVersion": "v1.37.2"})]
    assert client.version() == {"gitVersion": "v1.37.2"}
    return server.requests[-1]


@pytest.fixture
def secure() -> Iterator[Server]:
    with Server(certificate="server") as running:
        yield running


def test_a_certificate_of_the_given_authority_is_trusted(place: Place, secure: Server) -> None:
    answered(place.client(secure, cluster=place.trusting()), secure)


def test_the_authority_can_come_as_a_flag(place: Place, secure: Server) -> None:
    path = place.trusting()["certificate-authority"]
    answered(place.client(secure, certificate_authority=path), secure)


@pytest.mark.parametrize(
    ("cluster", "flags"),
    [
        pytest.param({"insecure-skip-tls-verify": True}, {}, id="by the kubeconfig"),
        pytest.param({}, {"insecure_skip_tls_verify": True}, id="by the flag"),
    ],
)
def test_no_certificate_is_checked_and_no_word_said_of_it(
    place: Place, cluster: Object, flags: Object
) -> None:
    with Server(certificate="elsewhere") as server, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        answered(place.client(server, cluster=cluster, **flags), server)
    assert [str(one.message) for one in said] == []


@pytest.mark.parametrize(
    ("cluster", "flags"),
    [
        pytest.param({"tls-server-name": "elsewhere.example"}, {}, id="by the kubeconfig"),
        pytest.param({}, {"tls_server_name": "elsewhere.example"}, id="by the flag"),
    ],
)
def test_the_certificate_is_held_against_the_name_that_is_given(
    place: Place, cluster: Object, flags: Object
) -> None:
    with Server(certificate="elsewhere") as server:
        answered(place.client(server, cluster=place.trusting() | cluster, **flags), server)
    assert server.names == ["elsewhere.example"]


def test_the_client_certificate_says_who_asks(place: Place, secure: Server) -> None:
    user = {
        "client-certificate": str(place.file("alice.crt", api_server.CERTIFICATES["alice"])),
        "client-key": str(place.file("alice.key", api_server.KEY)),
    }
    request = answered(place.client(secure, user=user, cluster=place.trusting()), secure)
    assert request.user == "alice"


def test_a_proxy_is_asked_for_a_server_without_tls(place: Place, server: Server) -> None:
    client = place.client("http://api.test:8001", cluster={"proxy-url": server.url})
    assert answered(client, server).target == "http://api.test:8001/version"


def test_a_proxy_is_passed_through_to_a_server_with_tls(place: Place) -> None:
    with Server(certificate="elsewhere", proxy=True) as proxy:
        cluster = place.trusting() | {"proxy-url": proxy.url}
        request = answered(place.client("https://elsewhere.example:6443", cluster=cluster), proxy)
    assert proxy.connects == ["elsewhere.example:6443"]
    assert request.target == "/version"


# http.client forgot to close a proxy's refusal before Python 3.11.4
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_proxy_that_refuses_the_way_is_unreachable(place: Place, server: Server) -> None:
    server.refuses_connect = True
    cluster = {"proxy-url": server.url}
    error = refusal_of(place.client("https://elsewhere.example:6443", cluster=cluster))
    assert str(error.message).startswith("Unable to connect to the server: ")
    assert "\n" not in str(error.message)
    del error
    gc.collect()  # a forgotten connection would warn in some later test


# ---- credentials


def test_a_token_is_sent(place: Place, server: Server) -> None:
    request = answered(place.client(server, user={"token": "t-1"}), server)
    assert request.header("Authorization") == ["Bearer t-1"]


def test_a_token_file_is_read_without_its_line_end(place: Place, server: Server) -> None:
    path = place.file("token", "t-2\n")
    request = answered(place.client(server, user={"tokenFile": str(path)}), server)
    assert request.header("Authorization") == ["Bearer t-2"]


def test_the_token_flag_takes_the_place_of_every_other_credential(
    place: Place, server: Server
) -> None:
    user = {"exec": plugin(place, "raise SystemExit(9)"), "username": "u", "password": "p"}
    request = answered(place.client(server, user=user, token="t-3"), server)
    assert request.header("Authorization") == ["Bearer t-3"]


@pytest.mark.parametrize(
    ("user", "flags"),
    [
        pytest.param(
            {}, {"as_user": "bob", "as_uid": "7", "as_groups": ("dev", "ops")}, id="by flags"
        ),
        pytest.param(
            {"as": "bob", "as-uid": "7", "as-groups": ["dev", "ops"]}, {}, id="by the user entry"
        ),
    ],
)
def test_impersonation_is_sent_as_headers(
    place: Place, server: Server, user: Object, flags: Object
) -> None:
    request = answered(place.client(server, user={"token": "t", **user}, **flags), server)
    assert request.header("Impersonate-User") == ["bob"]
    assert request.header("Impersonate-Uid") == ["7"]
    groups = ",".join(request.header("Impersonate-Group")).replace(" ", "").split(",")
    assert groups == ["dev", "ops"]


def test_groups_to_impersonate_are_headers_of_their_own(place: Place, server: Server) -> None:
    client = place.client(server, as_user="bob", as_groups=("a,b", "c"))
    assert answered(client, server).header("Impersonate-Group") == ["a,b", "c"]


def test_nobody_is_impersonated_unless_asked_for(place: Place, server: Server) -> None:
    request = answered(place.client(server, user={"token": "t"}), server)
    assert [name for name, _ in request.headers if name.startswith("Impersonate")] == []


CREDENTIAL = """
import json, os, pathlib
asked = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
count = pathlib.Path(__file__).with_name("count")
number = int(count.read_text()) + 1 if count.exists() else 1
count.write_text(str(number))
"""
GIVES = (
    CREDENTIAL
    + """
status = {"token": f"t-{number}", "expirationTimestamp": "%s"}
print(json.dumps({"apiVersion": asked["apiVersion"], "kind": asked["kind"], "status": status}))
"""
)


def plugin(place: Place, program: str) -> Object:
    """An exec entry that runs this program."""
    path = place.file("plugin.py", program)
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(path)],
        "interactiveMode": "Never",
    }


def test_an_exec_plugin_gives_the_token(place: Place, server: Server) -> None:
    client = place.client(server, user={"exec": plugin(place, GIVES % "2125-01-01T00:00:00Z")})
    assert answered(client, server).header("Authorization") == ["Bearer t-1"]
    assert answered(client, server).header("Authorization") == ["Bearer t-1"]


def test_an_exec_plugin_is_asked_again_when_its_token_has_expired(
    place: Place, server: Server
) -> None:
    client = place.client(server, user={"exec": plugin(place, GIVES % "2020-01-01T00:00:00Z")})
    first = answered(client, server).header("Authorization")
    second = answered(client, server).header("Authorization")
    assert first != second


def test_an_exec_plugin_that_fails_later_is_an_error_too(
    place: Place, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    fails_later = GIVES % "2020-01-01T00:00:00Z" + "\nassert number == 1, 'log in again'"
    client = place.client(server, user={"exec": plugin(place, fails_later)})
    error = refusal_of(client)
    assert str(error.message).startswith("Unable to connect to the server: getting credentials: ")
    assert "log in again" in str(error.message)
    assert server.requests == []


def test_an_exec_plugin_gives_a_client_certificate(place: Place, secure: Server) -> None:
    status = {
        "clientCertificateData": api_server.CERTIFICATES["alice"],
        "clientKeyData": api_server.KEY,
    }
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": status,
    }
    gives = plugin(place, f"print({json.dumps(answer)!r})")
    client = place.client(secure, user={"exec": gives}, cluster=place.trusting())
    assert answered(client, secure).user == "alice"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        pytest.param("raise SystemExit('first log in')", "first log in", id="it fails"),
        pytest.param("print('welcome')", "exec", id="it prints no credential"),
        pytest.param("print('{}')", "exec", id="it prints something else"),
    ],
)
def test_an_exec_plugin_without_a_credential_is_an_error_with_what_it_said(
    place: Place, program: str, said: str
) -> None:
    with pytest.raises(JoblabError) as caught:
        place.client("http://127.0.0.1:1", user={"exec": plugin(place, program)})
    message = str(caught.value.message)
    assert message.startswith("Unable to connect to the server: getting credentials: ")
    assert said in message
    assert "\n" not in message


def test_an_exec_plugin_that_is_not_installed_is_an_error_that_names_it(place: Place) -> None:
    missing = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}
    with pytest.raises(JoblabError, match="no-such-plugin") as caught:
        place.client("http://127.0.0.1:1", user={"exec": missing})
    assert str(caught.value.message).startswith("Unable to connect to the server: ")


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_an_exec_plugin_beside_the_kubeconfig_is_found(place: Place, server: Server) -> None:
    python = plugin(place, GIVES % "2125-01-01T00:00:00Z")
    line = shlex.join([python["command"], *python["args"]])
    script = place.file("login", f"#!/bin/sh\nexec {line}\n")
    script.chmod(0o700)
    client = place.client(server, user={"exec": {**python, "command": "./login", "args": []}})
    assert answered(client, server).header("Authorization") == ["Bearer t-1"]
