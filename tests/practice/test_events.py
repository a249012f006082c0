"""Events: their shape, and what becomes of many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.events import Recorder
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock

JOB: Object = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "a", "namespace": "default", "uid": "u", "resourceVersion": "7"},
}
POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "namespace": "default", "uid": "v", "resourceVersion": "8"},
}
Scene = Callable[[Recorder], Awaitable[None]]


def events_of(scene: Scene, component: str = "job-controller", host: str = "") -> list[Object]:
    """The events in the API after a scene, oldest first."""

    async def main(clock: VirtualClock) -> list[Object]:
        ids = CountingIds()
        registry = Registry(Store(), clock, ids)
        registry.create(kinds.NAMESPACES, {"metadata": {"name": "default"}})
        await scene(Recorder(registry, clock, ids, component, host))
        found = registry.list(kinds.EVENTS).items
        return sorted(found, key=lambda event: str(event["metadata"]["name"]))

    return virtual.run(main)


def shown(events: list[Object]) -> list[tuple[int, str]]:
    return [(event["count"], event["message"]) for event in events]


def test_an_event_of_the_kubelet_has_the_shape_that_a_cluster_gives_it() -> None:
    async def scene(recorder: Recorder) -> None:
        recorder.event(POD, "Normal", "Pulling", 'Pulling image "x"', "spec.containers{main}")

    [event] = events_of(scene, "kubelet", "node1")
    [owned] = event["metadata"].pop("managedFields")
    assert (owned["manager"], owned["operation"]) == ("unknown", "Update")
    assert event == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": "p.18867251edfa0000",
            "namespace": "default",
            "uid": "00000000-0000-4000-8000-000000000002",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "resourceVersion": "2",
        },
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": "default",
            "name": "p",
            "uid": "v",
            "resourceVersion": "8",
            "fieldPath": "spec.containers{main}",
        },
        "reason": "Pulling",
        "message": 'Pulling image "x"',
        "source": {"component": "kubelet", "host": "node1"},
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "eventTime": None,
        "count": 1,
        "type": "Normal",
        "reportingComponent": "kubelet",
        "reportingInstance": "node1",
    }


def test_an_event_about_an_object_without_namespace_goes_to_default() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node1", "uid": "n"}}

    async def scene(recorder: Recorder) -> None:
        recorder.event(node, "Normal", "NodeReady", "Node node1 status is now: NodeReady")

    [event] = events_of(scene)
    assert event["metadata"]["namespace"] == "default"
    assert "namespace" not in event["involvedObject"]


def test_the_same_event_again_is_counted_in_the_first() -> None:
    async def scene(recorder: Recorder) -> None:
        for _ in range(3):
            recorder.event(JOB, "Normal", "Suspended", "Job suspended")
            await asyncio.sleep(60)

    [event] = events_of(scene)
    assert event["count"] == 3
    assert event["firstTimestamp"] == "2026-01-01T00:00:00Z"
    assert event["lastTimestamp"] == "2026-01-01T00:02:00Z"


def test_events_of_one_instant_have_names_of_their_own() -> None:
    async def scene(recorder: Recorder) -> None:
        for number in range(3):
            recorder.event(JOB, "Normal", "SuccessfulCreate", f"Created pod: a-{number}")

    assert shown(events_of(scene)) == [(1, f"Created pod: a-{number}") for number in range(3)]


def test_from_the_tenth_similar_one_on_they_are_combined() -> None:
    async def scene(recorder: Recorder) -> None:
        for number in range(12):
            recorder.event(JOB, "Normal", "SuccessfulCreate", f"Created pod: a-{number}")

    *single, combined = events_of(scene)
    assert shown(single) == [(1, f"Created pod: a-{number}") for number in range(9)]
    assert (combined["count"], combined["message"]) == (
        3,
        "(combined from similar events): Created pod: a-11",
    )
    assert combined["reportingComponent"] == ""
    assert combined["source"] == {"component": "job-controller"}


def test_ten_minutes_of_silence_end_combining() -> None:
    async def scene(recorder: Recorder) -> None:
        for number in range(10):
            recorder.event(JOB, "Normal", "SuccessfulCreate", f"Created pod: a-{number}")
        await asyncio.sleep(601)
        recorder.event(JOB, "Normal", "SuccessfulCreate", "Created pod: a-late")

    assert shown(events_of(scene))[-1] == (1, "Created pod: a-late")


def test_twenty_five_events_of_a_type_about_one_object_then_one_in_five_minutes() -> None:
    async def scene(recorder: Recorder) -> None:
        for number in range(40):
            recorder.event(JOB, "Normal", f"Reason{number}", "message")
        recorder.event(JOB, "Warning", "OtherType", "message")
        recorder.event(POD, "Normal", "OtherObject", "message")
        await asyncio.sleep(301)
        recorder.event(JOB, "Normal", "Later", "message")
        recorder.event(JOB, "Normal", "TooSoon", "message")

    reasons = {event["reason"] for event in events_of(scene)}
    assert reasons == {f"Reason{number}" for number in range(25)} | {
        "OtherType",
        "OtherObject",
        "Later",
    }


def test_an_event_that_has_expired_is_written_anew_with_its_count() -> None:
    async def main(clock: VirtualClock) -> list[Object]:
        ids = CountingIds()
        registry = Registry(Store(), clock, ids)
        registry.create(kinds.NAMESPACES, {"metadata": {"name": "default"}})
        recorder = Recorder(registry, clock, ids, "job-controller")
        recorder.event(JOB, "Normal", "Suspended", "Job suspended")
        registry.delete_collection(kinds.EVENTS, "default")
        recorder.event(JOB, "Normal", "Suspended", "Job suspended")
        return registry.list(kinds.EVENTS).items

    assert shown(virtual.run(main)) == [(2, "Job suspended")]


def test_what_the_api_refuses_is_lost() -> None:
    elsewhere = JOB | {"metadata": JOB["metadata"] | {"namespace": "nowhere"}}

    async def scene(recorder: Recorder) -> None:
        recorder.event(elsewhere, "Normal", "Suspended", "Job suspended")

    assert events_of(scene) == []


def test_a_name_too_long_for_an_event_is_replaced_by_a_uuid() -> None:
    long = JOB | {"metadata": JOB["metadata"] | {"name": "a" * 240}}

    async def scene(recorder: Recorder) -> None:
        recorder.event(long, "Normal", "Suspended", "Job suspended")

    [event] = events_of(scene)
    assert event["metadata"]["name"] == "00000000-0000-4000-8000-000000000002"
