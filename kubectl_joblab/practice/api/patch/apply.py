"""Server-side apply: a manager says which fields it wants, and owns them from then on.

The writer calls it. Follows sigs.k8s.io/structured-merge-diff (merge/update.go, typed/validate.go)
and k8s.io/apimachinery/pkg/util/managedfields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, types
from kubectl_joblab.practice.api.codec import canonical, unstructured
from kubectl_joblab.practice.api.codec.fieldpath import MismatchError
from kubectl_joblab.practice.api.go.govalues import go_kind, go_syntax, go_text
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import PatchOptions
from kubectl_joblab.practice.api.patch import comparison, fieldsets, last_applied, managers, shapes
from kubectl_joblab.practice.api.patch.fieldsets import NONE, Fields
from kubectl_joblab.practice.api.patch.managers import Manager, Managers
from kubectl_joblab.practice.api.patch.shapes import ATOMIC, LIST, MAP, STRUCT, Shape
from kubectl_joblab.practice.api.types import Field, Message

_GO_TYPES = {"object": "map[string]interface {}", "array": "[]interface {}", "number": "float64"}


class _Applied(NamedTuple):
    """What an apply makes: the object, without managedFields, and who owns what then."""

    obj: Object
    owners: Managers


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
    manager = Manager(options.field_manager or "", managers.APPLY, kind.api_version, subresource)
    seen = canonical.canonical(kind.type, {}) if live is None else live
    seen = {**seen, "apiVersion": kind.api_version, "kind": kind.kind}
    owners = managers.of(seen)
    if live is not None and not owners:
        owners = managers.before_first_apply(kind, live)
    found = _applied(kind, seen, config, owners, manager, force=options.force)
    if manager.name == last_applied.MANAGER:
        found = found._replace(obj=last_applied.noted(found.obj, config))
    is_new = live is None or found.obj != seen
    listed = managers.applied(found.owners, seen, manager, now if is_new else None)
    obj = _converted(kind, found.obj, config)
    obj["metadata"].pop("managedFields", None)
    if listed:
        obj["metadata"]["managedFields"] = listed
    return obj


def _applied(
    kind: Kind, live: Object, config: Object, owners: Managers, manager: Manager, *, force: bool
) -> _Applied:
    """Follows Updater.Apply in merge/update.go, and lastAppliedManager for kubectl's manager."""
    where, owned = shapes.of_type(kind.type), managers.shape(kind, manager.subresource)
    last = owners.get(manager, NONE)
    # what nobody can own, such as the name, is wanted all the same
    wanted = {**owners, manager: fieldsets.of(config, where)}
    owners = {**owners, manager: fieldsets.of(config, owned)}
    new = _pruned(_merged(live, config, where), wanted, last, where)
    found = comparison.compared(live, new, owned)
    others = {
        other: fieldsets.intersection(fields, found.changed)
        for other, fields in owners.items()
        if other != manager
    }
    conflicts = {other: fields for other, fields in others.items() if fields}
    if conflicts and not force and manager.name == last_applied.MANAGER:
        allowed = last_applied.allowed(kind, live)
        conflicts = {one: fieldsets.difference(has, allowed) for one, has in conflicts.items()}
        conflicts = {one: has for one, has in conflicts.items() if has}
    if conflicts and not force:
        raise _conflict(conflicts)
    left = {
        other: fieldsets.difference(fieldsets.difference(fields, others[other]), found.removed)
        for other, fields in owners.items()
        if other != manager
    }
    return _Applied(new, {**left, manager: owners[manager]})


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


def _conflict(conflicts: Managers) -> errors.StatusError:
    found = [
        (managers.shown(manager), fieldsets.shown(path))
        for manager in sorted(conflicts, key=managers.shown)
        for path in fieldsets.paths(conflicts[manager])
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
    if live is None or where.kind == ATOMIC:
        return config
    if config is None:
        return live
    if where.kind in (STRUCT, MAP):
        wanted = {
            step[2:]: _merged(live.get(step[2:]), value, inner)
            for step, inner, value in where.children(config)
        }
        return {**live, **wanted}
    return _merged_lists(live, config, where)


def _merged_lists(live: list[Any], config: list[Any], where: Shape) -> list[Any]:
    """The elements of the configuration in its order, with the others where they were."""
    before = {step: value for step, _, value in where.children(live)}
    wanted = {
        step: _merged(before.get(step), value, inner)
        for step, inner, value in where.children(config)
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


def _pruned(merged: Object, owners: Managers, last: Fields, where: Shape) -> Object:
    """What was merged without what the manager has wanted before and nobody wants any more.

    Follows prune, addBackOwnedItems and addBackDanglingItems in merge/update.go.
    """
    if not last:
        return merged
    named = fieldsets.with_parents(last, where)
    owned: Fields = NONE
    for fields in owners.values():
        owned = fieldsets.union(owned, fields)
    there = fieldsets.with_parents(fieldsets.of(merged, where), where)
    left = _left(fieldsets.without(merged, named, where) or {}, where)
    kept = fieldsets.union(left, fieldsets.with_parents(owned, where))
    left = _left(fieldsets.without(merged, fieldsets.difference(there, kept), where) or {}, where)
    gone = fieldsets.intersection(fieldsets.difference(there, left), named)
    pruned: Object = fieldsets.without(merged, gone, where) or {}
    return pruned


def _left(value: Object, where: Shape) -> Fields:
    return fieldsets.with_parents(fieldsets.of(value, where), where)


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
    where = shapes.of_field(declared)
    seen: set[str] = set()
    for index, element in enumerate(value):
        step = f"[{index}]"
        if where.kind == LIST and not isinstance(element, dict):
            what = "a null element" if element is None else "non-map elements"
            yield f"{path}: element {index}: associative list with keys may not have {what}"
            return
        if where.kind != ATOMIC:
            step = fieldsets.shown((where.step(element),))
        if where.kind != ATOMIC and step in seen:
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
