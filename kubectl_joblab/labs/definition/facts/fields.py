"""The fields that an object may have, as a tree that paths, objects and values are held against.

lint.py makes one of all fields of a Job, which the command line knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab.labs.definition import expressions, problem
from kubectl_joblab.labs.definition.problem import Keys


class Type(NamedTuple):
    """What a field holds.

    kind: string, integer, boolean, or "" for anything else. values: the only texts that it may be,
    () where any will do.
    """

    kind: str = ""
    values: tuple[str, ...] = ()


class Tree:
    """The fields at one place; where none is known, as in a map, any key may be.

    known: the types of all fields by their paths, the shallow first, with [] behind a list.
    """

    def __init__(self, known: Mapping[str, Type] | None = None) -> None:
        self._below: dict[str, Tree] = {}
        self._known = known or {}
        for path in self._known:
            tree = self
            for step in path.replace("[]", "").split("."):
                if step not in tree._below:
                    tree._below[step] = Tree()
                tree = tree._below[step]

    def misses(self, steps: Sequence[str | int]) -> str:
        """Why a path leads to nothing, "" where it may lead to something."""
        tree = self
        for number, step in enumerate(steps):
            if isinstance(step, int):
                continue
            if message := tree._unknown(step):
                meant = self._ends_with(steps[number:])
                return f"{_no_field(step)}; did you mean {meant}?" if meant else message
            tree = tree._below.get(step, Tree())
        return ""

    def unfit(self, steps: Sequence[str | int], value: object) -> str:
        """Why the field that a path leads to is never this value, "" where it may be."""
        path = _text(steps).replace("[0]", "[]")
        kind, values = self._known.get(path, Type())
        if expressions.is_expression(value) or value is None:  # None: not set
            return ""
        is_text, number = isinstance(value, str), problem.kind_of(value) == "a whole number"
        if kind == "integer" and not number:
            digits = is_text and str(value).removeprefix("-").isdecimal()
            what = f"{value}, without quotes" if digits else "a whole number"
            return f"{path} is a number; write {what}"
        if kind == "boolean" and not isinstance(value, bool):
            same = str(value).lower() in ("true", "false")
            what = f"{str(value).lower()}, without quotes" if same else "true or false"
            return f"{path} is true or false; write {what}"
        if kind == "string" and not is_text:
            return f"{path} is text; put the value in quotes"
        if values and value not in values:
            return problem.unknown(value, f"a value of {path}", values)
        return ""

    def kind(self, steps: Sequence[str | int]) -> str:
        """The kind of the field that a path leads to."""
        return self._known.get(_text(steps).replace("[0]", "[]"), Type()).kind

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
            return f"{_no_field(key)}; did you mean {close}?"
        return f"{_no_field(key)}; remove it, or see kubectl explain"

    def _ends_with(self, steps: Sequence[str | int]) -> str:
        """The field that is least deep of those whose paths end with these steps, "" for none.

        Of several it is that of a container.
        """
        end = f".{_text(steps)}"
        paths = (path.replace("[]", "[0]") for path in self._known)
        found = [path for path in paths if path.removesuffix("[0]").endswith(end)]
        return min(found, key=_depth, default="")


def _depth(path: str) -> tuple[int, bool]:
    return path.count("."), ".containers[" not in path


def _no_field(key: str) -> str:
    return f"{problem.shown(key)} is no field here"


def _text(steps: Sequence[str | int]) -> str:
    """The path of these steps, with [0] for each index."""
    text = ""
    for step in steps:
        text += "[0]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
