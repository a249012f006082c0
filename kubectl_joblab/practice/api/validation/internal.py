"""Values as the API server prints them in errors: by its internal Go types.

The rules call it for values that are more than a text or a number. It prints Go's names and all
fields, null where there is nothing: ``{"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}``.
The order of fields is in internal.json, which tools/internal_types.py makes; their JSON names and
types are in types.json.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.types import Field

_PACKAGES = tuple(f"io.k8s.api.{one}.v1." for one in ("core", "batch", "policy", "apps"))
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_ZERO = {"string": "", "bool": False, "int32": 0, "int64": 0, "IntOrString": 0, "Quantity": "0"}


def shown(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value of an internal type such as SuccessPolicy, its fields as Go prints them."""
    found: dict[str, Any] = {}
    for go_name, field in _fields(name):
        if go_name.startswith("*"):  # embedded, and no internal type: ObjectMeta
            found.update(_served(field.type, value.get(field.json) or {}))
        else:
            found[go_name] = _shown(field, value.get(field.json))
    return found


def served(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value of a type of apimachinery such as LabelSelector, which is no different inside."""
    return _served(_META + name, value)


def _shown(field: Field, value: Any) -> Any:
    if value is None:
        return None if field.pointer or field.repeated or field.map else _zero(field)
    if field.repeated:
        return [_one(field.type, each) for each in value]
    if field.map:
        return {key: _one(field.type, value[key]) for key in sorted(value)}
    return _one(field.type, value)


def _zero(field: Field) -> Any:
    return _one(field.type, {}) if field.is_message else _ZERO[field.type]


def _one(kind: str, value: Any) -> Any:
    if "." not in kind:
        return value
    name = types.message(kind).go_name
    return shown(name, value) if name in _table() else _served(kind, value)


def _served(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value of a type that is the same inside and outside, its fields in Go's order."""
    fields = types.message(kind).fields.items()
    return {key: _served_one(field, value[key]) for key, field in fields if key in value}


def _served_one(field: Field, value: Any) -> Any:
    if field.map:
        return {key: value[key] for key in sorted(value)}
    if not field.is_message:
        return value
    if field.repeated:
        return [_served(field.type, one) for one in value]
    return _served(field.type, value)


@functools.cache
def _fields(name: str) -> tuple[tuple[str, Field], ...]:
    """The fields of a struct with their names in Go, those of an embedded type in its place."""
    own = {field.go: field for field in types.message(_message_name(name)).own.values()}
    found: list[tuple[str, Field]] = []
    for go_name in _table()[name]:
        embedded = go_name.removeprefix("*")
        if go_name != embedded and embedded in _table():
            found += _fields(embedded)
        else:
            found.append((go_name, own[embedded]))
    return tuple(found)


@functools.cache
def _message_name(name: str) -> str:
    known = types.names()
    return next(prefix + name for prefix in _PACKAGES if prefix + name in known)


@functools.cache
def _table() -> dict[str, list[str]]:
    text = resources.files(__package__).joinpath("internal.json")
    found: dict[str, list[str]] = json.loads(text.read_text(encoding="utf-8"))
    return found
