"""The garbage collector: dependents of a deleted object are deleted with it, or orphaned.

It acts on objects as they are when it looks at them. Follows
pkg/controller/garbagecollector/{garbagecollector,graph_builder}.go; it needs no graph of its own,
because the registry knows who depends on whom, and an owner can be looked up at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Handler, Informer
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
# Upstream's collector takes a moment before it deletes dependents, and by then the Job controller
# has taken the finalizers from a deleted Job's Pods: they do not count as failed.
FOREGROUND_DELAY = 0.01


class Item(NamedTuple):
    """An object of the graph."""

    kind: Kind
    namespace: str
    name: str
    uid: str


class GarbageCollector:
    """Deletes objects whose owners are all gone, and sees to deletions that concern dependents."""

    name = "garbage-collector"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Collect garbage, until cancelled."""
        self._to_delete: WorkQueue[Item] = self._new_queue()
        self._to_orphan: WorkQueue[Item] = self._new_queue()
        for kind, obj in self._registry.dangling():  # no change will tell of them
            self._to_delete.add(_item(kind, obj))
        watched = [kind for kind in kinds.FILLED if kind is not kinds.EVENTS]
        await tasks.together(
            *(Informer(self._registry, kind, self._handler(kind)).run() for kind in watched),
            self._to_delete.work(self._attempt_to_delete),
            self._to_orphan.work(self._attempt_to_orphan),
        )

    def _new_queue(self) -> WorkQueue[Item]:
        return WorkQueue(self._clock, _about, *CONTROLLER_RETRIES)

    # ---- what changes

    def _handler(self, kind: Kind) -> Handler:
        return lambda old, new: self._changed(kind, old, new)

    def _changed(self, kind: Kind, old: Object | None, new: Object | None) -> None:
        before, after = _owners(old), _owners(new)
        item = _item(kind, new or old or {})
        if before != after:
            self._references_changed(item, before, after)
        if new is None:
            for dependent in self._dependents(item):
                self._to_delete.add(dependent)
        else:
            self._deletion_changed(item, old, new)

    def _dependents(self, owner: Item) -> list[Item]:
        found = self._registry.owned(owner.uid)
        return [_item(kind, obj) for kind, obj in found if kind is not kinds.EVENTS]

    def _references_changed(self, item: Item, before: _Owners, after: _Owners) -> None:
        """See to an object whose owner references have changed.

        A new owner may not exist, and an owner that waits for its dependents may be blocked no
        longer.
        """
        for uid, reference in before.items():
            if uid not in after or (_blocks(reference) and not _blocks(after[uid])):
                owner = self._owner(item, reference)
                if owner is not None and _deletes_dependents(owner[1]):
                    self._to_delete.add(owner[0])
        if any(self._is_dangling(item, after[uid]) for uid in after.keys() - before.keys()):
            self._to_delete.add(item)

    def _deletion_changed(self, item: Item, old: Object | None, new: Object) -> None:
        """See to a deletion that has begun to wait for the dependents (processTransitions)."""
        if _orphans(new) and not (old and _orphans(old)):
            self._to_orphan.add(item)
        elif _deletes_dependents(new) and not (old and _deletes_dependents(old)):
            for one in (*self._dependents(item), item):
                self._to_delete.add_after(one, FOREGROUND_DELAY)

    # ---- owners

    def _owner(self, item: Item, reference: Mapping[str, Any]) -> tuple[Item, Object] | None:
        """The owner that a reference means, as it is now; None where it does not exist."""
        kind = _kind(reference)
        if kind is None:
            return None
        namespace = item.namespace if kind.namespaced else ""
        found = self._live(Item(kind, namespace, reference["name"], reference["uid"]))
        return None if found is None else (_item(kind, found), found)

    def _is_dangling(self, item: Item, reference: Mapping[str, Any]) -> bool:
        """Whether the owner is known not to exist.

        Of a kind that this API does not have nothing is known. Nor is anything where an object
        without a namespace names an owner that has to be in one.
        """
        kind = _kind(reference)
        if kind is None or (kind.namespaced and not item.namespace):
            return False
        return self._owner(item, reference) is None

    def _live(self, item: Item) -> Object | None:
        """The object as it is now; None where it is gone, or another object has its name."""
        try:
            found = self._registry.get(item.kind, item.name, item.namespace)
        except StatusError as error:
            if error.code != 404:
                raise
            return None
        return found if objects.uid(found) == item.uid else None

    # ---- work

    def _attempt_to_delete(self, item: Item) -> None:
        """Delete an object unless an owner keeps it (attemptToDeleteItem)."""
        obj = self._live(item)
        if obj is None:
            return
        if objects.is_deleted(obj):
            if _deletes_dependents(obj):
                self._await_dependents(item, obj)
            return
        references = _owners(obj)
        dangling = {uid for uid, one in references.items() if self._is_dangling(item, one)}
        waiting = {
            uid
            for uid, one in references.items()
            if (owner := self._owner(item, one)) and _deletes_dependents(owner[1])
        }
        if references.keys() - dangling - waiting:
            self._remove_owners(item, dangling | waiting)
        elif references and waiting and self._dependents(item):
            self._delete(item, "Foreground")
        elif references:
            self._delete(item, _policy(obj))

    def _await_dependents(self, item: Item, obj: Object) -> None:
        """Let a deleted object go if none of its dependents blocks that any more.

        Follows processDeletingDependentsItem.
        """
        blocking = [one for one in self._dependents(item) if self._blocks(one, item)]
        if not blocking:
            self._write(item, obj, {"finalizers": _without(obj, FOREGROUND)})
        for dependent in blocking:
            self._to_delete.add(dependent)

    def _blocks(self, dependent: Item, owner: Item) -> bool:
        obj = self._live(dependent)
        return obj is not None and _blocks(_owners(obj).get(owner.uid, {}))

    def _delete(self, item: Item, policy: str) -> None:
        options = DeleteOptions(propagation_policy=policy)
        self._registry.delete(item.kind, item.name, item.namespace, options)

    def _attempt_to_orphan(self, item: Item) -> None:
        """Take the owner from its dependents, then let the owner go (attemptToOrphanWorker)."""
        for dependent in self._dependents(item):
            self._remove_owners(dependent, {item.uid})
        obj = self._live(item)
        if obj is not None:
            self._write(item, obj, {"finalizers": _without(obj, ORPHAN)})

    def _remove_owners(self, item: Item, uids: Iterable[str]) -> None:
        obj = self._live(item)
        gone = set(uids)
        if obj is not None and gone & _owners(obj).keys():
            kept = [one for uid, one in _owners(obj).items() if uid not in gone]
            self._write(item, obj, {"ownerReferences": kept})

    def _write(self, item: Item, obj: Object, change: Object) -> None:
        meta = {**obj["metadata"], **change}
        meta = {key: value for key, value in meta.items() if value != []}
        self._registry.update(item.kind, item.name, {**obj, "metadata": meta}, item.namespace)


