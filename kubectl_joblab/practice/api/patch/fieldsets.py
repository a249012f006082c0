"""Sets of fields, as metadata.managedFields hold them: trees of steps, as FieldsV1 writes them.

A step is ``f:name``, ``k:{"name":"a"}`` in a list with keys, or ``v:"x"`` in a set. What is below
a step is {} where the field there is in the set and none below it; else it has the steps further
down, and "." where the field itself is in the set too. A set without fields is {}. Sets are never
changed, and share their parts. Follows sigs.k8s.io/structured-merge-diff/fieldpath/set.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kubectl_joblab.practice.api.patch import shapes
from kubectl_joblab.practice.api.patch.shapes import ATOMIC, LIST, SET, STRUCT, Shape

Fields = dict[str, Any]
Path = tuple[str, ...]
LEAF: Fields = {}  # what is below the step to a field that has none below it
NONE: Fields = {}


def of(value: Any, where: Shape) -> Fields:
    """The fields that a configuration sets: its leaves, and the elements of its lists.

    Follows typed/tofieldset.go.
    """
    found: Fields = {}
    for step, inner, child in where.children(value):
        below = _below(child, inner)
        if inner.kind == ATOMIC or where.kind != STRUCT or child is None or child == {}:
            found[step] = _with_self(below)
        elif below:
            found[step] = below
    return ordered(found)


def _below(value: Any, where: Shape) -> Fields:
    return NONE if where.kind == ATOMIC else of(value, where)


def _with_self(below: Fields) -> Fields:
    return {".": LEAF, **below} if below else LEAF


def ordered(node: Fields) -> Fields:
    """The steps below a node in upstream's order."""
    return dict(sorted(node.items())) if len(node) > 1 else node


def has_self(node: Fields) -> bool:
    """Whether the field to which a step leads is in the set. node: what is below the step."""
    return not node or "." in node


def union(one: Fields, other: Fields) -> Fields:
    """The fields that are in one set, or in both."""
    if not other or one is other:
        return one
    if not one:
        return other
    found = dict(one)
    for step, node in other.items():
        before = one.get(step)
        found[step] = node if before is None else _joined(before, node)
    return ordered(found)


def _joined(one: Fields, other: Fields) -> Fields:
    if not one:
        return other if has_self(other) else _with_self(other)
    if not other:
        return one if has_self(one) else _with_self(one)
    return union(one, other)


def difference(one: Fields, other: Fields) -> Fields:
    """The fields of one set that are not in the other; the very set where that is all of them."""
    found: Fields = {}
    same = True
    for step, node in one.items():
        minus = other.get(step)
        if step == "." or minus is None:
            found[step] = node
            continue
        left = _left(node, minus)
        if left is not None:
            found[step] = left
        same = same and left is node
    return one if same else found


def _left(node: Fields, minus: Fields) -> Fields | None:
    """What is left below a step; None where nothing is."""
    below = difference(_without_self(node), minus) if node else NONE
    if has_self(node) and not has_self(minus):
        kept = _with_self(below)
        return node if kept == node else kept
    return below or None


def _without_self(node: Fields) -> Fields:
    return {step: inner for step, inner in node.items() if step != "."} if "." in node else node


def intersection(one: Fields, other: Fields) -> Fields:
    """The fields that are in both sets."""
    found: Fields = {}
    for step, node in one.items():
        there = other.get(step)
        if step == "." or there is None:
            continue
        below = intersection(node, there)
        if has_self(node) and has_self(there):
            found[step] = _with_self(below)
        elif below:
            found[step] = below
    return found


def with_parents(fields: Fields, where: Shape) -> Fields:
    """The set with each field of a struct in it that has fields of the set below it.

    Follows EnsureNamedFieldsAreMembers. So a list whose elements are all removed is removed too.
    """
    found: Fields = {}
    for step, node in fields.items():
        inner = _shape_at(where, step)
        below = with_parents(node, inner) if node else node
        named = where.kind == STRUCT and inner is not shapes.ATOM
        found[step] = _with_self(_without_self(below)) if named and below else below
    return ordered(found)


def _shape_at(where: Shape, step: str) -> Shape:
    if where.kind == STRUCT:
        member = where.members.get(step[2:])
        return member.shape if member is not None else shapes.ATOM
    return shapes.ATOM if where.kind == ATOMIC or step == "." else where.element


def without(value: Any, fields: Fields, where: Shape) -> Any:
    """The value without some fields; None where nothing is left of it. Follows typed/remove.go."""
    if where.kind == ATOMIC or not value or not fields:
        return value
    kept = []
    for step, inner, child in where.children(value):
        node = fields.get(step)
        if node is None:
            kept.append((step, child))
        elif not has_self(node):
            kept.append((step, without(child, node, inner)))
    if where.kind in (LIST, SET):
        return [child for _, child in kept] or None
    return {step[2:]: child for step, child in kept} or None


def paths(fields: Fields, above: Path = ()) -> Iterator[Path]:
    """The paths of the fields of a set, as upstream lists them: at each level the short ones."""
    steps = sorted(step for step in fields if step != ".")
    for step in steps:
        if has_self(fields[step]):
            yield (*above, step)
    for step in steps:
        yield from paths(fields[step], (*above, step))


def shown(path: Path) -> str:
    """A path as messages name it: ``.spec.containers[name="a"].image``."""
    return "".join(map(_shown_step, path))


def _shown_step(step: str) -> str:
    kind, _, text = step.partition(":")
    if kind == "f":
        return "." + text
    if kind == "v":
        return f"[={text}]"
    if kind == "i":
        return f"[{text}]"
    keys = json.loads(text)
    return f"[{','.join(f'{key}={shapes.compact(value)}' for key, value in keys.items())}]"
