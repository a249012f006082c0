"""Which nodes a Pod asks for by their labels and names.

Follows pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go and
k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.selectors import Requirement

REASON = "node(s) didn't match Pod's node affinity/selector"
CONFLICT = "pod affinity terms conflict"


def matches(pod: Object, node: Object) -> bool:
    """Whether a node has the labels, or the name, that a Pod asks for."""
    labels, terms = objects.labels(node), _terms(pod)
    selector = objects.spec(pod).get("nodeSelector") or {}
    fits = all(labels.get(key) == value for key, value in selector.items())
    return fits and (terms is None or any(_term_matches(term, node) for term in terms))


def named(pod: Object) -> set[str] | None:
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


def _terms(pod: Object) -> Sequence[Object] | None:
    """The terms of the Pod's required node affinity."""
    path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
    required = objects.field(pod, path)
    return None if required is None else required.get("nodeSelectorTerms") or ()


def _term_matches(term: Object, node: Object) -> bool:
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    called = {"metadata.name": objects.name(node)}
    return bool(expressions or fields) and (
        all(_requirement(one).matches(objects.labels(node)) for one in expressions)
        and all(_requirement(one).matches(called) for one in fields)
    )


def _requirement(one: Object) -> Requirement:
    return Requirement(one["key"], one["operator"], tuple(one.get("values") or ()))
