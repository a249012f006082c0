"""Whether a Pod may be, or has to be, where certain others are.

Follows pkg/scheduler/framework/plugins/interpodaffinity/filtering.go and AffinityTerm in
k8s.io/kube-scheduler/framework/types.go. The labels that matchLabelKeys name are a part of the
selector by then: the API server has put them there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.selectors import LabelSelector
from kubectl_joblab.practice.fit.snapshot import Snapshot

NOT_TOGETHER = "node(s) didn't match pod affinity rules"
NOT_APART = "node(s) didn't match pod anti-affinity rules"
KEPT_OFF = "node(s) didn't satisfy existing pods anti-affinity rules"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True)
class _Term:
    """A required term of a Pod. namespaces, of: whose Pods it is about."""

    key: str
    namespaces: frozenset[str]
    of: LabelSelector
    selector: LabelSelector

    def matches(self, pod: Object, seen: Snapshot) -> bool:
        """Whether the term is about a Pod."""
        namespace = objects.metadata(pod)["namespace"]
        if namespace not in self.namespaces and not self.of.matches(seen.namespace(namespace)):
            return False
        return self.selector.matches(objects.labels(pod))


def _terms(pod: Object, kind: str) -> list[_Term]:
    found = objects.field(pod, f"spec.affinity.{kind}.{_REQUIRED}") or ()
    return [_term(pod, one) for one in found]


def _term(pod: Object, given: Object) -> _Term:
    named, selected = given.get("namespaces") or (), given.get("namespaceSelector")
    if not named and selected is None:
        named = (objects.metadata(pod)["namespace"],)
    selector = selectors.of(given.get("labelSelector"))
    return _Term(given["topologyKey"], frozenset(named), selectors.of(selected), selector)


def reason(pod: Object, node: Object, seen: Snapshot) -> str:
    """Why a Pod may not be on a node; "" where it may."""
    if not _is_together(pod, node, seen):
        return NOT_TOGETHER
    if _meets(_terms(pod, "podAntiAffinity"), node, seen):
        return NOT_APART
    return KEPT_OFF if _is_kept_off(pod, node, seen) else ""


def may_help(waiting: Object, old: Object | None, new: Object | None, seen: Snapshot) -> bool:
    """Whether a Pod that has come, gone or changed is one that another waits for."""
    together, apart = _terms(waiting, "podAffinity"), _terms(waiting, "podAntiAffinity")

    def wanted(pod: Object | None) -> bool:
        return pod is not None and bool(together) and all(t.matches(pod, seen) for t in together)

    def unwanted(pod: Object | None) -> bool:
        return pod is not None and any(t.matches(pod, seen) for t in apart)

    if (wanted(new) and not wanted(old)) or (unwanted(old) and not unwanted(new)):
        return True
    keeps_off = _terms(old, "podAntiAffinity") if old is not None and new is None else []
    return any(term.matches(waiting, seen) for term in keeps_off)


def _is_together(pod: Object, node: Object, seen: Snapshot) -> bool:
    """Whether there is, for each term, a Pod in the node's domain that fits all terms.

    The first Pod of a group that is to be together may be anywhere.
    """
    terms, labels = _terms(pod, "podAffinity"), objects.labels(node)
    if not terms:
        return True
    if not all(term.key in labels for term in terms):
        return False
    others = [
        objects.labels(where)
        for one, where in seen.pods()
        if all(term.matches(one, seen) for term in terms)
    ]
    if all(any(one.get(term.key) == labels[term.key] for one in others) for term in terms):
        return True
    counted = any(term.key in one for one in others for term in terms)
    return not counted and all(term.matches(pod, seen) for term in terms)


def _meets(terms: list[_Term], node: Object, seen: Snapshot) -> bool:
    """Whether there is a Pod in the node's domain that one of the terms is about."""
    return bool(terms) and any(
        _is_near(term.key, node, where) and term.matches(one, seen)
        for one, where in seen.pods()
        for term in terms
    )


def _is_kept_off(pod: Object, node: Object, seen: Snapshot) -> bool:
    """Whether a Pod in the node's domain does not want this one there."""
    return any(
        _is_near(term.key, node, where) and term.matches(pod, seen)
        for one, where in _unsociable(seen)
        for term in _terms(one, "podAntiAffinity")
    )


def _unsociable(seen: Snapshot) -> Iterator[tuple[Object, Object]]:
    """The Pods that want to be apart from others."""
    for one, where in seen.pods():
        if (objects.spec(one).get("affinity") or {}).get("podAntiAffinity"):
            yield one, where


def _is_near(key: str, node: Object, other: Object) -> bool:
    """Whether two nodes are in one domain."""
    value = objects.labels(node).get(key)
    return value is not None and objects.labels(other).get(key) == value
