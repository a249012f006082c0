"""How many Pods their controllers want, for budgets that are shares of that number.

Follows getExpectedScale and the finders of controllers in pkg/controller/disruption/disruption.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry

# the kinds that have a scale subresource
_SCALED = (
    ("", "ReplicationController"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
)
_DEPLOYMENT = ("apps", "Deployment")


class UnknownScaleError(Exception):
    """Why it cannot be told how many Pods there should be."""


def total(registry: Registry, pods: Iterable[Object]) -> tuple[int, list[str]]:
    """How many Pods the controllers of these want together, and the Pods that have none."""
    scales: dict[str, int] = {}
    unmanaged = []
    for pod in pods:
        owner = objects.controller(pod)
        if owner is None:
            unmanaged.append(objects.name(pod))
        elif owner["uid"] not in scales:
            uid, scale = _found(registry, owner, pod)
            scales[uid] = scale
    return sum(scales.values()), unmanaged


def _found(registry: Registry, owner: Mapping[str, Any], pod: Object) -> tuple[str, int]:
    """The controller that counts for a Pod, by its uid, and how many Pods it wants."""
    kind = _kind(owner)
    if (kind.group, kind.kind) not in _SCALED:
        raise UnknownScaleError(f"{kind.resource} does not implement the scale subresource")
    found = _get(registry, owner, pod)
    above = objects.controller(found) if found else None
    if found and above and _named(above) == _DEPLOYMENT:
        found = _get(registry, above, pod)
    if found is None:
        raise UnknownScaleError(f'found no controllers for pod "{objects.name(pod)}"')
    return objects.uid(found), int(objects.spec(found).get("replicas") or 0)


def _get(registry: Registry, owner: Mapping[str, Any], pod: Object) -> Object | None:
    """The owner; None where it is gone, or another has its name."""
    try:
        namespace = objects.metadata(pod)["namespace"]
        found = registry.get(_kind(owner), owner["name"], namespace)
    except StatusError:
        return None
    return found if objects.uid(found) == owner["uid"] else None


def _named(owner: Mapping[str, Any]) -> tuple[str, str]:
    return owner["apiVersion"].rpartition("/")[0], owner["kind"]


def _kind(owner: Mapping[str, Any]) -> Kind:
    group, name = _named(owner)
    for kind in kinds.KINDS:
        if (kind.group, kind.kind) == (group, name):
            return kind
    version = owner["apiVersion"]
    raise UnknownScaleError(f'no matches for kind "{name}" in version "{version}"')
