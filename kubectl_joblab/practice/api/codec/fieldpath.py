"""The path to a value while an object is read, and Go's words for a value that does not fit.

typed and scalars use it. Follows decode.go of sigs.k8s.io/json: reading goes on after a value of a
wrong type, and the first such value is the one that is reported. Strict errors are collected
separately, a hundred at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from kubectl_joblab.formats import gojson

_MOST_STRICT_ERRORS = 100

Reader: TypeAlias = "Callable[[Any, FieldPath], Any]"


class MismatchError(ValueError):
    """A value does not fit its field; the text is Go's."""


@dataclass(frozen=True)
class Step:
    """A field on a path. path: as Go's errors name it; struct: the Go struct that has it."""

    name: str
    path: str
    struct: str
    read: Reader


class Reading:
    """What was found so far while one object is read. mismatch: the first one, "" for none."""

    def __init__(self) -> None:
        self.mismatch = ""
        self.strict: dict[str, None] = {}


class FieldPath:
    """The path to a value: the path before it, and the field, key or index that leads on."""

    __slots__ = ("before", "reading", "step")

    def __init__(self, reading: Reading, before: FieldPath | None, step: Step | str | int) -> None:
        self.reading = reading
        self.before = before
        self.step = step

    def child(self, step: Step | str | int) -> FieldPath:
        """The path one step further down."""
        return FieldPath(self.reading, self, step)

    def refuse(self, text: str) -> None:
        """Remember that a value does not fit; the first text counts. None is read in its place."""
        self.reading.mismatch = self.reading.mismatch or text

    def add_strict(self, what: str, key: str) -> None:
        """Remember a strict error. what: unknown or duplicate; key: the name of the field."""
        if len(self.reading.strict) < _MOST_STRICT_ERRORS:
            path = gojson.quote(self.child(key).strict_path())
            self.reading.strict[f"{what} field {path}"] = None

    def mismatch(self, value: object, go_type: str, *, number: bool = False) -> str:
        """Go's words for a value of a wrong type. number: whether a number itself is shown."""
        shown = kind_of(value)
        if number and shown == "number":
            shown += f" {value.text if isinstance(value, gojson.Literal) else value}"
        where = "value"
        fields = [step for step in self._steps() if isinstance(step, Step)]
        if fields:
            path = ".".join(step.path for step in fields)
            where = f"struct field {fields[-1].struct}.{path}"
        return f"json: cannot unmarshal {shown} into Go {where} of type {go_type}"

    def strict_path(self) -> str:
        """The path as strict errors name it: spec.containers[0].image."""
        path = ""
        for step in self._steps():
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                path += ("." if path else "") + (step.name if isinstance(step, Step) else step)
        return path

    def _steps(self) -> list[Step | str | int]:
        found: list[Step | str | int] = []
        path: FieldPath | None = self
        while path is not None and path.before is not None:
            found.append(path.step)
            path = path.before
        return found[::-1]


def start(reading: Reading) -> FieldPath:
    """The path to the whole object."""
    return FieldPath(reading, None, "")


def kind_of(value: object) -> str:
    """What Go's errors call a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    return "array" if isinstance(value, list) else "object"
