"""What one object of a kind uses of a quota: an evaluator for each kind.

Follows k8s.io/apiserver/pkg/quota/v1/generic/evaluator.go and pkg/quota/v1/evaluator/core.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import resourcelists
from kubectl_joblab.practice.api.quota import scopes
from kubectl_joblab.practice.api.resourcelists import ONE, ResourceList

# the resources that quotas leave alone; reviews and bindings are never stored
IGNORED = ("events", "events.events.k8s.io")
_REQUESTS, _HUGE_PAGES = "requests.", "hugepages-"
# the older names of the counts of some kinds (legacyObjectCountAliases)
_ALIASES = ("configmaps", "replicationcontrollers", "resourcequotas", "secrets")
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_CLASS_SUFFIX = ".storageclass.storage.k8s.io/"


class Evaluator:
    """Counts the objects of a kind. resource: the plural of the kind, with its group."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self.count = f"count/{resource}"
        self.names: Collection[str] = (self.count,)
        if resource in _ALIASES:
            self.names = (self.count, resource)

    def handles(self, obj: Object, old: Object | None, subresource: str) -> bool:
        """Whether a write may change what is used. old: None where the object is created."""
        return old is None and not subresource

    def matching(self, names: Collection[str]) -> list[str]:
        """Those of these names that are about this kind."""
        return sorted(name for name in names if name in self.names)

    def matches_scope(self, requirement: Object, obj: Object) -> bool:
        """Whether an object is in a scope; only Pods are in any."""
        return False

    def constraints(self, required: Collection[str], obj: Object) -> str:
        """What an object has to say where these names are limited; "" where it says enough."""
        return ""

    def usage(self, obj: Object, now: datetime) -> ResourceList:
        """How much an object uses, by name."""
        return dict.fromkeys(self.names, ONE)

    def released(self, old: Object, new: Object, now: datetime) -> bool:
        """Whether a change may have set something free (DefaultUpdateFilter upstream)."""
        return False

    def matches(self, quota: Object, obj: Object) -> bool:
        """Whether an object counts for a quota."""
        hard = objects.status(quota).get("hard") or {}
        if not self.matching(hard):
            return False
        asked = scopes.of_quota(objects.spec(quota))
        return all(self.matches_scope(requirement, obj) for requirement in asked)


class PodEvaluator(Evaluator):
    """Counts Pods and what they ask for."""

    def __init__(self) -> None:
        super().__init__("pods")
        requests = tuple(_REQUESTS + name for name in _COMPUTE)
        limits = tuple(f"limits.{name}" for name in _COMPUTE)
        self.names = (self.count, "pods", *_COMPUTE, *requests, *limits)

    def handles(self, obj: Object, old: Object | None, subresource: str) -> bool:
        if subresource:
            return subresource == "resize" and old is not None
        return old is None or scopes.is_terminating(obj) != scopes.is_terminating(old)

    def matching(self, names: Collection[str]) -> list[str]:
        return super().matching(names) + [name for name in sorted(names) if _is_special(name)]

    def matches_scope(self, requirement: Object, obj: Object) -> bool:
        return scopes.matches(requirement, obj)

    def constraints(self, required: Collection[str], obj: Object) -> str:
        spec = objects.spec(obj)
        if resourcelists.has_pod_level(spec):
            return ""
        missing: dict[str, set[str]] = {}
        for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            said = _compute(*(resourcelists.of(resources.get(one)) for one in _PARTS))
            for name in required:
                if name in _REQUIRED and name not in said:
                    missing.setdefault(name, set()).add(container["name"])
        texts = [f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing)]
        return f"must specify {'; '.join(texts)}" if texts else ""

    def usage(self, obj: Object, now: datetime) -> ResourceList:
        counted = {self.count: ONE}
        if not _is_charged(obj, now):
            return counted
        spec = objects.spec(obj)
        limits = resourcelists.pod_limits(spec)
        return counted | _compute(resourcelists.pod_requests(spec), limits)

    def released(self, old: Object, new: Object, now: datetime) -> bool:
        if scopes.is_terminating(old) != scopes.is_terminating(new):
            return True
        return _is_charged(old, now) and not _is_charged(new, now)


