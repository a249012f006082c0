"""Lists of indexes as a client may write them: ``0,2-4``, in order, below completions.

The rules of successPolicy and of a Job's status call it; what is right is read by api.indexes.
Follows validateIndexesFormat and validateFailedIndexesNotOverlapCompleted in
pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

import re

from kubectl_joblab.practice.api import field

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def count(text: str, completions: int) -> int:
    """How many indexes are listed; ValueError with upstream's text where one is wrong."""
    total, previous = 0, None
    for part in text.split(",") if text else ():
        first, last = _interval(part, completions)
        if previous is not None and previous >= first:
            raise ValueError(_not_increasing(previous, first))
        total += last - first + 1
        previous = last
    return total


def overlap(one: str, other: str, completions: int) -> int | None:
    """The first index that both lists have; what cannot be read is passed over."""
    left, right = _readable(one, completions), _readable(other, completions)
    for first, last in left:
        shared = [max(first, start) for start, end in right if first <= end and start <= last]
        if shared:
            return shared[0]
    return None


def _readable(text: str, completions: int) -> list[tuple[int, int]]:
    found = []
    for part in text.split(",") if text else ():
        try:
            found.append(_interval(part, completions))
        except ValueError:
            continue
    return found


def _interval(text: str, completions: int) -> tuple[int, int]:
    """First and last index (parseIndexInterval)."""
    limits = text.split("-")
    if len(limits) > 2:
        raise ValueError(
            f"the fragment {field.shown(text)} violates the requirement that an index interval can "
            "have at most two parts separated by '-'"
        )
    numbers = [_index(limit, completions) for limit in limits]
    if len(numbers) == 2 and numbers[0] >= numbers[1]:
        raise ValueError(_not_increasing(*numbers))
    return numbers[0], numbers[-1]


def _index(text: str, completions: int) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"cannot convert string to integer for index: {field.shown(text)}")
    if int(text) >= completions:
        raise ValueError(f"too large index: {field.shown(text)}")
    return int(text)


def _not_increasing(previous: int, current: int) -> str:
    return f"non-increasing order, previous: {previous}, current: {current}"
