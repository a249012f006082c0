"""The work queue: each key once, the earlier time counts, failures are tried later."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Container

import pytest

from kubectl_joblab.practice.clock import Wait
from kubectl_joblab.practice.controllers.workqueue import WorkQueue
from tests.practice import virtual
from tests.practice.virtual import START, VirtualClock

Seen = list[tuple[float, str]]


def worked(scene: object, *, fails: Container[int] = (), seconds: float = 1000) -> Seen:
    """What was worked on and when; the attempts of these numbers, from 1 on, raise."""

    async def main(clock: VirtualClock) -> Seen:
        queue: WorkQueue[str] = WorkQueue(clock, lambda key: ("Job", "default", key))
        seen: Seen = []

        def sync(key: str) -> None:
            seen.append((round((clock.now() - START).total_seconds(), 3), key))
            if len(seen) in fails:
                raise ValueError("refused")

        worker = asyncio.ensure_future(queue.work(sync))
        await scene(queue)  # type: ignore[operator]
        await asyncio.sleep(seconds)
        worker.cancel()
        return seen

    return virtual.run(main)


def test_a_key_is_worked_on_once_however_often_it_is_added() -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        for key in ("a", "b", "a", "a"):
            queue.add(key)

    assert worked(scene) == [(0, "a"), (0, "b")]


def test_a_burst_becomes_one_sync_after_the_first_of_it() -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        for _ in range(4):
            queue.add_after("a", 1)
            await asyncio.sleep(0.3)

    assert worked(scene) == [(1, "a")]


def test_of_two_times_the_earlier_one_counts() -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        queue.add_after("a", 5)
        queue.add_after("a", 2)
        queue.add_after("a", 9)

    assert worked(scene) == [(2, "a")]


def test_a_time_that_has_passed_is_now() -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        queue.add_after("a", -3)

    assert worked(scene) == [(0, "a")]


def test_who_works_on_a_key_plans_anew() -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        queue.add_after("a", 600, "failed", "deadline")
        queue.add("a")

    assert worked(scene) == [(0, "a")]


def test_what_is_cancelled_is_not_worked_on() -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        queue.add_after("a", 5)
        queue.add_after("b", 5)
        queue.cancel("a")
        queue.cancel("never planned")

    assert worked(scene) == [(5, "b")]


def test_the_clock_knows_what_a_key_waits_for() -> None:
    async def main(clock: VirtualClock) -> list[Wait | None]:
        queue: WorkQueue[str] = WorkQueue(clock, lambda key: ("Job", "default", key))
        queue.add_after("a", 600, "failed", "deadline")
        queue.add_after("a", 10, "next Pod", "back-off")
        queue.add_rate_limited("b")
        return [timer.wait for timer in clock.waits()]

    assert virtual.run(main) == [
        Wait("Job", "default", "b", "sync", "retry"),
        Wait("Job", "default", "a", "next Pod", "back-off"),
    ]


def test_failures_are_tried_again_later_each_time(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        queue.add("a")

    times = [when for when, _ in worked(scene, fails=range(1, 10))]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert caplog.messages == ["working on a"] * 9


def test_a_success_ends_the_waiting(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(queue: WorkQueue[str]) -> None:
        queue.add("a")
        await asyncio.sleep(100)
        queue.add("a")

    times = [when for when, _ in worked(scene, fails=(1, 2, 4))]
    assert times == [0, 1, 3, 100, 101]
