"""One sync of a Deployment: what is to be done about it now.

Follows syncDeployment in pkg/controller/deployment/deployment_controller.go, and sync.go,
recreate.go, rolling.go and rollback.go beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers.apps import (
    deployment_status,
    ownership,
    proportions,
    revisions,
)
from kubectl_joblab.practice.controllers.apps.deployment_status import (
    PAUSED,
    PROGRESSING,
    RESUMED,
    TIMED_OUT,
    condition,
)
from kubectl_joblab.practice.controllers.apps.revisions import active, replicas
from kubectl_joblab.practice.controllers.apps.sets import ReplicaSets
from kubectl_joblab.practice.controllers.job import pods
from kubectl_joblab.practice.events import Recorder

_NOT_FOUND = "DeploymentRollbackRevisionNotFound"


class Rollout:
    """Brings Deployments nearer to what they want, a step at a time. All may raise StatusError."""

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder
        self._sets = ReplicaSets(registry, clock, recorder)

    def sync(self, deployment: Object) -> timedelta | None:
        """Take a step; how long until progress is to be looked at again, None where never."""
        sets = self._owned(deployment)
        if objects.is_deleted(deployment):
            deployment, new, old = self._sets.synced(deployment, sets, create=False)
            return self._report(deployment, new, old)
        deployment = self._told_of_pause(deployment)
        if objects.spec(deployment).get("paused"):
            return self._scaled(deployment, sets)
        if (revision := revisions.rollback_to(deployment)) is not None:
            self._roll_back(deployment, sets, revision)
            return None
        deployment, new, old = self._sets.synced(deployment, sets, create=False)
        sizes = map(revisions.desired, active([*old, new]))
        if any(size not in (None, replicas(deployment)) for size in sizes):
            return self._scaled(deployment, [*old, *([new] if new else [])])
        if proportions.is_rolling(deployment):
            return self._roll(deployment, sets)
        return self._recreate(deployment, sets)

    def _owned(self, deployment: Object) -> list[Object]:
        namespace = deployment["metadata"]["namespace"]
        listed = self._registry.list(kinds.REPLICA_SETS, namespace).items
        return ownership.claimed(
            self._registry, kinds.DEPLOYMENTS, deployment, kinds.REPLICA_SETS, listed
        )

    def _told_of_pause(self, deployment: Object) -> Object:
        """The Deployment with a condition that says whether it is paused."""
        status, spec = objects.status(deployment), objects.spec(deployment)
        current = deployment_status.found(status, PROGRESSING)
        reason = current["reason"] if current else ""
        if deployment_status.deadline(deployment) is None or reason == TIMED_OUT:
            return deployment
        if bool(spec.get("paused")) == (reason == PAUSED):
            return deployment
        word, reason = ("paused", PAUSED) if spec.get("paused") else ("resumed", RESUMED)
        now = self._clock.now()
        made = condition(PROGRESSING, "Unknown", reason, f"Deployment is {word}", now)
        return self._sets.write_status(deployment, deployment_status.with_condition(status, made))

    # ---- status

    def _report(
        self, deployment: Object, new: Object | None, old: Sequence[Object]
    ) -> timedelta | None:
        """Write the status of a Deployment that is not rolled out now."""
        sets = [*old, *([new] if new else [])]
        status = deployment_status.calculate(deployment, sets, new, self._clock.now())
        if _changes(deployment, status):
            self._sets.write_status(deployment, status)
        return None

    def _report_rollout(
        self, deployment: Object, new: Object | None, old: Sequence[Object]
    ) -> timedelta | None:
        """Write the status of a rollout; how long until it has to have progressed."""
        sets, now = [*old, *([new] if new else [])], self._clock.now()
        status = deployment_status.of_rollout(deployment, sets, new, now)
        if _changes(deployment, status):
            self._sets.write_status(deployment, status)
            return None
        return deployment_status.next_check(deployment, status, now)

    # ---- scaling

    def _scaled(self, deployment: Object, sets: Sequence[Object]) -> timedelta | None:
        """Scale without rolling out: the Deployment has another size, or is paused (sync)."""
        deployment, new, old = self._sets.synced(deployment, sets, create=False)
        changed = self._scale(deployment, new, old)
        old = [changed.get(objects.uid(one), one) for one in old]
        new = changed.get(objects.uid(new), new) if new else None
        if objects.spec(deployment).get("paused") and revisions.rollback_to(deployment) is None:
            self._sets.clean_up(deployment, old)
        return self._report(deployment, new, old)

    def _scale(
        self, deployment: Object, new: Object | None, old: Sequence[Object]
    ) -> dict[str, Object]:
        """Scale the ReplicaSets; those that have changed, by uid."""
        sizes = _sizes(deployment, new, old)
        several = len(active([*old, new])) > 1
        return {
            objects.uid(one): self._sets.scale(deployment, one, size, force=several)[1]
            for one, size in sizes
        }

    # ---- recreate

    def _recreate(self, deployment: Object, sets: Sequence[Object]) -> timedelta | None:
        deployment, new, old = self._sets.synced(deployment, sets, create=False)
        before = {objects.uid(one): one for one in old}
        scaled = False
        for one in active(old):
            did, before[objects.uid(one)] = self._sets.scale(deployment, one, 0)
            scaled = scaled or did
        old = list(before.values())
        if scaled or self._old_pods_run(deployment, new, sets):
            return self._report_rollout(deployment, new, old)
        if new is None:
            deployment, new, old = self._sets.synced(deployment, sets, create=True)
        assert new is not None
        _, new = self._sets.scale(deployment, new, replicas(deployment))
        self._clean_up(deployment, old)
        return self._report_rollout(deployment, new, old)

    def _old_pods_run(self, deployment: Object, new: Object | None, sets: Sequence[Object]) -> bool:
        old = {objects.uid(one) for one in sets} - ({objects.uid(new)} if new else set())
        if any(objects.status(one).get("replicas") for one in sets if objects.uid(one) in old):
            return True
        for pod in self._registry.awake(kinds.PODS, deployment["metadata"]["namespace"]):
            owner = objects.controller(pod)
            if owner is not None and owner["uid"] in old and not pods.has_ended(pod):
                return True
        return False

    def _clean_up(self, deployment: Object, old: Sequence[Object]) -> None:
        if deployment_status.is_complete(deployment, objects.status(deployment)):
            self._sets.clean_up(deployment, old)

    # ---- rolling update

    def _roll(self, deployment: Object, sets: Sequence[Object]) -> timedelta | None:
        deployment, new, old = self._sets.synced(deployment, sets, create=True)
        assert new is not None
        size = replicas(deployment)
        if replicas(new) < size:
            size = proportions.of_new(deployment, [*old, new], new)
        scaled, new = self._sets.scale(deployment, new, size)
        if scaled:
            return self._report_rollout(deployment, new, old)
        sizes = _fewer_old(deployment, new, active(old))
        if sizes:
            changed = {
                objects.uid(one): self._sets.scale(deployment, one, size)[1] for one, size in sizes
            }
            old = [changed.get(objects.uid(one), one) for one in old]
            return self._report_rollout(deployment, new, old)
        self._clean_up(deployment, old)
        return self._report_rollout(deployment, new, old)

    # ---- rollback

    def _roll_back(self, deployment: Object, sets: Sequence[Object], revision: int) -> None:
        """Take over the template of an earlier revision, as the old annotation asks for it."""
        deployment, new, old = self._sets.synced(deployment, sets, create=True)
        found = [*old, *([new] if new else [])]
        wanted = revision or revisions.last_but_one(found)
        name = objects.name(deployment)
        target = next((one for one in found if wanted and revisions.revision(one) == wanted), None)
        if target is None:
            text = "Unable to find the revision to rollback to."
            self._warn(deployment, _NOT_FOUND, text if wanted else "Unable to find last revision.")
        elif revisions.same_template(deployment, target):
            text = (
                f'The rollback revision contains the same template as current deployment "{name}"'
            )
            self._warn(deployment, "DeploymentRollbackTemplateUnchanged", text)
            target = None
        changed = revisions.rolled_back(deployment, target)
        namespace = deployment["metadata"]["namespace"]
        self._registry.update(kinds.DEPLOYMENTS, name, changed, namespace)
        if target is not None:
            text = f'Rolled back deployment "{name}" to revision {wanted}'
            self._recorder.event(deployment, "Normal", "DeploymentRollback", text)

    def _warn(self, deployment: Object, reason: str, message: str) -> None:
        self._recorder.event(deployment, "Warning", reason, message)


def _changes(deployment: Object, status: Object) -> bool:
    """Whether a status is another than the Deployment's, which has no zeros and empty lists."""
    old = objects.status(deployment)
    keys = {*old, *status}
    return any((old.get(key) or None) != (status.get(key) or None) for key in keys) or (
        "terminatingReplicas" not in old
    )


