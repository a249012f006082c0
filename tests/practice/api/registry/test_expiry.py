"""Events die of age, and nothing is done until then."""

from __future__ import annotations

import asyncio
import contextlib

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry.expiry import Expiry
from kubectl_joblab.practice.api.registry.kinds import EVENTS, NAMESPACES
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock

HOUR, MINUTE = 3600, 60


def _event(name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name},
        "involvedObject": {"kind": "Pod", "namespace": "default", "name": "p"},
        "reason": "Started",
        "message": "m",
        "type": "Normal",
    }


def test_events_are_deleted_an_hour_after_their_last_write() -> None:
    async def main(clock: VirtualClock) -> None:
        made = Registry(Store(), clock, CountingIds())
        made.create(NAMESPACES, {"metadata": {"name": "default"}})
        task = asyncio.create_task(Expiry(made, clock).run())

        def names() -> list[str]:
            return [event["metadata"]["name"] for event in made.list(EVENTS).items]

        made.create(EVENTS, _event("a"), "default")
        await asyncio.sleep(HOUR / 2)
        made.create(EVENTS, _event("b"), "default")
        made.update(EVENTS, "a", {**_event("a"), "count": 2}, "default")
        made.create(EVENTS, _event("c"), "default")
        await asyncio.sleep(HOUR / 4)
        made.update(EVENTS, "c", {**_event("c"), "count": 2}, "default")
        await asyncio.sleep(HOUR / 4)
        assert names() == ["a", "b", "c"]
        await asyncio.sleep(HOUR / 2 + MINUTE)
        assert names() == ["c"]
        await asyncio.sleep(HOUR / 4 + MINUTE)
        assert names() == []
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    virtual.run(main)
