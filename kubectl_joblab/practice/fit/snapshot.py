"""What is known of a cluster when a Pod is to be placed: its nodes, and the Pods on each.

The scheduler keeps it; the filters read it. Follows NodeInfo in pkg/scheduler/framework/types.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.fit import amounts
from kubectl_joblab.practice.fit.amounts import Amounts

Key = tuple[str, str]  # namespace and name of a Pod


@dataclass
class Placed:
    """A Pod on a node, with what it requests of it."""

    pod: Object
    requests: Amounts

    @classmethod
    def of(cls, pod: Object) -> Placed:
        """A Pod, counted."""
        return cls(pod, amounts.requests(pod))


@dataclass
class NodeInfo:
    """A node and the Pods on it that have not ended."""

    node: Object
    pods: dict[Key, Placed] = field(default_factory=dict)

    @property
    def requested(self) -> list[Amounts]:
        """What each of its Pods requests."""
        return [one.requests for one in self.pods.values()]


@dataclass(frozen=True)
class Snapshot:
    """The nodes of a cluster, by name.

    namespace: gives the labels of a namespace. claim: gives a PersistentVolumeClaim by namespace
    and name, None where there is none.
    """

    nodes: Mapping[str, NodeInfo]
    namespace: Callable[[str], Mapping[str, str]] = lambda _: {}
    claim: Callable[[str, str], Object | None] = lambda *_: None

    def pods(self) -> list[tuple[Object, Object]]:
        """Each Pod on a node, with that node."""
        return [(one.pod, info.node) for info in self.nodes.values() for one in info.pods.values()]


def key(pod: Object) -> Key:
    """The key of a Pod."""
    return objects.metadata(pod)["namespace"], objects.name(pod)
