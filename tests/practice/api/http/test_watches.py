"""Watches and logs as clients get them: line by line, to their end, and no longer than wished."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.http import limits
from kubectl_joblab.practice.api.options import PodLogOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.storage.view import TOGETHER
from tests.practice.api.served import PATIENCE, Served

NAMESPACE = "/api/v1/namespaces/default"
MAPS = f"{NAMESPACE}/configmaps"
PODS = f"{NAMESPACE}/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
INITIAL = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with one namespace."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        yield server


def config_map(served: Served, name: str, **labels: str) -> Object:
    """Make a ConfigMap."""
    body = {"metadata": {"name": name, "labels": labels}}
    return served.make(kinds.CONFIG_MAPS, body, "default")


class Watch:
    """A watch that is open."""

    def __init__(self, served: Served, query: str, accept: str = "application/json") -> None:
        self._connection = served.connection()
        self._connection.request("GET", f"{MAPS}?watch=1&{query}", headers={"Accept": accept})
        self.response: http.client.HTTPResponse = self._connection.getresponse()

    def next(self) -> Any:
        """The next event; None at the end."""
        line = self.response.readline()
        return json.loads(line) if line else None

    def told(self, count: int) -> list[str]:
        """Type and name of the next events."""
        events = [self.next() for _ in range(count)]
        return [f"{one['type']} {one['object']['metadata'].get('name', '')}" for one in events]

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def version(served: Served) -> str:
    """Where the API is now."""
    return str(served.get(MAPS).json["metadata"]["resourceVersion"])


def test_changes_are_told_as_they_happen(served: Served) -> None:
    config_map(served, "before")
    with Watch(served, f"resourceVersion={version(served)}") as watch:
        assert watch.response.getheader("Transfer-Encoding") == "chunked"
        assert watch.response.getheader("Content-Type") == "application/json"
        config_map(served, "a")
        assert watch.told(1) == ["ADDED a"]
        served.request("DELETE", f"{MAPS}/a")
        event = watch.next()
        assert (event["type"], event["object"]["kind"]) == ("DELETED", "ConfigMap")


def test_what_is_there_comes_first_where_no_version_is_given(served: Served) -> None:
    config_map(served, "a")
    for query in ("", "resourceVersion=0", "resourceVersion="):
        with Watch(served, query) as watch:
            assert watch.told(1) == ["ADDED a"]


def test_the_initial_events_end_with_a_bookmark_that_says_so(served: Served) -> None:
    config_map(served, "a")
    with Watch(served, INITIAL) as watch:
        assert watch.told(1) == ["ADDED a"]
        end = watch.next()
    assert end["type"] == "BOOKMARK"
    assert end["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert end["object"]["metadata"]["resourceVersion"] == version(served)


def test_selectors_choose_what_is_told(served: Served) -> None:
    config_map(served, "a", colour="red")
    config_map(served, "b", colour="blue")
    with Watch(served, "labelSelector=colour%3Dblue") as watch:
        assert watch.told(1) == ["ADDED b"]
    with Watch(served, "fieldSelector=metadata.name%3Da") as watch:
        assert watch.told(1) == ["ADDED a"]


def test_only_the_first_table_describes_its_columns(served: Served) -> None:
    with Watch(served, "", TABLE) as watch:
        config_map(served, "a")
        config_map(served, "b")
        tables = [watch.next()["object"] for _ in range(2)]
    assert [table["rows"][0]["cells"][0] for table in tables] == ["a", "b"]
    assert [bool(table["columnDefinitions"]) for table in tables] == [True, False]


def test_a_bookmark_comes_as_a_table_where_tables_were_asked_for(served: Served) -> None:
    with Watch(served, INITIAL, TABLE) as watch:
        end = watch.next()
    assert end["type"] == "BOOKMARK"
    metadata = end["object"]["rows"][0]["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_metadata_alone_is_told_where_that_was_asked_for(served: Served) -> None:
    config_map(served, "a")
    with Watch(served, "", PARTIAL) as watch:
        assert watch.next()["object"]["kind"] == "PartialObjectMetadata"


def test_a_version_that_is_too_old_is_told_in_the_watch(served: Served) -> None:
    def rush() -> None:
        body: Object = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "busy"}}
        served.registry.create(kinds.CONFIG_MAPS, body, "default")
        for turn in range(2100):
            changed = {**body, "data": {"turn": str(turn)}}
            served.registry.update(kinds.CONFIG_MAPS, "busy", changed, "default")

    served.call(rush)
    with Watch(served, "resourceVersion=1", TABLE) as watch:
        assert watch.response.status == 200
        event = watch.next()
        assert watch.next() is None
    assert (event["type"], event["object"]["kind"]) == ("ERROR", "Status")
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")


def test_a_watch_ends_when_its_time_is_over(served: Served) -> None:
    with Watch(served, f"timeoutSeconds=1&resourceVersion={version(served)}") as watch:
        assert watch.next() is None


def test_a_watch_ends_as_it_should_when_the_server_stops(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        watch = Watch(server, "")
    with watch:
        assert watch.next() is None


def test_a_client_that_goes_is_forgotten(served: Served) -> None:
    with Watch(served, "") as watch:
        config_map(served, "a")
        assert watch.told(1) == ["ADDED a"]
    config_map(served, "b")
    with Watch(served, "") as watch:
        assert watch.told(2) == ["ADDED a", "ADDED b"]


def test_a_client_that_does_not_read_is_cut_off(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STALLED_SECONDS", 0.2)
    with served.connect() as stalled:
        stalled.sendall(f"GET {MAPS}?watch=1 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        for index in range(20):
            body = {"metadata": {"name": f"large-{index}"}, "data": {"a": "x" * 900_000}}
            served.make(kinds.CONFIG_MAPS, body, "default")
        deadline = time.monotonic() + PATIENCE
        while len(served.verbs.watches):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        received = 0
        while chunk := stalled.recv(1 << 20):
            received += len(chunk)
    assert 0 < received < 18_000_000  # what was on the way, not all
    assert served.get(f"{MAPS}?limit=1").code == 200


# ---- logs


def pod(served: Served, name: str, *containers: str, init: tuple[str, ...] = ()) -> Object:
    """Make a Pod on a node; nothing of it runs."""
    body: Object = {
        "metadata": {"name": name},
        "spec": {
            "nodeName": "here",
            "containers": [{"name": one, "image": "busybox"} for one in containers],
            "initContainers": [{"name": one, "image": "busybox"} for one in init],
        },
    }
    return served.make(kinds.PODS, body, "default")


def ended(name: str) -> dict[str, Any]:
    """The status of a container that has ended once."""
    terminated = {"exitCode": 0, "reason": "Completed", "containerID": "x://1"}
    return {"name": name, "state": {"terminated": terminated}}


def say(served: Served, name: str, **status: Any) -> None:
    """Say what a Pod's status is."""

    def update() -> None:
        found = served.registry.get(kinds.PODS, name, "default")
        changed = {**found, "status": {**found.get("status", {}), **status}}
        served.registry.update(kinds.PODS, name, changed, "default", subresource="status")

    served.call(update)


