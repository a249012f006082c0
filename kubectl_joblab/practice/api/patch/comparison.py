"""Which fields differ between two versions of an object.

Each write is compared so, to say who owns what it has changed; so this is quick where most is
equal. Follows sigs.k8s.io/structured-merge-diff/typed/compare.go.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kubectl_joblab.practice.api.patch import fieldsets
from kubectl_joblab.practice.api.patch.fieldsets import LEAF, NONE, Fields
from kubectl_joblab.practice.api.patch.shapes import ATOMIC, LIST, MAP, MISSING, STRUCT, Shape


class Comparison(NamedTuple):
    """The fields that a new version has and the old one has not or otherwise, and those gone."""

    changed: Fields
    removed: Fields


SAME = Comparison(NONE, NONE)


def compared(old: Any, new: Any, where: Shape) -> Comparison:
    """The fields that differ between two objects of a shape; neither is MISSING."""
    if where.kind == ATOMIC or not (old or new):
        # upstream keeps null and empty apart here; an object as it is served never has both
        return SAME
    return _compared(old or {}, new or {}, where)


def _compared(old: Any, new: Any, where: Shape) -> Comparison:
    changed: Fields = {}
    removed: Fields = {}
    for step, inner, before, after in _pairs(old, new, where):
        if before is MISSING:
            changed[step] = whole(after, inner)
        elif after is MISSING:
            removed[step] = whole(before, inner)
        elif before != after:
            if inner.kind == ATOMIC:
                changed[step] = LEAF
                continue
            more, less = compared(before, after, inner)
            if more:
                changed[step] = more
            if less:
                removed[step] = less
    return Comparison(_shared(changed) if changed else NONE, _shared(removed) if removed else NONE)


def _pairs(old: Any, new: Any, where: Shape) -> list[tuple[str, Shape, Any, Any]]:
    """What there is below two values: the step, the shape, the old value and the new one."""
    if where.kind == STRUCT:
        return _of_structs(old, new, where)
    if where.kind == MAP:
        names = {**old, **new}
        element = where.element
        return [
            ("f:" + name, element, old.get(name, MISSING), new.get(name, MISSING)) for name in names
        ]
    return _of_lists(old or [], new or [], where)


def _of_structs(old: Any, new: Any, where: Shape) -> list[tuple[str, Shape, Any, Any]]:
    found = []
    members = where.members
    for name in new if not old else {**old, **new}:
        member = members.get(name)
        if member is None:
            continue
        before, after = old.get(name, MISSING), new.get(name, MISSING)
        if before is not after:
            before, after = member.of(before), member.of(after)
            if before is not after:
                found.append((member.step, member.shape, before, after))
    return found


def _of_lists(old: Any, new: Any, where: Shape) -> list[tuple[str, Shape, Any, Any]]:
    before, after = _by_step(old, where), _by_step(new, where)
    element = where.element
    found = []
    for step in {**before, **after}:
        was, now = before.get(step, ()), after.get(step, ())
        if len(was) < 2 and len(now) < 2:
            one = was[0] if was else MISSING
            found.append((step, element, one, now[0] if now else MISSING))
        else:  # an element that stands twice counts as a whole
            found.append((step, _TWICE, was or MISSING, now or MISSING))
    return found


_TWICE = Shape(ATOMIC)


def _by_step(values: Any, where: Shape) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for value in values:
        found.setdefault(where.step(value), []).append(value)
    return found


def whole(value: Any, where: Shape) -> Fields:
    """What is below the step to a value that is new, or gone: all of it."""
    kind = where.kind
    if kind == ATOMIC or not value:
        return LEAF
    found: Fields = {".": LEAF}
    if kind == STRUCT:
        members = where.members
        for name, inner in value.items():
            member = members.get(name)
            if member is not None:
                inner = member.of(inner)
                if inner is not MISSING:
                    found[member.step] = whole(inner, member.shape)
        for name, member in where.always:
            if name not in value:
                found[member.step] = whole(member.zero, member.shape)
    elif kind == MAP:
        element = where.element
        for name, inner in value.items():
            found["f:" + name] = whole(inner, element)
    else:
        element = where.element
        twice = kind == LIST and len(value) > 1
        for inner in value:
            step = where.step(inner)
            found[step] = LEAF if twice and step in found else whole(inner, element)
    return _shared(found) if len(found) > 1 else LEAF


# What is owned of two objects that are made alike is alike: so they share it. A key has the ids of
# the parts of its node, which the node keeps.
_NODES: dict[tuple[object, ...], Fields] = {}
_MOST_NODES = 20_000


def _shared(node: Fields) -> Fields:
    """The node in upstream's order, the same one each time."""
    key = (*node, *map(id, node.values()))
    found = _NODES.get(key)
    if found is None:
        if len(_NODES) >= _MOST_NODES:
            _NODES.clear()
        found = _NODES[key] = fieldsets.ordered(node)
    return found
