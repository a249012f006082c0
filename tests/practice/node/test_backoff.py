"""Delays that double, and are forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.node.backoff import Backoff
from tests.practice.virtual import START


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _backoff() -> Backoff:
    return Backoff(timedelta(seconds=10), timedelta(seconds=300))


def test_it_doubles_up_to_the_longest() -> None:
    backoff, delays = _backoff(), []
    for second in range(8):
        backoff.next("key", _at(second), _at(second))
        delays.append(int(backoff.delay("key").total_seconds()))
    assert delays == [10, 20, 40, 80, 160, 300, 300, 300]


def test_after_twice_the_longest_without_trouble_it_begins_anew() -> None:
    backoff = _backoff()
    backoff.next("key", _at(0), _at(0))
    backoff.next("key", _at(600), _at(600))
    assert backoff.delay("key") == timedelta(seconds=20)
    backoff.next("key", _at(1201), _at(1201))
    assert backoff.delay("key") == timedelta(seconds=10)
    assert backoff.until("key", _at(1802), _at(1802)) is None


def test_a_wait_counts_from_the_trouble() -> None:
    backoff = _backoff()
    assert backoff.until("key", _at(0), _at(0)) is None
    backoff.next("key", _at(0), _at(0))
    assert backoff.until("key", _at(5), _at(6)) == _at(15)
    assert backoff.until("key", _at(5), _at(15)) is None
    backoff.reset("key")
    assert backoff.until("key", _at(5), _at(6)) is None


@given(st.lists(st.floats(0, 599), min_size=1, max_size=20))
def test_it_never_waits_longer_than_the_longest(gaps: list[float]) -> None:
    backoff, now = _backoff(), 0.0
    for gap in gaps:
        now += gap
        backoff.next("key", _at(now), _at(now))
        assert timedelta(seconds=10) <= backoff.delay("key") <= timedelta(seconds=300)
