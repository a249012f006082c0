"""Which objects are whose: by their controller, and by a selector where they have none.

The controllers of ReplicaSets and of Deployments claim with it: what matches and has no controller
is adopted, what no longer matches is released. Follows pkg/controller/controller_ref_manager.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry.operations import Registry


def reference(kind: Kind, owner: Object) -> Object:
    """The owner reference to a controller (metav1.NewControllerRef)."""
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": objects.name(owner),
        "uid": objects.uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def owner_of(registry: Registry, kind: Kind, obj: Object) -> Object | None:
    """The controller of an object where it is of this kind and still there."""
    found = objects.controller(obj)
    if found is None or found["kind"] != kind.kind:
        return None
    try:
        owner = registry.get(kind, found["name"], obj["metadata"]["namespace"])
    except StatusError:
        return None
    return owner if objects.uid(owner) == found["uid"] else None


def selecting(registry: Registry, kind: Kind, obj: Object) -> list[Object]:
    """The objects of a kind whose selector selects an object; an empty one selects nothing."""
    labels, found = objects.labels(obj), []
    for one in registry.list(kind, obj["metadata"]["namespace"]).items:
        selector = selectors.of(objects.spec(one).get("selector"))
        if selector.requirements and selector.matches(labels):
            found.append(one)
    return found


def claimed(
    registry: Registry, owner_kind: Kind, owner: Object, kind: Kind, there: Iterable[Object]
) -> list[Object]:
    """Those of some objects that are the owner's, once it has adopted and released what it has to.

    kind: of the objects. StatusError where the API refuses what has to be changed.
    """
    selector, found = selectors.of(objects.spec(owner).get("selector")), []
    for obj in there:
        controller, matches = objects.controller(obj), selector.matches(objects.labels(obj))
        if controller is None:
            if matches and not objects.is_deleted(owner) and not objects.is_deleted(obj):
                found.append(_adopted(registry, owner_kind, owner, kind, obj))
        elif controller["uid"] == objects.uid(owner):
            if matches:
                found.append(obj)
            elif not objects.is_deleted(owner):
                _release(registry, owner, kind, obj)
    return found


def _adopted(
    registry: Registry, owner_kind: Kind, owner: Object, kind: Kind, obj: Object
) -> Object:
    references = objects.metadata(obj).get("ownerReferences") or ()
    return _referring(registry, kind, obj, [*references, reference(owner_kind, owner)])


def _release(registry: Registry, owner: Object, kind: Kind, obj: Object) -> None:
    references = objects.metadata(obj).get("ownerReferences") or ()
    others = [one for one in references if one["uid"] != objects.uid(owner)]
    _referring(registry, kind, obj, others)


def _referring(registry: Registry, kind: Kind, obj: Object, references: list[Object]) -> Object:
    meta = {**obj["metadata"], "ownerReferences": references}
    if not references:
        del meta["ownerReferences"]
    new = {**obj, "metadata": meta}
    return registry.update(kind, objects.name(obj), new, meta["namespace"])
