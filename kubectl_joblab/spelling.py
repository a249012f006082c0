"""Finds the word that was meant by an unknown one: all that asks "did you mean" asks here."""

from __future__ import annotations

from collections.abc import Iterable

NEAR = 0.75  # how alike two words are, from 0 to 1, of which one may be meant by the other


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one; "" where none is like it."""
    import difflib  # only for a complaint

    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=NEAR)), "")


def likeness(word: str, other: str) -> float:
    """How alike two words are, from 0 to 1."""
    import difflib

    return difflib.SequenceMatcher(None, other, word).ratio()
