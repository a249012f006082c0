"""metadata.managedFields: which manager owns which fields of an object.

It is kept from the first server-side apply of an object on, and by each update of such an object
that names its manager. Follows k8s.io/apimachinery/pkg/util/managedfields/internal.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import types
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.patch import fieldsets
from kubectl_joblab.practice.api.patch.fieldsets import NONE, Fields, Shape

APPLY, UPDATE = "Apply", "Update"
# fields that nobody owns (stripMetaManager)
_STRIPPED = frozenset(
    [("f:apiVersion",), ("f:kind",), ("f:metadata",)]
    + [
        ("f:metadata", f"f:{name}")
        for name in (
            "clusterName",
            "creationTimestamp",
            "generation",
            "managedFields",
            "name",
            "namespace",
            "resourceVersion",
            "selfLink",
            "uid",
        )
    ]
)
# subresources that hold a part of spec, and where that is
_PARTS = {"ephemeralcontainers": ("f:spec", "f:ephemeralContainers")}


class Manager(NamedTuple):
    """A writer of fields. operation: APPLY or UPDATE; subresource: "" for the object itself."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""


Managers = dict[Manager, Fields]


def shape(kind: Kind) -> Shape:
    """The shape of the objects of a kind."""
    return fieldsets.of_message(types.message(kind.type))


def of(obj: Object) -> Managers:
    """The managers of an object, and the fields that they own."""
    found: Managers = {}
    for entry in objects.metadata(obj).get("managedFields") or ():
        if entry.get("manager"):
            fields = fieldsets.decoded(entry.get("fieldsV1") or {})
            found[_manager(entry)] = fields
    return found


def drop_unreadable(meta: Object) -> None:
    """Take managedFields away, all of them, where one has no set of fields, as upstream does."""
    entries = meta.get("managedFields") or ()
    if any(entry and "fieldsV1" not in entry for entry in entries):
        del meta["managedFields"]


def _manager(entry: Object) -> Manager:
    return Manager(
        entry["manager"],
        entry.get("operation", ""),
        entry.get("apiVersion", ""),
        entry.get("subresource", ""),
    )


def kept(fields: Fields, subresource: str) -> Fields:
    """Fields without those that cannot be owned, since a write to that subresource resets them."""
    if subresource in _PARTS:
        part = _PARTS[subresource]
        return frozenset(path for path in fields if path[: len(part)] == part)
    if subresource:
        return frozenset(path for path in fields - _STRIPPED if path[0] == "f:status")
    return frozenset(path for path in fields - _STRIPPED if path[0] != "f:status")


def before_first_apply(live: Object, where: Shape) -> Managers:
    """The one owner of all fields of an object that nobody has applied yet."""
    comparison = fieldsets.compared({"metadata": {}}, live, where)
    manager = Manager("before-first-apply", UPDATE, live["apiVersion"])
    return {manager: kept(frozenset(comparison.added), "")}


def update(kind: Kind, obj: Object, old: Object, manager: Manager, now: str) -> None:
    """Write the owners after an update into `obj`: what it changes, its manager owns."""
    meta = obj["metadata"]
    if meta.get("managedFields") == [{}]:  # with this a client has all owners forgotten
        del meta["managedFields"]
    if meta.get("managedFields") and manager.name:
        owners = _updated(obj, old, manager, shape(kind))
        meta["managedFields"] = entries(owners, obj, now)


def _updated(obj: Object, old: Object, manager: Manager, where: Shape) -> Managers:
    comparison = fieldsets.compared(old, obj, where)
    changed = kept(frozenset(comparison.added | comparison.modified), manager.subresource)
    lost = changed | comparison.removed
    owners = {other: fields - lost for other, fields in of(obj).items() if other != manager}
    mine = (of(obj).get(manager, NONE) - comparison.removed) | changed
    return {**owners, manager: mine}


def entries(owners: Managers, before: Object, now: str) -> list[Object]:
    """managedFields as the object has it. The time of an entry is that of its last change."""
    known = {
        _manager(entry): entry for entry in objects.metadata(before).get("managedFields") or ()
    }
    found = []
    for manager, fields in owners.items():
        if fields:
            encoded = fieldsets.encoded(fields)
            entry = known.get(manager)
            if entry is None or entry.get("fieldsV1") != encoded:
                entry = _entry(manager, encoded, now)
            found.append(entry)
    return sorted(found, key=_order)


def _entry(manager: Manager, fields: Object, now: str) -> Object:
    entry = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": manager.api_version,
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return {**entry, "subresource": manager.subresource} if manager.subresource else entry


def _order(entry: Object) -> tuple[str, str, str, str, str]:
    keys = ("operation", "time", "manager", "apiVersion", "subresource")
    operation, time, name, version, subresource = (entry.get(key, "") for key in keys)
    return operation, time, name, version, subresource


def shown(manager: Manager) -> str:
    """A manager as messages name it."""
    text = f'"{manager.name}"'
    if manager.subresource:
        text += f' with subresource "{manager.subresource}"'
    return f"{text} using {manager.api_version}" if manager.operation == UPDATE else text
