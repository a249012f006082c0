"""Schedules of CronJobs: what `*/5 9-17 * * MON-FRI` means, and when it comes next.

Follows github.com/robfig/cron/v3, whose standard parser Kubernetes uses (parser.go, spec.go,
constantdelay.go), its messages and oddities included: where a clock is set forward or back, the
next time is the one that this package finds. The module knows nothing of objects.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple, Protocol

from kubectl_joblab.formats import goduration, gojson, golocation

YEARS = 5  # so far ahead a time is looked for

_SECOND = 1_000_000_000  # nanoseconds
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SPACE = re.compile(f"[{_SPACES}]+")
_ZONES = ("TZ=", "CRON_TZ=")
_EVERY = "@every "
_MOST_DIGITS = 19  # of a number of 64 bits
_NUMBER = re.compile(r"([+-]?)0*([0-9]+)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
# descriptor -> the same in five fields
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronError(ValueError):
    """A text is no schedule; the message is Go's."""


class Schedule(Protocol):
    """Says when something is due."""

    def next(self, after: datetime) -> datetime | None:
        """The first time after another one, aware, in UTC; None where there is none in years."""

    def last(self, after: datetime, until: datetime) -> datetime | None:
        """The last of the times that come one after the other after one and up to another."""


class Bounds(NamedTuple):
    """The numbers that a field may have, and names for some of them."""

    least: int
    most: int
    names: dict[str, int]


class Field(NamedTuple):
    """The numbers of a field. star: whether it was left open, by * or ?."""

    numbers: frozenset[int]
    star: bool


