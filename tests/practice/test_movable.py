"""The clock that can be set ahead: it shows it, wakes who is due in order, and keeps it first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.clock import Wait
from kubectl_joblab.practice.movable import KEPT, UNMOVED, Jump, MovableClock, Moved
from tests.practice import virtual
from tests.practice.virtual import START, VirtualClock, VirtualTime

T = TypeVar("T")
BACKOFF = Wait("Job", "default", "j", "next Pod", "back-off")
MOMENTS = st.integers(0, 50_000).map(lambda milliseconds: milliseconds / 1000)


def played(
    scene: Callable[[MovableClock], Awaitable[T]],
    moved: Moved = UNMOVED,
    keep: Callable[[Moved], object] = lambda _: None,
) -> T:
    """What the scene returns, played with a clock over virtual time."""

    async def main(_: VirtualClock) -> T:
        return await scene(MovableClock(VirtualTime(asyncio.get_running_loop()), moved, keep))

    return virtual.run(main)


def seconds(clock: MovableClock) -> float:
    """The time of the clock since the beginning."""
    return (clock.now() - START).total_seconds()


def test_a_jump_moves_the_time_and_nothing_else() -> None:
    async def scene(clock: MovableClock) -> tuple[float, float, int]:
        await clock.sleep(1.5)
        clock.jump(600)
        return seconds(clock), asyncio.get_running_loop().time(), clock.ahead

    assert played(scene) == (601.5, 1.5, 600)


def test_who_waits_is_woken_by_a_jump_and_not_too_early() -> None:
    async def scene(clock: MovableClock) -> list[tuple[float, float]]:
        loop, woken = asyncio.get_running_loop(), []

        async def wait(length: float) -> None:
            await clock.sleep(length, BACKOFF)
            woken.append((seconds(clock), loop.time()))

        waiting = asyncio.gather(wait(600), wait(10.5))
        await clock.sleep(0)
        clock.jump(10)
        await waiting
        return woken

    assert played(scene) == [(10.5, 0.5), (600.0, 590.0)]


def test_what_a_jump_makes_due_happens_in_the_order_of_its_time() -> None:
    async def scene(clock: MovableClock) -> list[str]:
        called: list[str] = []
        for name, length in (("c", 30), ("a", 10), ("d", 30), ("b", 20.5), ("later", 60)):
            clock.call_later(length, called.append, name)
        clock.jump(45)
        await asyncio.sleep(0.1)
        return called

    assert played(scene) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("jumps", [0, 1, 2])
def test_a_cancelled_timer_never_fires(jumps: int) -> None:
    async def scene(clock: MovableClock) -> list[str]:
        called: list[str] = []
        timer = clock.call_later(10, called.append, "cancelled")
        for _ in range(jumps):
            clock.jump(5)
        timer.cancel()
        timer.cancel()
        await clock.sleep(100)
        return [*called, *(str(one.wait) for one in clock.waits())]

    assert played(scene) == []


def test_a_sleeper_that_is_cancelled_leaves_no_timer() -> None:
    async def scene(clock: MovableClock) -> int:
        task = asyncio.ensure_future(clock.sleep(10, BACKOFF))
        await asyncio.sleep(1)
        before = len(list(clock.waits()))
        task.cancel()
        await asyncio.wait([task])
        return before - len(list(clock.waits()))

    assert played(scene) == 1


def test_what_objects_wait_for_is_known_soonest_first_and_housekeeping_is_not() -> None:
    async def scene(clock: MovableClock) -> list[tuple[str, float]]:
        clock.call_later(3600, str)
        clock.call_later(40, str, wait=BACKOFF._replace(name="old"))
        clock.call_later(30, str, wait=BACKOFF)
        clock.jump(12)
        return [(timer.wait.name, timer.left()) for timer in clock.waits() if timer.wait]

    assert played(scene) == [("j", 18), ("old", 28)]


@pytest.mark.parametrize("length", [0, -1])
def test_it_never_goes_back_or_stays(length: int) -> None:
    async def scene(clock: MovableClock) -> None:
        clock.jump(length)

    with pytest.raises(ValueError, match="does not jump"):
        played(scene)


def test_what_cannot_be_kept_has_not_happened() -> None:
    def keep(_: Moved) -> None:
        raise OSError("the disk is full")

    async def scene(clock: MovableClock) -> list[object]:
        with pytest.raises(OSError, match="full"):
            clock.jump(5)
        with pytest.raises(OSError, match="full"):
            clock.auto = True
        return [clock.ahead, clock.auto, clock.journal, seconds(clock)]

    assert played(scene, keep=keep) == [0, False, (), 0]


def test_it_goes_on_where_it_was_kept() -> None:
    kept: list[Moved] = []

    async def scene(clock: MovableClock) -> None:
        await clock.sleep(2)
        clock.jump(5)
        clock.auto = True

    async def again(clock: MovableClock) -> tuple[object, ...]:
        now = seconds(clock)
        clock.jump(3)
        return now, clock.auto, [jump.ahead for jump in clock.journal]

    played(scene, keep=kept.append)
    assert kept[-1] == Moved(5, True, (Jump(START.timestamp() + 2, 5),))
    assert played(again, kept[-1]) == (5, True, [5, 8])


def test_the_journal_tells_how_far_ahead_the_clock_was() -> None:
    async def scene(clock: MovableClock) -> list[int]:
        for length in (10, 20):
            await asyncio.sleep(100)
            clock.jump(length)
        begin = START.timestamp()
        return [clock.ahead_at(begin + when) for when in (0, 99.9, 100, 199, 200, 1e9)]

    assert played(scene) == [0, 0, 10, 10, 30, 30]


def test_a_full_journal_gives_up_the_jump_that_was_followed_soonest() -> None:
    async def scene(clock: MovableClock) -> list[int]:
        for pause in (100, 1, 100, *(2 for _ in range(KEPT - 2))):
            clock.jump(1)
            await asyncio.sleep(pause)
        begin = START.timestamp()
        shown = [clock.ahead_at(begin + when) for when in (50, 100.5, 150, 1e9)]
        return [len(clock.journal), clock.ahead, *shown]

    assert played(scene) == [KEPT, KEPT + 1, 1, 1, 3, KEPT + 1]


@given(
    st.lists(MOMENTS, max_size=20),
    st.lists(st.tuples(MOMENTS, st.integers(1, 30)), max_size=10),
)
def test_no_timer_is_missed_or_early_or_fires_twice(
    lengths: list[float], jumps: list[tuple[float, int]]
) -> None:
    async def scene(clock: MovableClock) -> list[tuple[float, float]]:
        fired: list[tuple[float, float]] = []

        def fire(due: float) -> None:
            fired.append((due, seconds(clock)))

        for length in lengths:
            clock.call_later(length, fire, length)
        for pause, length in jumps:
            await asyncio.sleep(pause)
            clock.jump(length)
        await clock.sleep(51)
        return fired

    fired = played(scene)
    assert [due for due, _ in fired] == sorted(lengths)
    assert all(at >= due - 1e-6 for due, at in fired)
