"""The informer: tells each change with what was before, and misses none."""

from __future__ import annotations

import asyncio

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.controllers.informer import Informer
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock

Told = list[tuple[str | None, str | None]]


class Scene:
    """A registry with a namespace, and an informer of ConfigMaps that writes down what it hears."""

    def __init__(self, clock: VirtualClock) -> None:
        self.registry = Registry(Store(kept=5), clock, CountingIds())
        self.registry.create(kinds.NAMESPACES, {"metadata": {"name": "default"}})
        self.told: Told = []
        self.informer = Informer(self.registry, kinds.CONFIG_MAPS, self._hear)

    def _hear(self, old: Object | None, new: Object | None) -> None:
        self.told.append((_value(old), _value(new)))

    def create(self, name: str, value: str) -> None:
        body = {"metadata": {"name": name}, "data": {"v": value}}
        self.registry.create(kinds.CONFIG_MAPS, body, "default")

    def change(self, name: str, value: str) -> None:
        body = {"metadata": {"name": name}, "data": {"v": value}}
        self.registry.update(kinds.CONFIG_MAPS, name, body, "default")

    def delete(self, name: str) -> None:
        self.registry.delete(kinds.CONFIG_MAPS, name, "default")


def _value(obj: Object | None) -> str | None:
    return None if obj is None else str(obj["data"]["v"])


def test_what_is_there_comes_first_then_each_change_with_what_was_before() -> None:
    async def main(clock: VirtualClock) -> Told:
        scene = Scene(clock)
        scene.create("a", "1")
        running = asyncio.ensure_future(scene.informer.run())
        await asyncio.sleep(1)
        scene.change("a", "2")
        scene.create("b", "3")
        scene.delete("a")
        await asyncio.sleep(1)
        running.cancel()
        return scene.told

    assert virtual.run(main) == [(None, "1"), ("1", "2"), (None, "3"), ("2", None)]


def test_after_a_watch_was_cut_off_it_finds_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubectl_joblab.practice.api.storage.history.BACKLOG", 3)

    async def main(clock: VirtualClock) -> Told:
        scene = Scene(clock)
        for name in ("changed", "deleted", "replaced", "same"):
            scene.create(name, name)
        running = asyncio.ensure_future(scene.informer.run())
        await asyncio.sleep(1)
        scene.told.clear()
        scene.change("changed", "changed-2")
        scene.delete("deleted")
        scene.delete("replaced")
        scene.create("replaced", "replaced-2")
        scene.create("new", "new")
        await asyncio.sleep(1)
        running.cancel()
        return sorted(scene.told, key=str)

    assert virtual.run(main) == [
        ("changed", "changed-2"),
        ("deleted", None),
        ("replaced", None),
        (None, "new"),
        (None, "replaced-2"),
    ]