def test_a_log_is_text_whatever_was_asked_for(served: Served) -> None:
    pod(served, "p", "main")
    say(served, "p", containerStatuses=[ended("main")])
    reply = served.get(f"{PODS}/p/log", "application/vnd.kubernetes.protobuf,application/json")
    assert (reply.code, reply.body) == (200, b"one\ntwo\n")
    assert reply.all("Content-Type") == ["text/plain"]


def test_the_node_is_asked_for_the_part_that_is_wanted(served: Served) -> None:
    pod(served, "p", "main", "other")
    last = {"terminated": {"exitCode": 1, "containerID": "x://0"}}
    say(served, "p", containerStatuses=[{**ended("main"), "lastState": last}])
    query = "container=main&follow=1&previous=true&tailLines=3&timestamps=true&limitBytes=9"
    served.get(f"{PODS}/p/log?{query}&sinceTime=2026-01-01T00:00:00.5Z")
    ((asked, options),) = served.logs.asked
    assert asked == "p/main"
    assert options == PodLogOptions(
        container="main",
        follow=True,
        previous=True,
        tail_lines=3,
        since_time=datetime(2026, 1, 1, 0, 0, 0, 500_000, timezone.utc),
        timestamps=True,
        limit_bytes=9,
    )


def test_a_log_that_is_followed_ends_with_its_reader(served: Served) -> None:
    pod(served, "p", "main")
    say(served, "p", containerStatuses=[ended("main")])
    served.logs.endless = True
    connection = served.connection()
    connection.request("GET", f"{PODS}/p/log?follow=true")
    response = connection.getresponse()
    assert response.read(8) == b"one\ntwo\n"
    response.close()
    connection.close()
    assert served.logs.closed.wait(10)


def test_a_log_that_is_followed_ends_with_the_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        pod(server, "p", "main")
        say(server, "p", containerStatuses=[ended("main")])
        server.logs.endless = True
        connection = server.connection()
        connection.request("GET", f"{PODS}/p/log?follow=true")
        assert connection.getresponse().read(8) == b"one\ntwo\n"
    assert server.logs.closed.is_set()
    connection.close()


CHOICES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, str]] = {
    "none of two": (
        ("a", "b"),
        (),
        "",
        "a container name must be specified for pod p, choose one of: [a b]",
    ),
    "none of two and an init container": (
        ("a", "b"),
        ("i",),
        "",
        "a container name must be specified for pod p, choose one of: [i a b]",
    ),
    "one that is not there": (("a",), (), "zz", "container zz is not valid for pod p"),
}


@pytest.mark.parametrize(("main", "init", "asked", "message"), CHOICES.values(), ids=CHOICES)
def test_a_container_has_to_be_one_of_the_pods(
    served: Served, main: tuple[str, ...], init: tuple[str, ...], asked: str, message: str
) -> None:
    pod(served, "p", *main, init=init)
    reply = served.get(f"{PODS}/p/log?container={asked}")
    assert (reply.code, reply.message) == (400, message)


