"""Whether the node takes a Pod that was bound to it, in the kubelet's words where it does not.

The kubelet asks for each Pod that is new to it. The scheduler has asked the same before; who names
a node past it meets these rules alone. Pure. Follows pkg/kubelet/lifecycle/predicate.go and
AdmissionCheck in pkg/scheduler/eventhandlers.go. No Pod makes way for a critical one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.fit import amounts, node_affinity, node_ports, tolerations
from kubectl_joblab.practice.fit.amounts import Amounts
from kubectl_joblab.practice.node.pod.phase import FAILED

_OS_LABEL = "kubernetes.io/os"
_TAINTED = "node(s) had taints that the pod didn't tolerate"


@dataclass(frozen=True)
class Rejection:
    """Why a Pod is not taken."""

    reason: str
    message: str


def rejection(pod: Object, node: Object, others: Sequence[Object]) -> Rejection | None:
    """Why a node does not take a Pod; None where it does. others: the Pods that it has taken."""
    return next(_rejections(pod, node, others), None)


def _rejections(pod: Object, node: Object, others: Sequence[Object]) -> Iterator[Rejection]:
    system = objects.labels(node).get(_OS_LABEL)
    if objects.labels(pod).get(_OS_LABEL, system) != system:
        text = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
        yield Rejection("PodOSSelectorNodeLabelDoesNotMatch", text)
    if (objects.spec(pod).get("os") or {}).get("name", system) != system:
        text = "Failed to admit pod as the OS field doesn't match node OS"
        yield Rejection("PodOSNotSupported", text)
    wanted = _known(amounts.requests(pod), node)
    for short in amounts.shortages(wanted, node, [amounts.requests(one) for one in others]):
        yield _out_of(short)
    if not node_affinity.matches(pod, node):
        yield _failed("NodeAffinity", node_affinity.REASON)
    if not node_ports.are_free(pod, others):
        yield _failed("NodePorts", node_ports.REASON)
    if tolerations.untolerated(pod, node, [tolerations.NO_EXECUTE]) is not None:
        yield _failed("TaintToleration", _TAINTED)


def _known(wanted: Amounts, node: Object) -> Amounts:
    """The requests without those for devices of which the node has never heard.

    Follows removeMissingExtendedResources: they may be the cluster's.
    """
    there = objects.status(node).get("allocatable") or {}
    return {
        name: amount
        for name, amount in wanted.items()
        if name in there or "/" not in name or "kubernetes.io/" in name
    }


def _out_of(short: amounts.Shortage) -> Rejection:
    text = (
        f"Node didn't have enough resource: {short.resource}, requested: {short.requested}, "
        f"used: {short.used}, capacity: {short.capacity}"
    )
    return Rejection(f"OutOf{short.resource}", text)


def _failed(predicate: str, why: str) -> Rejection:
    return Rejection(predicate, f"Predicate {predicate} failed: {why}")


def rejected(pod: Object, why: Rejection, now: datetime) -> Object:
    """The status of a Pod that is not taken: nothing is told of its containers (rejectPod)."""
    old = objects.status(pod)
    found: Object = {
        "phase": FAILED,
        "reason": why.reason,
        "message": f"Pod was rejected: {why.message}",
        "conditions": [],
        "startTime": old.get("startTime") or clocks.rfc3339(now),
    }
    if quality := old.get("qosClass"):
        found["qosClass"] = quality
    if generation := objects.metadata(pod).get("generation"):
        found["observedGeneration"] = generation
    return found
