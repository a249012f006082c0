"""Tells where two recordings of a scenario differ.

A difference is named by its facet and its place, not by the scenario, so that one that shows in
many scenarios is one row of the table. The module is pure; __main__.py prints.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fidelity.run import Recording

ABSENT = "<absent>"


@dataclass(frozen=True)
class Difference:
    """Where two recordings differ, and what each has there.

    facet: status, phase, object, event, screen or exit. place: a field path or a command.
    """

    facet: str
    place: str
    real: str
    practice: str


def differences(real: Recording, practice: Recording) -> Iterator[Difference]:
    """All differences between the two recordings of one scenario."""
    for name in sorted({*real.statuses, *practice.statuses}):
        yield from _sequence("status", name, real.statuses, practice.statuses)
    yield from _sequences("phase", real.phases, practice.phases)
    for name in sorted({*real.objects, *practice.objects}):
        kind = name.partition("/")[0]
        pair = (real.objects.get(name), practice.objects.get(name))
        yield from _objects(kind, *pair)
    yield from _lines("event", "events", real.events, practice.events)
    for one, other in zip(real.steps, practice.steps, strict=True):
        if one.code != other.code:
            yield Difference("exit", one.line, str(one.code), str(other.code))
        yield from _lines("screen", one.line, one.out, other.out)
        yield from _lines("screen", f"{one.line} (stderr)", one.err, other.err)


def _sequence(
    facet: str, name: str, real: dict[str, list[str]], practice: dict[str, list[str]]
) -> Iterator[Difference]:
    one, other = real.get(name, []), practice.get(name, [])
    if one != other:
        yield Difference(facet, name, " -> ".join(one), " -> ".join(other))


def _sequences(
    facet: str, real: list[list[str]], practice: list[list[str]]
) -> Iterator[Difference]:
    one, other = sorted(real), sorted(practice)
    if one != other:
        texts = ["; ".join(" -> ".join(single) for single in side) for side in (one, other)]
        yield Difference(facet, "Pods", *texts)


def _objects(path: str, real: Any, practice: Any) -> Iterator[Difference]:
    if isinstance(real, dict) and isinstance(practice, dict):
        for key in sorted({*real, *practice}):
            yield from _objects(f"{path}.{key}", real.get(key, ABSENT), practice.get(key, ABSENT))
    elif isinstance(real, list) and isinstance(practice, list) and len(real) == len(practice):
        for one, other in zip(real, practice, strict=True):
            yield from _objects(f"{path}[]", one, other)
    elif real != practice:
        yield Difference("object", path, str(real), str(practice))


def _lines(facet: str, place: str, real: list[str], practice: list[str]) -> Iterator[Difference]:
    if real == practice:
        return
    matcher = difflib.SequenceMatcher(None, real, practice, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            one, other = real[start:end], practice[other_start:other_end]
            yield Difference(facet, place, "\n".join(one), "\n".join(other))
