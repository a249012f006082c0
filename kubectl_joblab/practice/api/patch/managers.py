"""metadata.managedFields: which manager owns which fields of an object.

Each write of a client, a controller or the node is recorded so, from the first one on. Follows
k8s.io/apimachinery/pkg/util/managedfields and its internal package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.patch import comparison, fieldsets, shapes
from kubectl_joblab.practice.api.patch.fieldsets import NONE, Fields
from kubectl_joblab.practice.api.patch.shapes import Shape

APPLY, UPDATE = "Apply", "Update"
UNKNOWN = "unknown"  # the manager of who has no name
MOST_UPDATERS = 10  # DefaultMaxUpdateManagers
_ANCIENT = "ancient-changes"
_BEFORE_FIRST_APPLY = "before-first-apply"
_REPLICAS: Fields = {"f:spec": {"f:replicas": {}}}


class Manager(NamedTuple):
    """A writer of fields. operation: APPLY or UPDATE; subresource: "" for the object itself."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""


Managers = dict[Manager, Fields]


def shape(kind: Kind, subresource: str = "") -> Shape:
    """The shape of those fields of a kind that who writes to it can own."""
    strategy = kind.strategy
    if subresource in strategy.parts:
        return shapes.owned(kind.type, (), strategy.parts[subresource].owned)
    reset = strategy.reset_by_status if subresource == "status" else (("status",),)
    return shapes.owned(kind.type, reset)


def of(obj: Object) -> Managers:
    """The managers of an object, and the fields that they own."""
    entries = objects.metadata(obj).get("managedFields") or ()
    return {_manager(entry): entry.get("fieldsV1") or NONE for entry in entries}


def _manager(entry: Object) -> Manager:
    return Manager(
        entry.get("manager", ""),
        entry.get("operation", ""),
        entry.get("apiVersion", ""),
        entry.get("subresource", ""),
    )


def _times(obj: Object) -> dict[Manager, str]:
    entries = objects.metadata(obj).get("managedFields") or ()
    return {_manager(entry): entry["time"] for entry in entries if entry.get("time")}


# ---- writes that are no server-side apply


def update(kind: Kind, obj: Object, old: Object | None, manager: Manager, now: str) -> None:
    """Write into `obj` who owns what after it was created, or has replaced `old`.

    What it has changed its manager owns. Where nobody has owned anything of the old object, it
    stays so until the first server-side apply. now: an RFC 3339 time.
    """
    meta = obj["metadata"]
    before = _source(meta, old, manager.subresource)
    meta.pop("managedFields", None)
    if old is not None and not before["metadata"].get("managedFields"):
        return
    where = shape(kind, manager.subresource)
    found = comparison.compared(old or NONE, obj, where)
    listed = _after(before, found, manager, now)
    if listed:
        known = old["metadata"].get("managedFields") if old is not None else None
        meta["managedFields"] = known if _same_but_times(listed, known) else listed


def _source(meta: Object, old: Object | None, subresource: str) -> Object:
    """The object whose managedFields count: the one that is written, else the old one.

    Follows decodeLiveOrNew: a client may put managers right, or have all forgotten.
    """
    given = meta.get("managedFields")
    live = old or {"metadata": {}}
    if subresource or not given:
        return live
    if given == [{}]:
        return {"metadata": {}}
    return {"metadata": {"managedFields": given}} if _are_readable(given) else live


def _are_readable(entries: list[Object]) -> bool:
    return all(
        entry.get("operation") in (APPLY, UPDATE)
        and entry.get("apiVersion")
        and entry.get("fieldsType") == "FieldsV1"
        and "fieldsV1" in entry
        for entry in entries
    )


def _after(
    before: Object, found: comparison.Comparison, manager: Manager, now: str
) -> list[Object]:
    """The entries after a write that has changed and removed some fields."""
    owners, times = of(before), _times(before)
    if found != comparison.SAME:
        owners = {other: _kept(fields, found) for other, fields in owners.items()}
    if found.changed:
        owners[manager] = fieldsets.union(owners.get(manager, NONE), found.changed)
        times[manager] = now
    return entries(_capped({one: has for one, has in owners.items() if has}, times), before, times)


def _kept(fields: Fields, found: comparison.Comparison) -> Fields:
    fields = fieldsets.difference(fields, found.changed) if found.changed else fields
    return fieldsets.difference(fields, found.removed) if found.removed else fields


