"""What HTTP clients see of a cluster whose clock was set ahead: the past as older, nothing to come.

The client's clock is the machine's, as kubectl's is. Objects are written both by the cluster's own
parts, in the cluster's time, and by clients.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.clock import rfc3339
from tests.attack import bodies
from tests.practice.api import generated
from tests.practice.api.served import Reply, Served

HOUR = 3600
NAMESPACE = "/api/v1/namespaces/default"
PODS = f"{NAMESPACE}/pods"
EVENTS = f"{NAMESPACE}/events"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
MERGE = {"Content-Type": bodies.MERGE_PATCH}
APPLY = {"Content-Type": bodies.APPLY_PATCH}


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        yield server


def job(name: str = "x", **metadata: Any) -> Object:
    """A Job as a client sends it."""
    container = {"name": "main", "image": "busybox"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    head = {"apiVersion": "batch/v1", "kind": "Job"}
    return {**head, "metadata": {"name": name, **metadata}, "spec": {"template": template}}


def began(served: Served, name: str = "x") -> str:
    """Say in the status of a Job that it began now, as the Job controller does; returns when."""
    when = rfc3339(served.call(served.clock.now))

    def write() -> None:
        found = served.registry.get(kinds.JOBS, name, "default")
        told = {**found, "status": {"startTime": when, "active": 1}}
        served.registry.update(kinds.JOBS, name, told, "default", subresource="status")

    served.call(write)
    return when


def earlier(time: str, seconds: int) -> str:
    """A time so many seconds earlier."""
    when = objects.time(time)
    assert when
    return rfc3339(when - timedelta(seconds=seconds))


def seconds_ago(time: str) -> float:
    """The age of a time by the client's clock."""
    when = objects.time(time)
    assert when
    return (datetime.now(timezone.utc) - when).total_seconds()


# ---- out


def shown_in_an_object(served: Served) -> Object:
    return dict(served.get(f"{JOBS}/x").json)


def shown_in_a_list(served: Served) -> Object:
    return dict(served.get(JOBS).json["items"][0])


def shown_to_a_watch(served: Served) -> Object:
    event = served.get(f"{JOBS}?watch=1&timeoutSeconds=1").body.splitlines()[0]
    return dict(json.loads(event)["object"])


def shown_in_a_row(served: Served) -> Object:
    reply = served.get(f"{JOBS}?includeObject=Object", TABLE)
    return dict(reply.json["rows"][0]["object"])


def shown_after_a_write(served: Served) -> Object:
    return dict(served.request("PATCH", f"{JOBS}/x", b'{"data":{}}', MERGE).json)


def shown_after_a_dry_run(served: Served) -> Object:
    change = b'{"metadata":{"labels":{"a":"b"}}}'
    return dict(served.request("PATCH", f"{JOBS}/x?dryRun=All", change, MERGE).json)


def shown_when_all_are_deleted(served: Served) -> Object:
    return dict(served.request("DELETE", f"{JOBS}?dryRun=All").json["items"][0])


WHOLE = [
    shown_in_an_object,
    shown_in_a_list,
    shown_to_a_watch,
    shown_in_a_row,
    shown_after_a_write,
    shown_after_a_dry_run,
    shown_when_all_are_deleted,
]


@pytest.mark.parametrize("way", WHOLE, ids=lambda way: way.__name__)
def test_the_past_is_shown_older_on_each_way_out(
    served: Served, way: Callable[[Served], Object]
) -> None:
    assert served.request("POST", JOBS, job()).code == 201
    start = began(served)
    created = way(served)["metadata"]["creationTimestamp"]
    version = served.get(f"{JOBS}/x").json["metadata"]["resourceVersion"]
    served.jump(HOUR)
    found = way(served)
    assert found["metadata"]["creationTimestamp"] == earlier(created, HOUR)
    assert found["status"]["startTime"] == earlier(start, HOUR)
    assert found["metadata"]["resourceVersion"] == version


@pytest.mark.parametrize(
    ("path", "accept", "metadata"),
    [
        (f"{JOBS}/x", PARTIAL, lambda found: found["metadata"]),
        (JOBS, PARTIAL_LIST, lambda found: found["items"][0]["metadata"]),
        (JOBS, TABLE, lambda found: found["rows"][0]["object"]["metadata"]),
        (f"{JOBS}/x", TABLE, lambda found: found["rows"][0]["object"]["metadata"]),
    ],
    ids=["object", "list", "rows", "row"],
)
def test_metadata_alone_is_shown_older_too(
    served: Served, path: str, accept: str, metadata: Callable[[Any], Object]
) -> None:
    served.request("POST", JOBS, job())
    created = metadata(served.get(path, accept).json)["creationTimestamp"]
    served.jump(HOUR)
    found = metadata(served.get(path, accept).json)["creationTimestamp"]
    assert found == earlier(created, HOUR)


