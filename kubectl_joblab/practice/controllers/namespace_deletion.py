"""Empties a namespace that is being deleted, and then removes its finalizer.

Pods are deleted first, then everything else; the namespace's conditions tell what is left. Follows
pkg/controller/namespace/namespace_controller.go and deletion/namespaced_resources_deleter.go. Where
those wait some seconds and look again, this looks when something has gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import WorkQueue

GRACE_PERIOD = 0.05  # namespaceDeletionGracePeriod: upstream's five seconds are for several servers
FINALIZER = "kubernetes"
CONTENT = tuple(kind for kind in kinds.FILLED if kind.namespaced)
_BACKGROUND = DeleteOptions(propagation_policy="Background")
# type of a condition -> reason and message while there is nothing to complain of
_FINE = {
    "NamespaceDeletionDiscoveryFailure": (
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": (
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ),
}


class NamespaceDeletion:
    """Empties the namespaces that have a deletionTimestamp."""

    name = "namespace-controller"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Empty namespaces, until cancelled."""
        self._queue: WorkQueue[str] = WorkQueue(self._clock, lambda name: ("Namespace", "", name))
        watched = [kind for kind in CONTENT if kind is not kinds.EVENTS]
        await tasks.together(
            Informer(self._registry, kinds.NAMESPACES, self._namespace_changed).run(),
            *(Informer(self._registry, kind, self._content_changed).run() for kind in watched),
            self._queue.work(self._sync),
        )

    def _namespace_changed(self, _: Object | None, new: Object | None) -> None:
        if new is not None and objects.is_deleted(new):
            self._queue.add_after(objects.name(new), GRACE_PERIOD)

    def _content_changed(self, old: Object | None, new: Object | None) -> None:
        if old is not None and new is None:
            namespace = self._namespace(old["metadata"]["namespace"])
            if namespace is not None and objects.is_deleted(namespace):
                self._queue.add_after(objects.name(namespace), GRACE_PERIOD)

    def _namespace(self, name: str) -> Object | None:
        try:
            return self._registry.get(kinds.NAMESPACES, name)
        except StatusError as error:
            if error.code != 404:
                raise
            return None

    def _sync(self, name: str) -> None:
        namespace = self._namespace(name)
        if namespace is None or not objects.is_deleted(namespace):
            return
        if FINALIZER not in (objects.spec(namespace).get("finalizers") or ()):
            return
        complaints: dict[str, tuple[str, str]] = {}
        # 1. The Pods. Until they have ended they may need the other objects.
        left = self._delete_all(kinds.PODS, name)
        if not left:
            # 2. Everything else.
            remaining = {kind: found for kind in CONTENT if (found := self._delete_all(kind, name))}
            left = [obj for found in remaining.values() for obj in found]
            complaints = _complaints(remaining)
        namespace = self._tell(namespace, complaints)
        # 3. The namespace itself, once nothing is left in it.
        if not left:
            self._finalize(namespace)

    def _delete_all(self, kind: Kind, namespace: str) -> list[Object]:
        """Delete all objects of a kind; those that are there still."""
        self._registry.delete_collection(kind, namespace, _BACKGROUND)
        return self._registry.list(kind, namespace).items

    def _tell(self, namespace: Object, complaints: Mapping[str, tuple[str, str]]) -> Object:
        status = objects.status(namespace)
        conditions = status.get("conditions") or []
        after = updated(conditions, complaints, self._clock.now())
        if after == conditions:
            return namespace
        new = {**namespace, "status": {**status, "conditions": after}}
        name = objects.name(namespace)
        return self._registry.update(kinds.NAMESPACES, name, new, subresource="status")

    def _finalize(self, namespace: Object) -> None:
        spec = objects.spec(namespace)
        kept = [one for one in spec["finalizers"] if one != FINALIZER]
        new = {**namespace, "spec": {**spec, "finalizers": kept}}
        name = objects.name(namespace)
        self._registry.update(kinds.NAMESPACES, name, new, subresource="finalize")


def _complaints(remaining: Mapping[Kind, list[Object]]) -> dict[str, tuple[str, str]]:
    """What the conditions say of objects that are left (ProcessContentTotals), by condition."""
    if not remaining:
        return {}
    kinds_left = sorted(
        f"{kind.plural}.{kind.group} has {len(found)} resource instances"
        for kind, found in remaining.items()
    )
    found = {
        "NamespaceContentRemaining": (
            "SomeResourcesRemain",
            f"Some resources are remaining: {', '.join(kinds_left)}",
        )
    }
    finalizers = Counter(
        finalizer
        for objs in remaining.values()
        for obj in objs
        for finalizer in objects.metadata(obj).get("finalizers") or ()
    )
    if finalizers:
        listed = ", ".join(
            sorted(f"{name} in {count} resource instances" for name, count in finalizers.items())
        )
        found["NamespaceFinalizersRemaining"] = (
            "SomeFinalizersRemain",
            f"Some content in the namespace has finalizers remaining: {listed}",
        )
    return found


def updated(
    conditions: list[Object], complaints: Mapping[str, tuple[str, str]], now: datetime
) -> list[Object]:
    """The conditions of a namespace that is being deleted: True is one with a complaint."""
    known = {condition["type"]: condition for condition in conditions}
    for kind, fine in _FINE.items():
        reason, message = complaints.get(kind, fine)
        status = "True" if kind in complaints else "False"
        when = clocks.rfc3339(now)
        if kind in known and known[kind]["status"] == status:
            when = known[kind]["lastTransitionTime"]
        known[kind] = {
            "type": kind,
            "status": status,
            "lastTransitionTime": when,
            "reason": reason,
            "message": message,
        }
    return list(known.values())
