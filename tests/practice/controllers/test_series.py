"""Events as the scheduler writes them: repeated ones are a series."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.controllers.series import SeriesRecorder
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock

POD: Object = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "namespace": "default", "uid": "v", "resourceVersion": "8"},
}


def say(recorder: SeriesRecorder, message: str = "no room") -> None:
    recorder.event(POD, "Warning", "FailedScheduling", "Scheduling", message)


def events_of(scene: Callable[[SeriesRecorder, Registry], Awaitable[None]]) -> list[Object]:
    async def main(clock: VirtualClock) -> list[Object]:
        ids = CountingIds()
        registry = Registry(Store(), clock, ids)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
        registry.create(kinds.NAMESPACES, namespace)
        await scene(SeriesRecorder(registry, clock, ids, "default-scheduler", "vm"), registry)
        return registry.list(kinds.EVENTS).items

    return virtual.run(main)


def counts(events: list[Object]) -> list[int | None]:
    return [event.get("series", {}).get("count") for event in events]


def test_the_second_makes_a_series_and_the_rest_are_only_counted() -> None:
    async def scene(recorder: SeriesRecorder, _: Registry) -> None:
        for number in range(4):
            say(recorder, f"reason {number}")
            await asyncio.sleep(10)

    [event] = events_of(scene)
    assert event["series"] == {"count": 2, "lastObservedTime": "2026-01-01T00:00:10.000000Z"}
    assert event["message"] == "reason 0"


def test_when_a_series_is_over_its_count_is_written() -> None:
    async def scene(recorder: SeriesRecorder, _: Registry) -> None:
        for _number in range(4):
            say(recorder)
        await asyncio.sleep(800)

    assert counts(events_of(scene)) == [4]


def test_a_series_that_begins_later_ends_later() -> None:
    async def scene(recorder: SeriesRecorder, _: Registry) -> None:
        say(recorder)
        await asyncio.sleep(300)
        for _number in range(3):
            recorder.event(POD, "Normal", "Other", "Other", "more")
        await asyncio.sleep(1000)

    assert sorted(counts(events_of(scene)), key=str) == [3, None]


def test_after_six_minutes_it_is_a_new_event() -> None:
    async def scene(recorder: SeriesRecorder, _: Registry) -> None:
        say(recorder)
        await asyncio.sleep(800)
        say(recorder)

    assert counts(events_of(scene)) == [None, None]


def test_a_series_whose_event_has_expired_is_written_anew() -> None:
    async def scene(recorder: SeriesRecorder, registry: Registry) -> None:
        say(recorder)
        registry.delete_collection(kinds.EVENTS, "default")
        say(recorder)

    assert counts(events_of(scene)) == [2]
