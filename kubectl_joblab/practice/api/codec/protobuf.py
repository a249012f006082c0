"""Request bodies in protobuf as canonical objects.

The HTTP handlers call it, for kubectl creates Jobs, namespaces and the like in protobuf and does
not try again in JSON. It knows the table of types and not which kinds are served.

Follows runtime/serializer/protobuf/protobuf.go of k8s.io/apimachinery, with two differences: what
the protobuf library cannot read is always called an unexpected EOF, and a field of a wrong wire
type is ignored.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError

from kubectl_joblab.formats import gojson, quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, types
from kubectl_joblab.practice.api.codec import descriptors, gvk, scalars
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.codec.gvk import GroupVersionKind, RefusedError
from kubectl_joblab.practice.api.go import gotime

PREFIX = b"k8s\0"


def decode(type_name: str, raw: bytes) -> Object:
    """The object of a body; StatusError 400 where the body is no object of this type."""
    expected = gvk.of(type_name)
    found: GroupVersionKind | None = None
    try:
        envelope = _parsed(descriptors.UNKNOWN, _without_prefix(raw))
        found = _named(envelope).or_default(expected)
        message = gvk.message_of(found)
        obj = read(message.name, envelope.raw)
        gvk.check_same(message, type_name)
        named = {"apiVersion": expected.api_version, "kind": expected.kind}
        return canonical(type_name, obj | named)
    except (RefusedError, quantity.QuantityError, gotime.TimeError) as error:
        raise gvk.refusal(error, type_name, raw, found) from None


def options(type_name: str, raw: bytes) -> Object:
    """The options of a body, such as DeleteOptions, with the words of decode.options."""
    try:
        envelope = _parsed(descriptors.UNKNOWN, _without_prefix(raw))
        gvk.check_options(_named(envelope).or_default(gvk.of(type_name)), type_name)
        return canonical(type_name, read(type_name, envelope.raw))
    except (RefusedError, quantity.QuantityError, gotime.TimeError) as error:
        raise errors.bad_request(str(error)) from None


def read(name: str, raw: bytes) -> Object:
    """The fields that are set in the bytes of a message, not yet canonical."""
    return _object(name, _parsed(name, raw))


def _without_prefix(raw: bytes) -> bytes:
    if not raw:
        raise RefusedError("empty data")
    if not raw.startswith(PREFIX):
        shown = " ".join(str(byte) for byte in PREFIX)
        raise RefusedError(
            f"provided data does not appear to be a protobuf message, expected prefix [{shown}]"
        )
    if raw == PREFIX:
        raise RefusedError("empty body")
    return raw[len(PREFIX) :]


def _parsed(name: str, raw: bytes) -> Any:
    try:
        return descriptors.message_class(name).FromString(raw)
    except DecodeError:
        raise RefusedError("unexpected EOF") from None


def _named(envelope: Any) -> GroupVersionKind:
    kind = _text(envelope.typeMeta.kind)
    try:
        found = gvk.named(_text(envelope.typeMeta.apiVersion), kind)
    except RefusedError:
        return GroupVersionKind("", "", kind)
    return found if found.version else GroupVersionKind("", "", kind)


def _object(name: str, message: Any) -> Object:
    own = types.message(name).own
    found: Object = {}
    for descriptor, value in message.ListFields():
        field = own[descriptor.name]
        one = _reader(field.type)
        if field.inline:
            found |= one(value)
        elif field.map:
            found[field.json] = {_text(entry.key): one(entry.value) for entry in value}
        else:
            found[field.json] = [one(each) for each in value] if field.repeated else one(value)
    return found


@functools.cache
def _reader(kind: str) -> Callable[[Any], Any]:
    return _READERS.get(kind) or functools.partial(_object, kind)


def _same(value: Any) -> Any:
    return value


def _text(value: bytes) -> str:
    return value.decode("utf-8", "go-replacement")


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _time(message: Any) -> str | None:
    if not message.ListFields():
        return None
    return gotime.of_seconds(message.seconds)


def _micro_time(message: Any) -> str | None:
    if not message.ListFields():
        return None
    return gotime.of_seconds(message.seconds, message.nanos // 1000)


def _quantity(message: Any) -> str:
    text = _text(message.string) if message.HasField("string") else "0"
    quantity.parse(text)
    return text


def _int_or_string(message: Any) -> int | str:
    number: int = message.intVal
    return _text(message.strVal) if message.type == 1 else number


def _strings(message: Any) -> list[str]:
    return [_text(one) for one in message.items]


def _fields(message: Any) -> Any:
    try:
        return scalars.fields_v1(gojson.parse(message.raw or b"null"))
    except gojson.JSONError as error:
        raise RefusedError(str(error)) from None


_READERS: dict[str, Callable[[Any], Any]] = {
    "FieldsV1": _fields,
    "IntOrString": _int_or_string,
    "MicroTime": _micro_time,
    "Quantity": _quantity,
    "Time": _time,
    "bool": _same,
    "bytes": _bytes,
    "int32": _same,
    "int64": _same,
    "string": _text,
    "strings": _strings,
}
