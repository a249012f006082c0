"""The scheduler: finds a node for each Pod, or says why there is none.

A Pod that fits no node is tried again when something has changed that may help: a node, the Pod
itself or, where it lacks nothing but room, another Pod that has ended. Follows
pkg/scheduler/{scheduler,schedule_one}.go and the queueing hints of its plugins.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import node_fit, tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.series import SeriesRecorder
from kubectl_joblab.practice.controllers.workqueue import WorkQueue

NAME = "default-scheduler"

Key = tuple[str, str]  # namespace and name of a Pod


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
        # Pods that fit no node -> whether they would if there was more room
        self._unschedulable: dict[Key, bool] = {}
        # node -> Pod that is bound to it -> what the Pod requests
        self._placed: dict[str, dict[Key, node_fit.Amounts]] = {}
        self._nodes: dict[str, Object] = {}
        await tasks.together(
            Informer(self._registry, kinds.NODES, self._node_changed).run(),
            Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            self._queue.work(self._schedule),
        )

    # ---- what changes

    def _node_changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            self._nodes.pop(objects.name(old or {}), None)
            return
        self._nodes[objects.name(new)] = new
        if old is None or _offer(old) != _offer(new):
            self._try_again()

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        pod = new or old or {}
        key = _key(pod)
        if not objects.spec(pod).get("nodeName"):
            if old is None or objects.spec(old) != objects.spec(pod):
                self._queue.add(key)
            return
        placed = self._placed.setdefault(objects.spec(pod)["nodeName"], {})
        if new is not None and objects.status(new).get("phase") not in ("Succeeded", "Failed"):
            placed[key] = node_fit.requests(new)
        elif placed.pop(key, None) is not None:
            self._try_again(room_only=True)

    def _try_again(self, *, room_only: bool = False) -> None:
        """Try the Pods again that fitted no node, in the order in which they came.

        room_only: whether nothing has changed but that there is more room.
        """
        for key, room_helps in list(self._unschedulable.items()):
            if room_helps or not room_only:
                del self._unschedulable[key]
                self._queue.add(key)

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
        misfits = []
        for name in sorted(self._nodes):
            placed = list(self._placed.get(name, {}).values())
            misfit = node_fit.misfit(pod, self._nodes[name], placed)
            if misfit is None:
                self._bind(key, pod, name)
                return
            misfits.append(misfit)
        self._unschedulable[key] = any(misfit.resolvable for misfit in misfits)
        self._tell(pod, node_fit.message(pod, misfits))

    def _bind(self, key: Key, pod: Object, node: str) -> None:
        self._registry.bind(*key, node)
        # Not left to the informer, which is told later: the next Pod must find this room taken.
        self._placed.setdefault(node, {})[key] = node_fit.requests(pod)
        text = f"Successfully assigned {key[0]}/{key[1]} to {node}"
        self._recorder.event(pod, "Normal", "Scheduled", "Binding", text)

    def _tell(self, pod: Object, message: str) -> None:
        self._recorder.event(pod, "Warning", "FailedScheduling", "Scheduling", message)
        status = unscheduled(pod, message, clocks.rfc3339(self._clock.now()))
        name, namespace = objects.name(pod), pod["metadata"]["namespace"]
        new = {**pod, "status": status}
        self._registry.update(kinds.PODS, name, new, namespace, subresource="status")


def _key(pod: Object) -> Key:
    return pod["metadata"]["namespace"], objects.name(pod)


def _is_ours(pod: Object) -> bool:
    spec = objects.spec(pod)
    waits = spec.get("schedulingGates") or objects.is_deleted(pod)
    return spec.get("schedulerName", NAME) == NAME and not waits


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