def waiting(reason: str) -> dict[str, Any]:
    """The state of a container that waits."""
    return {"name": "main", "state": {"waiting": {"reason": reason}}}


STATES: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "nothing known": ([], "", 'container "main" in pod "p" is not available'),
    "creating": (
        [waiting("ContainerCreating")],
        "",
        'container "main" in pod "p" is waiting to start: ContainerCreating',
    ),
    "no image": (
        [waiting("ErrImagePull")],
        "",
        'container "main" in pod "p" is waiting to start: image can\'t be pulled',
    ),
    "no image for long": (
        [waiting("ImagePullBackOff")],
        "",
        'container "main" in pod "p" is waiting to start: trying and failing to pull image',
    ),
    "nothing said": (
        [{"name": "main", "state": {}}],
        "",
        'container "main" in pod "p" is waiting to start - no logs yet',
    ),
    "never started": (
        [{"name": "main", "state": {"terminated": {"exitCode": 137}}}],
        "",
        'container "main" in pod "p" is terminated',
    ),
    "not twice": (
        [ended("main")],
        "previous=true",
        'previous terminated container "main" in pod "p" not found',
    ),
}


@pytest.mark.parametrize(("statuses", "query", "message"), STATES.values(), ids=STATES)
def test_a_container_without_a_log_says_why(
    served: Served, statuses: list[dict[str, Any]], query: str, message: str
) -> None:
    pod(served, "p", "main")
    say(served, "p", containerStatuses=statuses)
    reply = served.get(f"{PODS}/p/log?{query}")
    assert (reply.code, reply.message) == (400, message)


def test_a_container_that_will_be_restarted_has_its_last_log(served: Served) -> None:
    pod(served, "p", "main")
    last = {"terminated": {"exitCode": 1, "containerID": "x://0"}}
    say(served, "p", containerStatuses=[{**waiting("CrashLoopBackOff"), "lastState": last}])
    for query in ("", "previous=true"):
        assert served.get(f"{PODS}/p/log?{query}").code == 200


def test_a_pod_on_no_node_has_an_empty_log(served: Served) -> None:
    body: Object = {
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
    }
    served.make(kinds.PODS, body, "default")
    reply = served.get(f"{PODS}/p/log")
    assert (reply.code, reply.body) == (204, b"")


LOG_OPTIONS = {
    "tailLines=x": (400, 'strconv.ParseInt: parsing "x": invalid syntax'),
    "tailLines=-1": (422, "tailLines: Invalid value: -1: must be greater than or equal to 0"),
    "limitBytes=0": (422, "limitBytes: Invalid value: 0: must be greater than 0"),
    "sinceSeconds=0": (422, "sinceSeconds: Invalid value: 0: must be greater than 0"),
    "stream=Stdout": (422, "stream: Forbidden: may not be specified"),
    "sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z": (
        422,
        "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
    ),
    "sinceTime=zz": (400, 'parsing time "zz" as "2006-01-02T15:04:05Z07:00": cannot parse "zz"'),
    "sinceTime=2026-02-30T00:00:00Z": (
        400,
        'parsing time "2026-02-30T00:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse '
        '"2026-02-30T00:00:00Z"',
    ),
}


@pytest.mark.parametrize("query", LOG_OPTIONS)
def test_options_of_a_log_that_make_no_sense_are_refused(served: Served, query: str) -> None:
    pod(served, "p", "main")
    say(served, "p", containerStatuses=[ended("main")])
    code, why = LOG_OPTIONS[query]
    reply = served.get(f"{PODS}/p/log?{query}")
    prefix = 'PodLogOptions "p" is invalid: ' if code == 422 else ""
    assert (reply.code, reply.message) == (code, prefix + why)


def test_a_pod_is_bound_once(served: Served) -> None:
    body: Object = {
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
    }
    served.make(kinds.PODS, body, "default")
    wrong = served.request("POST", f"{PODS}/p/binding", {"target": {"name": "here"}})
    assert (wrong.code, wrong.message) == (400, "name in URL does not match name in Binding object")
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "here"}}
    reply = served.request("POST", f"{PODS}/p/binding", binding)
    assert (reply.code, reply.json["status"], reply.json["code"]) == (201, "Success", 201)
    assert served.get(f"{PODS}/p").json["spec"]["nodeName"] == "here"
    again = served.request("POST", f"{PODS}/p/binding", binding)
    assert (again.code, again.message) == (
        409,
        'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node '
        '"here"',
    )


@pytest.mark.parametrize("ahead", [0, 3600])
def test_what_it_tells_first_is_what_a_get_shows(served: Served, ahead: int) -> None:
    names = [f"m-{number:03}" for number in range(TOGETHER // 2)]
    for name in names:
        body = {"metadata": {"name": name}, "data": {"a": "가" if name.endswith("5") else "a"}}
        served.make(kinds.CONFIG_MAPS, body, "default")
    if ahead:
        served.jump(ahead)
    with Watch(served, "") as watch:
        for name in names:
            shown = served.get(f"{MAPS}/{name}").body.rstrip(b"\n")
            assert watch.response.readline() == b'{"type":"ADDED","object":%b}\n' % shown
