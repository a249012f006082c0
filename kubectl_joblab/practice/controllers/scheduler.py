"""The scheduler: finds a node for each Pod, or says why there is none.

A Pod that fits no node is tried again when something has changed that may help: a node, the Pod
itself, or another Pod that has come, gone or changed its labels. Follows
pkg/scheduler/{scheduler,schedule_one}.go and the queueing hints of its plugins.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.series import SeriesRecorder
from kubectl_joblab.practice.controllers.workqueue import WorkQueue
from kubectl_joblab.practice.fit import filters, hints, messages, snapshot
from kubectl_joblab.practice.fit.filters import Misfit
from kubectl_joblab.practice.fit.snapshot import Key, NodeInfo, Placed, Snapshot

NAME = "default-scheduler"
_CLAIMS = next(kind for kind in kinds.KINDS if kind.kind == "PersistentVolumeClaim")


class Scheduler:
    """Binds Pods to nodes."""

    name = "scheduler"

    def __init__(self, registry: Registry, clock: Clock, recorder: SeriesRecorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder

    async def run(self) -> None:
        """Schedule Pods, until cancelled."""
        self._queue: WorkQueue[Key] = WorkQueue(self._clock, lambda key: ("Pod", *key))
        # Pods that fit no node, each with why
        self._unschedulable: dict[Key, tuple[Object, list[Misfit]]] = {}
        self._nodes: dict[str, NodeInfo] = {}
        self._elsewhere: dict[str, NodeInfo] = {}  # nodes that Pods name and that are not there
        await tasks.together(
            Informer(self._registry, kinds.NODES, self._node_changed).run(),
            Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            self._queue.work(self._schedule),
        )

    # ---- what changes

    def _node_changed(self, old: Object | None, new: Object | None) -> None:
        name = objects.name(new or old or {})
        if new is None:
            self._elsewhere[name] = self._nodes.pop(name)
            return
        info = self._nodes.get(name) or self._elsewhere.pop(name, None) or NodeInfo(new)
        info.node = new
        self._nodes[name] = info
        if old is None or _offer(old) != _offer(new):
            self._try_again()

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        pod = new or old or {}
        key, node = snapshot.key(pod), objects.spec(pod).get("nodeName")
        if new is None:
            self._unschedulable.pop(key, None)
        if not node:
            if old is None or _asks(old) != _asks(pod):
                self._queue.add(key)
            return
        placed = self._info(node).pods
        before = placed.pop(key, None)
        there = new if new is not None and not objects.has_ended(new) else None
        if there is not None:
            placed[key] = Placed.of(there)
        if before is not None or there is not None:
            self._pod_helps(before.pod if before is not None else None, there)

    def _info(self, node: str) -> NodeInfo:
        """The Pods of a node, whether the node is there or not."""
        found = self._nodes.get(node) or self._elsewhere.get(node)
        if found is None:
            found = self._elsewhere[node] = NodeInfo({"metadata": {"name": node}})
        return found

    def _try_again(self) -> None:
        """Try the Pods again that fitted no node, in the order in which they came."""
        for key in list(self._unschedulable):
            del self._unschedulable[key]
            self._queue.add(key)

    def _pod_helps(self, old: Object | None, new: Object | None) -> None:
        """Try those Pods again that a Pod helps which has come, gone or changed on a node."""
        if not self._unschedulable or not hints.is_told(old, new):
            return
        seen = self._seen()
        for key, (waiting, misfits) in list(self._unschedulable.items()):
            if hints.helps(waiting, misfits, old, new, seen):
                del self._unschedulable[key]
                self._queue.add(key)

    def _seen(self) -> Snapshot:
        return Snapshot(self._nodes, self._namespace, self._claim)

    # ---- one Pod

    def _schedule(self, key: Key) -> None:
        try:
            pod = self._registry.get(kinds.PODS, key[1], key[0])
            if _is_ours(pod) and not objects.spec(pod).get("nodeName"):
                self._place(key, pod)
        except StatusError as error:
            if error.code != 404:  # the Pod is gone
                raise

    def _place(self, key: Key, pod: Object) -> None:
        seen = self._seen()
        if why := filters.refused(pod, seen):
            self._unschedulable[key] = pod, []
            self._tell(pod, messages.of_refusal(len(self._nodes), why))
            return
        found = []
        for name in sorted(self._nodes):
            misfit = filters.misfit(pod, self._nodes[name], seen)
            if misfit is None:
                self._bind(key, pod, name)
                return
            found.append(misfit)
        self._unschedulable[key] = pod, found
        self._tell(pod, messages.of_misfits(found))

    def _namespace(self, name: str) -> Mapping[str, str]:
        try:
            return objects.labels(self._registry.get(kinds.NAMESPACES, name))
        except StatusError:
            return {}

    def _claim(self, namespace: str, name: str) -> Object | None:
        try:
            return self._registry.get(_CLAIMS, name, namespace)
        except StatusError:
            return None

    def _bind(self, key: Key, pod: Object, node: str) -> None:
        self._registry.bind(*key, node)
        # Not left to the informer, which is told later: the next Pod must find this room taken.
        self._info(node).pods[key] = Placed.of(pod)
        self._pod_helps(None, pod)
        text = f"Successfully assigned {key[0]}/{key[1]} to {node}"
        self._recorder.event(pod, "Normal", "Scheduled", "Binding", text)

    def _tell(self, pod: Object, message: str) -> None:
        self._recorder.event(pod, "Warning", "FailedScheduling", "Scheduling", message)
        status = unscheduled(pod, message, clocks.rfc3339(self._clock.now()))
        name, namespace = objects.name(pod), pod["metadata"]["namespace"]
        new = {**pod, "status": status}
        self._registry.update(kinds.PODS, name, new, namespace, subresource="status")


def _is_ours(pod: Object) -> bool:
    spec = objects.spec(pod)
    waits = spec.get("schedulingGates") or objects.is_deleted(pod)
    return spec.get("schedulerName", NAME) == NAME and not waits


def _asks(pod: Object) -> tuple[object, ...]:
    """The parts of a Pod that decide which nodes it fits."""
    return objects.spec(pod), objects.labels(pod)


def _offer(node: Object) -> tuple[object, ...]:
    """The parts of a node that decide which Pods fit it."""
    return objects.spec(node), objects.labels(node), objects.status(node).get("allocatable")


def unscheduled(pod: Object, message: str, now: str) -> Object:
    """The status of a Pod that fits no node. now: as the API writes times."""
    status = objects.status(pod)
    conditions = list(status.get("conditions") or ())
    before = objects.condition(pod, "PodScheduled")
    condition: Object = {
        "type": "PodScheduled",
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": now,
        "reason": "Unschedulable",
        "message": message,
    }
    if generation := objects.metadata(pod).get("generation"):
        condition["observedGeneration"] = generation
    if before is None:
        return {**status, "conditions": [*conditions, condition]}
    if before["status"] == "False":
        condition["lastTransitionTime"] = before["lastTransitionTime"]
    place = conditions.index(before)
    return {**status, "conditions": [*conditions[:place], condition, *conditions[place + 1 :]]}
