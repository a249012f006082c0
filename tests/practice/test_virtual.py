"""Virtual time: it passes at once, in order, and never alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.practice import virtual
from tests.practice.virtual import START, CountingIds, VirtualClock


def test_hours_pass_without_waiting_and_the_clock_shows_them() -> None:
    async def main(clock: VirtualClock) -> timedelta:
        await asyncio.sleep(36_000.5)
        return clock.now() - START

    assert virtual.run(main) == timedelta(hours=10, milliseconds=500)


def test_timers_of_several_tasks_fire_in_their_order() -> None:
    async def main(clock: VirtualClock) -> list[tuple[str, float]]:
        seen: list[tuple[str, float]] = []

        async def tick(name: str, every: float) -> None:
            for _ in range(2):
                await asyncio.sleep(every)
                seen.append((name, round((clock.now() - START).total_seconds(), 3)))

        await asyncio.gather(tick("slow", 3), tick("fast", 2))
        return seen

    assert virtual.run(main) == [("fast", 2), ("slow", 3), ("fast", 4), ("slow", 6)]


def test_time_stands_still_while_anything_is_ready() -> None:
    async def main(clock: VirtualClock) -> float:
        asyncio.get_running_loop().call_later(1, lambda: None)
        for _ in range(100):
            await asyncio.sleep(0)
        return (clock.now() - START).total_seconds()

    assert virtual.run(main) == 0


def test_waiting_for_what_nobody_will_do_is_an_error() -> None:
    async def main(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(virtual.DeadlockError):
        virtual.run(main)


def test_tasks_left_over_are_cancelled_and_may_clean_up() -> None:
    ended: list[str] = []

    async def other() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append("other")

    async def main(clock: VirtualClock) -> None:
        task = asyncio.create_task(other())
        await asyncio.sleep(1)
        assert not task.done()

    virtual.run(main)
    assert ended == ["other"]


def test_counting_ids_are_new_each_time_and_foreseeable() -> None:
    ids = CountingIds()
    assert [ids.suffix() for _ in range(3)] == ["bbbbb", "bbbbc", "bbbbd"]
    assert [ids.uid()[-2:] for _ in range(2)] == ["01", "02"]
