"""The resources that a Pod asks for as a whole, as its status tells them. Pure.

Follows PodRequests and PodLimits in k8s.io/component-helpers/resource/helpers.go. The status calls
allocated what the Pod has asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts

# name of a resource -> amount, and the format of the quantity
_Amounts = dict[str, tuple[Decimal, str]]


def of_status(pod: Object) -> Object:
    """The fields resources and allocatedResources of a Pod's status."""
    requests, limits = total(pod, "requests"), total(pod, "limits")
    resources = {key: value for key, value in (("limits", limits), ("requests", requests)) if value}
    return {"resources": resources} | ({"allocatedResources": requests} if requests else {})


def total(pod: Object, kind: str) -> dict[str, str]:
    """What all containers of a Pod have together. kind: requests or limits."""
    return _written(_total(pod, kind))


def _total(pod: Object, kind: str) -> _Amounts:
    running = _sum(_of(container, kind) for container in attempts.containers(pod))
    beside: _Amounts = {}
    initializing: _Amounts = {}
    for container in attempts.init_containers(pod):
        if attempts.is_sidecar(container):
            running = _sum((running, _of(container, kind)))
            beside = _sum((beside, _of(container, kind)))
            initializing = _most(initializing, beside)
        else:
            initializing = _most(initializing, _sum((beside, _of(container, kind))))
    found = _most(running, initializing)
    return found | _of(objects.spec(pod), kind)


def _of(owner: Mapping[str, Any], kind: str) -> _Amounts:
    found = {}
    for name, text in ((owner.get("resources") or {}).get(kind) or {}).items():
        read = quantity.parse(str(text))
        found[name] = (read.number, read.format)
    return found


def _sum(parts: Iterable[_Amounts]) -> _Amounts:
    return _joined(parts, lambda one, other: one + other)


def _most(one: _Amounts, other: _Amounts) -> _Amounts:
    return _joined((one, other), max)


def _joined(parts: Iterable[_Amounts], join: Callable[[Decimal, Decimal], Decimal]) -> _Amounts:
    found: _Amounts = {}
    for part in parts:
        for name, (amount, form) in part.items():
            if name in found:
                found[name] = (join(found[name][0], amount), found[name][1])
            else:
                found[name] = (amount, form)
    return found


def _written(amounts: _Amounts) -> dict[str, str]:
    return {name: str(quantity.of_number(*amounts[name])) for name in sorted(amounts)}
