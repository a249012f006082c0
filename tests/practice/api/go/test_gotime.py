"""Times in the years at the edges, which the bodies of refusals.json do not have."""

from __future__ import annotations

import calendar
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice import clock
from kubectl_joblab.practice.api.go import gotime
from tests.practice.api import generated


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (-1, "1969-12-31T23:59:59.999999Z"),
        (999_999, "1970-01-01T00:00:00.999999Z"),
        (2_147_483, "1970-01-01T00:00:02.147483Z"),
    ],
)
def test_more_microseconds_than_a_second_has_are_seconds(microseconds: int, text: str) -> None:
    assert gotime.of_seconds(0, microseconds) == text


@pytest.mark.parametrize("year", [2026, 2028, 2100])
def test_a_month_has_the_days_of_the_calendar(year: int) -> None:
    for month in range(1, 13):
        last = calendar.monthrange(year, month)[1]
        for day in range(1, 33):
            text = f"{year}-{month:02}-{day:02}T01:02:03Z"
            if day <= last:
                assert gotime.canonical(text) == text
            else:
                with pytest.raises(gotime.TimeError, match="day out of range"):
                    gotime.canonical(text)


@pytest.mark.parametrize("seconds", [2**63 - 1, -(2**63)])
def test_seconds_in_no_year_are_no_time(seconds: int) -> None:
    with pytest.raises(gotime.TimeError, match="year outside of range"):
        gotime.of_seconds(seconds, 0)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T01:00:00+01:00", None),
        ("0001-01-01T00:00:01Z", "0001-01-01T00:00:01Z"),
        ("0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"),
        ("9999-12-31T23:59:59-00:01", "10000-01-01T00:00:59Z"),
        ("2020-02-29T23:30:00,75-24:00", "2020-03-01T23:30:00Z"),
        ("2020-01-01T00:00:00+00:60", "2019-12-31T23:00:00Z"),
    ],
)
def test_the_edges_of_the_calendar(text: str, canonical: str | None) -> None:
    assert gotime.canonical(text) == canonical


@generated.PROPERTY
@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1)))  # noqa: DTZ001 -- made UTC below
def test_the_clocks_times_are_canonical_already(naive: datetime) -> None:
    when = naive.replace(tzinfo=timezone.utc)
    micro = clock.rfc3339_micro(when).rjust(27, "0")  # strftime pads no years
    assert gotime.canonical_micro(micro) == micro
    seconds = clock.rfc3339(when).rjust(20, "0")
    assert gotime.canonical(seconds) == seconds
    assert gotime.of_seconds(int(when.replace(microsecond=0).timestamp())) == seconds
    since = int(when.replace(microsecond=0).timestamp())
    assert gotime.of_seconds(since, when.microsecond) == micro


def test_seconds_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(gotime.TimeError, match="year outside of range"):
        gotime.of_seconds(10**15)


def test_the_zero_time_in_seconds_is_none() -> None:
    assert gotime.of_seconds(-62135596800) is None
    assert gotime.of_seconds(-62135596800, 1) == "0001-01-01T00:00:00.000001Z"
