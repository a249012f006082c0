"""Protobuf message classes, made of the table of types when they are first asked for.

protobuf decodes with them, tests encode with them. Numbers of fields are those of Kubernetes'
generated.proto files.

They are declared as proto2, in which a zero value of what is no pointer is unset and the zero of a
pointer is a zero. A text is declared as bytes, the same on the wire, because Go does not mind bad
UTF-8; a map as the repeated entries that it is on the wire.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from kubectl_joblab.practice.api import types

UNKNOWN = "k8s.Unknown"  # the envelope

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bool": _Field.TYPE_BOOL,
    "bytes": _Field.TYPE_BYTES,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "string": _Field.TYPE_BYTES,
}
_TIMESTAMP = (("seconds", 1, "int64"), ("nanos", 2, "int32"))
# messages that the table of types does not have: name, number and type of their fields
_OTHERS = {
    "k8s.FieldsV1": (("raw", 1, "bytes"),),
    "k8s.IntOrString": (("type", 1, "int64"), ("intVal", 2, "int32"), ("strVal", 3, "string")),
    "k8s.MicroTime": _TIMESTAMP,
    "k8s.Quantity": (("string", 1, "string"),),
    "k8s.Time": _TIMESTAMP,
    "k8s.strings": (("items", 1, "[]string"),),
    "k8s.TypeMeta": (("apiVersion", 1, "string"), ("kind", 2, "string")),
    UNKNOWN: (("typeMeta", 1, "k8s.TypeMeta"), ("raw", 2, "bytes")),
}
_POOL = descriptor_pool.DescriptorPool()


@functools.cache
def message_class(name: str) -> Any:
    """The class of a message. Its fields are named as in JSON, embedded structs as in Go."""
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(_declare(name)))


@functools.cache
def _declare(name: str) -> str:
    """Add a message to the pool, and before it those that it holds; returns its name there.

    That has _ where a Go package has -.
    """
    declared = name.replace("-", "_")
    package, _, short = declared.rpartition(".")
    file = descriptor_pb2.FileDescriptorProto(name=declared, package=package)
    message = file.message_type.add(name=short)
    others = [_other(*facts) for facts in _OTHERS.get(name, ())]
    for field in others or _sent(name):
        kind = field.type
        if kind not in _SCALARS:
            kind = _declare(kind if "." in kind else f"k8s.{kind}")
            file.dependency[:] = sorted({*file.dependency, kind})
        if field.map:
            entry = message.nested_type.add(name=f"{field.json}_entry")
            _add(entry, "key", 1, "string")
            _add(entry, "value", 2, kind)
            kind = f"{declared}.{entry.name}"
        _add(message, field.json, field.number, kind, repeated=field.repeated or field.map)
    _POOL.Add(file)
    return declared


def _other(key: str, number: int, kind: str) -> types.Field:
    is_list = kind.startswith("[]")
    return types.Field(key, "", number, kind.removeprefix("[]"), "", repeated=is_list)


def _sent(name: str) -> Iterable[types.Field]:
    """The fields that protobuf sends in a message; apiVersion and kind are in the envelope."""
    return (field for field in types.message(name).own.values() if field.number)


def _add(
    message: descriptor_pb2.DescriptorProto,
    name: str,
    number: int,
    kind: str,
    *,
    repeated: bool = False,
) -> None:
    field = message.field.add(name=name, number=number)
    field.label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{kind}"
