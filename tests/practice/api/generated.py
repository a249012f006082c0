"""Strategies that make objects of any message of the table of types, and their protobuf form."""

from __future__ import annotations

import base64
import functools
import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from kubectl_joblab import objects as readers
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec import descriptors

KINDS = [name for name in types.names() if types.message(name).api_version]
PROPERTY = settings(deadline=None)  # a slow machine is no failure
_DEEPEST = 5
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "FieldsV1": st.just({"f:spec": {}}),
    "IntOrString": st.sampled_from([0, 80, "http", "50%"]),
    "MicroTime": st.sampled_from(
        ["2020-01-01T00:00:00.000001Z", "2020-01-01T05:30:00.120000+05:30"]
    ),
    "Quantity": st.sampled_from(["0", "1", "100m", "1024Mi", "1Gi", "1e3", "0.5", "1.500", "+1"]),
    "Time": st.sampled_from(["2020-01-01T00:00:00Z", "2020-02-29T23:59:59.5-01:00"]),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=4).map(lambda raw: base64.b64encode(raw).decode()),
    "int32": st.sampled_from([0, 1, -1, 2**31 - 1, -(2**31)]),
    "int64": st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63)]),
    "string": st.sampled_from(["", "a", "안녕", 'a"b', "\u2028\x01"]),
    "strings": st.lists(st.sampled_from(["", "a", "안녕"]), max_size=3),
}


@functools.cache  # to make a strategy takes longer than to draw from it
def objects(name: str, *, nulls: bool = False, depth: int = 0) -> st.SearchStrategy[Object]:
    """A strategy of objects of the message `name`, each with a few of the message's fields.

    nulls: whether fields may be null. depth: how deep the message is in another.
    """
    message = types.message(name)
    # protobuf has the two of a whole object in its envelope alone, and none for one inside another
    named = depth and not message.api_version
    fields = [
        field
        for field in message.fields.values()
        if depth < _DEEPEST and (named or field.json not in ("apiVersion", "kind"))
    ]
    if not fields:
        return st.builds(dict)
    some = st.lists(st.sampled_from(fields), max_size=4, unique_by=lambda one: one.json)

    @st.composite
    def drawn(draw: st.DrawFn) -> Object:
        return {field.json: draw(_values(field, nulls, depth)) for field in draw(some)}

    return drawn()


@functools.cache
def _values(field: types.Field, nulls: bool, depth: int) -> st.SearchStrategy[Any]:
    one = (
        objects(field.type, nulls=nulls, depth=depth + 1)
        if field.is_message
        else _SCALARS[field.type]
    )
    if nulls:
        one = st.none() | one
    if field.repeated:
        one = st.lists(one, max_size=2)
    elif field.map:
        one = st.dictionaries(st.sampled_from(["", "a", "b/c"]), one, max_size=2)
    return st.none() | one if nulls else one


def encode(name: str, obj: Object) -> bytes:
    """A canonical object as a protobuf body."""
    envelope = descriptors.message_class(descriptors.UNKNOWN)()
    envelope.typeMeta.apiVersion = obj["apiVersion"].encode()
    envelope.typeMeta.kind = obj["kind"].encode()
    message = descriptors.message_class(name)()
    fill(message, name, obj)
    envelope.raw = message.SerializeToString()
    return b"k8s\0" + bytes(envelope.SerializeToString())


def fill(message: Any, name: str, obj: Object) -> None:
    """Set the fields of a protobuf message to those of an object."""
    message.SetInParent()
    for key, field in types.message(name).own.items():
        if field.inline and field.number:
            fill(getattr(message, key), field.type, obj)
        elif field.number and obj.get(key) is not None:
            _set(message, field, obj[key])


def _set(message: Any, field: types.Field, value: Any) -> None:
    holder = getattr(message, field.json)
    if field.map:
        for key, one in value.items():
            entry = holder.add()
            entry.key = key.encode()
            _put(entry, "value", field.type, one)
    elif field.repeated and hasattr(holder, "add"):
        for one in value:
            _put_message(holder.add(), field.type, one)
    elif field.repeated:
        holder.extend(_plain(field.type, one) for one in value)
    else:
        _put(message, field.json, field.type, value)


def _put(message: Any, name: str, kind: str, value: Any) -> None:
    if kind in ("bool", "bytes", "int32", "int64", "string"):
        setattr(message, name, _plain(kind, value))
    else:
        _put_message(getattr(message, name), kind, value)


def _plain(kind: str, value: Any) -> Any:
    if kind == "string":
        return value.encode()
    return base64.b64decode(value) if kind == "bytes" else value


def _put_message(message: Any, kind: str, value: Any) -> None:
    message.SetInParent()
    if "." in kind:
        fill(message, kind, value)
    elif kind in ("Time", "MicroTime"):
        when = readers.time(value)
        assert when
        message.seconds = int(when.timestamp())
        message.nanos = when.microsecond * 1000
    elif kind == "Quantity":
        message.string = value.encode()
    elif kind == "FieldsV1":
        message.raw = json.dumps(value).encode()
    elif kind == "strings":
        message.items.extend(one.encode() for one in value)
    elif isinstance(value, str):
        message.type, message.strVal = 1, value.encode()
    else:
        message.type, message.intVal = 0, value


def enveloped(raw: bytes, api_version: str, kind: str) -> bytes:
    """A short message as a body of protobuf: in the envelope that says of which kind it is."""
    named = _short(1, api_version.encode()) + _short(2, kind.encode())
    return b"k8s\0" + _short(1, named) + _short(2, raw)


def _short(number: int, value: bytes) -> bytes:
    """A field of fewer than 128 bytes on the wire."""
    return bytes([number << 3 | 2, len(value)]) + value
