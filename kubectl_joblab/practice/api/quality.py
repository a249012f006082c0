"""The quality-of-service class of a Pod: the Pod strategy puts it into status, quotas ask for it.

Follows ComputePodQOS in pkg/apis/core/v1/helper/qos/qos.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubectl_joblab.formats import quantity

BEST_EFFORT, BURSTABLE, GUARANTEED = "BestEffort", "Burstable", "Guaranteed"


def class_of(spec: Mapping[str, Any]) -> str:
    """The class of a Pod's spec: BestEffort, Burstable or Guaranteed."""
    if spec.get("resources"):
        return _of_requirements(spec["resources"])
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    classes = {_of_requirements(container.get("resources") or {}) for container in containers}
    return _common(classes) if classes else BEST_EFFORT


def _of_requirements(resources: Mapping[str, Mapping[str, str]]) -> str:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    if not limits and not requests:
        return BEST_EFFORT
    return _common({_of_resource(name, limits, requests) for name in ("cpu", "memory")})


def _of_resource(name: str, limits: Mapping[str, str], requests: Mapping[str, str]) -> str:
    limit, request = limits.get(name, "0"), requests.get(name, "0")
    if quantity.compare(limit, request):
        return BURSTABLE
    return GUARANTEED if quantity.compare(limit, "0") else BEST_EFFORT


def _common(classes: set[str]) -> str:
    """The class that all have; Burstable where they differ."""
    return classes.pop() if len(classes) == 1 else BURSTABLE
