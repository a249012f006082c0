"""The informer: tells each change with what was before, and misses none."""

from __future__ import annotations

import asyncio

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.api.storage.view import TOGETHER
from kubectl_joblab.practice.controllers.informer import Informer
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock

Told = list[tuple[str | None, str | None]]


class Scene:
    """A registry with a namespace, and an informer of a kind that writes down what it hears.

    The objects' values are annotations, so that they can be of any kind.
    """

    def __init__(self, clock: VirtualClock, kind: Kind = kinds.SERVICE_ACCOUNTS) -> None:
        self.kind = kind
        self.registry = Registry(Store(kept=5), clock, CountingIds())
        self.registry.create(kinds.NAMESPACES, {"metadata": {"name": "default"}})
        self.told: Told = []
        self.informer = Informer(self.registry, kind, self._hear)

    def _hear(self, old: Object | None, new: Object | None) -> None:
        self.told.append((_value(old), _value(new)))

    def create(self, name: str, value: str) -> None:
        self.registry.create(self.kind, _body(name, value), "default")

    def change(self, name: str, value: str) -> None:
        self.registry.update(self.kind, name, _body(name, value), "default")

    def delete(self, name: str) -> None:
        self.registry.delete(self.kind, name, "default")


def _body(name: str, value: str) -> Object:
    return {"metadata": {"name": name, "annotations": {"v": value}}}


def _value(obj: Object | None) -> str | None:
    return None if obj is None else str(obj["metadata"]["annotations"]["v"])


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


def test_what_rests_is_told_of_when_it_changes() -> None:
    async def main(clock: VirtualClock) -> Told:
        scene = Scene(clock, kinds.CONFIG_MAPS)
        scene.create("a", "1")
        scene.create("b", "2")
        running = asyncio.ensure_future(scene.informer.run())
        await asyncio.sleep(1)
        scene.change("a", "3")
        scene.delete("b")
        await asyncio.sleep(1)
        running.cancel()
        return scene.told

    assert virtual.run(main) == [("1", "3"), ("2", None)]


def test_what_changes_before_it_is_told_of_is_told_as_it_was() -> None:
    async def main(clock: VirtualClock) -> Told:
        scene = Scene(clock)
        many = range(3 * TOGETHER)
        for number in many:
            scene.create(f"{number:03}", "1")
        running = asyncio.ensure_future(scene.informer.run())
        await asyncio.sleep(0)  # it has begun, and is at the first of them
        scene.change(f"{many[-1]:03}", "2")
        scene.delete(f"{many[-2]:03}")
        await asyncio.sleep(1)
        running.cancel()
        assert scene.told[:-2] == [(None, "1") for _ in many]
        return scene.told[-2:]

    assert virtual.run(main) == [("1", "2"), ("1", None)]


def test_however_much_changes_at_once_all_of_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
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
        return scene.told

    assert virtual.run(main) == [
        ("changed", "changed-2"),
        ("deleted", None),
        ("replaced", None),
        (None, "replaced-2"),
        (None, "new"),
    ]
