"""Lengths of time as Go's time.ParseDuration reads them: `1h30m`, `1.5s`, `-2m`.

cron reads what follows `@every` by it. Lengths are whole nanoseconds, of 64 bits.
"""

from __future__ import annotations

import re

UNITS = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_LIMIT = 2**63
_MOST_DIGITS = 19  # of a number of 64 bits
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)", re.DOTALL)


class DurationError(ValueError):
    """A text is no length of time; the message is Go's."""


def nanoseconds(text: str) -> int:
    """The length of time that a text is; raises DurationError."""
    sign = text[:1] if text[:1] in ("-", "+") else ""
    rest = text.removeprefix(sign)
    if rest == "0":
        return 0
    if not rest:
        raise _wrong("invalid duration", text)
    total = 0
    while rest:
        size, rest = _part(rest, text)
        total += size
        if total > _LIMIT:
            raise _wrong("invalid duration", text)
    if total == _LIMIT and sign != "-":
        raise _wrong("invalid duration", text)
    return -total if sign == "-" else total


def _part(rest: str, text: str) -> tuple[int, str]:
    """The size of the first number with its unit, and what comes after it."""
    found = _PART.match(rest)
    assert found  # it matches nothing, too
    whole, fraction, name = found[1], found[2] or "", found[3]
    digits = whole.lstrip("0") or "0"
    if not (whole or fraction) or len(digits) > _MOST_DIGITS or int(digits) > _LIMIT:
        raise _wrong("invalid duration", text)
    if not name:
        raise _wrong("missing unit in duration", text)
    if name not in UNITS:
        raise _wrong(f"unknown unit {_quoted(name)} in duration", text)
    unit = UNITS[name]
    size = int(digits) * unit + _fraction(fraction, unit)
    if size > _LIMIT:
        raise _wrong("invalid duration", text)
    return size, rest[found.end() :]


def _fraction(digits: str, unit: int) -> int:
    """So many parts of a unit; what 64 bits do not hold is left out."""
    number, scale = 0, 1.0
    for digit in digits:
        if number > (_LIMIT - 1) // 10 or number * 10 + int(digit) > _LIMIT:
            break
        number, scale = number * 10 + int(digit), scale * 10
    return int(float(number) * (float(unit) / scale))


def _wrong(what: str, text: str) -> DurationError:
    return DurationError(f"time: {what} {_quoted(text)}")


def _quoted(text: str) -> str:
    """A text in quotes as package time writes it: what is no plain ASCII byte by byte."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(one: str) -> str:
    if one in ('"', "\\"):
        return "\\" + one
    if " " <= one < "\x80":
        return one
    return "".join(f"\\x{byte:02x}" for byte in one.encode("utf-8", "surrogatepass"))
