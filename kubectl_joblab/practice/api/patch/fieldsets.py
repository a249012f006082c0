"""Sets of fields of an object: which there are, and which differ between two versions.

Server-side apply keeps them in metadata.managedFields. A field is a path of steps as FieldsV1
writes them: ``f:name``, ``k:{"name":"a"}`` in a list with keys, ``v:"x"`` in a set. Pure. Follows
sigs.k8s.io/structured-merge-diff (fieldpath, typed/tofieldset.go, typed/compare.go).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.types import Field, Message

Path = tuple[str, ...]
Fields = frozenset[Path]
NONE: Fields = frozenset()


@dataclass(frozen=True)
class Shape:
    """The structure of a value. message: of a struct; element: of what a map or list holds."""

    kind: str  # struct, map, list, set, atomic
    message: Message | None = None
    element: Field | None = None

    def of(self, name: str) -> Shape:
        """The shape below a field of a struct, or below a key of a map."""
        if self.message is not None:
            return shape(self.message.fields.get(name))
        return _element_shape(self.element)


_ATOMIC = Shape("atomic")


def of_message(message: Message) -> Shape:
    """The shape of a message: a struct, unless it is only ever replaced as a whole."""
    return _ATOMIC if message.map_type == "atomic" else Shape("struct", message)


def shape(declared: Field | None) -> Shape:
    """The shape of the values of a field; one that is not declared is replaced as a whole."""
    if declared is None:
        return _ATOMIC
    if declared.repeated:
        kind = {"map": "list", "set": "set"}.get(declared.list_type, "atomic")
        return Shape(kind, element=declared) if kind != "atomic" else _ATOMIC
    if declared.map_type == "atomic":
        return _ATOMIC
    if declared.map:
        return Shape("map", element=declared)
    return _element_shape(declared)


def _element_shape(declared: Field | None) -> Shape:
    if declared is None or not declared.is_message:
        return _ATOMIC
    return of_message(types.message(declared.type))


def children(where: Shape, value: Any) -> Iterator[tuple[str, Shape, Any]]:
    """The steps down from a value, each with the shape and the value there; none from a leaf."""
    if where.kind in ("struct", "map") and isinstance(value, dict):
        for name, inner in value.items():
            yield "f:" + name, where.of(name), inner
    elif where.kind in ("list", "set") and isinstance(value, list):
        for inner in value:
            yield step_of(where, inner), _element_shape(where.element), inner


def step_of(where: Shape, element: Any) -> str:
    """The step to an element of a list with keys, or of a set."""
    if where.kind == "set" or not isinstance(element, dict):
        return "v:" + _compact(element)
    assert where.element is not None  # a list has one
    keys = {}
    declared = types.message(where.element.type).fields
    for key in sorted(where.element.list_map_keys):
        value = element.get(key, declared[key].default if key in declared else None)
        if value is not None:
            keys[key] = value
    return "k:" + _compact(keys)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def of(value: Any, where: Shape, path: Path = ()) -> Fields:
    """The fields that a value sets: its leaves, and the elements of its lists."""
    if where.kind == "atomic":
        return frozenset([path])
    found: set[Path] = set()
    for step, inner, child in children(where, value):
        below = (*path, step)
        found |= of(child, inner, below)
        if where.kind in ("list", "set", "map") or child is None or child == {}:
            found.add(below)
    return frozenset(found)


@dataclass
class Comparison:
    """The fields that differ between two versions of a value."""

    added: set[Path] = field(default_factory=set)
    removed: set[Path] = field(default_factory=set)
    modified: set[Path] = field(default_factory=set)


def compared(old: Any, new: Any, where: Shape) -> Comparison:
    """The fields that differ between two versions; None for a version that does not exist."""
    found = Comparison()
    _compare(old, new, where, (), found)
    return found


def _compare(old: Any, new: Any, where: Shape, path: Path, found: Comparison) -> None:
    if old == new:
        return
    before = {step: (inner, value) for step, inner, value in children(where, old)}
    after = {step: (inner, value) for step, inner, value in children(where, new)}
    if old is None:
        found.added.add(path)
    elif new is None:
        found.removed.add(path)
    elif not before and not after:
        found.modified.add(path)
    for step in {**before, **after}:
        inner = (before.get(step) or after[step])[0]
        was, now = before.get(step, (inner, None))[1], after.get(step, (inner, None))[1]
        _compare(was, now, inner, (*path, step), found)


# ---- as FieldsV1


def encoded(fields: Iterable[Path]) -> dict[str, Any]:
    """A set of fields as managedFields hold it."""
    found: dict[str, Any] = {}
    for path in sorted(fields):
        node = found
        for step in path:
            node = node.setdefault(step, {})
        node["."] = {}
    return _folded(found)


def _folded(node: dict[str, Any]) -> dict[str, Any]:
    """A node as FieldsV1 writes it: {} without fields below, else with "." if it is in the set."""
    if node.keys() == {"."}:
        return {}
    return {step: inner if step == "." else _folded(inner) for step, inner in sorted(node.items())}


def decoded(fields: dict[str, Any], path: Path = ()) -> Fields:
    """The set of fields that an entry of managedFields holds."""
    found: set[Path] = set()
    for step, inner in fields.items():
        if step == ".":
            found.add(path)
        elif not inner:
            found.add((*path, step))
        else:
            found |= decoded(inner, (*path, step))
    return frozenset(found)


def shown(path: Path) -> str:
    """A path as messages name it: ``.spec.containers[name="a"].image``."""
    return "".join(map(_shown_step, path))


def _shown_step(step: str) -> str:
    kind, _, text = step.partition(":")
    if kind == "f":
        return "." + text
    if kind == "v":
        return f"[={text}]"
    keys = json.loads(text)
    return f"[{','.join(f'{key}={_compact(value)}' for key, value in keys.items())}]"
