"""The scheduler's filters, in upstream's order: which nodes a Pod fits, and if none, why.

Each filter is named after its plugin in pkg/scheduler/framework/plugins; the order is that of
pkg/scheduler/apis/config/v1/default_plugins.go. The reasons are those of the first that refuses the
node. What needs something that there is not here has no filter: devices and the limits of volumes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.fit import (
    amounts,
    node_affinity,
    node_ports,
    pod_affinity,
    tolerations,
    topology_spread,
    volumes,
)
from kubectl_joblab.practice.fit.snapshot import NodeInfo, Snapshot

_CORDON: Object = {"key": "node.kubernetes.io/unschedulable", "effect": tolerations.NO_SCHEDULE}


@dataclass(frozen=True)
class Misfit:
    """Why a Pod does not fit a node.

    resolvable: whether it might fit if other Pods were not on the node.
    """

    reasons: tuple[str, ...]
    resolvable: bool = False


Filter = Callable[[Object, NodeInfo, Snapshot], Misfit | None]


def _node_name(pod: Object, info: NodeInfo, _: Snapshot) -> Misfit | None:
    wanted = objects.spec(pod).get("nodeName")
    if not wanted or wanted == objects.name(info.node):
        return None
    return Misfit(("node(s) didn't match the requested node name",))


def _node_unschedulable(pod: Object, info: NodeInfo, _: Snapshot) -> Misfit | None:
    cordoned = objects.spec(info.node).get("unschedulable")
    if not cordoned or tolerations.tolerates(pod, _CORDON):
        return None
    return Misfit(("node(s) were unschedulable",))


def _taint_toleration(pod: Object, info: NodeInfo, _: Snapshot) -> Misfit | None:
    effects = (tolerations.NO_SCHEDULE, tolerations.NO_EXECUTE)
    if tolerations.untolerated(pod, info.node, effects) is None:
        return None
    return Misfit(("node(s) had untolerated taint(s)",))


def _node_affinity(pod: Object, info: NodeInfo, _: Snapshot) -> Misfit | None:
    named = node_affinity.named(pod)
    if named is not None and objects.name(info.node) not in named:
        return Misfit(("node(s) didn't satisfy plugin(s) [NodeAffinity]",))
    return None if node_affinity.matches(pod, info.node) else Misfit((node_affinity.REASON,))


def _node_ports(pod: Object, info: NodeInfo, _: Snapshot) -> Misfit | None:
    others = [one.pod for one in info.pods.values()]
    return None if node_ports.are_free(pod, others) else Misfit((node_ports.REASON,), True)


def _node_resources_fit(pod: Object, info: NodeInfo, _: Snapshot) -> Misfit | None:
    short = amounts.shortages(amounts.requests(pod), info.node, info.requested)
    resolvable = all(one.resolvable for one in short)
    return Misfit(tuple(one.reason for one in short), resolvable) if short else None


def _pod_topology_spread(pod: Object, info: NodeInfo, seen: Snapshot) -> Misfit | None:
    found = topology_spread.reason(pod, info.node, seen)
    return Misfit((found,), found == topology_spread.REASON) if found else None


def _inter_pod_affinity(pod: Object, info: NodeInfo, seen: Snapshot) -> Misfit | None:
    found = pod_affinity.reason(pod, info.node, seen)
    return Misfit((found,), found != pod_affinity.NOT_TOGETHER) if found else None


FILTERS: tuple[Filter, ...] = (
    _node_name,
    _node_unschedulable,
    _taint_toleration,
    _node_affinity,
    _node_ports,
    _node_resources_fit,
    _pod_topology_spread,
    _inter_pod_affinity,
)


def refused(pod: Object, seen: Snapshot) -> str:
    """Why a Pod fits no node at all, before any is looked at (PreFilter); "" where it may fit."""
    if node_affinity.named(pod) == set():
        return node_affinity.CONFLICT
    return volumes.missing(pod, seen)


def misfit(pod: Object, info: NodeInfo, seen: Snapshot) -> Misfit | None:
    """Why a Pod does not fit a node; None where it does."""
    for one in FILTERS:
        found = one(pod, info, seen)
        if found is not None:
            return found
    return None
