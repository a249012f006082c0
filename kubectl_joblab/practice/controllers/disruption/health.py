"""How healthy the Pods of a PodDisruptionBudget are, and so how many of them may go. Pure.

budget_controller.py observes, and writes what follows. Follows getExpectedPodCount,
countHealthyPods, buildDisruptedPodMap, updatePdbStatus and failSafe in
pkg/controller/disruption/disruption.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import budgets, conditions

# After an eviction was allowed the Pod is to be seen deleted within this time; else it is counted
# again.
DELETION_TIMEOUT = timedelta(minutes=2)


@dataclass(frozen=True)
class Expected:
    """How many Pods there should be, and how many of them have to be healthy."""

    pods: int
    healthy: int


@dataclass(frozen=True)
class Disrupted:
    """The Pods that are about to be evicted.

    pods: name -> when that was allowed. recheck: when the first of them is late. late: the Pods
    that should have been deleted by now, and were not.
    """

    pods: dict[str, str]
    recheck: datetime | None
    late: tuple[Object, ...]


def needs_scale(spec: Object) -> bool:
    """Whether a budget counts the Pods that there should be, not those that there are."""
    return spec.get("maxUnavailable") is not None or isinstance(spec.get("minAvailable"), str)


def expected(spec: Object, pods: int, scale: int) -> Expected:
    """How many Pods a budget expects.

    pods: how many there are. scale: how many their controllers want, where needs_scale.
    """
    if (most := spec.get("maxUnavailable")) is not None:
        return Expected(scale, max(scale - _scaled(most, scale), 0))
    least = spec.get("minAvailable")
    if least is None:
        return Expected(0, 0)
    return Expected(scale, _scaled(least, scale)) if needs_scale(spec) else Expected(pods, least)


def _scaled(value: int | str, total: int) -> int:
    """A number, or a percentage of a total rounded up (GetScaledValueFromIntOrPercent)."""
    if isinstance(value, int):
        return value
    return -(-int(value.removesuffix("%")) * total // 100)


def disrupted(budget: Object, pods: Sequence[Object], now: datetime) -> Disrupted:
    """The Pods of a budget of which an eviction was allowed and that are not deleted yet."""
    told = objects.status(budget).get("disruptedPods") or {}
    kept: dict[str, str] = {}
    late, due = [], []
    for pod in pods:
        allowed = told.get(objects.name(pod))
        since = objects.time(allowed)
        if objects.is_deleted(pod) or allowed is None or since is None:
            continue
        if since + DELETION_TIMEOUT < now:
            late.append(pod)
        else:
            kept[objects.name(pod)] = allowed
            due.append(since + DELETION_TIMEOUT)
    return Disrupted(kept, min(due, default=None), tuple(late))


def healthy(pods: Sequence[Object], leaving: Disrupted) -> int:
    """How many Pods are ready, and neither deleted nor about to be."""
    return sum(
        objects.is_true(pod, "Ready")
        for pod in pods
        if not objects.is_deleted(pod) and objects.name(pod) not in leaving.pods
    )


def status(
    budget: Object, wanted: Expected, current: int, leaving: Disrupted, now: datetime
) -> Object:
    """The status of a budget of which this is known."""
    allowed = max(current - wanted.healthy, 0) if wanted.pods > 0 else 0
    found: Object = {
        "observedGeneration": objects.metadata(budget).get("generation") or 0,
        "disruptionsAllowed": allowed,
        "currentHealthy": current,
        "desiredHealthy": wanted.healthy,
        "expectedPods": wanted.pods,
    }
    if leaving.pods:
        found["disruptedPods"] = leaving.pods
    found["conditions"] = objects.status(budget).get("conditions") or []
    return budgets.with_allowed(found, now)


def failed(budget: Object, why: str, now: datetime) -> Object:
    """The status of a budget whose Pods cannot be counted: none may go (failSafe)."""
    old = objects.status(budget)
    condition = {
        "type": budgets.ALLOWED,
        "status": "False",
        "observedGeneration": old.get("observedGeneration") or 0,
        "reason": budgets.SYNC_FAILED,
        "message": why,
    }
    found = conditions.with_condition(old.get("conditions") or (), condition, now)
    return {**old, "disruptionsAllowed": 0, "conditions": found}
