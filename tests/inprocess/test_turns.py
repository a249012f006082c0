"""Threads and a loop take turns: in order, and no time passes while anyone can run."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest

from tests.inprocess.turns import Clock, Turns


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns()
    yield made
    made.close()


@pytest.fixture
def clock(turns: Turns) -> Clock:
    return Clock(turns)


def test_time_passes_at_once_where_all_wait(clock: Clock) -> None:
    before = clock.time()
    assert not clock.event().wait(1800)
    assert clock.time() - before == 1800
    assert clock.monotonic() == 1800


def test_no_time_passes_before_a_thread_that_was_started_has_run(clock: Clock) -> None:
    seen: list[float] = []
    threads = [clock.start(lambda: seen.append(clock.monotonic())) for _ in range(20)]
    clock.event().wait(5)
    assert seen == [0.0] * 20
    for thread in threads:
        thread.join()
    assert clock.monotonic() == 5


def test_no_time_passes_before_a_thread_that_was_woken_has_run(clock: Clock) -> None:
    items, seen = clock.queue(), []

    def take() -> None:
        for _ in range(3):
            seen.append((items.get(timeout=100), clock.monotonic()))

    clock.start(take)
    for second in range(3):
        items.put(second)
        clock.event().wait(1)
    assert seen == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_those_in_line_run_in_order(clock: Clock) -> None:
    happened, said = clock.event(), []

    def work(name: str) -> None:
        said.append(f"{name} began")
        happened.wait()
        said.append(f"{name} went on")

    threads = [clock.start(work, name) for name in "ab"]
    clock.event().wait(1)
    happened.set()
    for thread in threads:
        thread.join()
    assert said == ["a began", "b began", "a went on", "b went on"]
    assert happened.is_set()
    assert happened.wait(0)


def test_a_queue_is_empty_when_the_time_is_over(clock: Clock) -> None:
    with pytest.raises(queue.Empty):
        clock.queue().get(timeout=2.5)
    assert clock.monotonic() == 2.5


def test_a_full_queue_has_whoever_adds_to_it_wait(clock: Clock) -> None:
    items, added = clock.queue(1), []

    def add() -> None:
        for number in range(3):
            items.put(number)
            added.append(number)

    clock.start(add)
    clock.event().wait(1)
    assert added == [0]
    assert [items.get() for _ in range(3)] == [0, 1, 2]
    clock.event().wait(1)
    assert added == [0, 1, 2]


def test_a_timer_of_the_loop_and_a_waiting_end_in_the_order_of_their_times(
    turns: Turns, clock: Clock
) -> None:
    happened = clock.event()
    turns.call(lambda: turns.loop.call_later(2, happened.set))
    assert not happened.wait(1.5)
    assert happened.wait(1.5)
    assert clock.monotonic() == 2


def test_the_loop_does_what_it_was_given_before_its_time_jumps(turns: Turns, clock: Clock) -> None:
    times: list[float] = []
    turns.call(lambda: turns.loop.call_later(10, lambda: None))
    clock.start(lambda: turns.call(lambda: times.append(turns.loop.time())))
    clock.event().wait(5)
    assert times == [0.0]


def test_what_waits_for_ever_is_told(clock: Clock, turns: Turns) -> None:
    with pytest.raises(AssertionError, match="the cluster is broken"):
        clock.event().wait()


def test_a_thread_that_no_clock_has_started_may_not_wait(clock: Clock) -> None:
    errors: list[str] = []

    def wait() -> None:
        try:
            clock.event().wait(1)
        except AssertionError as error:
            errors.append(str(error).partition("\n")[0])

    stranger = threading.Thread(target=wait)
    stranger.start()
    stranger.join()
    assert errors == ["a thread that no Clock has started"]


def test_threads_that_still_wait_end_when_it_is_closed() -> None:
    turns = Turns()
    clock = Clock(turns)
    before = threading.active_count()
    for _ in range(3):
        clock.start(clock.event().wait)
    clock.event().wait(1)
    turns.close()
    assert threading.active_count() == before  # the loop has no thread
