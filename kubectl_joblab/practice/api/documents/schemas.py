"""The OpenAPI schema of each API type, as JSON data.

generate asks for them. Their structure comes from the table of types, descriptions from sentences.
Follows k8s.io/kube-openapi/pkg/generators/openapi.go in how it turns a Go struct into a schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry.kinds import KINDS
from kubectl_joblab.practice.api.types import Field, Message

META = "io.k8s.apimachinery.pkg.apis.meta.v1"
STATUS = f"{META}.Status"
LIST_META = f"{META}.ListMeta"

# what types.SPECIAL are called, and what they are
_SPECIAL: dict[str, tuple[str, Object]] = {
    "FieldsV1": (f"{META}.FieldsV1", {"type": "object"}),
    "IntOrString": (
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    ),
    "MicroTime": (f"{META}.MicroTime", {"type": "string", "format": "date-time"}),
    "Quantity": (
        "io.k8s.apimachinery.pkg.api.resource.Quantity",
        {"oneOf": [{"type": "string"}, {"type": "number"}]},
    ),
    "Time": (f"{META}.Time", {"type": "string", "format": "date-time"}),
}
_SPECIAL_BY_NAME = dict(_SPECIAL.values())
_SIMPLE: dict[str, Object] = {
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "string": {"type": "string"},
    "strings": {"type": "array", "items": {"type": "string"}},
}
_ZEROS: dict[str, Any] = {"bool": False, "int32": 0, "int64": 0, "string": ""}


class Sentences(Protocol):
    """The descriptions of types and of their fields, "" where there is none."""

    def of_type(self, name: str) -> str:
        """The description of a type."""

    def of_field(self, name: str, field: Field) -> str:
        """The description of a field of a type."""


def reference(name: str) -> Object:
    """A reference to the schema of a type."""
    return {"$ref": f"#/components/schemas/{name}"}


def list_name(kind: Kind) -> str:
    """The name of the type that is a list of a kind."""
    return f"{kind.type}List"


def name_of(field: Field) -> str | None:
    """The name of the schema of a field's values; None where they have a simple type."""
    return field.type if field.is_message else _SPECIAL.get(field.type, (None,))[0]


def reachable(roots: Iterable[str]) -> list[str]:
    """The names of types, and of all types that their fields lead to."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _next(name)
    return sorted(found)


def _next(name: str) -> Iterator[str]:
    if name not in _SPECIAL_BY_NAME:
        for field in types.message(name).fields.values():
            if further := name_of(field):
                yield further


def schema(name: str, sentences: Sentences) -> Object:
    found = _described(sentences.of_type(name))
    if name in _SPECIAL_BY_NAME:
        return found | _SPECIAL_BY_NAME[name]
    message = types.message(name)
    found["type"] = "object"
    if required := [key for key, field in message.fields.items() if field.required]:
        found["required"] = required
    if message.fields:
        found["properties"] = {
            key: _property(field, sentences.of_field(name, field))
            for key, field in message.fields.items()
        }
    return found | _extensions(message)


def list_schema(kind: Kind) -> Object:
    """The schema of the list of a kind."""
    return {
        "description": f"{kind.kind}List is a page of objects of the kind {kind.kind}.",
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string"},
            "items": {"type": "array", "items": reference(kind.type)},
            "kind": {"type": "string"},
            "metadata": {"default": {}, "allOf": [reference(LIST_META)]},
        },
        "x-kubernetes-group-version-kind": [{**kind_of(kind), "kind": f"{kind.kind}List"}],
    }


def kind_of(kind: Kind) -> Object:
    """Group, version and kind, in the form in which operations and schemas name them."""
    return {"group": kind.group, "kind": kind.kind, "version": kind.version}


def _described(sentence: str) -> Object:
    return {"description": sentence} if sentence else {}


def _property(field: Field, sentence: str) -> Object:
    """The schema of a field. What is said beside a reference has to be said around it."""
    name, enum = name_of(field), {"enum": list(field.enum)} if field.enum else {}
    value = reference(name) if name else dict(_SIMPLE[field.type])
    found = _described(sentence)
    if field.repeated:
        found |= {"type": "array", "items": value | enum}
    elif field.map:
        found |= {"type": "object", "additionalProperties": value | enum}
    else:
        found |= ({"allOf": [value]} if name else value) | enum
    default = _default(field)
    if default is not None:
        found["default"] = default
    return found | _merging(field)


def _default(field: Field) -> Any:
    """The default of a field.

    It is the declared one, else the zero value of what JSON always shows, and {} for every struct.
    """
    if field.default is not None:
        return field.default
    if field.pointer or field.repeated or field.map:
        return None
    if field.is_message:
        return {}
    return None if field.omit else _ZEROS.get(field.type)


def _merging(field: Field) -> Object:
    """The extensions that tell patches and server-side apply how to merge a field."""
    facts = {
        "x-kubernetes-list-map-keys": list(field.list_map_keys),
        "x-kubernetes-list-type": field.list_type,
        "x-kubernetes-map-type": field.map_type,
        "x-kubernetes-patch-merge-key": field.merge_key,
        "x-kubernetes-patch-strategy": field.patch_strategy,
    }
    return {name: value for name, value in facts.items() if value}


def _extensions(message: Message) -> Object:
    found: Object = {"x-kubernetes-map-type": message.map_type} if message.map_type else {}
    if message.union:
        found["x-kubernetes-unions"] = [_union(message)]
    kinds = [kind_of(kind) for kind in KINDS if kind.type == message.name]
    if message.name == STATUS:
        kinds = [{"group": "", "kind": "Status", "version": "v1"}]
    return found | ({"x-kubernetes-group-version-kind": kinds} if kinds else {})


def _union(message: Message) -> Object:
    """The extension that tells which fields of a union exclude each other."""
    found: Object = {}
    members = dict(message.fields)
    for key, field in message.fields.items():
        if field.discriminator:
            found["discriminator"] = key
            del members[key]
    found["fields-to-discriminateBy"] = {key: field.go for key, field in members.items()}
    return found
