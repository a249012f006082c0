"""Which objects may be a controller's, and the reference by which one is its own."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry.operations import Registry


def controller_reference(owner: Object) -> Object:
    """The owner reference of what a controller creates (metav1.NewControllerRef)."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": objects.name(owner),
        "uid": objects.uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def candidates(registry: Registry, kind: Kind, owner: Object) -> list[Object]:
    """The objects of a kind in an owner's namespace that it controls, or nobody, by their names."""
    uid, namespace = objects.uid(owner), owner["metadata"]["namespace"]
    own = [
        obj
        for of_kind, obj in registry.owned(uid)
        if of_kind is kind
        and obj["metadata"]["namespace"] == namespace
        and (objects.controller(obj) or {}).get("uid") == uid
    ]
    return sorted([*own, *registry.uncontrolled(kind, namespace)], key=objects.name)
