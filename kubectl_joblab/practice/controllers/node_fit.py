"""Whether a Pod fits a node, and if not, why, in the scheduler's words. Pure.

Each filter is named after its plugin in pkg/scheduler/framework/plugins and comes in its order; the
reasons are those of the first that refuses the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.selectors import Requirement

# how much of each resource, as the scheduler counts: thousandths of a CPU, whole units of others
Amounts = dict[str, int]
UNSCHEDULABLE_TAINT: Object = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
ALWAYS_LISTED = ("cpu", "memory", "ephemeral-storage")


@dataclass(frozen=True)
class Misfit:
    """Why a Pod does not fit a node.

    resolvable: whether it would fit if other Pods were not on the node.
    """

    reasons: tuple[str, ...]
    resolvable: bool = False


def misfit(pod: Object, node: Object, placed: Sequence[Amounts]) -> Misfit | None:
    """Why the Pod does not fit the node; None where it does.

    placed: the requests of each Pod that is on the node.
    """
    return (
        _named_otherwise(pod, node)
        or _node_unschedulable(pod, node)
        or _taint_toleration(pod, node)
        or _node_affinity(pod, node)
        or _node_resources_fit(pod, node, placed)
    )


def _node_unschedulable(pod: Object, node: Object) -> Misfit | None:
    if not objects.spec(node).get("unschedulable") or _tolerates(pod, UNSCHEDULABLE_TAINT):
        return None
    return Misfit(("node(s) were unschedulable",))


def _taint_toleration(pod: Object, node: Object) -> Misfit | None:
    for taint in objects.spec(node).get("taints") or ():
        if taint["effect"] in ("NoSchedule", "NoExecute") and not _tolerates(pod, taint):
            return Misfit(("node(s) had untolerated taint(s)",))
    return None


def _tolerates(pod: Object, taint: Object) -> bool:
    return any(_matches(one, taint) for one in objects.spec(pod).get("tolerations") or ())


def _matches(toleration: Object, taint: Object) -> bool:
    """Whether a toleration tolerates a taint.

    Follows ToleratesTaint in k8s.io/api/core/v1/toleration.go.
    """
    for key in ("effect", "key"):
        if toleration.get(key) and toleration[key] != taint.get(key):
            return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Equal":
        return bool(toleration.get("value", "") == taint.get("value", ""))
    return bool(operator == "Exists")


def _node_affinity(pod: Object, node: Object) -> Misfit | None:
    labels, terms = objects.labels(node), _terms(pod)
    selector = objects.spec(pod).get("nodeSelector") or {}
    fits = all(labels.get(key) == value for key, value in selector.items())
    if fits and (terms is None or any(_term_matches(term, node) for term in terms)):
        return None
    return Misfit(("node(s) didn't match Pod's node affinity/selector",))


def _terms(pod: Object) -> Sequence[Object] | None:
    """The terms of the Pod's required node affinity."""
    path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    required = objects.field(pod, path)
    return None if required is None else required.get("nodeSelectorTerms") or ()


def _named_otherwise(pod: Object, node: Object) -> Misfit | None:
    """Refuse a node that the Pod's affinity does not name, where it names some (PreFilter)."""
    named = _named(pod)
    if named is None or objects.name(node) in named:
        return None
    return Misfit(("node(s) didn't satisfy plugin(s) [NodeAffinity]",))


def _named(pod: Object) -> set[str] | None:
    """The nodes that the Pod's affinity names; None where one of its terms names no node."""
    terms = _terms(pod)
    if not terms:
        return None
    found: set[str] = set()
    for term in terms:
        names = [
            set(one["values"])
            for one in term.get("matchFields") or ()
            if (one["key"], one["operator"]) == ("metadata.name", "In")
        ]
        if not names:
            return None
        found |= set.intersection(*names)
    return found


def _term_matches(term: Object, node: Object) -> bool:
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    named = {"metadata.name": objects.name(node)}
    return bool(expressions or fields) and (
        all(_requirement(one).matches(objects.labels(node)) for one in expressions)
        and all(_requirement(one).matches(named) for one in fields)
    )


def _requirement(one: Object) -> Requirement:
    return Requirement(one["key"], one["operator"], tuple(one.get("values") or ()))


def _node_resources_fit(pod: Object, node: Object, placed: Sequence[Amounts]) -> Misfit | None:
    allocatable = _amounts(objects.status(node).get("allocatable"))
    reasons, resolvable = [], True
    if len(placed) + 1 > allocatable.get("pods", 0):
        reasons.append("Too many pods")
    wanted = {name: amount for name, amount in requests(pod).items() if amount}
    used = _sum(placed) if wanted else {}
    for name in sorted(wanted, key=lambda name: (name not in ALWAYS_LISTED, name)):
        total = allocatable.get(name, 0)
        if wanted[name] > total - used.get(name, 0):
            reasons.append(f"Insufficient {name}")
            resolvable = resolvable and wanted[name] <= total
    return Misfit(tuple(reasons), resolvable) if reasons else None


def requests(pod: Object) -> Amounts:
    """What a Pod requests of a node: the most that it needs at one time.

    Follows PodRequests in k8s.io/component-helpers/resource/helpers.go.
    """
    spec = objects.spec(pod)
    running = _sum(_container(one) for one in spec.get("containers") or ())
    beside: Amounts = {}  # what the sidecars need that have started by then
    initializing: Amounts = {}
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            running = _sum((running, _container(container)))
            beside = _sum((beside, _container(container)))
            initializing = _most(initializing, beside)
        else:
            initializing = _most(initializing, _sum((beside, _container(container))))
    needed = _most(running, initializing)
    needed |= _amounts((spec.get("resources") or {}).get("requests"))
    return _sum((needed, _amounts(spec.get("overhead"))))


def _container(container: Object) -> Amounts:
    return _amounts((container.get("resources") or {}).get("requests"))


def _amounts(resources: Object | None) -> Amounts:
    return {
        name: quantity.parse(text).scaled_value(quantity.MILLI if name == "cpu" else 0)
        for name, text in (resources or {}).items()
    }


def _sum(parts: Iterable[Amounts]) -> Amounts:
    total: Amounts = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0) + amount
    return total


def _most(one: Amounts, other: Amounts) -> Amounts:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in one | other}


def message(pod: Object, misfits: Sequence[Misfit]) -> str:
    """The message of FailedScheduling, for all nodes together (FitError)."""
    if not misfits:
        return "no nodes available to schedule pods"
    if _named(pod) == set():
        return f"0/{len(misfits)} nodes are available: pod affinity terms conflict. not found"
    counts: dict[str, int] = {}
    for one in misfits:
        for reason in one.reasons:
            counts[reason] = counts.get(reason, 0) + 1
    nodes = f"0/{len(misfits)} nodes are available:"
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    return f"{nodes} {listed}. preemption: {nodes} {_preemption(misfits)}."


def _preemption(misfits: Sequence[Misfit]) -> str:
    """The part about preemption: all Pods have the same priority, so none is preempted.

    Follows DefaultPreemption.
    """
    helpful = sum(one.resolvable for one in misfits)
    counts = {
        "No preemption victims found for incoming pod": helpful,
        "Preemption is not helpful for scheduling": len(misfits) - helpful,
    }
    return ", ".join(sorted(f"{count} {text}" for text, count in counts.items() if count))
