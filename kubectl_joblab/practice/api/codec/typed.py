"""Reads JSON values as Go reads them into the structs of the API types.

decode uses it for bodies, the patches for what they have made. It knows the table of types, and no
kinds or defaults.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from kubectl_joblab.formats import gojson, quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.codec import fieldpath, scalars
from kubectl_joblab.practice.api.codec.fieldpath import FieldPath, MismatchError, Reader, Step
from kubectl_joblab.practice.api.go import gotime


def read(name: str, value: Any) -> tuple[Object, list[str]]:
    """The fields that a message takes from a value, and the strict errors in the value.

    name: the message, such as io.k8s.api.batch.v1.Job. Nulls and zero values stay. Raises
    MismatchError where a value does not fit.
    """
    reading = fieldpath.Reading()
    try:
        found = _message(name)(value, fieldpath.start(reading))
    except (gotime.TimeError, quantity.QuantityError) as error:
        raise MismatchError(str(error)) from None
    if reading.mismatch:
        raise MismatchError(reading.mismatch)
    return found or {}, list(reading.strict)


@functools.cache
def _message(name: str) -> Reader:
    go_type = types.message(name).go_type

    def read_message(value: Any, path: FieldPath) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            return path.refuse(path.mismatch(value, go_type))
        steps = _steps(name)
        found: Object = {}
        for key, one in gojson.pairs(value):
            step = steps.get(key)
            if step is None:
                path.add_strict("unknown", key)
                continue
            if key in found:
                path.add_strict("duplicate", key)
            found[key] = _merged(found.get(key), step.read(one, path.child(step)))
        return found

    return read_message


@functools.cache
def _steps(name: str) -> Mapping[str, Step]:
    """The fields of a message by JSON name; those of an embedded struct have its path."""
    message = types.message(name)
    steps: dict[str, Step] = {}
    for key, field in message.own.items():
        if not field.inline:
            steps[key] = Step(key, key, message.go_name, _reader(field))
            continue
        for step in _steps(field.type).values():
            path = f"{field.go}.{step.path}"
            steps[step.name] = Step(step.name, path, message.go_name, step.read)
    return steps


def _reader(field: types.Field) -> Reader:
    go_type = field.go_type.removeprefix("*")
    if field.repeated:
        return functools.partial(_list, _one(field.type, go_type.removeprefix("[]")), go_type)
    if field.map:
        element = re.sub(r"^map\[[\w.]+\]", "", go_type)
        return functools.partial(_map, _one(field.type, element), go_type)
    return _one(field.type, go_type)


def _one(kind: str, go_type: str) -> Reader:
    return scalars.reader(kind, go_type) or _message(kind)


def _merged(before: Any, after: Any) -> Any:
    """The value of a field that stands twice: Go reads the second value into the first.

    A difference remains: of two lists the second is taken here, while Go reads its elements into
    those of the first.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        return before | {key: _merged(before.get(key), value) for key, value in after.items()}
    return after


def _list(element: Reader, go_type: str, value: Any, path: FieldPath) -> Any:
    if value is None:
        return None
    if not isinstance(value, list):
        return path.refuse(path.mismatch(value, go_type))
    return [element(one, path.child(index)) for index, one in enumerate(value)]


def _map(element: Reader, go_type: str, value: Any, path: FieldPath) -> Any:
    if value is None:
        return None
    if not isinstance(value, dict):
        return path.refuse(path.mismatch(value, go_type))
    found: Object = {}
    for key, one in gojson.pairs(value):
        if key in found:
            path.add_strict("duplicate", key)
        found[key] = element(one, path.child(key))
    return found
