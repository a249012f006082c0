"""Keeps as many Pods as each ReplicaSet wants. Follows pkg/controller/replicaset/replica_set.go.

The registry is read at once and always as it is, so there are no expectations to wait for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import owners, pod_control, tasks
from kubectl_joblab.practice.controllers.apps import (
    deletion_order,
    ownership,
    replica_set_status,
)
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.job import pods
from kubectl_joblab.practice.controllers.pod_control import PodControl
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue
from kubectl_joblab.practice.events import Recorder

BURST = 500  # BurstReplicas: of Pods that one sync creates or deletes

Key = tuple[str, str]  # namespace and name


class ReplicaSetController:
    """Creates and deletes the Pods of ReplicaSets."""

    name = "replicaset-controller"

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._control = PodControl(registry, recorder)

    async def run(self) -> None:
        """Control ReplicaSets, until cancelled."""
        self._queue: WorkQueue[Key] = WorkQueue(
            self._clock, lambda key: ("ReplicaSet", *key), *CONTROLLER_RETRIES
        )
        await tasks.together(
            Informer(self._registry, kinds.REPLICA_SETS, self._set_changed).run(),
            Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            self._queue.work(self._sync),
        )

    # ---- what changes

    def _set_changed(self, old: Object | None, new: Object | None) -> None:
        changed = new or old
        assert changed is not None
        self._queue.add(_key(changed))
        if new is None:
            self._queue.cancel(_key(changed))

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        for pod in (old, new):
            owner = pod and ownership.owner_of(self._registry, kinds.REPLICA_SETS, pod)
            if owner:
                self._queue.add(_key(owner))
        if new is None or objects.controller(new) is not None or objects.is_deleted(new):
            return
        had_owner = old is not None and objects.controller(old) is not None
        if old is None or had_owner or objects.labels(old) != objects.labels(new):
            for one in ownership.selecting(self._registry, kinds.REPLICA_SETS, new):
                self._queue.add(_key(one))

    # ---- a sync

    def _sync(self, key: Key) -> None:
        namespace, name = key
        try:
            found = self._registry.get(kinds.REPLICA_SETS, name, namespace)
        except StatusError:
            return
        mine = owners.candidates(self._registry, kinds.PODS, found)
        active = ownership.claimed(
            self._registry, kinds.REPLICA_SETS, found, kinds.PODS, filter(pods.is_active, mine)
        )
        terminating = [
            pod for pod in mine if pods.is_terminating(pod) and objects.controller(pod) is not None
        ]
        error = None if objects.is_deleted(found) else self._managed(found, active)
        written = self._write(found, active, terminating, error)
        if error is not None:
            raise error
        self._plan(key, written, active)

    def _plan(self, key: Key, replica_set: Object, active: Sequence[Object]) -> None:
        """See to the next Pod that becomes available."""
        seconds = int(objects.spec(replica_set).get("minReadySeconds") or 0)
        status = objects.status(replica_set)
        if seconds and status.get("readyReplicas") != status.get("availableReplicas"):
            now = self._clock.now()
            wait = replica_set_status.next_check(active, seconds, now)
            wait = timedelta(seconds=seconds) if wait is None else wait
            self._queue.add_after(key, wait.total_seconds(), "available", "minReadySeconds")

    def _write(
        self,
        replica_set: Object,
        active: Sequence[Object],
        terminating: Sequence[Object],
        error: StatusError | None,
    ) -> Object:
        """Write the status, where it has changed, or was of an older generation."""
        failure = "" if error is None else error.message
        now = self._clock.now()
        status = replica_set_status.calculate(replica_set, active, terminating, failure, now)
        status["observedGeneration"] = replica_set["metadata"]["generation"]
        if status == _filled(objects.status(replica_set)):
            return replica_set
        new = {**replica_set, "status": status}
        name, namespace = objects.name(replica_set), replica_set["metadata"]["namespace"]
        return self._registry.update(kinds.REPLICA_SETS, name, new, namespace, subresource="status")

    # ---- too few and too many

    def _managed(self, replica_set: Object, active: Sequence[Object]) -> StatusError | None:
        """Create or delete Pods (manageReplicas); the error that ended it."""
        wanted = int(objects.spec(replica_set).get("replicas") or 0)
        try:
            if len(active) < wanted:
                self._create(replica_set, min(wanted - len(active), BURST))
            elif len(active) > wanted:
                self._delete(replica_set, active, min(len(active) - wanted, BURST))
        except StatusError as error:
            return error
        return None

    def _create(self, replica_set: Object, count: int) -> None:
        """Create Pods, as many at once as there were before without an error, and as many again."""
        batch = 1
        while count:
            failed = None
            for _ in range(min(batch, count)):
                try:
                    self._control.create(replica_set, pod_of(replica_set))
                except StatusError as error:
                    if not pod_control.namespace_ends(error):
                        failed = failed or error
            if failed:
                raise failed
            count -= min(batch, count)
            batch *= 2

    def _delete(self, replica_set: Object, active: Sequence[Object], count: int) -> None:
        related = list(self._related(replica_set))
        failed = None
        for pod in deletion_order.first(active, related, count, self._clock.now()):
            try:
                self._control.delete(replica_set, pod)
            except StatusError as error:
                if error.code != 404:
                    failed = failed or error
        if failed:
            raise failed

    def _related(self, replica_set: Object) -> Iterator[Object]:
        """The Pods of all ReplicaSets of the same controller (getIndirectlyRelatedPods)."""
        owner = objects.controller(replica_set)
        namespace = replica_set["metadata"]["namespace"]
        for one in self._registry.list(kinds.REPLICA_SETS, namespace).items:
            other = objects.controller(one)
            same = owner is not None and other is not None and owner["uid"] == other["uid"]
            if same or objects.uid(one) == objects.uid(replica_set):
                for pod in owners.candidates(self._registry, kinds.PODS, one):
                    if objects.controller(pod) is not None:
                        yield pod


def pod_of(replica_set: Object) -> Object:
    """A new Pod of a ReplicaSet (GetPodFromTemplate)."""
    template = objects.spec(replica_set)["template"]
    meta = dict(template.get("metadata") or {})
    meta = {key: meta[key] for key in ("labels", "annotations", "finalizers") if meta.get(key)}
    meta["generateName"] = objects.name(replica_set) + "-"
    meta["ownerReferences"] = [ownership.reference(kinds.REPLICA_SETS, replica_set)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}


def _filled(status: Mapping[str, Any]) -> Object:
    """A status as it was written, with the zeros that the API leaves out."""
    counts = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    return {**dict.fromkeys(counts, 0), "replicas": 0, **status}


def _key(obj: Object) -> Key:
    return obj["metadata"]["namespace"], objects.name(obj)
