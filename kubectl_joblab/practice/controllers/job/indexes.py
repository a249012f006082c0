"""Sets of completion indexes: `1,3-5,7` as status and successPolicy write them.

A set is kept as intervals in increasing order with gaps between them, so that a hundred thousand
indexes cost no more than their text. Follows pkg/controller/job/indexed_job_utils.go.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

_INTERVAL = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")


@dataclass(frozen=True)
class Indexes:
    """A set of indexes. intervals: the first and the last index of each run."""

    intervals: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.intervals)

    def __contains__(self, index: object) -> bool:
        assert isinstance(index, int)
        place = bisect_right(self.intervals, (index, math.inf)) - 1
        return place >= 0 and index <= self.intervals[place][1]

    def __or__(self, other: Indexes) -> Indexes:
        merged: list[tuple[int, int]] = []
        for first, last in sorted((*self.intervals, *other.intervals)):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(last, merged[-1][1])
            else:
                merged.append((first, last))
        return Indexes(tuple(merged))

    def __and__(self, other: Indexes) -> Indexes:
        shared, mine, theirs = [], list(self.intervals), list(other.intervals)
        while mine and theirs:
            first = max(mine[-1][0], theirs[-1][0])
            last = min(mine[-1][1], theirs[-1][1])
            if first <= last:
                shared.append((first, last))
            (mine if mine[-1][0] > theirs[-1][0] else theirs).pop()
        return Indexes(tuple(reversed(shared)))

    def __str__(self) -> str:
        return ",".join(_shown(first, last) for first, last in self.intervals)


def _shown(first: int, last: int) -> str:
    if first == last:
        return str(first)
    return f"{first}{',' if last == first + 1 else '-'}{last}"


def of(indexes: Iterable[int]) -> Indexes:
    """The set of these indexes."""
    merged: list[tuple[int, int]] = []
    for index in sorted(indexes):
        if merged and index <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], index
        else:
            merged.append((index, index))
    return Indexes(tuple(merged))


def parse(text: str, completions: int) -> Indexes:
    """The set that a status writes so. What is no interval, or beyond completions, is left out.

    An elastic Job that was made smaller forgets its highest indexes here (parseIndexesFromString).
    """
    found: list[tuple[int, int]] = []
    for part in text.split(",") if text else ():
        match = _INTERVAL.fullmatch(part)
        if not match:
            continue
        first = int(match[1])
        if first >= completions:
            break
        last = min(int(match[2] or first), completions - 1)
        if first <= last:
            found.append((first, last))
    return Indexes(tuple(found)) | Indexes()
