"""The structure of values, for server-side apply: which are owned in parts, which as a whole.

It is read from the table of types, once for each message. fieldsets, comparison and apply walk by
it. Follows sigs.k8s.io/structured-merge-diff/schema, of which upstream generates the schema of
each type from the same markers (listType, listMapKey, mapType).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec import canonical
from kubectl_joblab.practice.api.types import Field, Message

MISSING: Any = object()  # the value of a field that an object does not have

ATOMIC, STRUCT, MAP, LIST, SET = "atomic", "struct", "map", "list", "set"

Path = tuple[str, ...]  # of names of fields

# fields of metadata that nobody owns (stripMetaManager)
_STRIPPED = frozenset(
    [
        *("clusterName", "creationTimestamp", "generation", "managedFields", "name"),
        *("namespace", "resourceVersion", "selfLink", "uid"),
    ]
)


class Member(NamedTuple):
    """A field of a struct.

    step: as FieldsV1 writes it. zero: the value where it is not given, MISSING where it is left out
    then. drop_empty: whether an empty value is none.
    """

    step: str
    shape: Shape
    zero: Any
    drop_empty: bool

    def of(self, value: Any) -> Any:
        """The value of the field as an object has it: given, MISSING or the zero value."""
        if value is MISSING or value is None or (self.drop_empty and not value):
            return self.zero
        return value


class Shape:
    """The structure of a value.

    kind: struct, map, list (its elements have keys), set, or atomic. message: of a struct.
    declared: the field whose value is a map, list or set. Fields of a struct at one of the paths
    `left_out`, or beside the one path `only`, count for nothing.
    """

    def __init__(
        self,
        kind: str,
        message: Message | None = None,
        declared: Field | None = None,
        left_out: tuple[Path, ...] = (),
        only: Path = (),
    ) -> None:
        self.kind = kind
        self._message = message
        self._declared = declared
        self._left_out = left_out
        self._only = only

    @functools.cached_property
    def members(self) -> dict[str, Member]:
        """The fields of a struct, by name."""
        assert self._message is not None  # a struct has one
        fields = self._message.fields.items()
        return {name: self._member(name, one) for name, one in fields if self._counts(name)}

    @functools.cached_property
    def always(self) -> tuple[tuple[str, Member], ...]:
        """The fields that a struct always has, given or not."""
        return tuple(one for one in self.members.items() if one[1].zero is not MISSING)

    @functools.cached_property
    def element(self) -> Shape:
        """The shape of what a map, a list or a set holds."""
        declared = self._declared
        if declared is None or not declared.is_message:
            return ATOM
        return of_type(declared.type)

    @functools.cached_property
    def _keys(self) -> tuple[tuple[str, Any], ...]:
        """The fields that are the key of an element of a list, each with its default."""
        assert self._declared is not None  # a list has one
        fields = types.message(self._declared.type).fields
        names = sorted(self._declared.list_map_keys)
        return tuple((name, fields[name].default if name in fields else None) for name in names)

    def step(self, element: Any) -> str:
        """The step to an element of a list with keys, or of a set."""
        if self.kind == SET or not isinstance(element, dict):
            return "v:" + compact(element)
        found = []
        for name, default in self._keys:
            value = element.get(name, default)
            if value is not None:
                found.append(f'"{name}":{_quote(value) if type(value) is str else compact(value)}')
        return f"k:{{{','.join(found)}}}"

    def children(self, value: Any) -> Iterator[tuple[str, Shape, Any]]:
        """The steps down from a value as it was given, each with the shape and the value there."""
        if self.kind == STRUCT and isinstance(value, dict):
            for name, inner in value.items():
                member = self.members.get(name)
                if member is not None:
                    yield member.step, member.shape, inner
        elif self.kind == MAP and isinstance(value, dict):
            for name, inner in value.items():
                yield "f:" + name, self.element, inner
        elif self.kind in (LIST, SET) and isinstance(value, list):
            for inner in value:
                yield self.step(inner), self.element, inner

    def _counts(self, name: str) -> bool:
        return (name,) not in self._left_out and (not self._only or self._only[0] == name)

    def _member(self, name: str, declared: Field) -> Member:
        left_out = tuple(path[1:] for path in self._left_out if path[0] == name and path[1:])
        only = self._only[1:]
        inner = of_field(declared)
        if (left_out or only) and inner.kind == STRUCT:
            inner = Shape(STRUCT, inner._message, None, left_out, only)
        _, _, zero, drop_empty = canonical.rule(declared)
        return Member("f:" + name, inner, MISSING if zero is None else zero(), drop_empty)


ATOM = Shape(ATOMIC)


@functools.cache
def of_type(name: str) -> Shape:
    """The shape of a message: a struct, unless it is only ever replaced as a whole."""
    message = types.message(name)
    return ATOM if message.map_type == "atomic" else Shape(STRUCT, message)


@functools.cache
def owned(name: str, reset: tuple[Path, ...] = (), only: Path = ()) -> Shape:
    """The shape of those fields of an object that can be owned.

    reset: paths of fields that a write resets, so that who writes them does not own them. only: the
    one path that a write does not reset; () for all.
    """
    message = types.message(name)
    stripped = tuple(("metadata", one) for one in _STRIPPED)
    return Shape(STRUCT, message, None, (("apiVersion",), ("kind",), *stripped, *reset), only)


def of_field(declared: Field) -> Shape:
    """The shape of the values of a field."""
    if declared.repeated:
        kind = {"map": LIST, "set": SET}.get(declared.list_type, ATOMIC)
        return ATOM if kind == ATOMIC else Shape(kind, declared=declared)
    if declared.map_type == "atomic":
        return ATOM
    if declared.map:
        return Shape(MAP, declared=declared)
    return of_type(declared.type) if declared.is_message else ATOM


def compact(value: Any) -> str:
    """JSON without spaces."""
    return _encode(value)


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_quote = json.encoder.encode_basestring
