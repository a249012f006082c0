"""Server-side apply: a manager says which fields it wants, and owns them from then on.

The writer calls it. metadata.managedFields says who owns what, from the first apply of an object
on. Follows sigs.k8s.io/structured-merge-diff (merge/update.go, typed/validate.go, typed/helpers.go)
and k8s.io/apimachinery/pkg/util/managedfields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, types
from kubectl_joblab.practice.api.codec import unstructured
from kubectl_joblab.practice.api.codec.fieldpath import MismatchError
from kubectl_joblab.practice.api.go.govalues import go_kind, go_syntax, go_text
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import PatchOptions
from kubectl_joblab.practice.api.patch import fieldsets, managers
from kubectl_joblab.practice.api.patch.fieldsets import NONE, Fields, Path, Shape
from kubectl_joblab.practice.api.patch.managers import Manager, Managers
from kubectl_joblab.practice.api.types import Field, Message

_GO_TYPES = {"object": "map[string]interface {}", "array": "[]interface {}", "number": "float64"}


def applied(
    kind: Kind,
    live: Object | None,
    config: Any,
    options: PatchOptions,
    subresource: str,
    now: str,
) -> Object:
    """The object with the configuration of a manager applied. live: None where it is created.

    Raises 400 for what is no configuration of this kind, 500 where it does not fit the types, as
    upstream does, and 409 where it would change fields of others.
    """
    _check(kind, config)
    _check_schema(kind, config)
    where = managers.shape(kind)
    manager = Manager(options.field_manager, managers.APPLY, kind.api_version, subresource)
    if live is None:
        live, owners = {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": {}}, {}
    else:
        owners = managers.of(live) or managers.before_first_apply(live, where)
    wanted = managers.kept(fieldsets.of(config, where), manager.subresource)
    last = owners.get(manager, NONE)
    owners = {**owners, manager: wanted}
    owned = frozenset().union(*owners.values())
    merged = _merged(live, config, where)
    new: Object = _without(merged, last - _with_parents(owned), where)
    owners = _settled(live, new, where, owners, manager, force=options.force)
    new["metadata"] = {**new["metadata"], "managedFields": managers.entries(owners, live, now)}
    return _converted(kind, new, config)


def _converted(kind: Kind, obj: Object, config: Object) -> Object:
    try:
        return unstructured.read(kind.type, obj)[0]
    except MismatchError as exc:
        text = (
            f"failed to convert new object {_named(kind, config)} to proper version: "
            f"unable to convert unstructured object to {kind.group}/{kind.version}, "
            f"Kind={kind.kind}: {exc}"
        )
        raise errors.StatusError(500, "", text) from exc


def _check(kind: Kind, config: Any) -> None:
    if not isinstance(config, dict):
        raise errors.bad_request(
            "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot "
            f"unmarshal {go_kind(config)} into Go value of type "
            "map[string]interface {}"
        )
    version, name = _text(config, "apiVersion"), _text(config, "kind")
    if (version, name) != (kind.api_version, kind.kind):
        shown = version if "/" in version else f"/{version}"
        raise errors.bad_request(f"invalid object type: {shown}, Kind={name}")
    meta = config.get("metadata")
    if isinstance(meta, dict) and isinstance(meta.get("managedFields"), list):
        raise errors.bad_request("metadata.managedFields must be nil")


def _text(value: Object, key: str) -> str:
    """A field that may be of any type, "" where it is no text."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _settled(
    live: Object, new: Object, where: Shape, owners: Managers, manager: Manager, *, force: bool
) -> Managers:
    """Who owns what after an apply; 409 where it changes what others own, unless by force."""
    comparison = fieldsets.compared(live, new, where)
    changed = comparison.modified | comparison.added
    others = {other: fields & changed for other, fields in owners.items() if other != manager}
    conflicts = {other: fields for other, fields in others.items() if fields}
    if conflicts and not force:
        raise _conflict(conflicts)
    lost = comparison.removed
    return {
        other: fields if other == manager else fields - others[other] - lost
        for other, fields in owners.items()
    }


def _conflict(conflicts: Managers) -> errors.StatusError:
    found = [
        (managers.shown(manager), fieldsets.shown(path))
        for manager in sorted(conflicts, key=managers.shown)
        for path in sorted(conflicts[manager])
    ]
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {manager}", "field": path}
        for manager, path in found
    ]
    if len(found) == 1:
        text = f"1 conflict: conflict with {found[0][0]}: {found[0][1]}"
    else:
        lines: dict[str, list[str]] = {}
        for manager, path in found:
            lines.setdefault(f"conflicts with {manager}:", []).append(f"- {path}")
        listed = "\n".join(line for head, tail in lines.items() for line in (head, *tail))
        text = f"{len(found)} conflicts: {listed}"
    return errors.StatusError(409, "Conflict", f"Apply failed with {text}", {"causes": causes})


# ---- the object itself


def _merged(live: Any, config: Any, where: Shape) -> Any:
    """The live value with the values of the configuration in it."""
    if live is None or where.kind == "atomic":
        return config
    if config is None:
        return live
    if where.kind in ("struct", "map"):
        wanted = {step: (inner, value) for step, inner, value in fieldsets.children(where, config)}
        return {
            **live,
            **{
                step[2:]: _merged(live.get(step[2:]), value, inner)
                for step, (inner, value) in wanted.items()
            },
        }
    return _merged_lists(live, config, where)


def _merged_lists(live: list[Any], config: list[Any], where: Shape) -> list[Any]:
    """The elements of the configuration in its order, with the others where they were."""
    before = {step: value for step, _, value in fieldsets.children(where, live)}
    wanted = {
        step: _merged(before.get(step), value, inner)
        for step, inner, value in fieldsets.children(where, config)
    }
    found: list[Any] = []
    waiting = list(wanted.items())
    for step, value in before.items():
        if step not in wanted:
            found.append(value)
        elif any(step == other for other, _ in waiting):
            while waiting:
                other, new = waiting.pop(0)
                found.append(new)
                if other == step:
                    break
    return found + [new for _, new in waiting]


def _without(value: Any, fields: Fields, where: Shape, path: Path = ()) -> Any:
    """The value without some fields."""
    if not fields or where.kind == "atomic" or value is None:
        return value
    kept = [
        (step, _without(child, fields, inner, (*path, step)))
        for step, inner, child in fieldsets.children(where, value)
        if (*path, step) not in fields
    ]
    if where.kind in ("struct", "map"):
        return {step[2:]: child for step, child in kept}
    return [child for _, child in kept]


def _with_parents(fields: Fields) -> Fields:
    """Fields and the structs and maps that they are in, but not the elements of lists."""
    found = set(fields)
    for path in fields:
        for length in range(1, len(path)):
            if path[length - 1].startswith("f:"):
                found.add(path[:length])
    return frozenset(found)


# ---- what a configuration must look like: declared fields only, and of their types


def _check_schema(kind: Kind, config: dict[str, Any]) -> None:
    """Raise 500, as upstream does, where the types do not allow a configuration."""
    for found in _of_struct(config, types.message(kind.type), ""):
        raise errors.StatusError(
            500, "", f"failed to create typed patch object {_named(kind, config)}: {found}"
        )


def _named(kind: Kind, config: dict[str, Any]) -> str:
    """An object as the messages of apply name it."""
    meta = config.get("metadata")
    known = meta if isinstance(meta, dict) else {}
    where = f"{_text(known, 'namespace')}/{_text(known, 'name')}"
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
