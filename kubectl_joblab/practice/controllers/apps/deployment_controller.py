"""Rolls Deployments out: which of them needs a sync, and when.

Follows the event handlers of pkg/controller/deployment/deployment_controller.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.apps import ownership
from kubectl_joblab.practice.controllers.apps.rollout import Rollout
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue
from kubectl_joblab.practice.events import Recorder

Key = tuple[str, str]  # namespace and name


class DeploymentController:
    """Creates and scales the ReplicaSets of Deployments."""

    name = "deployment-controller"

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._rollout = Rollout(registry, clock, recorder)

    async def run(self) -> None:
        """Control Deployments, until cancelled."""
        self._queue: WorkQueue[Key] = WorkQueue(
            self._clock, lambda key: ("Deployment", *key), *CONTROLLER_RETRIES
        )
        await tasks.together(
            Informer(self._registry, kinds.DEPLOYMENTS, self._deployment_changed).run(),
            Informer(self._registry, kinds.REPLICA_SETS, self._set_changed).run(),
            Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            self._queue.work(self._sync),
        )

    def _deployment_changed(self, old: Object | None, new: Object | None) -> None:
        changed = new or old
        assert changed is not None
        if new is None:
            self._queue.cancel(_key(changed))
        else:
            self._queue.add(_key(changed))

    def _set_changed(self, old: Object | None, new: Object | None) -> None:
        for one in (old, new):
            owner = one and ownership.owner_of(self._registry, kinds.DEPLOYMENTS, one)
            if owner:
                self._queue.add(_key(owner))
        if new is None or objects.controller(new) is not None:
            return
        had_owner = old is not None and objects.controller(old) is not None
        if old is None or had_owner or objects.labels(old) != objects.labels(new):
            for one in ownership.selecting(self._registry, kinds.DEPLOYMENTS, new):
                self._queue.add(_key(one))

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        """Go on with a Deployment that recreates, when the last of its old Pods is gone."""
        if new is not None or old is None:
            return
        replica_set = ownership.owner_of(self._registry, kinds.REPLICA_SETS, old)
        owner = replica_set and ownership.owner_of(self._registry, kinds.DEPLOYMENTS, replica_set)
        if owner and objects.spec(owner)["strategy"]["type"] == "Recreate":
            self._queue.add(_key(owner))

    def _sync(self, key: Key) -> None:
        namespace, name = key
        try:
            found = self._registry.get(kinds.DEPLOYMENTS, name, namespace)
        except StatusError:
            return
        wait = self._rollout.sync(found)
        if wait is not None:
            self._queue.add_after(key, wait.total_seconds(), "progress", "progress deadline")


def _key(obj: Object) -> Key:
    return obj["metadata"]["namespace"], objects.name(obj)
