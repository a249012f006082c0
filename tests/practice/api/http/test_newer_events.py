"""Events under both groups: one stored object, in the form and by the rules of who asks.

newer_events.json has what a Kubernetes 1.37 API server has answered to what is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from tests.practice.api.served import Reply, Served

CORE = "/api/v1/namespaces/default/events"
NEWER = "/apis/events.k8s.io/v1/namespaces/default/events"
REGARDING = {"apiVersion": "v1", "kind": "Pod", "name": "p", "namespace": "default"}
RECORDED = json.loads((Path(__file__).parents[1] / "newer_events.json").read_text("utf-8"))
JSON = {"Content-Type": "application/json"}
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    with Served(folder) as server:
        server.make_namespace("default")
        yield server


def posted(served: Served, path: str, body: Object) -> Reply:
    """The answer to the creation of an Event."""
    return served.request("POST", path, json.dumps(body).encode(), JSON)


def patched(served: Served, path: str, change: Object) -> Reply:
    """The answer to a merge patch."""
    return served.request("PATCH", path, json.dumps(change).encode(), MERGE)


def newer(name: str, **fields: Any) -> Object:
    """An Event as the events recorder of client-go sends it."""
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": "default"},
        "eventTime": "2026-01-01T00:00:00.000001Z",
        "reportingController": "x.io/c",
        "reportingInstance": "c-1",
        "action": "Binding",
        "reason": "Scheduled",
        "regarding": REGARDING,
        "note": "it fits",
        "type": "Normal",
        **fields,
    }


def test_an_event_of_the_newer_group_is_one_of_the_older_too(served: Served) -> None:
    made = posted(served, NEWER, newer("a"))

    assert made.code == 201
    assert made.json["note"] == "it fits"
    assert made.json["metadata"]["managedFields"][0]["apiVersion"] == "events.k8s.io/v1"
    older = served.get(f"{CORE}/a").json
    assert (older["apiVersion"], older["message"]) == ("v1", "it fits")
    assert (older["involvedObject"], older["reportingComponent"]) == (REGARDING, "x.io/c")
    assert "note" not in older
    assert "regarding" not in older


def test_an_event_of_the_older_group_is_one_of_the_newer_too(served: Served) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "b"},
        "involvedObject": REGARDING,
        "message": "old",
        "source": {"component": "kubelet", "host": "n"},
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:01Z",
        "count": 2,
    }
    posted(served, CORE, body)

    found = served.get(f"{NEWER}/b").json

    assert (found["apiVersion"], found["note"], found["regarding"]) == (
        "events.k8s.io/v1",
        "old",
        REGARDING,
    )
    assert found["deprecatedSource"] == {"component": "kubelet", "host": "n"}
    assert found["deprecatedCount"] == 2
    assert found["deprecatedLastTimestamp"] == "2026-01-01T00:00:01Z"
    assert found["eventTime"] is None


def test_both_are_listed_selected_and_deleted_alike(served: Served) -> None:
    posted(served, NEWER, newer("c"))
    selected = f"{NEWER}?fieldSelector=regarding.name%3Dp,reason%3DScheduled"

    listed = served.get(selected).json

    assert (listed["kind"], listed["apiVersion"]) == ("EventList", "events.k8s.io/v1")
    assert "c" in [one["metadata"]["name"] for one in listed["items"]]
    assert served.request("DELETE", f"{NEWER}/c").code == 200
    assert served.get(f"{CORE}/c").code == 404


def test_a_series_is_patched_and_little_else(served: Served) -> None:
    posted(served, NEWER, newer("d"))
    series = {"count": 2, "lastObservedTime": "2026-01-01T00:00:09.000000Z"}

    changed = patched(served, f"{NEWER}/d", {"series": series})
    refused = patched(served, f"{NEWER}/d", {"note": "other"})
    by_older = patched(served, f"{CORE}/d", {"message": "other"})

    assert changed.json["series"] == series
    assert refused.json["message"] == (
        'Event "d" is invalid: message: Invalid value: "other": field is immutable'
    )
    assert by_older.code == 200


REFUSED: dict[str, Object] = {
    "nothing but a name": {"kind": "Event", "metadata": {"name": "e"}},
    "fields of the older group": newer(
        "e", deprecatedCount=1, deprecatedFirstTimestamp="2026-01-01T00:00:00Z"
    ),
    "a short series": newer("e", series={"count": 1, "lastObservedTime": None}),
    "no reporter": newer("e", reportingController=""),
    "an odd type": newer("E", type="Odd"),
    "an unknown field": newer("e", message="x"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_new_event_of_the_newer_group_has_rules_of_its_own(served: Served, case: str) -> None:
    body = json.dumps(REFUSED[case]).encode()

    reply = served.request("POST", f"{NEWER}?fieldValidation=Strict", body, JSON)

    assert [reply.code, reply.json["message"]] == RECORDED[case]


def test_the_newer_group_selects_by_its_own_names_alone(served: Served) -> None:
    reply = served.get(f"{NEWER}?fieldSelector=involvedObject.name%3Dp")

    assert reply.json["message"] == "field label not supported: involvedObject.name"
