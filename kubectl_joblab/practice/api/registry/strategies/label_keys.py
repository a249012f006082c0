"""Writes the labels that matchLabelKeys and mismatchLabelKeys name into a new Pod's selectors.

The strategy of Pods calls it. Follows mutatePodAffinity and mutateTopologySpreadConstraints in
pkg/registry/core/pod/strategy.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def merge(pod: Object) -> None:
    """Complete the selectors of a Pod's affinity and of its spread."""
    labels = dict(objects.labels(pod))
    for term in [*_terms(pod), *(pod["spec"].get("topologySpreadConstraints") or ())]:
        if term.get("labelSelector") is not None:
            _add(term, "matchLabelKeys", "In", labels)
            _add(term, "mismatchLabelKeys", "NotIn", labels)


def _terms(pod: Object) -> Iterator[Object]:
    affinity = pod["spec"].get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        given = affinity.get(kind) or {}
        yield from (one["podAffinityTerm"] for one in given.get(_PREFERRED) or ())
        yield from given.get(_REQUIRED) or ()


def _add(term: Object, keys: str, operator: str, labels: dict[str, str]) -> None:
    new = [
        {"key": key, "operator": operator, "values": [labels[key]]}
        for key in term.get(keys) or ()
        if key in labels
    ]
    if new:
        selector = term["labelSelector"]
        selector["matchExpressions"] = [*(selector.get("matchExpressions") or ()), *new]
