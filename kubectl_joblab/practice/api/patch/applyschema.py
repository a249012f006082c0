"""What a configuration to be applied must look like: only declared fields, of their types.

apply asks first. Follows sigs.k8s.io/structured-merge-diff/typed (validate.go, helpers.go), with
its texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.practice.api import errors, types
from kubectl_joblab.practice.api.go.govalues import go_kind, go_syntax, go_text
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.patch import fieldsets
from kubectl_joblab.practice.api.types import Field, Message

_GO_TYPES = {"object": "map[string]interface {}", "array": "[]interface {}", "number": "float64"}


def check(kind: Kind, config: dict[str, Any]) -> None:
    """Refuse a configuration that the types do not allow."""
    for found in _of_struct(config, types.message(kind.type), ""):
        raise errors.StatusError(
            500, "", f"failed to create typed patch object {named(kind, config)}: {found}"
        )


def named(kind: Kind, config: dict[str, Any]) -> str:
    """An object as these messages name it."""
    meta = objects.metadata(config)
    where = f"{meta.get('namespace') or ''}/{meta.get('name') or ''}"
    return f"({where}; {kind.group}/{kind.version}, Kind={kind.kind})"


def _of_struct(value: Any, message: Message, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: expected map, got &{{{go_text(value)}}}"
        return
    for name in sorted(value):
        below = f"{path}.{name}"
        if name not in message.fields:
            yield f"{below}: field not declared in schema"
        elif value[name] is not None:
            yield from _of_field(value[name], message.fields[name], below)


def _of_field(value: Any, declared: Field, path: str) -> Iterator[str]:
    if declared.repeated:
        yield from _of_list(value, declared, path)
    elif not declared.map:
        yield from _of_value(value, declared, path)
    elif not isinstance(value, dict):
        yield f"{path}: expected map, got &{{{go_text(value)}}}"
    else:
        for name in sorted(value):
            if value[name] is not None:
                yield from _of_value(value[name], declared, f"{path}.{name}")


def _of_list(value: Any, declared: Field, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: expected list, got &{{{go_text(value)}}}"
        return
    where = fieldsets.shape(declared)
    seen: set[str] = set()
    for index, element in enumerate(value):
        step = f"[{index}]"
        if where.kind == "list" and not isinstance(element, dict):
            what = "a null element" if element is None else "non-map elements"
            yield f"{path}: element {index}: associative list with keys may not have {what}"
            return
        if where.kind != "atomic":
            step = fieldsets.shown((fieldsets.step_of(where, element),))
        if where.kind != "atomic" and step in seen:
            yield f"{path}: duplicate entries for key {step}"
        seen.add(step)
        if element is not None:
            yield from _of_value(element, declared, path + step)


def _of_value(value: Any, declared: Field, path: str) -> Iterator[str]:
    if declared.is_message:
        yield from _of_struct(value, types.message(declared.type), path)
    elif declared.type in ("string", "bytes"):
        if not isinstance(value, str):
            shown = f"&value.valueUnstructured{{Value:{go_syntax(value)}}}"
            yield f"{path}: expected string, got {shown}"
    elif declared.type == "bool":
        if not isinstance(value, bool):
            yield f"{path}: expected boolean, got &{{{go_text(value)}}}"
    elif declared.type in ("int32", "int64") and go_kind(value) != "number":
        shown = _GO_TYPES.get(go_kind(value), go_kind(value))
        yield f"{path}: expected numeric (int or float), got {shown}"