def test_what_is_written_after_a_jump_is_shown_as_written_now(served: Served) -> None:
    served.jump(10 * HOUR)
    reply = served.request("POST", JOBS, job())
    assert 0 <= seconds_ago(reply.json["metadata"]["creationTimestamp"]) < HOUR
    start = began(served)
    shown = served.get(f"{JOBS}/x").json["status"]["startTime"]
    assert shown == earlier(start, 10 * HOUR)
    assert 0 <= seconds_ago(shown) < HOUR


def test_ages_in_a_table_count_what_was_skipped(served: Served) -> None:
    served.request("POST", JOBS, job())
    began(served)
    served.jump(3 * HOUR)
    served.request("POST", JOBS, job("young"))
    rows = served.get(JOBS, TABLE).json["rows"]
    ages = {row["cells"][0]: (row["cells"][3], row["cells"][4]) for row in rows}
    assert ages["x"] == ("3h", "3h")
    assert ages["young"][1].endswith("s")


def test_templates_labels_and_annotations_are_shown_as_they_are(served: Served) -> None:
    sent = job(annotations={"when": "2026-01-01T00:00:00Z"}, labels={"when": "2026-01-01"})
    served.request("POST", JOBS, sent)
    before = served.get(f"{JOBS}/x").json
    served.jump(HOUR)
    after = served.get(f"{JOBS}/x").json
    assert after["spec"] == before["spec"]
    assert after["metadata"]["annotations"] == before["metadata"]["annotations"]
    assert after["metadata"]["labels"] == before["metadata"]["labels"]


def test_the_date_of_an_answer_and_the_health_of_a_server_are_not_moved(served: Served) -> None:
    served.jump(100 * HOUR)
    (date,) = served.get(f"{NAMESPACE}").all("Date")
    when = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=timezone.utc)
    assert abs((datetime.now(timezone.utc) - when).total_seconds()) < HOUR


# ---- in


def stored(served: Served, kind: Kind = kinds.JOBS, name: str = "x") -> Object:
    """The object as the cluster has it, in the cluster's time."""
    return served.call(lambda: served.registry.get(kind, name, "default"))


def event_of_a_client(now: datetime) -> Object:
    """An event that a client has seen now, with all the times that an event can have."""
    micro = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "x", "namespace": "default"},
        "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
        "reason": "Seen",
        "action": "Look",
        "type": "Normal",
        "reportingComponent": "example.com/client",
        "reportingInstance": "here",
        "firstTimestamp": rfc3339(now),
        "lastTimestamp": rfc3339(now),
        "eventTime": micro,
        "series": {"count": 2, "lastObservedTime": micro},
    }


@pytest.mark.parametrize("form", ["JSON", "YAML", "protobuf"])
def test_an_event_that_a_client_has_seen_now_is_of_now_for_the_cluster(
    served: Served, form: str
) -> None:
    served.jump(HOUR)
    sent = event_of_a_client(datetime.now(timezone.utc))
    raw = json.dumps(sent).encode()
    media = {"JSON": "application/json", "YAML": "application/yaml"}.get(form, bodies.PROTOBUF)
    if media == bodies.PROTOBUF:
        raw = generated.encode(kinds.EVENTS.type, sent)
    reply = served.request("POST", EVENTS, raw, {"Content-Type": media})
    assert reply.code == 201, reply.body
    kept, told = stored(served, kinds.EVENTS), served.get(f"{EVENTS}/x").json
    for name in ("firstTimestamp", "lastTimestamp", "eventTime"):
        assert told[name] == sent[name]
        assert objects.time(kept[name]) == objects.time(sent[name]) + timedelta(hours=1)  # type: ignore[operator]
    assert told["series"] == sent["series"]


