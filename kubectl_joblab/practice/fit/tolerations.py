"""Which taints a Pod tolerates, and for how long.

The scheduler, the kubelet and the taint eviction controller ask. Follows
k8s.io/api/core/v1/toleration.go, k8s.io/component-helpers/scheduling/corev1/helpers.go and
getMinTolerationTime in pkg/controller/tainteviction/taint_eviction.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"


def tolerates(pod: Object, taint: Object) -> bool:
    """Whether a Pod tolerates a taint."""
    return _tolerating(pod, taint) is not None


def untolerated(pod: Object, node: Object, effects: Sequence[str]) -> Object | None:
    """The first taint of a node, of those effects, that a Pod does not tolerate."""
    for taint in taints(node, effects):
        if not tolerates(pod, taint):
            return taint
    return None


def taints(node: Object, effects: Sequence[str]) -> list[Object]:
    """The taints of a node that have one of those effects."""
    return [one for one in objects.spec(node).get("taints") or () if one["effect"] in effects]


def seconds(pod: Object, present: Iterable[Object]) -> float:
    """How many seconds a Pod stays where these taints are: 0 for not at all, else the least."""
    least = float("inf")
    for taint in present:
        found = _tolerating(pod, taint)
        if found is None:
            return 0
        if (given := found.get("tolerationSeconds")) is not None:
            least = min(least, max(given, 0))
    return least


def _tolerating(pod: Object, taint: Object) -> Object | None:
    """The first toleration of a Pod that tolerates a taint."""
    for one in objects.spec(pod).get("tolerations") or ():
        if _matches(one, taint):
            return dict(one)
    return None


def _matches(toleration: Object, taint: Object) -> bool:
    """Whether a toleration tolerates a taint (ToleratesTaint)."""
    for key in ("effect", "key"):
        if toleration.get(key) and toleration[key] != taint.get(key):
            return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Equal":
        return bool(toleration.get("value", "") == taint.get("value", ""))
    return bool(operator == "Exists")
