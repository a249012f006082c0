"""Things done at the same time come out in order, and their errors come out too."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kubectl_joblab.evidence import prefetch


def test_results_are_in_the_order_of_the_items() -> None:
    assert prefetch.each(lambda number: number * 2, range(100)) == list(range(0, 200, 2))


@pytest.mark.parametrize("items", [[], ["one"]])
def test_one_item_needs_no_thread(items: list[str]) -> None:
    found = prefetch.each(lambda _: threading.current_thread(), items)
    assert set(found) <= {threading.main_thread()}


def test_items_are_used_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=10)
    assert sorted(prefetch.each(lambda _: meeting.wait(), range(3), 3)) == [0, 1, 2]


def test_the_first_error_is_raised_and_no_more_is_begun() -> None:
    begun = []

    def fail(number: int) -> None:
        begun.append(number)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"^0$"):
        prefetch.each(fail, range(1000), 2)
    assert len(begun) <= 3


def test_the_error_is_that_of_the_first_item_though_a_later_one_fails_sooner() -> None:
    later = threading.Event()

    def fail(number: int) -> None:
        if number:
            later.set()
        else:
            assert later.wait(10)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"^0$"):
        prefetch.each(fail, range(1000), 2)


def test_what_is_fetched_ahead_comes_in_order() -> None:
    assert list(prefetch.ahead(iter(range(50)))) == list(range(50))


def test_the_next_is_fetched_while_one_is_used() -> None:
    fetched = threading.Event()

    def numbers() -> Iterator[int]:
        yield 1
        fetched.set()
        yield 2

    ahead = prefetch.ahead(numbers())
    assert next(ahead) == 1
    assert fetched.wait(10)
    assert list(ahead) == [2]


def test_an_error_comes_after_what_was_fetched_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    ahead = prefetch.ahead(numbers())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="no more"):
        next(ahead)
