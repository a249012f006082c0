"""Objects with all their times earlier or later: what a clock that was moved on makes of them.

HTTP shows clients the objects so, and takes theirs so. The table of types says which fields are
times: of a text that only looks like one, in an annotation, a label or a message, it says nothing.
It knows no clocks and no kinds.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.types import Field, Message

# a value and the seconds by which to move its times -> the value moved, itself where it has none
_Move: TypeAlias = "Callable[[Any, int], Any]"

_TIMES = ("Time", "MicroTime")
_INDEX = re.compile(r"\[[^]]*]")
_METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def moved(name: str, obj: Object, seconds: int) -> Object:
    """The object of a message with each Time and MicroTime so many seconds later.

    name: the message, such as io.k8s.api.batch.v1.Job. seconds: negative for earlier. The object is
    canonical and is not changed; the result shares with it what has no times, and is the very
    object where there is nothing to move. A template in it, such as that of a Job's Pods, is no
    object yet, and what it has for times stays. So does the first second of 1970, with which a
    kubelet says that there is no time, and a time that would be in no year from 1 to 9999.
    """
    return _message(name, obj, seconds) if seconds else obj


def moved_at(name: str, path: str, value: object, seconds: int) -> object:
    """The value at a path of a message, so many seconds later if it is a time there.

    path: as a field error has it, such as status.conditions[0].lastTransitionTime.
    """
    *parents, last = _INDEX.sub("", path).split(".")
    for key in parents:
        field = types.message(name).fields.get(key)
        if field is None or not field.is_message or _is_template(types.message(field.type)):
            return value
        name = field.type
    field = types.message(name).fields.get(last)
    is_time = field is not None and field.type in _TIMES and isinstance(value, str)
    return _time(value, seconds) if is_time else value


def _message(name: str, obj: Object, seconds: int) -> Object:
    found = obj
    for key, move in _moves(name).items():
        before = obj.get(key)
        if not before:
            continue
        after = move(before, seconds)
        if after is not before:
            if found is obj:
                found = dict(obj)
            found[key] = after
    return found


@functools.cache
def _moves(name: str) -> Mapping[str, _Move]:
    """How to move the fields of a message in which there may be times, by JSON name."""
    fields = types.message(name).fields
    return {key: _move(field) for key, field in fields.items() if _has_times(field, (name,))}


def _has_times(field: Field, above: tuple[str, ...]) -> bool:
    """Whether there may be times in a field. above: the messages that it is in."""
    if not field.is_message:
        return field.type in _TIMES
    message = types.message(field.type)
    if field.type in above or _is_template(message):
        return False
    return any(_has_times(one, (*above, field.type)) for one in message.fields.values())


def _is_template(message: Message) -> bool:
    """Whether a message that is in another one is an object that is yet to be made."""
    metadata = message.fields.get("metadata")
    return metadata is not None and metadata.type == _METADATA


def _move(field: Field) -> _Move:
    one = functools.partial(_message, field.type) if field.is_message else _time
    if field.repeated:
        return functools.partial(_list, one)
    return functools.partial(_map, one) if field.map else one


def _list(move: _Move, values: list[Any], seconds: int) -> list[Any]:
    return [move(value, seconds) for value in values]


def _map(move: _Move, values: Object, seconds: int) -> Object:
    return {key: move(value, seconds) for key, value in values.items()}


# most times of an object, and of objects that were made together, are one and the same
@functools.lru_cache(maxsize=4096)
def _time(text: str, seconds: int) -> str:
    return objects.later(text, timedelta(seconds=seconds))
