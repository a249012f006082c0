"""Whether a Pod would be where too many of its like are already.

Follows pkg/scheduler/framework/plugins/podtopologyspread/{filtering,common}.go. The labels that
matchLabelKeys name are a part of the selector by then: the API server has put them there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.selectors import LabelSelector
from kubectl_joblab.practice.fit import node_affinity, tolerations
from kubectl_joblab.practice.fit.snapshot import NodeInfo, Snapshot

REASON = "node(s) didn't match pod topology spread constraints"
NO_LABEL = f"{REASON} (missing required label)"


def reason(pod: Object, node: Object, seen: Snapshot) -> str:
    """Why a Pod may not be on a node; "" where it may."""
    constraints = list(_constraints(pod))
    for constraint in constraints:
        value = objects.labels(node).get(constraint["topologyKey"])
        if value is None:
            return NO_LABEL
        counts = _counts(pod, constraint, constraints, seen)
        least = min(counts.values(), default=0)
        if len(counts) < (constraint.get("minDomains") or 1):
            least = 0
        itself = _selector(constraint).matches(objects.labels(pod))
        if counts.get(value, 0) + itself - least > constraint["maxSkew"]:
            return REASON
    return ""


def may_help(waiting: Object, old: Object | None, new: Object | None) -> bool:
    """Whether a Pod that has come, gone or changed counts for the spread of another."""
    namespace = objects.metadata(waiting)["namespace"]

    def counts(pod: Object | None) -> list[bool]:
        if pod is None or objects.metadata(pod)["namespace"] != namespace:
            return []
        return [_selector(one).matches(objects.labels(pod)) for one in _constraints(waiting)]

    before, after = counts(old), counts(new)
    if before and after:
        return before != after
    return any(before) or any(after)


def _constraints(pod: Object) -> Iterator[Object]:
    for one in objects.spec(pod).get("topologySpreadConstraints") or ():
        if one.get("whenUnsatisfiable") == "DoNotSchedule":
            yield one


def _selector(constraint: Object) -> LabelSelector:
    return selectors.of(constraint.get("labelSelector"))


def _counts(
    pod: Object, constraint: Object, constraints: list[Object], seen: Snapshot
) -> Mapping[str, int]:
    """How many Pods of its like there are in each domain of a constraint."""
    keys = [one["topologyKey"] for one in constraints]
    found: dict[str, int] = {}
    for info in seen.nodes.values():
        labels = objects.labels(info.node)
        if all(key in labels for key in keys) and _is_included(pod, constraint, info.node):
            domain = labels[constraint["topologyKey"]]
            found[domain] = found.get(domain, 0) + _like(pod, constraint, info)
    return found


def _is_included(pod: Object, constraint: Object, node: Object) -> bool:
    """Whether a node counts (matchNodeInclusionPolicies)."""
    by_affinity = (constraint.get("nodeAffinityPolicy") or "Honor") == "Honor"
    if by_affinity and not node_affinity.matches(pod, node):
        return False
    if constraint.get("nodeTaintsPolicy") != "Honor":
        return True
    effects = (tolerations.NO_SCHEDULE, tolerations.NO_EXECUTE)
    return tolerations.untolerated(pod, node, effects) is None


def _like(pod: Object, constraint: Object, info: NodeInfo) -> int:
    """How many Pods on a node a constraint selects; an empty selector selects none."""
    selector = _selector(constraint)
    if not selector.requirements:
        return 0
    namespace = objects.metadata(pod)["namespace"]
    return sum(
        selector.matches(objects.labels(one.pod))
        for one in info.pods.values()
        if objects.metadata(one.pod)["namespace"] == namespace and not objects.is_deleted(one.pod)
    )
