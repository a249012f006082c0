"""Times as metav1.Time and MicroTime read and print them.

Decoding uses it. Errors have the words of Go's time.Parse (time/format.go) for the two layouts. The
canonical form is in UTC; the first instant of the year 1 is Go's zero time, "no time".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

SECONDS = "2006-01-02T15:04:05Z07:00"
MICROSECONDS = "2006-01-02T15:04:05.000000Z07:00"

_ZERO = "0001-01-01T00:00:00"
# all days but the 29th of February, which not every year has
_CANONICAL = re.compile(
    r"[1-9][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
)
# what stands before, the layout's element, its form, what is out of range, lowest, highest
_ELEMENTS = (
    ("", "2006", r"[0-9]{4}", "", 0, 9999),
    ("-", "01", r"[0-9]{2}", "month", 1, 12),
    ("-", "02", r"[0-9]{2}", "", 0, 99),  # which days the month has is looked at last
    ("T", "15", r"[0-9]{1,2}", "hour", 0, 23),
    (":", "04", r"[0-9]{2}", "minute", 0, 59),
    (":", "05", r"[0-9]{2}", "second", 0, 59),
)


class TimeError(ValueError):
    """A text is not a time; the message is Go's."""


def canonical(text: str) -> str | None:
    """A metav1.Time as it is served: whole seconds in UTC; None for the zero time."""
    if _CANONICAL.fullmatch(text):
        return text
    found, _ = _parse(text, SECONDS)
    return None if found == _ZERO else f"{found}Z"


def canonical_micro(text: str) -> str | None:
    """A metav1.MicroTime as it is served: six digits, in UTC; None for the zero time."""
    found, micro = _parse(text, MICROSECONDS)
    return None if (found, int(micro)) == (_ZERO, 0) else f"{found}.{micro}Z"


def of_seconds(seconds: int, microseconds: int | None = None) -> str | None:
    """The time of seconds since 1970, as protobuf sends it; with microseconds a MicroTime.

    None for the zero time. Raises TimeError where the year does not have four digits.
    """
    try:
        length = timedelta(seconds=seconds, microseconds=microseconds or 0)
        when = datetime(1970, 1, 1) + length  # noqa: DTZ001 -- all is UTC
    except OverflowError:
        raise TimeError("Time.MarshalJSON: year outside of range [0,9999]") from None
    text = f"{when.year:04d}{when:-%m-%dT%H:%M:%S}"
    if text == _ZERO and not when.microsecond:
        return None
    return f"{text}Z" if microseconds is None else f"{text}.{when.microsecond:06d}Z"


def _parse(text: str, layout: str) -> tuple[str, str]:
    """The time in UTC, whole seconds of it, and the six digits of its fraction."""
    rest, numbers = text, []
    for before, element, form, name, lowest, highest in _ELEMENTS:
        if not rest.startswith(before):
            raise _cannot(text, layout, rest, before)
        found = re.compile(form, re.ASCII).match(rest, len(before))
        if not found:
            raise _cannot(text, layout, rest[len(before) :], element)
        numbers.append(int(found[0]))
        if not lowest <= numbers[-1] <= highest:
            raise _bad(text, f"{name} out of range")
        rest = rest[found.end() :]
    fraction = _fraction(text, layout, rest)
    rest = rest[len(fraction) :]
    offset, rest = _zone(text, layout, rest)
    if rest:
        raise _bad(text, f"extra text: {_quote(rest)}")
    return _utc(text, numbers, offset), fraction[1:7].ljust(6, "0")


def _fraction(text: str, layout: str, rest: str) -> str:
    if layout == SECONDS:
        found = re.match(r"[.,][0-9]+", rest, re.ASCII)
        return found[0] if found else ""
    found = re.match(r"[.,][0-9]{6}", rest, re.ASCII)
    if not found:
        raise _cannot(text, layout, rest, ".000000")
    return found[0]


def _zone(text: str, layout: str, rest: str) -> tuple[timedelta, str]:
    if rest.startswith("Z"):
        return timedelta(0), rest[1:]
    found = re.match(r"(.)([0-9]{2}):([0-9]{2})", rest, re.ASCII | re.DOTALL)
    if not found:
        raise _cannot(text, layout, rest, "Z07:00")
    hours, minutes = int(found[2]), int(found[3])
    if minutes > 60:  # upstream looks at the minutes last, and the last word counts
        raise _bad(text, "time zone offset minute out of range")
    if hours > 24:
        raise _bad(text, "time zone offset hour out of range")
    if found[1] not in "+-":
        raise _cannot(text, layout, rest, "Z07:00")
    offset = timedelta(hours=hours, minutes=minutes)
    return (offset if found[1] == "+" else -offset), rest[found.end() :]


def _utc(text: str, numbers: list[int], offset: timedelta) -> str:
    year, *others = numbers
    # the calendar repeats after 400 years, which keeps datetime within the years that it knows
    shift = 400 if year < 400 else -400 if year > 9000 else 0
    try:
        when = datetime(year + shift, *others)  # type: ignore[arg-type]  # noqa: DTZ001 -- offset
    except ValueError:
        raise _bad(text, "day out of range") from None
    when -= offset
    return f"{when.year - shift:04d}{when:-%m-%dT%H:%M:%S}"


def _cannot(text: str, layout: str, rest: str, element: str) -> TimeError:
    return TimeError(
        f"parsing time {_quote(text)} as {_quote(layout)}: "
        f"cannot parse {_quote(rest)} as {_quote(element)}"
    )


def _bad(text: str, why: str) -> TimeError:
    return TimeError(f"parsing time {_quote(text)}: {why}")


def _quote(text: str) -> str:
    """A text quoted as time/format.go quotes it: byte by byte outside ASCII."""
    shown = (
        f"\\x{byte:02x}" if byte < 0x20 or byte >= 0x80 else chr(byte)
        for byte in text.replace("\\", "\\\\").replace('"', '\\"').encode()
    )
    return f'"{"".join(shown)}"'
