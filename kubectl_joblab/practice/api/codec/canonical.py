"""Objects as the API serves them: each value in one form, each field there or left out.

decode, protobuf and the registry call it on objects whose values have the right types. It knows the
table of types and no kinds.

It does what Go does when it prints a struct as JSON: an empty field with omitempty is left out, an
embedded message is always there, a time that is not set is null unless it is omitzero, an empty
list is null unless it is omitempty. Fields come in upstream's order, keys of maps sorted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.go import gobase64, gotime

_Convert: TypeAlias = "Callable[[Any], Any]"
_MANAGED = "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry"
_ZEROES: dict[str, Any] = {
    "IntOrString": 0,
    "Quantity": "0",
    "bool": False,
    "bytes": "",
    "int32": 0,
    "int64": 0,
    "string": "",
    "strings": None,
}


# How a field is made canonical: its JSON name; what converts its value, None where nothing has to;
# what makes the value of a field that is not given, None where the field is left out; whether an
# empty value counts as not given.
Rule: TypeAlias = "tuple[str, _Convert | None, Callable[[], Any] | None, bool]"


def canonical(name: str, obj: Object) -> Object:
    """A new object with the canonical fields of the message that is named.

    Unknown fields are left out. name: such as io.k8s.api.batch.v1.Job.
    """
    found: Object = _message(name)(obj)
    return found


@functools.cache
def _message(name: str) -> _Convert:
    rules: list[Rule] = []

    def convert_message(obj: Object) -> Object:
        if not rules:  # made when first needed: messages hold one another; at once, for threads
            rules[:] = [rule(field) for field in types.message(name).fields.values()]
        found: Object = {}
        given = obj.get
        for key, convert, zero, drop_empty in rules:
            value = given(key)
            if value is not None and convert is not None:
                value = convert(value)
            if value or (value is not None and not drop_empty):
                found[key] = value
            elif zero is not None:
                found[key] = zero()
        return found

    return convert_message


def rule(field: types.Field) -> Rule:
    """How a field is made canonical."""
    convert = _convert(field)
    if field.type == _MANAGED:
        return field.json, functools.partial(_managed, convert), None, False
    if field.repeated or field.map or field.pointer:
        # a list is empty or not set alike: protobuf, in which upstream stores it, cannot tell
        return field.json, convert, None if field.omit else _null, not field.pointer
    if field.is_message or field.type in ("Quantity", "IntOrString"):
        return field.json, convert, _zero(field.type), False
    if field.type in ("Time", "MicroTime"):
        return field.json, convert, None if field.omit == "omitzero" else _null, False
    return field.json, convert, None if field.omit else _zero(field.type), bool(field.omit)


def _managed(convert: _Convert | None, entries: list[Any]) -> list[Any]:
    """The owners of fields; none at all, which has them forgotten, is said by one empty entry."""
    assert convert is not None  # an entry is a message
    found: list[Any] = convert(entries)
    return found or [{}]


def _null() -> None:
    return None


def _zero(kind: str) -> Callable[[], Any]:
    if "." in kind:
        return lambda: _message(kind)({})
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
        return _message(field.type)
    if field.type == "Quantity":
        of_resources = field.go_type == "v1.ResourceList"
        return _quantity_in_list if of_resources else _quantity
    converters: dict[str, _Convert] = {
        "MicroTime": functools.partial(_time, gotime.canonical_micro),
        "Time": functools.partial(_time, gotime.canonical),
        "bytes": gobase64.canonical,
    }
    return converters.get(field.type)


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


def _time(convert: Callable[[str], str | None], text: str) -> str | None:
    """A time. The year 10000, which a time zone can make of 9999, is kept: no reader takes it."""
    return text if text.startswith("10000-") else convert(text)


@functools.lru_cache(maxsize=1024)
def _quantity(text: object) -> str:
    return quantity.canonical(str(text))


@functools.lru_cache(maxsize=1024)
def _quantity_in_list(text: object) -> str:
    """A quantity of a ResourceList, which is no finer than a thousandth.

    Follows SetDefaults_ResourceList in pkg/apis/core/v1/defaults.go.
    """
    return str(quantity.parse(str(text)).rounded_up(quantity.MILLI))