def _about(item: Item) -> tuple[str, str, str]:
    return item.kind.kind, item.namespace, item.name


_Owners = Mapping[str, Mapping[str, Any]]


def _owners(obj: Object | None) -> _Owners:
    references = objects.metadata(obj or {}).get("ownerReferences") or ()
    return {reference["uid"]: reference for reference in references}


def _item(kind: Kind, obj: Object) -> Item:
    meta = obj["metadata"]
    return Item(kind, meta.get("namespace", ""), meta["name"], meta["uid"])


def _kind(reference: Mapping[str, Any]) -> Kind | None:
    wanted = reference["apiVersion"], reference["kind"]
    return next((one for one in kinds.KINDS if (one.api_version, one.kind) == wanted), None)


def _blocks(reference: Mapping[str, Any]) -> bool:
    return bool(reference.get("blockOwnerDeletion"))


def _finalizers(obj: Object) -> list[str]:
    return objects.metadata(obj).get("finalizers") or []


def _without(obj: Object, finalizer: str) -> list[str]:
    return [one for one in _finalizers(obj) if one != finalizer]


def _orphans(obj: Object) -> bool:
    return objects.is_deleted(obj) and ORPHAN in _finalizers(obj)


def _deletes_dependents(obj: Object) -> bool:
    return objects.is_deleted(obj) and FOREGROUND in _finalizers(obj)


def _policy(obj: Object) -> str:
    """The propagation policy that the finalizers of an object ask for."""
    if ORPHAN in _finalizers(obj):
        return "Orphan"
    return "Foreground" if FOREGROUND in _finalizers(obj) else "Background"
