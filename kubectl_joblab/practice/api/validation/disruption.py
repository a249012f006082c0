"""The rules of PodDisruptionBudgets.

The strategy calls it. Follows pkg/apis/policy/validation/validation.go and ValidateConditions in
k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, selectors, shares, values

POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_STATUSES = ("False", "True", "Unknown")
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_NO_REASON = (
    "a condition reason must start with alphabetic character, optionally followed by a string of "
    "alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
)
_REASONS = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
_LONGEST_REASON = 1024
_LONGEST_MESSAGE = 32 * 1024


def validate_budget(budget: Object) -> list[FieldError]:
    """The rules that a PodDisruptionBudget breaks, new or changed, except those of metadata."""
    spec, found = objects.spec(budget), []
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        why = "minAvailable and maxUnavailable cannot be both set"
        shown = internal.shown("PodDisruptionBudgetSpec", spec)
        found.append(field.invalid("spec", shown, why))
    for key in ("minAvailable", "maxUnavailable"):
        if (value := spec.get(key)) is not None:
            found += shares.validate_share(value, f"spec.{key}")
            found += shares.validate_at_most_all(value, f"spec.{key}")
    found += selectors.validate_label_selector(spec.get("selector"), "spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None:
        found += values.validate_enum(policy, POLICIES, "spec.unhealthyPodEvictionPolicy")
    return found


def validate_budget_status(budget: Object) -> list[FieldError]:
    """The rules that a changed status breaks."""
    status = objects.status(budget)
    found = _validate_conditions(status.get("conditions") or ())
    for key in ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"):
        found += values.validate_nonnegative_field(status.get(key), f"status.{key}")
    return found


def _validate_conditions(conditions: Sequence[Object]) -> list[FieldError]:
    found, seen = [], set()
    for index, condition in enumerate(conditions):
        path, kind = f"status.conditions[{index}]", condition.get("type", "")
        if kind in seen:
            found.append(field.duplicate(path, kind))
        seen.add(kind)
        found += _validate_condition(condition, path)
    return found


def _validate_condition(condition: Object, path: str) -> list[FieldError]:
    found, kind = [], condition.get("type", "")
    if kind:
        found += values.validate_qualified_name(kind, f"{path}.type")
    else:
        found.append(field.required(f"{path}.type", "is required"))
    found += values.validate_choice(condition.get("status", ""), _STATUSES, f"{path}.status")
    if (generation := condition.get("observedGeneration") or 0) < 0:
        why = "must be greater than or equal to zero"
        found.append(field.invalid(f"{path}.observedGeneration", generation, why))
    if not condition.get("lastTransitionTime"):
        found.append(field.required(f"{path}.lastTransitionTime"))
    found += _validate_reason(condition.get("reason", ""), f"{path}.reason")
    if len(condition.get("message", "").encode()) > _LONGEST_MESSAGE:
        found.append(field.too_long(f"{path}.message", _LONGEST_MESSAGE))
    return found


def _validate_reason(reason: str, path: str) -> list[FieldError]:
    if not reason:
        return [field.required(path)]
    found = []
    if not re.fullmatch(_REASON, reason):
        found.append(
            field.invalid(path, reason, names.pattern_wrong(_NO_REASON, _REASON, *_REASONS))
        )
    if len(reason.encode()) > _LONGEST_REASON:
        found.append(field.too_long(path, _LONGEST_REASON))
    return found
