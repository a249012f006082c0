"""Finds the word that was meant by an unknown one: all that asks "did you mean" asks here."""

from __future__ import annotations

import functools
from collections.abc import Iterable

NEAR = 0.75  # how alike two words are, from 0 to 1, of which one may be meant by the other


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one; "" where none is like it."""
    import difflib  # only for a complaint

    words = list(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=NEAR)
    return next(iter(close or filter(functools.partial(_is_swapped, word), words)), "")


def _is_swapped(word: str, other: str) -> bool:
    """Whether two letters of a word have changed places, which counts much in a short one."""
    differ = [pair for pair in zip(word, other, strict=False) if pair[0] != pair[1]]
    same = len(word) == len(other) and len(differ) == 2
    return same and differ[0] == differ[1][::-1]


def likeness(word: str, other: str) -> float:
    """How alike two words are, from 0 to 1."""
    import difflib

    return difflib.SequenceMatcher(None, other, word).ratio()