# minute, hour, day of the month, month, day of the week
BOUNDS = (
    Bounds(0, 59, {}),
    Bounds(0, 23, {}),
    Bounds(1, 31, {}),
    Bounds(1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    Bounds(0, 6, {name: number for number, name in enumerate(_DAYS)}),
)


# ---- reading


def parse(text: str) -> Schedule:
    """The schedule that a text is; raises CronError. Where it names no time zone, it is UTC.

    Follows ParseCronScheduleWithPanicRecovery in Kubernetes' pkg/util/parsers and ParseStandard.
    """
    if not text:
        raise CronError("empty spec string")
    zone: tzinfo = timezone.utc
    if text.startswith(_ZONES):
        zone, text = _zone(text)
    if text.startswith("@"):
        return _descriptor(text, zone)
    return _fields(text, zone)


def parse_in(text: str, zone: str | None) -> Schedule:
    """The schedule in a time zone that is named apart, unless the text names one itself.

    Raises CronError, and LocationError for a zone that is not known. Follows formatSchedule in
    Kubernetes' pkg/controller/cronjob/cronjob_controllerv2.go.
    """
    if zone is None or "TZ" in text:
        return parse(text)
    golocation.location(zone)
    return parse(f"TZ={zone} {text}")


def _zone(text: str) -> tuple[tzinfo, str]:
    """The time zone with which a text begins, and its rest without space at both ends."""
    name, space, rest = text[text.index("=") + 1 :].partition(" ")
    if not space:
        # upstream looks for the space, and cuts at its place, which is -1
        why = "runtime error: slice bounds out of range [:-1]"
        raise CronError(f"invalid schedule format: {why}")
    try:
        return golocation.location(name), rest.strip(_SPACES)
    except golocation.LocationError as error:
        raise CronError(f"provided bad location {name}: {error}") from error


def _words(text: str) -> list[str]:
    return [word for word in _SPACE.split(text) if word]


def _descriptor(text: str, zone: tzinfo) -> Schedule:
    if text in _DESCRIPTORS:
        return _fields(_DESCRIPTORS[text], zone)
    if not text.startswith(_EVERY):
        raise CronError(f"unrecognized descriptor: {text}")
    try:
        return every(goduration.nanoseconds(text.removeprefix(_EVERY)))
    except goduration.DurationError as error:
        raise CronError(f"failed to parse duration {text}: {error}") from error


def _fields(text: str, zone: tzinfo) -> SpecSchedule:
    words = _words(text)
    if len(words) != len(BOUNDS):
        found = f"[{' '.join(words)}]"
        raise CronError(f"expected exactly {len(BOUNDS)} fields, found {len(words)}: {found}")
    minute, hour, day, month, weekday = map(_field, words, BOUNDS)
    return SpecSchedule(minute, hour, day, month, weekday, zone)


def _field(text: str, bounds: Bounds) -> Field:
    """A list of ranges. One without any is no mistake: it has no numbers, and is never due."""
    ranges = [_range(one, bounds) for one in text.split(",") if one]
    numbers = frozenset[int]().union(*(one.numbers for one in ranges))
    return Field(numbers, any(one.star for one in ranges))


def _range(text: str, bounds: Bounds) -> Field:
    """`number | number "-" number [ "/" number ]`."""
    span, *steps = text.split("/")
    low, *highs = span.split("-")
    star = low in ("*", "?")
    if star:
        first, last = bounds.least, bounds.most
    else:
        first = _number_or_name(low, bounds)
        if len(highs) > 1:
            raise CronError(f"too many hyphens: {text}")
        last = _number_or_name(highs[0], bounds) if highs else first
    step = 1
    if len(steps) > 1:
        raise CronError(f"too many slashes: {text}")
    if steps:
        step = _number(steps[0])
        last = last if highs else bounds.most  # "5/15" is "5-59/15"
        star = star and step <= 1
    _check(first, last, step, bounds, text)
    return Field(frozenset(range(first, last + 1, step)), star)


def _check(first: int, last: int, step: int, bounds: Bounds, text: str) -> None:
    if first < bounds.least:
        why = f"beginning of range ({first}) below minimum ({bounds.least})"
    elif last > bounds.most:
        why = f"end of range ({last}) above maximum ({bounds.most})"
    elif first > last:
        why = f"beginning of range ({first}) beyond end of range ({last})"
    elif step == 0:
        why = "step of range should be a positive number"
    else:
        return
    raise CronError(f"{why}: {text}")


def _number_or_name(text: str, bounds: Bounds) -> int:
    named = bounds.names.get(text.lower())
    return _number(text) if named is None else named


def _number(text: str) -> int:
    """The number without a sign that a text is; with one its value is told."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _no_number(text, "invalid syntax")
    sign, digits = found.groups()
    if len(digits) > _MOST_DIGITS or int(digits) >= 2**63 + (sign == "-"):
        raise _no_number(text, "value out of range")
    if sign == "-" and digits != "0":
        raise CronError(f"negative number (-{digits}) not allowed: {text}")
    return int(digits)


def _no_number(text: str, why: str) -> CronError:
    parsing = f"strconv.Atoi: parsing {gojson.quote(text)}: {why}"
    return CronError(f"failed to parse int from {text}: {parsing}")


# ---- when it is due


class ConstantDelay(NamedTuple):
    """`@every 5m`: always so many seconds later, on the second."""

    seconds: int

    def next(self, after: datetime) -> datetime | None:
        """So much later; None where the calendar ends before."""
        try:
            return after.replace(microsecond=0) + timedelta(seconds=self.seconds)
        except OverflowError:
            return None

    def last(self, after: datetime, until: datetime) -> datetime | None:
        """As often later as it fits."""
        first = self.next(after)
        if first is None or first > until:
            return None
        delay = timedelta(seconds=self.seconds)
        return first + (until - first) // delay * delay


def every(nanoseconds: int) -> ConstantDelay:
    """A delay of whole seconds, and of one at the least."""
    return ConstantDelay(max(nanoseconds, _SECOND) // _SECOND)


class SpecSchedule(NamedTuple):
    """Five fields. day: of the month; weekday: 0 is Sunday."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field
    zone: tzinfo

    def next(self, after: datetime) -> datetime | None:
        """The first second after another time at which all fields match; None in five years."""
        if not all(field.numbers for field in self[:4]):
            return None  # upstream looks through all minutes of five years
        try:
            start = after.replace(microsecond=0) + timedelta(seconds=1)
            return _Search(self, start.astimezone(self.zone)).found()
        except (OverflowError, ValueError):  # the calendar ends before
            return None

    def last(self, after: datetime, until: datetime) -> datetime | None:
        """The last match, found by halving: there may be a year of minutes between."""
        low, high = self.next(after), until
        if low is None or low > until:
            return None
        while high - low >= timedelta(seconds=1):  # low matches, and nothing after high does
            middle = low + (high - low) / 2
            due = self.next(middle)
            if due is None or due > until:
                high = middle
            else:
                low = due
        return low

    def matches_day(self, when: datetime) -> bool:
        """Whether a day matches: both its number and its weekday, or, if both are given, either."""
        day = when.day in self.day.numbers
        weekday = when.isoweekday() % 7 in self.weekday.numbers
        if self.day.star or self.weekday.star:
            return day and weekday
        return day or weekday


class _Search:
    """The search for the next time, field by field from the month on.

    A field that does not match is counted up until it does, and those after it start from their
    lowest values then. Where one wraps around, the search begins again from there.
    """

    def __init__(self, schedule: SpecSchedule, start: datetime) -> None:
        self._schedule = schedule
        self._time = start
        self._added = False  # whether a field was counted up

    def found(self) -> datetime | None:
        last = self._time.year + YEARS
        while self._time.year <= last:
            if self._month() and self._day() and self._hour() and self._minute() and self._second():
                return self._time.astimezone(timezone.utc)
        return None

    def _month(self) -> bool:
        while self._time.month not in self._schedule.month.numbers:
            if self._first():
                self._time = _date(self._time, day=1)
            self._time = _date(self._time, months=1, clock=_clock(self._time))
            if self._time.month == 1:
                return False
        return True

    def _day(self) -> bool:
        while not self._schedule.matches_day(self._time):
            if self._first():
                self._time = _date(self._time)
            self._time = _date(self._time, days=1, clock=_clock(self._time))
            hour = self._time.hour
            if hour:  # midnight is not there on that day: the clock is set forward or back
                self._time = _plus(self._time, 3600 * (24 - hour if hour > 12 else -hour))
            if self._time.day == 1:
                return False
        return True

    def _hour(self) -> bool:
        while self._time.hour not in self._schedule.hour.numbers:
            if self._first():
                self._time = _date(self._time, clock=timedelta(hours=self._time.hour))
            self._time = _plus(self._time, 3600)
            if self._time.hour == 0:
                return False
        return True

    def _minute(self) -> bool:
        while self._time.minute not in self._schedule.minute.numbers:
            if self._first():
                self._time = _plus(self._time, -(int(self._time.timestamp()) % 60))
            self._time = _plus(self._time, 60)
            if self._time.minute == 0:
                return False
        return True

    def _second(self) -> bool:
        if self._time.second:
            self._first()
            self._time = _plus(self._time, 60 - self._time.second)
            return False
        return True

    def _first(self) -> bool:
        """Whether no field was counted up before."""
        first, self._added = not self._added, True
        return first


def _plus(when: datetime, seconds: int) -> datetime:
    """The time that is so much later, whatever clocks show meanwhile."""
    later = when.astimezone(timezone.utc) + timedelta(seconds=seconds)
    return later.astimezone(when.tzinfo)


def _clock(when: datetime) -> timedelta:
    """What clocks show: the time of the day."""
    return timedelta(hours=when.hour, minutes=when.minute, seconds=when.second)


def _date(
    when: datetime,
    *,
    months: int = 0,
    days: int = 0,
    day: int | None = None,
    clock: timedelta = timedelta(),
) -> datetime:
    """When clocks show this on a day so many months and days later, as Go's time.Date finds it.

    Where they show it twice, or never, it is what the offset of UTC at that reading gives.
    """
    month = when.month - 1 + months
    first = date(when.year + month // 12, month % 12 + 1, 1).toordinal()
    ordinal = first + (when.day if day is None else day) - 1 + days
    wall = datetime.combine(date.fromordinal(ordinal), time(), timezone.utc) + clock
    offset = _offset(wall, when.tzinfo)
    return (wall - _offset(wall - offset, when.tzinfo) if offset else wall).astimezone(when.tzinfo)


def _offset(when: datetime, zone: tzinfo | None) -> timedelta:
    return when.astimezone(zone).utcoffset() or timedelta()
