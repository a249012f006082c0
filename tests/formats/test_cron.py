"""Schedules, lengths of time and time zones, compared with what Go says of them.

cron.json is recorded by capture_cron.py from the module that Kubernetes uses.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.formats import cron, golocation
from tests.formats import capture_cron

RECORDED: list[dict[str, Any]] = json.loads(capture_cron.RECORDED.read_text("utf-8"))
SCHEDULES = [row for row in RECORDED if "schedule" in row]
ZONES = [row for row in RECORDED if "zone" in row]
# what clocks were in Samoa on the day that it left out is not asked: Go never finds its end
FIRST, LAST = datetime(2013, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001 -- hypothesis adds the zone
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(timezone.utc))
PLACES = ("UTC", "Asia/Seoul", "America/New_York", "Europe/London", "Asia/Kathmandu")


def test_all_questions_are_recorded() -> None:
    asked = [{k: v for k, v in row.items() if k not in ("error", "next")} for row in RECORDED]
    assert asked == list(capture_cron.questions())
    assert sum(len(row["from"]) for row in SCHEDULES) > 500


@pytest.mark.parametrize("row", SCHEDULES, ids=lambda row: repr(row["schedule"]))
def test_a_schedule_is_due_when_go_says(row: dict[str, Any]) -> None:
    if "error" in row:
        with pytest.raises(cron.CronError) as refused:
            cron.parse(row["schedule"])
        assert str(refused.value) == row["error"]
        return
    schedule = cron.parse(row["schedule"])
    found = [_times(schedule, _time(text), row["count"]) for text in row["from"]]
    assert found == row.get("next", [])


def _times(schedule: cron.Schedule, when: datetime, count: int) -> list[str]:
    found: list[str] = []
    due: datetime | None = when
    while len(found) < count and due is not None:
        due = schedule.next(due)
        found.append("" if due is None else due.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return found


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text.removesuffix("Z") + "+00:00")
    assert found.tzinfo is not None
    return found


@pytest.mark.parametrize("row", ZONES, ids=lambda row: repr(row["zone"]))
def test_a_time_zone_is_known_where_go_knows_it(row: dict[str, Any]) -> None:
    wrong = ""
    try:
        golocation.location(row["zone"])
    except golocation.LocationError as error:
        wrong = str(error)
    assert wrong == row.get("error", "")


# ---- what holds for all


def _field(bounds: cron.Bounds) -> st.SearchStrategy[str]:
    number = st.integers(bounds.least, bounds.most)
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    start = st.one_of(st.sampled_from(["*", "?"]), number.map(str), span)
    step = st.one_of(st.just(""), st.integers(1, bounds.most).map("/{}".format))
    ranges = st.tuples(start, step).map("".join)
    return st.lists(ranges, min_size=1, max_size=3).map(",".join)


FIELDS = st.tuples(*map(_field, cron.BOUNDS)).map(" ".join)


@given(FIELDS, st.sampled_from(PLACES), MOMENTS)
def test_the_next_time_is_later_and_matches_and_none_between_does(
    fields: str, place: str, after: datetime
) -> None:
    schedule = cron.parse(f"TZ={place} {fields}")
    assert isinstance(schedule, cron.SpecSchedule)
    due = schedule.next(after)
    if due is None:  # such as the 30th of February
        return
    assert due > after
    assert due.second == 0
    there = due.astimezone(schedule.zone)
    assert there.month in schedule.month.numbers
    assert there.hour in schedule.hour.numbers
    assert there.minute in schedule.minute.numbers
    assert schedule.matches_day(there)
    halfway = after + (due - after) / 2
    if place in ("UTC", "Asia/Seoul", "Asia/Kathmandu"):  # no clock is set back there
        assert schedule.next(halfway) == due


@given(
    st.one_of(FIELDS, st.integers(1, 10**5).map("@every {}s".format)),
    st.sampled_from(PLACES),
    MOMENTS,
    st.integers(0, 10**6),
)
def test_the_last_time_is_that_to_which_step_by_step_leads(
    schedule: str, place: str, after: datetime, seconds: int
) -> None:
    found = cron.parse(f"TZ={place} {schedule}")
    until = after + timedelta(seconds=seconds)
    due, last, steps = found.next(after), None, 0
    while due is not None and due <= until and steps < 300:
        due, last, steps = found.next(due), due, steps + 1
    if steps < 300:
        assert found.last(after, until) == last


def test_a_year_of_minutes_is_not_looked_through_one_by_one() -> None:
    asked = 0

    class Counting(cron.SpecSchedule):
        def next(self, after: datetime) -> datetime | None:
            nonlocal asked
            asked += 1
            return super().next(after)

    plain = cron.parse("* * * 1 *")
    assert isinstance(plain, cron.SpecSchedule)
    found = Counting(*plain).last(_time("1970-01-01T00:00:00Z"), _time("2026-11-30T20:53:39Z"))
    assert found == _time("2026-01-31T23:59:00Z")
    assert asked < 50


@given(st.integers(-(2**63), 2**63 - 1), MOMENTS)
def test_a_delay_is_of_whole_seconds_and_one_at_the_least(
    nanoseconds: int, after: datetime
) -> None:
    delay = cron.every(nanoseconds)
    assert delay.seconds == max(1, nanoseconds // 10**9)
    due = delay.next(after)
    assert due is None or due - after.replace(microsecond=0) == timedelta(seconds=delay.seconds)


@given(st.text(alphabet="*?/-,0123456789 @TZ=UCmonevryh.\t", max_size=24))
def test_whatever_the_text_it_is_a_schedule_or_refused(text: str) -> None:
    try:
        schedule = cron.parse(text)
    except cron.CronError:
        return
    due = schedule.next(_time("2026-11-30T20:53:39Z"))
    assert due is None or due > _time("2026-11-30T20:53:39Z")
