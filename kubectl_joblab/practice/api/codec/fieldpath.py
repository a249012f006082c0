"""The way to a value while an object is read, and what does not fit there, in Go's words.

typed and scalars use it. Follows decode.go of sigs.k8s.io/json: a value of a wrong type is
remembered and the first one counts; what strict decoding minds is collected beside, a hundred of it
at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from kubectl_joblab.formats import gojson

_MOST_STRICT_ERRORS = 100

Reader: TypeAlias = "Callable[[Any, Way], Any]"


class MismatchError(ValueError):
    """A value does not fit its field; the text is Go's."""


@dataclass(frozen=True)
class Step:
    """A field on the way. path: as Go's errors name it; struct: the Go struct that it is in."""

    name: str
    path: str
    struct: str
    read: Reader


class Reading:
    """What one reading has found so far. mismatch: the first, "" where all fits."""

    def __init__(self) -> None:
        self.mismatch = ""
        self.strict: dict[str, None] = {}


class Way:
    """How a value was reached: from where, by which field, key or index."""

    __slots__ = ("before", "reading", "step")

    def __init__(self, reading: Reading, before: Way | None, step: Step | str | int) -> None:
        self.reading = reading
        self.before = before
        self.step = step

    def to(self, step: Step | str | int) -> Way:
        """The way on."""
        return Way(self.reading, self, step)

    def refuse(self, text: str) -> None:
        """Remember what does not fit."""
        self.reading.mismatch = self.reading.mismatch or text

    def mind(self, what: str, key: str) -> None:
        """Remember what strict decoding minds: an unknown or a duplicate field."""
        if len(self.reading.strict) < _MOST_STRICT_ERRORS:
            path = gojson.quote(self.to(key).strict_path())
            self.reading.strict[f"{what} field {path}"] = None

    def mismatch(self, value: object, go_type: str, *, number: bool = False) -> str:
        """Go's words for a value of a wrong type. number: whether to show a number itself."""
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
        """As strict decoding names it: spec.containers[0].image."""
        path = ""
        for step in self._steps():
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                path += ("." if path else "") + (step.name if isinstance(step, Step) else step)
        return path

    def _steps(self) -> list[Step | str | int]:
        found: list[Step | str | int] = []
        way: Way | None = self
        while way is not None and way.before is not None:
            found.append(way.step)
            way = way.before
        return found[::-1]


def start(reading: Reading) -> Way:
    """The way to the whole object."""
    return Way(reading, None, "")


def kind_of(value: object) -> str:
    """What Go's errors call a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    return "array" if isinstance(value, list) else "object"
