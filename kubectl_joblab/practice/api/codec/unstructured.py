"""Reads the objects that patches have made, and refuses them in Go's words.

Strategic merge patches and server-side apply work on parsed data, which upstream converts to a
struct directly: the words for a value that does not fit differ from those of decoding a text.
Follows k8s.io/apimachinery/pkg/runtime/converter.go (FromUnstructured).
"""

from __future__ import annotations

from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec import typed
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.codec.fieldpath import MismatchError
from kubectl_joblab.practice.api.go.govalues import go_kind
from kubectl_joblab.practice.api.types import SPECIAL, Field, Message

_KINDS = {"string": str, "bool": bool, "int32": int, "int64": int}


def read(name: str, value: Any) -> tuple[Object, list[str]]:
    """The canonical object of a type, and the strict errors in its data, sorted.

    name: the message, such as io.k8s.api.batch.v1.Job. Raises MismatchError.
    """
    try:
        found, strict = typed.read(name, value)
    except MismatchError as exc:
        raise MismatchError(problem(value, types.message(name)) or str(exc)) from exc
    return canonical(name, found), sorted(strict)


def problem(value: Any, message: Message) -> str:
    """The first value that does not fit, or "".

    Values of types with an UnmarshalJSON of their own are not looked at.
    """
    if not isinstance(value, dict):
        return f"cannot restore struct from: {_kind(value)}"
    for name, declared in message.fields.items():
        if value.get(name) is not None and (found := _of_field(value[name], declared)):
            return found
    return ""


def _of_field(value: Any, declared: Field) -> str:
    if declared.repeated:
        if not isinstance(value, list):
            return f"cannot restore slice from {_kind(value)}"
        return _first(value, declared)
    if declared.map:
        if not isinstance(value, dict):
            return f"cannot restore map from {_kind(value)}"
        return _first(value.values(), declared)
    return _of_value(value, declared)


def _first(values: Any, declared: Field) -> str:
    found = (_of_value(one, declared) for one in values if one is not None)
    return next(filter(None, found), "")


def _of_value(value: Any, declared: Field) -> str:
    if declared.is_message:
        return problem(value, types.message(declared.type))
    if declared.type in SPECIAL or type(value) is _KINDS[declared.type]:
        return ""
    wanted = declared.type if declared.repeated or declared.map else declared.go_type.lstrip("*")
    if type(value) is int and declared.type == "string":  # which Go can convert: to a character
        return f"cannot convert int64 to {wanted}"
    if isinstance(value, float) and _KINDS[declared.type] is int:
        return "" if value.is_integer() else f"cannot convert float64 to {wanted}"
    return f"unrecognized type: {declared.type}"


def _kind(value: Any) -> str:
    """The kind of a value as Go's reflect names it."""
    kind = go_kind(value)
    if kind == "number":
        return "float64" if isinstance(value, float) else "int64"
    return {"object": "map", "array": "slice"}.get(kind, kind)
