"""Whole numbers in texts, as Go's strconv reads them: bounded, with its errors.

Whatever a client sends as a text that is to be a number is read here: options, resourceVersions,
bounds of selectors, indexes. No number is made of more digits than its type can hold, so that none
takes long, or is longer than Python reads.
"""

from __future__ import annotations

import re

from kubectl_joblab.formats import gojson

_SIGN = re.compile(r"[+-]?")
_DIGITS = re.compile(r"0*([0-9]*)")
_MOST_DIGITS = 20  # of the largest number of 64 bits


class NumError(ValueError):
    """A text is no number, or none that its type can hold; the message is Go's."""


def parse_int(text: str, bits: int = 64) -> int:
    """The number with or without a sign that a text is, as strconv.ParseInt; raises NumError."""
    sign = _SIGN.match(text)
    assert sign  # it matches nothing, too
    limit = 2 ** (bits - 1) - (sign[0] != "-")
    size = _size("ParseInt", text, text[sign.end() :], limit)
    return -size if sign[0] == "-" else size


def parse_uint(text: str, bits: int = 64) -> int:
    """The number without a sign that a text is, as strconv.ParseUint; raises NumError."""
    return _size("ParseUint", text, text, 2**bits - 1)


def is_int(text: str, bits: int = 64) -> bool:
    """Whether a text is a number of so many bits."""
    try:
        parse_int(text, bits)
    except NumError:
        return False
    return True


def _size(function: str, text: str, unsigned: str, limit: int) -> int:
    """The number that digits stand for. Go looks at them one by one, and stops at the first wrong
    one: at what is no digit, or at the digit with which the number is too large.
    """
    found = _DIGITS.match(unsigned)
    assert found  # it matches nothing, too
    digits = found[1]
    if len(digits) > _MOST_DIGITS or int(digits or "0") > limit:
        raise NumError(f"strconv.{function}: parsing {gojson.quote(text)}: value out of range")
    if not unsigned or found.end() < len(unsigned):
        raise NumError(f"strconv.{function}: parsing {gojson.quote(text)}: invalid syntax")
    return int(digits or "0")
