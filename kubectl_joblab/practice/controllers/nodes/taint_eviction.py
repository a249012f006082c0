"""Deletes the Pods of a node that do not tolerate its NoExecute taints, or no longer.

Follows pkg/controller/tainteviction/{taint_eviction,timed_workers}.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import conditions
from kubectl_joblab.practice.api.conditions import DISRUPTION_TARGET
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock, Timer, Wait
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.events import Recorder
from kubectl_joblab.practice.fit import tolerations
from kubectl_joblab.practice.fit.tolerations import NO_EXECUTE

NAME = "taint-eviction-controller"
EVENT = "TaintManagerEviction"
REASON = "DeletionByTaintManager"
MESSAGE = "Taint manager: deleting due to NoExecute taint"

Key = tuple[str, str]  # namespace and name of a Pod


@dataclass(frozen=True)
class _Planned:
    """A Pod that goes later. since: the time of the loop when its taint was noticed."""

    since: float
    timer: Timer


class TaintEvictionController:
    """Drives Pods away from nodes with NoExecute taints."""

    name = NAME

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder
        self._taints: dict[str, list[Object]] = {}
        self._planned: dict[Key, _Planned] = {}

    async def run(self) -> None:
        """Delete Pods, until cancelled."""
        self._taints.clear()
        try:
            await tasks.together(
                Informer(self._registry, kinds.NODES, self._node_changed).run(),
                Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            )
        finally:
            for key in list(self._planned):
                self._planned.pop(key).timer.cancel()

    # ---- what changes

    def _node_changed(self, old: Object | None, new: Object | None) -> None:
        name = objects.name(new or old or {})
        taints = tolerations.taints(new, [NO_EXECUTE]) if new is not None else []
        if old is not None and new is not None and taints == self._taints.get(name, []):
            return
        self._taints[name] = taints
        if new is None:
            return
        if not taints:
            self._cancel_all(name)
            return
        selected = ListOptions(field_selector=f"spec.nodeName={name}")
        for pod in self._registry.list(kinds.PODS, options=selected).items:
            self._process(pod, taints)

    def _cancel_all(self, node: str) -> None:
        """Let all Pods of a node stay."""
        for key in sorted(self._planned):
            pod = self._registry.find(kinds.PODS.plural, *key)
            if pod is not None and objects.spec(pod).get("nodeName") == node:
                self._cancel(key)

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            self._cancel(_key(old or {}))
        elif old is None or _concern(old) != _concern(new):
            taints = self._taints.get(objects.spec(new).get("nodeName") or "")
            if taints:
                self._process(new, taints)

    # ---- one Pod

    def _process(self, pod: Object, taints: list[Object]) -> None:
        """Delete a Pod now or later, or let it stay (processPodOnNode)."""
        key, seconds = _key(pod), tolerations.seconds(pod, taints)
        if not taints or seconds == float("inf"):
            self._cancel(key)
            return
        planned, now = self._planned.get(key), self._clock.now().timestamp()
        if not seconds:
            self._cancel(key)
            self._evict(key)
        elif planned is None:
            self._plan(key, now, seconds)
        elif planned.since >= now:
            self._cancel(key)
            self._plan(key, planned.since, seconds)

    def _plan(self, key: Key, since: float, seconds: float) -> None:
        wait = Wait("Pod", *key, "deleted", "tolerationSeconds")
        timer = self._clock.call_later(seconds, self._due, key, wait=wait)
        self._planned[key] = _Planned(since, timer)

    def _due(self, key: Key) -> None:
        del self._planned[key]
        self._evict(key)

    def _cancel(self, key: Key) -> None:
        planned = self._planned.pop(key, None)
        if planned is not None:
            planned.timer.cancel()
            self._tell(key, "Cancelling deletion of Pod")

    def _evict(self, key: Key) -> None:
        """Say in a Pod's status why it goes, and delete it (addConditionAndDeletePod)."""
        self._tell(key, "Marking for deletion Pod")
        namespace, name = key
        try:
            pod = self._registry.get(kinds.PODS, name, namespace)
            condition = conditions.of_pod(
                DISRUPTION_TARGET,
                "True",
                REASON,
                MESSAGE,
                generation=objects.metadata(pod).get("generation"),
            )
            old = dict(objects.status(pod))
            status = conditions.with_pod_condition(old, condition, self._clock.now())
            if status is not old:
                changed = {**pod, "status": status}
                self._registry.update(kinds.PODS, name, changed, namespace, subresource="status")
            self._registry.delete(kinds.PODS, name, namespace)
        except StatusError as error:
            if error.code != 404:
                raise

    def _tell(self, key: Key, what: str) -> None:
        """Record an event about a Pod of this name, whichever it is."""
        namespace, name = key
        meta = {"namespace": namespace, "name": name}
        about = {"apiVersion": "v1", "kind": "Pod", "metadata": meta}
        self._recorder.event(about, "Normal", EVENT, f"{what} {namespace}/{name}")


def _key(pod: Object) -> Key:
    return pod["metadata"]["namespace"], objects.name(pod)


def _concern(pod: Object) -> tuple[object, object]:
    """The parts of a Pod that decide how long it stays."""
    return objects.spec(pod).get("nodeName"), objects.spec(pod).get("tolerations")
