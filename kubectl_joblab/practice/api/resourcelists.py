"""Lists of resources, name -> quantity: how they are added up, compared and shown.

Quotas and limit ranges work with them. Follows k8s.io/apiserver/pkg/quota/v1/resources.go and, for
what a Pod asks for, k8s.io/component-helpers/resource/helpers.go.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kubectl_joblab.formats import quantity
from kubectl_joblab.formats.quantity import Quantity

ResourceList = dict[str, Quantity]

ZERO = quantity.parse("0")
ONE = quantity.parse("1")
_POD_LEVEL = ("cpu", "memory")


def of(written: Mapping[str, str] | None) -> ResourceList:
    """The list that an object has, as text."""
    return {name: quantity.parse(text) for name, text in (written or {}).items()}


def texts(resources: ResourceList) -> dict[str, str]:
    """A list as an object has it."""
    return {name: str(value) for name, value in sorted(resources.items())}


def shown(resources: ResourceList) -> str:
    """A list as messages show it (prettyPrint upstream)."""
    return ",".join(f"{name}={value}" for name, value in sorted(resources.items()))


def masked(resources: ResourceList, names: Collection[str]) -> ResourceList:
    """The resources of these names."""
    return {name: value for name, value in resources.items() if name in names}


def added(one: ResourceList, other: ResourceList) -> ResourceList:
    """The sum of two lists, by name."""
    both = {name: quantity.plus(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def increase(one: ResourceList, other: ResourceList) -> ResourceList:
    """By how much the first list is more than the second; 0 where it is not more."""
    found = {}
    for name in {**one, **other}:
        difference = quantity.minus(one.get(name, ZERO), other.get(name, ZERO))
        found[name] = difference if difference.digits > 0 else ZERO
    return found


def largest(one: ResourceList, other: ResourceList) -> ResourceList:
    """The larger of two lists, by name."""
    both = one.keys() & other.keys()
    more = {name: other[name] for name in both if one[name].compared_to(other[name]) <= 0}
    return {**other, **one, **more}


def without_zeros(resources: ResourceList) -> ResourceList:
    """The resources of which there is something."""
    return {name: value for name, value in resources.items() if value.digits}


def exceeding(resources: ResourceList, most: ResourceList) -> list[str]:
    """The names of the resources that are more than the other list allows."""
    return [
        name
        for name, value in sorted(resources.items())
        if name in most and value.compared_to(most[name]) > 0
    ]


def pod_requests(spec: Mapping[str, Any]) -> ResourceList:
    """What a Pod asks for (PodRequests upstream)."""
    asked = _of_pod(spec, "requests")
    return added(asked, of(spec.get("overhead")))


def pod_limits(spec: Mapping[str, Any]) -> ResourceList:
    """What a Pod may use at most (PodLimits upstream)."""
    limits = _of_pod(spec, "limits")
    overhead = of(spec.get("overhead"))
    return added(limits, masked(overhead, without_zeros(limits)))


def has_pod_level(spec: Mapping[str, Any]) -> bool:
    """Whether a Pod says as a whole what it asks for (IsPodLevelResourcesSet upstream)."""
    whole = spec.get("resources") or {}
    named = {*(whole.get("requests") or ()), *(whole.get("limits") or ())}
    return any(_is_of_pods(name) for name in named)


def _is_of_pods(name: str) -> bool:
    return name in _POD_LEVEL or name.startswith("hugepages-")


def _of_pod(spec: Mapping[str, Any], which: str) -> ResourceList:
    """The sum of a Pod's containers, of which init containers run one after another."""
    total: ResourceList = {}
    for container in spec.get("containers") or ():
        total = added(total, _of_container(container, which))
    sidecars: ResourceList = {}
    peak: ResourceList = {}
    for container in spec.get("initContainers") or ():
        own = _of_container(container, which)
        if container.get("restartPolicy") == "Always":
            total, sidecars = added(total, own), added(sidecars, own)
            own = sidecars
        else:
            own = added(own, sidecars)
        peak = largest(peak, own)
    whole = of((spec.get("resources") or {}).get(which))
    of_pod = {name: value for name, value in whole.items() if _is_of_pods(name)}
    return {**largest(total, peak), **of_pod}


def _of_container(container: Mapping[str, Any], which: str) -> ResourceList:
    return of((container.get("resources") or {}).get(which))
