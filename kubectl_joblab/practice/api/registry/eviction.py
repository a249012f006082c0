"""Eviction: deletes a Pod unless a PodDisruptionBudget says that it may not go now.

The HTTP handler of pods/eviction calls it. Follows pkg/registry/core/pod/storage/eviction.go. No
write of others comes between, so there is nothing to be tried again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import budgets, conditions
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions, UpdateOptions
from kubectl_joblab.practice.api.registry import deletion
from kubectl_joblab.practice.api.registry.kinds import POD_DISRUPTION_BUDGETS, PODS
from kubectl_joblab.practice.api.registry.operations import Registry

REASON = "EvictionByEvictionAPI"
MESSAGE = "Eviction API: evicting"
_UNOWNED = UpdateOptions(field_manager=None)  # upstream writes past who manages fields
_TOO_MANY = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
    "support."
)


def evict(
    registry: Registry, namespace: str, name: str, options: DeleteOptions, now: datetime
) -> None:
    """Evict a Pod. Raises 404 where there is none, 429 where its budget does not allow it."""
    pod = registry.get(PODS, name, namespace)
    if not _ignores_budgets(pod):
        _spend(registry, pod, options, now)
    deletion.check_options(PODS, options, None)
    deletion.check_preconditions(PODS, pod, options.preconditions)
    if not options.dry_run:
        _mark(registry, pod, now)
    # That it is the same version was seen; this has changed it.
    same = replace(options.preconditions, resource_version="")
    registry.delete(PODS, name, namespace, replace(options, preconditions=same))


def _ignores_budgets(pod: Object) -> bool:
    """Whether a Pod is, or may be, gone for those who count it (canIgnorePDB)."""
    ended = objects.status(pod).get("phase") in ("Pending", "Succeeded", "Failed")
    return ended or objects.is_deleted(pod)


def _spend(registry: Registry, pod: Object, options: DeleteOptions, now: datetime) -> None:
    """Take a Pod from the budget that covers it; a Pod that is not healthy costs nothing."""
    namespace = objects.metadata(pod)["namespace"]
    listed = registry.list(POD_DISRUPTION_BUDGETS, namespace).items
    found = budgets.covering(listed, pod)
    if len(found) > 1:
        raise StatusError(500, "", _TOO_MANY)
    if not found or _is_free(pod, found[0]):
        return
    (budget,) = found
    budgets.check(budget)
    if not options.dry_run:
        status = budgets.spent(budget, objects.name(pod), now)
        changed, named = {**budget, "status": status}, objects.name(budget)
        where = POD_DISRUPTION_BUDGETS, named
        registry.update(*where, changed, namespace, _UNOWNED, subresource="status")


def _is_free(pod: Object, budget: Object) -> bool:
    """Whether a Pod is unhealthy, and its budget does not mind that it goes."""
    if objects.is_true(pod, "Ready"):
        return False
    if objects.spec(budget).get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = objects.status(budget)
    desired = status.get("desiredHealthy") or 0
    return bool(desired > 0 and (status.get("currentHealthy") or 0) >= desired)


def _mark(registry: Registry, pod: Object, now: datetime) -> None:
    """Tell in the Pod's status that it is being evicted (addConditionAndDeletePod)."""
    condition = conditions.of_pod(conditions.DISRUPTION_TARGET, "True", REASON, MESSAGE)
    status = conditions.with_pod_condition(dict(objects.status(pod)), condition, now)
    name, namespace = objects.name(pod), objects.metadata(pod)["namespace"]
    changed = {**pod, "status": status}
    registry.update(PODS, name, changed, namespace, _UNOWNED, subresource="status")
