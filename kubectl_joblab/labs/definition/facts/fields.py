"""The fields that an object may have, as a tree that paths and objects are held against.

lint.py makes one of the paths of all fields of a Job, which the command line knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kubectl_joblab.labs.definition import problem
from kubectl_joblab.labs.definition.problem import Keys


class Tree:
    """The fields at one place; where none is known, as in a map, any key may be."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self._below: dict[str, Tree] = {}
        for path in paths:
            tree = self
            for step in path.replace("[]", "").split("."):
                if step not in tree._below:
                    tree._below[step] = Tree()
                tree = tree._below[step]

    def misses(self, steps: Sequence[str | int]) -> str:
        """Why a path leads to nothing, "" where it may lead to something."""
        tree = self
        for step in steps:
            if isinstance(step, int):
                continue
            if message := tree._unknown(step):
                return message
            tree = tree._below.get(step, Tree())
        return ""

    def strange(self, value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
        """The keys in an object that are no fields, and what to write instead."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.strange(item, (*keys, index))
        elif isinstance(value, dict):
            for key, inner in value.items():
                if message := self._unknown(key):
                    yield (*keys, key), message
                elif key in self._below:
                    yield from self._below[key].strange(inner, (*keys, key))

    def _unknown(self, key: str) -> str:
        if not self._below or key in self._below:
            return ""
        if close := problem.closest(key, self._below):
            return f"{problem.shown(key)} is no field here; did you mean {close}?"
        return f"{problem.shown(key)} is no field here; remove it, or see kubectl explain"