def _sizes(
    deployment: Object, new: Object | None, old: Sequence[Object]
) -> list[tuple[Object, int]]:
    """The size that each ReplicaSet is to have when the Deployment is scaled (scale)."""
    there = active([*old, new])
    if len(there) < 2:
        newest = new or max(old, key=revisions.age, default=None)
        only = there[0] if there else newest
        return [(only, replicas(deployment))] if only is not None else []
    if new is not None and _is_saturated(deployment, new):
        return [(one, 0) for one in active(old)]
    return proportions.proportional(deployment, there) if proportions.is_rolling(deployment) else []


def _is_saturated(deployment: Object, new: Object) -> bool:
    wanted = replicas(deployment)
    available = int(objects.status(new).get("availableReplicas") or 0)
    return (replicas(new), revisions.desired(new), available) == (wanted,) * 3


def _fewer_old(deployment: Object, new: Object, old: Sequence[Object]) -> list[tuple[Object, int]]:
    """The sizes of old ReplicaSets that are to be smaller now (reconcileOldReplicaSets)."""
    least = replicas(deployment) - proportions.max_unavailable(deployment)
    unavailable = replicas(new) - _available(new)
    room = sum(map(replicas, [*old, new])) - least - unavailable
    if not old or room <= 0:
        return []
    ordered = sorted(old, key=revisions.age)
    sizes = {objects.uid(one): replicas(one) for one in ordered}
    if _drop_unhealthy(ordered, sizes, room):
        left = sum(map(_available, [*ordered, new])) - least
        for one in ordered:
            fewer = max(0, min(left, sizes[objects.uid(one)]))
            sizes[objects.uid(one)] -= fewer
            left -= fewer
    changed = [(one, sizes[objects.uid(one)]) for one in ordered]
    return [(one, size) for one, size in changed if size != replicas(one)]


def _drop_unhealthy(ordered: Sequence[Object], sizes: dict[str, int], room: int) -> bool:
    """Take the Pods that are not healthy from the sizes first (cleanupUnhealthyReplicas).

    Returns False where a ReplicaSet has more Pods available than it wants: its controller has not
    come to it yet, and more can be said when it has.
    """
    for one in ordered:
        if room <= 0:
            break
        if replicas(one) < _available(one):
            return False
        fewer = min(room, replicas(one) - _available(one))
        sizes[objects.uid(one)] -= fewer
        room -= fewer
    return True


def _available(one: Object) -> int:
    return int(objects.status(one).get("availableReplicas") or 0)
