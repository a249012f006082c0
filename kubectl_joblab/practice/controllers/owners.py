"""The reference by which an object is its controller's (metav1.NewControllerRef)."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object


def controller_reference(owner: Object) -> Object:
    """The owner reference of what a controller creates for an object."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": objects.name(owner),
        "uid": objects.uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }
