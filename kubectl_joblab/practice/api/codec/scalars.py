"""Reads single JSON values as the Go types take them: numbers, texts, times, quantities, bytes.

typed uses it. A value that does not fit a type with an UnmarshalJSON of its own in Go ends the
reading at once; after any other it goes on. null fits every type, for it leaves a Go value as it
is.
"""

from __future__ import annotations

import base64
import functools
from typing import Any

from kubectl_joblab.formats import gojson, quantity
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec.fieldpath import FieldPath, MismatchError, Reader, kind_of
from kubectl_joblab.practice.api.go import gobase64, gotime, strconv

_MOST_STEPS = 100  # from an object down to a field
_LIMITS = {"int32": 2**31, "int64": 2**63}


def reader(kind: str, go_type: str) -> Reader | None:
    """The reader of a scalar type of the table of types; None for the name of a message."""
    if kind in _LIMITS:
        return functools.partial(_int, _LIMITS[kind], go_type)
    if kind == "string":
        return functools.partial(_exactly, str, go_type)
    if kind == "bool":
        return functools.partial(_exactly, bool, go_type)
    return _SPECIAL[kind] if kind in types.SPECIAL else None


def _exactly(python: type, go_type: str, value: Any, path: FieldPath) -> Any:
    if value is None or type(value) is python:
        return value
    return path.refuse(path.mismatch(value, go_type))


def _int(limit: int, go_type: str, value: Any, path: FieldPath) -> Any:
    if value is None or (type(value) is int and -limit <= value < limit):
        return value
    return path.refuse(path.mismatch(value, go_type, number=True))


def _time(value: Any, path: FieldPath) -> Any:
    if value is not None:
        gotime.canonical(_text(value, path))
    return value


def _micro_time(value: Any, path: FieldPath) -> Any:
    if value is not None:
        gotime.canonical_micro(_text(value, path))
    return value


def _text(value: Any, path: FieldPath) -> str:
    if not isinstance(value, str):
        raise MismatchError(path.mismatch(value, "string"))
    return value


def _quantity(value: Any, _path: FieldPath) -> Any:
    if value is None:
        return None
    if kind_of(value) not in ("string", "number"):
        raise MismatchError(quantity.FORMAT_WRONG)
    text = value.text if isinstance(value, gojson.Literal) else str(value).strip()
    quantity.parse(text)
    return text


def _int_or_string(value: Any, path: FieldPath) -> Any:
    if value is None or isinstance(value, str):
        return value
    if type(value) is int and -(2**31) <= value < 2**31:
        return value
    raise MismatchError(path.mismatch(value, "int32", number=True))


def _fields_v1(value: Any, _path: FieldPath) -> Any:
    return fields_v1(value)


def fields_v1(value: Any) -> Any:
    """A set of fields as managedFields have it; None for what is none, or is nested without end.

    Follows sigs.k8s.io/structured-merge-diff/fieldpath/serialize.go, which has no limit of depth.
    """
    return value if _is_set(value, _MOST_STEPS) else None


def _is_set(value: Any, depth: int) -> bool:
    return isinstance(value, dict) and all(
        step == "." or (depth > 0 and _is_step(step) and (one is None or _is_set(one, depth - 1)))
        for step, one in value.items()
    )


def _is_step(step: str) -> bool:
    kind, _, text = step.partition(":")
    if kind not in ("k", "v"):
        return kind == "f" or (kind == "i" and strconv.is_int(text))
    try:
        found = gojson.parse(text.encode())
    except gojson.JSONError:
        return False
    return kind == "v" or isinstance(found, dict)


def _bytes(value: Any, path: FieldPath) -> Any:
    """Bytes as base64, which a client may also send as an array of numbers."""
    if isinstance(value, list):
        numbers = [_byte(one, path) for one in value]
        return base64.b64encode(bytes(number or 0 for number in numbers)).decode()
    _exactly(str, "[]uint8", value, path)
    if isinstance(value, str):
        try:
            gobase64.check(value)
        except gobase64.Base64Error as error:
            path.refuse(str(error))
    return value


def _strings(value: Any, path: FieldPath) -> Any:
    if value is None:
        return None
    if not isinstance(value, list):
        return path.refuse(path.mismatch(value, "v1.ExtraValue"))
    return [_exactly(str, "string", one, path.child(n)) or "" for n, one in enumerate(value)]


def _byte(value: Any, path: FieldPath) -> Any:
    if value is None or (type(value) is int and 0 <= value < 256):
        return value
    return path.refuse(path.mismatch(value, "uint8", number=True))


_SPECIAL: dict[str, Reader] = {
    "FieldsV1": _fields_v1,
    "IntOrString": _int_or_string,
    "MicroTime": _micro_time,
    "Quantity": _quantity,
    "Time": _time,
    "bytes": _bytes,
    "strings": _strings,
}
