"""What a PodDisruptionBudget says: whose Pods it covers, and whether one may go.

Eviction asks, and the disruption controller tells. Pure. Follows
k8s.io/component-helpers/apps/poddisruptionbudget/helpers.go and
pkg/registry/core/pod/storage/eviction.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import conditions, errors, selectors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.clock import rfc3339

ALLOWED = "DisruptionAllowed"
SYNC_FAILED = "SyncFailed"
GROUP = "policy"
MAX_DISRUPTED_PODS = 2000  # MaxDisruptedPodSize: evictions that the controller has not noticed yet
PROCESSING_SECONDS = 10  # after which a client may ask again while the controller is at work
_CAUSE = "DisruptionBudget"


def covering(budgets: Iterable[Object], pod: Object) -> list[Object]:
    """The budgets whose selectors match a Pod; all are of its namespace."""
    labels = objects.labels(pod)
    return [
        one for one in budgets if selectors.of(objects.spec(one).get("selector")).matches(labels)
    ]


def with_allowed(status: Object, now: datetime) -> Object:
    """A status with the condition that says whether a Pod may be disrupted.

    Follows UpdateDisruptionAllowedCondition.
    """
    allowed = status["disruptionsAllowed"] > 0
    condition = {
        "type": ALLOWED,
        "status": "True" if allowed else "False",
        "observedGeneration": status.get("observedGeneration", 0),
        "reason": "SufficientPods" if allowed else "InsufficientPods",
        "message": "",
    }
    found = conditions.with_condition(status.get("conditions") or (), condition, now)
    return {**status, "conditions": found}


def spent(budget: Object, pod: str, now: datetime) -> Object:
    """The status of a budget after a Pod of this name is evicted (checkAndDecrement).

    Raises 429 where the budget does not allow it.
    """
    status = objects.status(budget)
    check(budget)
    left = status["disruptionsAllowed"] - 1
    found: Object = {**status, "disruptionsAllowed": left}
    if not left:
        found = with_allowed(found, now)
    return {**found, "disruptedPods": {**(found.get("disruptedPods") or {}), pod: rfc3339(now)}}


def check(budget: Object) -> None:
    """Raise 429 where a budget allows no disruption now, 403 where its status cannot be trusted."""
    name, status = objects.name(budget), objects.status(budget)
    generation = objects.metadata(budget).get("generation") or 0
    allowed = status.get("disruptionsAllowed") or 0
    if (status.get("observedGeneration") or 0) < generation:
        raise _processing(name)
    if allowed < 0:
        why = "pdb disruptions allowed is negative"
        raise _forbidden(name, why, why)
    if len(status.get("disruptedPods") or ()) > MAX_DISRUPTED_PODS:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        short = "too many pending evictions not confirmed by PDB controller"
        raise _forbidden(name, why, short)
    if not allowed:
        raise _violated(_why(budget))


def _why(budget: Object) -> str:
    """Why a budget allows no disruption."""
    name, status = objects.name(budget), objects.status(budget)
    condition = objects.condition(budget, ALLOWED) or {}
    current, desired = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
    told = condition.get("message") if condition.get("status") == "False" else ""
    start = f"The disruption budget {name} does not allow evicting pods currently"
    if told and condition.get("reason") == SYNC_FAILED:
        return f"{start} because it failed sync: {told}"
    if current <= desired:
        return (
            f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
        )
    return f"{start} ({condition['reason']}): {told}" if told else start


def _violated(cause: str, seconds: int = 0) -> StatusError:
    message = "Cannot evict pod as it would violate the pod's disruption budget."
    causes = [{"reason": _CAUSE, "message": cause}]
    return errors.too_many_requests(message, seconds, causes)


def _processing(name: str) -> StatusError:
    """The 429 of a budget that has changed, of which the controller does not know yet."""
    cause = f"The disruption budget {name} is still being processed by the server."
    return _violated(cause, PROCESSING_SECONDS)


def _forbidden(name: str, why: str, short: str) -> StatusError:
    cause = f"The disruption budget {name} does not allow evicting pods currently: {short}"
    error = errors.forbidden(GROUP, "poddisruptionbudget", name, why)
    error.details = {**(error.details or {}), "causes": [{"reason": _CAUSE, "message": cause}]}
    return error
