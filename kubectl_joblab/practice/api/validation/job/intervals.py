"""Lists of indexes as clients may write them: ``0,2-4``, in order, below completions.

The rules of successPolicy and of a Job's status call it; the Job controller's indexes module reads
lists that are right. Follows validateIndexesFormat and validateFailedIndexesNotOverlapCompleted in
pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.go import strconv


def count(text: str, completions: int) -> int:
    """How many indexes a list has; ValueError with upstream's text where the list is wrong."""
    total, previous = 0, None
    for part in text.split(",") if text else ():
        first, last = _interval(part, completions)
        if previous is not None and previous >= first:
            raise ValueError(_not_increasing(previous, first))
        total += last - first + 1
        previous = last
    return total


def overlap(one: str, other: str, completions: int) -> int | None:
    """The first index that two lists share; parts that cannot be read are skipped."""
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
    """The first and the last index of an interval (parseIndexInterval upstream)."""
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
    try:
        index = strconv.parse_int(text)
    except strconv.NumError:
        why = f"cannot convert string to integer for index: {field.shown(text)}"
        raise ValueError(why) from None
    if index >= completions:
        raise ValueError(f"too large index: {field.shown(text)}")
    return index


def _not_increasing(previous: int, current: int) -> str:
    return f"non-increasing order, previous: {previous}, current: {current}"
