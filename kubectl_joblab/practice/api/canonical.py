"""Objects as the API serves them: what is left out, what is always there, one form of a value.

decode, protobuf and the registry call it on objects whose types are right. It knows the table of
types, nothing of kinds. What a Go struct prints as JSON: an empty field with omitempty is left out,
an embedded message is always there, a time that is not set is null where it is not omitzero. Fields
come in upstream's order, keys of maps sorted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import gobase64, gotime, quantity, types

_Convert: TypeAlias = "Callable[[Any], Any]"
_ZEROES: dict[str, Any] = {
    "IntOrString": 0,
    "Quantity": "0",
    "bool": False,
    "bytes": "",
    "int32": 0,
    "int64": 0,
    "string": "",
}


@dataclass(frozen=True)
class _Rule:
    """What becomes of a field. zero: makes what stands where nothing is given, None: left out."""

    key: str
    convert: _Convert | None
    zero: Callable[[], Any] | None
    drop_empty: bool


def canonical(name: str, obj: Object) -> Object:
    """A new object of the message of this name; unknown fields are left out."""
    found: Object = {}
    for rule in _rules(name):
        value = obj.get(rule.key)
        if value is not None and rule.convert is not None:
            value = rule.convert(value)
        if value is None:
            if rule.zero is not None:
                found[rule.key] = rule.zero()
        elif value or not rule.drop_empty:
            found[rule.key] = value
    return found


@functools.cache
def _rules(name: str) -> tuple[_Rule, ...]:
    return tuple(_rule(field) for field in types.message(name).fields.values())


def _rule(field: types.Field) -> _Rule:
    convert = _convert(field)
    if field.repeated or field.map or field.pointer:
        zero = None if field.omit else _null
        return _Rule(field.json, convert, zero, drop_empty=bool(field.omit and not field.pointer))
    if field.is_message or field.type in ("Quantity", "IntOrString"):
        return _Rule(field.json, convert, _zero(field.type), drop_empty=False)
    if field.type in ("Time", "MicroTime"):
        zero = None if field.omit == "omitzero" else _null
        return _Rule(field.json, convert, zero, drop_empty=False)
    zero = None if field.omit else _zero(field.type)
    return _Rule(field.json, convert, zero, drop_empty=bool(field.omit))


def _null() -> None:
    return None


def _zero(kind: str) -> Callable[[], Any]:
    if "." in kind:
        return lambda: canonical(kind, {})
    value = _ZEROES.get(kind)
    return lambda: value


def _convert(field: types.Field) -> _Convert | None:
    one = _convert_one(field)
    if field.repeated:
        return functools.partial(_list, one, _zero(field.type))
    if field.map:
        return functools.partial(_map, one, _zero(field.type))
    return one


def _convert_one(field: types.Field) -> _Convert | None:
    if field.is_message:
        return functools.partial(canonical, field.type)
    if field.type == "Quantity":
        of_resources = field.go_type == "v1.ResourceList"
        return _quantity_in_list if of_resources else _quantity
    return {
        "MicroTime": gotime.canonical_micro,
        "Time": gotime.canonical,
        "bytes": gobase64.canonical,
    }.get(field.type)


def _list(convert: _Convert | None, zero: Callable[[], Any], values: list[Any]) -> list[Any]:
    if None in values:
        values = [zero() if value is None else value for value in values]
    return [convert(value) for value in values] if convert else list(values)


def _map(convert: _Convert | None, zero: Callable[[], Any], values: Object) -> Object:
    found = {}
    for key in sorted(values):
        value = values[key]
        value = zero() if value is None else value
        found[key] = convert(value) if convert else value
    return found


@functools.lru_cache(maxsize=1024)
def _quantity(text: object) -> str:
    return quantity.canonical(str(text))


@functools.lru_cache(maxsize=1024)
def _quantity_in_list(text: object) -> str:
    """No finer than a thousandth, as SetDefaults_ResourceList in pkg/apis/core/v1/defaults.go."""
    return str(quantity.parse(str(text)).rounded_up(quantity.MILLI))