def _same_but_times(listed: list[Object], known: list[Object] | None) -> bool:
    """Whether nobody has come to own anything, so that no time changes either."""
    if known is None or len(listed) != len(known):
        return False
    pairs = zip(listed, known, strict=True)
    return all(one is other or {**one, "time": ""} == {**other, "time": ""} for one, other in pairs)


def _capped(owners: Managers, times: dict[Manager, str]) -> Managers:
    """The managers, the oldest of those by updates put together where these are too many."""
    updaters = [one for one in owners if one.operation == UPDATE]
    left = len(updaters)
    if left <= MOST_UPDATERS:
        return owners
    first: dict[str, Manager] = {}
    for one in sorted(updaters, key=lambda one: (times.get(one, ""), one)):
        if left <= MOST_UPDATERS:
            break
        bucket = Manager(_ANCIENT, UPDATE, one.api_version)
        if one.api_version not in first:
            first[one.api_version] = one
            continue
        if bucket not in owners:
            owners[bucket] = owners.pop(first[one.api_version])
        if one != bucket:
            owners[bucket] = fieldsets.union(owners[bucket], owners.pop(one))
        left -= 1
        times[bucket] = times.get(one, "")
    return owners


# ---- the subresource scale


def scale(obj: Object, old: Object, manager: Manager) -> None:
    """Write into `obj` who owns its number of replicas after it was scaled.

    manager: with the version of the object, and the subresource. Follows scalehandler.go, with what
    that does besides: over the subresource an owner by updates has another version, and so its
    number goes into an entry apart, without a time; a number of 0 is none there; and where of two
    entries of one owner the later has no number, nobody has come to own it.
    """
    owners, times = of(old), _times(old)
    if not owners:
        return
    having = [one for one, has in owners.items() if fieldsets.intersection(has, _REPLICAS)]
    was, now = (objects.spec(one).get("replicas") or 0 for one in (old, obj))
    if having and was != now:
        having = [manager] if now else []
    applied = [one for one in having if one.operation == APPLY and one in owners]
    for one, has in owners.items():
        if one not in applied:
            owners[one] = fieldsets.difference(has, _REPLICAS)
    listed = entries({one: has for one, has in owners.items() if has}, old, times)
    listed += [_entry(one, _REPLICAS, "") for one in having if one not in applied]
    obj["metadata"] = {**obj["metadata"], "managedFields": sorted(listed, key=_order)}


# ---- server-side apply


def before_first_apply(kind: Kind, live: Object) -> Managers:
    """The one owner of all fields of an object that has no owners yet."""
    found = comparison.compared(NONE, live, shape(kind)).changed
    manager = Manager(_BEFORE_FIRST_APPLY, UPDATE, kind.api_version)
    return {manager: found} if found else {}


def applied(owners: Managers, live: Object, manager: Manager, now: str | None) -> list[Object]:
    """The entries after an apply. now: None where the apply has changed nothing."""
    times = _times(live)
    if now is not None:
        times[manager] = now
    if live["metadata"].get("managedFields") is None:
        times |= {one: now for one in owners if now and one.name == _BEFORE_FIRST_APPLY}
    return entries({one: has for one, has in owners.items() if has}, live, times)


# ---- as the object has it


def entries(owners: Managers, before: Object, times: Mapping[Manager, str]) -> list[Object]:
    """managedFields as an object has it. before: the object whose entries stay where they can."""
    known = {_manager(one): one for one in objects.metadata(before).get("managedFields") or ()}
    found = []
    for manager, fields in owners.items():
        entry, time = known.get(manager), times.get(manager, "")
        if entry is None or entry.get("fieldsV1") is not fields or entry.get("time", "") != time:
            entry = _entry(manager, fields, time)
        found.append(entry)
    return sorted(found, key=_order)


def _entry(manager: Manager, fields: Fields, time: str) -> Object:
    entry = {"manager": manager.name, "operation": manager.operation}
    entry["apiVersion"] = manager.api_version
    if time:
        entry["time"] = time
    whole: Object = {**entry, "fieldsType": "FieldsV1", "fieldsV1": fields}
    return {**whole, "subresource": manager.subresource} if manager.subresource else whole


def _order(entry: Object) -> tuple[str, ...]:
    keys = ("operation", "time", "manager", "apiVersion", "subresource")
    return tuple(entry.get(key, "") for key in keys)


def shown(manager: Manager) -> str:
    """A manager as messages name it."""
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    return f"{text} using {manager.api_version}" if manager.operation == UPDATE else text
