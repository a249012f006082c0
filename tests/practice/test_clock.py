"""Spans of time at their extremes; the figures are those of Go's time.Duration."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from kubectl_joblab import objects
from kubectl_joblab.practice import clock

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("seconds", "spanned"),
    [
        (0, 0),
        (60, 60),
        (9223372036, 9223372036),
        (10_000_000_000, -8446744073.709552),
        (86399999999999, -4549241256.539769),
        (2**63 - 1, -1),
        (-(2**63), 0),
    ],
)
def test_seconds_overflow_as_nanoseconds_of_64_bits(seconds: int, spanned: float) -> None:
    assert clock.span(seconds).total_seconds() == pytest.approx(spanned, abs=1e-5)


def test_no_time_is_after_the_last_or_before_the_first() -> None:
    assert clock.after(NOW, timedelta(days=1)).day == 2
    assert clock.after(objects.LAST, timedelta(seconds=1)) == objects.LAST
    assert clock.after(objects.FIRST, timedelta(seconds=-1)) == objects.FIRST
    assert clock.after(NOW, timedelta.max) == objects.LAST
    assert clock.after(NOW, timedelta.min) == objects.FIRST


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("0000-02-29T00:00:00Z", objects.FIRST),
        ("10000-01-01T00:00:59Z", objects.LAST),
        ("10000-01-01T00:00:59.000000Z", objects.LAST),
        ("9999-12-31T23:59:59Z", objects.LAST.replace(microsecond=0)),
    ],
)
def test_a_year_that_python_does_not_know_is_the_first_or_the_last(
    text: str, when: datetime
) -> None:
    assert objects.time(text) == when
