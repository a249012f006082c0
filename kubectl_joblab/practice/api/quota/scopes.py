"""Scopes: which Pods a quota is about.

Follows podMatchesScopeFunc in pkg/quota/v1/evaluator/core/pods.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import quality
from kubectl_joblab.practice.api.selectors import Requirement

PRIORITY_CLASS = "PriorityClass"


def of_quota(spec: Mapping[str, Any]) -> list[Object]:
    """The requirements of a quota's scopes and of its scope selector."""
    plain = [{"scopeName": one, "operator": "Exists"} for one in spec.get("scopes") or ()]
    return plain + ((spec.get("scopeSelector") or {}).get("matchExpressions") or [])


def matches(requirement: Object, pod: Object) -> bool:
    """Whether a Pod is in a scope."""
    scope, spec = requirement["scopeName"], objects.spec(pod)
    if scope in ("Terminating", "NotTerminating"):
        return is_terminating(pod) is (scope == "Terminating")
    if scope in ("BestEffort", "NotBestEffort"):
        best_effort = quality.class_of(spec) == quality.BEST_EFFORT
        return best_effort is (scope == "BestEffort")
    if scope == PRIORITY_CLASS:
        named = spec.get("priorityClassName")
        asked = Requirement(scope, requirement["operator"], requirement.get("values") or ())
        return asked.matches({scope: named} if named else {})
    return scope == "CrossNamespacePodAffinity" and any(_reaches_out(one) for one in _terms(spec))


def is_terminating(pod: Object) -> bool:
    """Whether a Pod has a deadline, and so an end (IsTerminating)."""
    deadline = objects.spec(pod).get("activeDeadlineSeconds")
    return deadline is not None and deadline >= 0


def _terms(spec: Mapping[str, Any]) -> Iterator[Object]:
    """The terms of a Pod's affinity and anti-affinity to other Pods."""
    for which in ("podAffinity", "podAntiAffinity"):
        affinity = (spec.get("affinity") or {}).get(which) or {}
        yield from affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        for weighted in affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield weighted.get("podAffinityTerm") or {}


def _reaches_out(term: Object) -> bool:
    return bool(term.get("namespaces")) or term.get("namespaceSelector") is not None