WRITES: dict[str, Callable[[Served, Object], Reply]] = {
    "replace": lambda served, shown: served.request("PUT", f"{JOBS}/x", shown),
    "replace the status": lambda served, shown: served.request("PUT", f"{JOBS}/x/status", shown),
    "merge patch": lambda served, shown: served.request(
        "PATCH", f"{JOBS}/x", json.dumps(shown).encode(), MERGE
    ),
    "strategic merge patch": lambda served, shown: served.request(
        "PATCH", f"{JOBS}/x", shown, {"Content-Type": bodies.STRATEGIC_PATCH}
    ),
    "JSON patch": lambda served, shown: served.request(
        "PATCH",
        f"{JOBS}/x/status",
        json.dumps(
            [
                {"op": "test", "path": f"/{part}/{name}", "value": shown[part][name]}
                for part, name in (("metadata", "creationTimestamp"), ("status", "startTime"))
            ]
            + [{"op": "replace", "path": "/status", "value": shown["status"]}]
        ).encode(),
        {"Content-Type": bodies.JSON_PATCH},
    ),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_was_shown_and_is_sent_back_changes_nothing(served: Served, name: str) -> None:
    served.request("POST", f"{JOBS}?fieldManager=me", job())
    began(served)
    served.jump(HOUR)
    before, shown = stored(served), served.get(f"{JOBS}/x").json
    reply = WRITES[name](served, shown)
    assert (reply.code, reply.json) == (200, shown)
    assert stored(served) is before


@pytest.mark.parametrize("name", ["replace", "replace the status"])
def test_what_was_read_before_a_jump_and_is_sent_after_it_changes_nothing(
    served: Served, name: str
) -> None:
    served.jump(5)
    served.request("PATCH", f"{JOBS}/x?fieldManager=me", job(), APPLY)
    began(served)
    shown = served.get(f"{JOBS}/x").json
    served.jump(HOUR)
    before = stored(served)
    reply = WRITES[name](served, shown)
    assert (reply.code, reply.json) == (200, served.get(f"{JOBS}/x").json)
    assert stored(served) is before


def test_an_update_without_a_time_of_creation_is_of_now(served: Served) -> None:
    served.request("POST", JOBS, job())
    served.jump(HOUR)
    now = rfc3339(datetime.now(timezone.utc))
    sent = {**job(), "status": {"startTime": now, "active": 1}}
    reply = served.request("PUT", f"{JOBS}/x/status", sent)
    assert reply.json["status"]["startTime"] == now
    assert stored(served)["status"]["startTime"] == earlier(now, -HOUR)


def test_a_patch_of_a_time_is_of_the_object_as_it_is_shown(served: Served) -> None:
    served.request("POST", JOBS, job())
    served.jump(HOUR)
    now = rfc3339(datetime.now(timezone.utc))
    change = {"status": {"startTime": now, "active": 1}}
    reply = served.request("PATCH", f"{JOBS}/x/status", json.dumps(change).encode(), MERGE)
    assert reply.json["status"]["startTime"] == now
    assert stored(served)["status"]["startTime"] == earlier(now, -HOUR)


def test_an_apply_keeps_the_times_of_the_owners_and_gives_its_own(served: Served) -> None:
    served.request("PATCH", f"{JOBS}/x?fieldManager=first", job(), APPLY)
    (first,) = served.get(f"{JOBS}/x").json["metadata"]["managedFields"]
    served.jump(HOUR)
    again = served.request("PATCH", f"{JOBS}/x?fieldManager=first", job(), APPLY).json
    assert [one["time"] for one in again["metadata"]["managedFields"]] == [
        earlier(first["time"], HOUR)
    ]
    metadata = {"name": "x", "labels": {"a": "b"}}
    labelled = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}
    reply = served.request("PATCH", f"{JOBS}/x?fieldManager=second", labelled, APPLY).json
    times = {one["manager"]: one["time"] for one in reply["metadata"]["managedFields"]}
    assert times["first"] == earlier(first["time"], HOUR)
    assert 0 <= seconds_ago(times["second"]) < HOUR


# ---- what is refused


@pytest.mark.parametrize("path", ["status.completionTime", "status.startTime"])
def test_a_refusal_quotes_the_time_that_was_sent(served: Served, path: str) -> None:
    assert served.request("POST", JOBS, job()).code == 201
    began(served)
    served.jump(HOUR)
    found = served.get(f"{JOBS}/x").json
    sent = earlier(found["status"]["startTime"], 60)
    _, field = path.split(".")
    reply = served.request(
        "PUT", f"{JOBS}/x/status", {**found, "status": {**found["status"], field: sent}}
    )
    causes = [one for one in reply.json["details"]["causes"] if one["field"] == path]
    quoted = [one["message"] for one in causes if one["message"].startswith("Invalid value: ")]
    assert reply.code == 422
    assert {text.split(": ")[1] for text in quoted} == {f'"{sent}"'}
    assert quoted[0] in reply.json["message"]
