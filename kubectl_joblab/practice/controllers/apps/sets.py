"""What the Deployment controller does to ReplicaSets: creates, scales and cleans them up.

Follows getNewReplicaSet, scaleReplicaSet and cleanupDeployment in
pkg/controller/deployment/sync.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import pod_control
from kubectl_joblab.practice.controllers.apps import (
    deployment_status,
    ownership,
    proportions,
    revisions,
)
from kubectl_joblab.practice.controllers.apps.deployment_status import PROGRESSING, condition
from kubectl_joblab.practice.controllers.apps.revisions import replicas
from kubectl_joblab.practice.events import Recorder

_CREATE_ERROR = "ReplicaSetCreateError"


class ReplicaSets:
    """The ReplicaSets of the Deployments of one registry. All may raise StatusError."""

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder

    # ---- the new one

    def synced(
        self, deployment: Object, sets: Sequence[Object], *, create: bool
    ) -> tuple[Object, Object | None, list[Object]]:
        """The Deployment, its new ReplicaSet, and the old ones, with their revisions written.

        create: whether the new one is created where there is none
        (getAllReplicaSetsAndSyncRevision).
        """
        new = revisions.find_new(deployment, sets)
        old = [one for one in sets if new is None or objects.uid(one) != objects.uid(new)]
        number = revisions.highest(old) + 1
        if new is not None:
            deployment, new = self._noted(deployment, new, number)
        elif create:
            deployment, new = self._created(deployment, old, number)
        return deployment, new, old

    def _noted(self, deployment: Object, new: Object, number: int) -> tuple[Object, Object]:
        """Write a Deployment's annotations to its new ReplicaSet, or take its revision from it."""
        annotations = revisions.annotated(deployment, new, number)
        seconds = objects.spec(deployment).get("minReadySeconds") or 0
        spec = {**objects.spec(new), "minReadySeconds": seconds}
        same_seconds = (objects.spec(new).get("minReadySeconds") or 0) == seconds
        if annotations != (objects.metadata(new).get("annotations") or {}) or not same_seconds:
            return deployment, self._update_set(new, annotations, spec)
        status = dict(objects.status(deployment))
        if deployment_status.deadline(deployment) is not None:
            status = self._with_progress(
                deployment, "FoundNewReplicaSet", f'Found new replica set "{objects.name(new)}"'
            )
        return self._with_revision(deployment, annotations[revisions.REVISION], status), new

    def _with_progress(self, deployment: Object, reason: str, message: str) -> Object:
        """The status with a first word on progress, where there is none yet."""
        status = objects.status(deployment)
        if deployment_status.found(status, PROGRESSING) is not None:
            return dict(status)
        made = condition(PROGRESSING, "True", reason, message, self._clock.now())
        return deployment_status.with_condition(status, made)

    def _with_revision(self, deployment: Object, revision: str, status: Object) -> Object:
        """Write a Deployment's revision and status; the Deployment as it is then."""
        own = objects.metadata(deployment).get("annotations") or {}
        if own.get(revisions.REVISION) == revision and status == objects.status(deployment):
            return deployment
        meta = {**deployment["metadata"], "annotations": {**own, revisions.REVISION: revision}}
        return self.write_status({**deployment, "metadata": meta}, status)

    def write_status(self, deployment: Object, status: Object) -> Object:
        """Write the status of a Deployment; the Deployment as it is then."""
        name, namespace = objects.name(deployment), deployment["metadata"]["namespace"]
        new = {**deployment, "status": status}
        return self._registry.update(kinds.DEPLOYMENTS, name, new, namespace, subresource="status")

    def _created(
        self, deployment: Object, old: Sequence[Object], number: int
    ) -> tuple[Object, Object]:
        new = revisions.new_set(deployment)
        wanted = proportions.of_new(deployment, [*old, new], new)
        new["spec"]["replicas"] = wanted
        limits = proportions.limits(deployment)
        new["metadata"]["annotations"] = revisions.annotated(deployment, new, number, limits)
        reference = ownership.reference(kinds.DEPLOYMENTS, deployment)
        new["metadata"]["ownerReferences"] = [reference]
        try:
            made = self._registry.create(
                kinds.REPLICA_SETS, new, deployment["metadata"]["namespace"]
            )
        except StatusError as error:
            self._not_created(deployment, new, error)
            raise
        name = objects.name(made)
        if wanted:
            self._tell(deployment, f"Scaled up replica set {name} from 0 to {wanted}")
        status = dict(objects.status(deployment))
        if deployment_status.deadline(deployment) is not None:
            message = f'Created new replica set "{name}"'
            now = self._clock.now()
            made_now = condition(PROGRESSING, "True", "NewReplicaSetCreated", message, now)
            status = deployment_status.with_condition(status, made_now)
        return self._with_revision(deployment, str(number), status), made

    def _not_created(self, deployment: Object, new: Object, error: StatusError) -> None:
        """Say in the status why there is no new ReplicaSet."""
        status = dict(objects.status(deployment))
        if error.reason == "AlreadyExists":  # another template has the same hash
            status["collisionCount"] = int(status.get("collisionCount") or 0) + 1
            self.write_status(deployment, status)
            return
        if pod_control.namespace_ends(error):
            return
        message = f'Failed to create new replica set "{objects.name(new)}": {error.message}'
        if deployment_status.deadline(deployment) is not None:
            made = condition(PROGRESSING, "False", _CREATE_ERROR, message, self._clock.now())
            self.write_status(deployment, deployment_status.with_condition(status, made))
        self._recorder.event(deployment, "Warning", _CREATE_ERROR, message)

    # ---- scaling

    def scale(
        self, deployment: Object, one: Object, size: int, *, force: bool = False
    ) -> tuple[bool, Object]:
        """Give a ReplicaSet this size; whether it had another, and the ReplicaSet.

        force: write also where only the annotations about sizes are old.
        """
        before = replicas(one)
        if before == size and not force:
            return False, one
        annotations = revisions.with_limits(one, *proportions.limits(deployment))
        if before == size and annotations == (objects.metadata(one).get("annotations") or {}):
            return False, one
        changed = self._update_set(one, annotations, {**objects.spec(one), "replicas": size})
        if before != size:
            way, name = "up" if before < size else "down", objects.name(one)
            self._tell(deployment, f"Scaled {way} replica set {name} from {before} to {size}")
        return before != size, changed

    def _update_set(self, one: Object, annotations: dict[str, str], spec: Object) -> Object:
        meta = {**one["metadata"], "annotations": annotations}
        new = {**one, "metadata": meta, "spec": spec}
        name, namespace = objects.name(one), one["metadata"]["namespace"]
        return self._registry.update(kinds.REPLICA_SETS, name, new, namespace)

    def _tell(self, deployment: Object, message: str) -> None:
        self._recorder.event(deployment, "Normal", "ScalingReplicaSet", message)

    # ---- cleaning up

    def clean_up(self, deployment: Object, old: Sequence[Object]) -> None:
        """Delete old ReplicaSets that are more than the Deployment's history is to have."""
        limit = objects.spec(deployment).get("revisionHistoryLimit")
        alive = [one for one in old if not objects.is_deleted(one)]
        if limit is None or limit == 2**31 - 1 or len(alive) <= limit:
            return
        for one in sorted(alive, key=revisions.by_revision)[: len(alive) - limit]:
            status = objects.status(one)
            seen = int(status.get("observedGeneration") or 0)
            if status.get("replicas") or replicas(one) or one["metadata"]["generation"] > seen:
                continue
            name, namespace = objects.name(one), one["metadata"]["namespace"]
            self._registry.delete(kinds.REPLICA_SETS, name, namespace)