class ServiceEvaluator(Evaluator):
    """Counts Services, and the ports of nodes and load balancers that they take."""

    def __init__(self) -> None:
        super().__init__("services")
        self.names = (self.count, "services", "services.nodeports", "services.loadbalancers")

    def handles(self, obj: Object, old: Object | None, subresource: str) -> bool:
        return not subresource

    def usage(self, obj: Object, now: datetime) -> ResourceList:
        spec = objects.spec(obj)
        kind, ports = spec.get("type"), spec.get("ports") or []
        counted = len(ports) if kind in ("NodePort", "LoadBalancer") else 0
        if kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
            counted = sum(1 for port in ports if port.get("nodePort"))
        return {
            self.count: ONE,
            "services": ONE,
            **resourcelists.of(
                {
                    "services.loadbalancers": str(int(kind == "LoadBalancer")),
                    "services.nodeports": str(counted),
                }
            ),
        }

    def released(self, old: Object, new: Object, now: datetime) -> bool:
        return bool(objects.spec(old).get("type") != objects.spec(new).get("type"))


class ClaimEvaluator(Evaluator):
    """Counts claims of volumes, and the storage that they ask for, in all and by class."""

    def __init__(self) -> None:
        super().__init__("persistentvolumeclaims")
        self.names = (self.count, "persistentvolumeclaims", "requests.storage")

    def matching(self, names: Collection[str]) -> list[str]:
        by_class = [name for name in sorted(names) if _CLASS_SUFFIX in name]
        return super().matching(names) + by_class

    def usage(self, obj: Object, now: datetime) -> ResourceList:
        spec = objects.spec(obj)
        asked = resourcelists.of((spec.get("resources") or {}).get("requests"))
        prefixes = [""]
        if named := spec.get("storageClassName"):
            prefixes.append(named + _CLASS_SUFFIX)
        used = {self.count: ONE}
        for prefix in prefixes:
            used[f"{prefix}persistentvolumeclaims"] = ONE
            if "storage" in asked:
                used[f"{prefix}requests.storage"] = asked["storage"]
        return used


@functools.cache
def of(resource: str) -> Evaluator:
    """The evaluator of a kind. resource: its plural, with its group."""
    special = {
        "pods": PodEvaluator,
        "services": ServiceEvaluator,
        "persistentvolumeclaims": ClaimEvaluator,
    }
    return special[resource]() if resource in special else Evaluator(resource)


# ---- Pods

_PARTS = ("requests", "limits")
# what each container has to say where it is limited (validationSet)
_REQUIRED = ("cpu", "memory", *(f"{one}.{name}" for one in _PARTS for name in ("cpu", "memory")))


def _compute(requests: ResourceList, limits: ResourceList) -> ResourceList:
    """What these requests and limits use of a quota (podComputeUsageHelper)."""
    used = {"pods": ONE}
    for name in _COMPUTE:
        if name in requests:
            used[name] = used[_REQUESTS + name] = requests[name]
        if name in limits:
            used[f"limits.{name}"] = limits[name]
    for name, value in requests.items():
        if name.startswith(_HUGE_PAGES):
            used[name] = used[_REQUESTS + name] = value
        elif not _is_native(name):
            used[_REQUESTS + name] = value
    return used


def _is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _is_special(name: str) -> bool:
    """Whether a name is of huge pages, or of an extended resource."""
    if name.startswith((_HUGE_PAGES, _REQUESTS + _HUGE_PAGES)):
        return True
    return name.startswith(_REQUESTS) and not _is_native(name)


def _is_charged(pod: Mapping[str, object], now: datetime) -> bool:
    """Whether a Pod uses more than its place in the store (QuotaV1Pod)."""
    if objects.status(pod).get("phase") in ("Failed", "Succeeded"):
        return False
    meta = objects.metadata(pod)
    marked = objects.time(meta.get("deletionTimestamp"))
    grace = meta.get("deletionGracePeriodSeconds")
    return marked is None or grace is None or now <= marked + timedelta(seconds=grace)
