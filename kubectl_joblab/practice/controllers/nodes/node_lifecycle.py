"""Gives each node the taints that follow from its conditions and from a cordon.

Follows doNoScheduleTaintingPass in pkg/controller/nodelifecycle/node_lifecycle_controller.go. No
node's health is watched: the only kubelet is in this very process.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock, rfc3339
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import WorkQueue
from kubectl_joblab.practice.fit.tolerations import NO_SCHEDULE

UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
# condition -> its status -> the taint of a node in that state (nodeConditionToTaintKeyStatusMap)
_OF_CONDITIONS = {
    "Ready": {
        "False": "node.kubernetes.io/not-ready",
        "Unknown": "node.kubernetes.io/unreachable",
    },
    "MemoryPressure": {"True": "node.kubernetes.io/memory-pressure"},
    "DiskPressure": {"True": "node.kubernetes.io/disk-pressure"},
    "NetworkUnavailable": {"True": "node.kubernetes.io/network-unavailable"},
    "PIDPressure": {"True": "node.kubernetes.io/pid-pressure"},
}
_OWN = {UNSCHEDULABLE, *(key for states in _OF_CONDITIONS.values() for key in states.values())}


class NodeLifecycleController:
    """Keeps the taints of nodes that are its own."""

    name = "node-lifecycle-controller"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Taint nodes, until cancelled."""
        queue: WorkQueue[str] = WorkQueue(self._clock, lambda name: ("Node", "", name))

        def changed(_: Object | None, new: Object | None) -> None:
            if new is not None:
                queue.add(objects.name(new))

        await tasks.together(
            Informer(self._registry, kinds.NODES, changed).run(),
            queue.work(self._sync),
        )

    def _sync(self, name: str) -> None:
        try:
            node = self._registry.get(kinds.NODES, name)
        except StatusError:
            return  # it is gone
        taints = tainted(node, rfc3339(self._clock.now()))
        if taints != (objects.spec(node).get("taints") or []):
            spec = {**objects.spec(node), "taints": taints}
            if not taints:
                del spec["taints"]
            self._registry.update(kinds.NODES, name, {**node, "spec": spec})


def tainted(node: Object, now: str) -> list[Object]:
    """The taints that a node has to have; those of others stay. now: as the API writes times."""
    wanted = [
        states[condition["status"]]
        for condition in objects.status(node).get("conditions") or ()
        if condition["status"] in (states := _OF_CONDITIONS.get(condition["type"], {}))
    ]
    if objects.spec(node).get("unschedulable"):
        wanted.append(UNSCHEDULABLE)
    old = objects.spec(node).get("taints") or ()
    kept = [one for one in old if not _is_own(one) or one["key"] in wanted]
    there = [one["key"] for one in kept if _is_own(one)]
    new = [{"key": key, "effect": NO_SCHEDULE, "timeAdded": now} for key in wanted]
    return [*kept, *(one for one in new if one["key"] not in there)]


def _is_own(taint: Object) -> bool:
    return taint["effect"] == NO_SCHEDULE and taint["key"] in _OWN
