"""The rules of label selectors.

The rules of Jobs and of scheduling call them. Follows ValidateLabelSelector in
k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import metadata, values

NEEDS_VALUES = "must be specified when `operator` is 'In' or 'NotIn'"
NEEDS_NO_VALUES = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
NO_OPERATOR = "not a valid selector operator"


def validate_label_selector(selector: Object | None, path: str) -> list[FieldError]:
    """The rules that a selector breaks; None breaks none."""
    if selector is None:
        return []
    found = metadata.validate_labels(selector.get("matchLabels") or {}, f"{path}.matchLabels")
    for index, requirement in enumerate(selector.get("matchExpressions") or ()):
        found += _validate_requirement(requirement, f"{path}.matchExpressions[{index}]")
    return found


def _validate_requirement(requirement: Object, path: str) -> list[FieldError]:
    key, operator = requirement.get("key", ""), requirement.get("operator", "")
    listed = requirement.get("values") or ()
    found = validate_operator(operator, listed, path)
    found += values.validate_qualified_name(key, f"{path}.key")
    for index, value in enumerate(listed):
        found += values.each(f"{path}.values[{index}]", value, names.is_valid_label_value(value))
    return found


def validate_operator(operator: str, listed: object, path: str) -> list[FieldError]:
    """The error of an operator whose values are missing, or which takes none."""
    if operator in ("In", "NotIn"):
        return [] if listed else [field.required(f"{path}.values", NEEDS_VALUES)]
    if operator in ("Exists", "DoesNotExist"):
        return [field.forbidden(f"{path}.values", NEEDS_NO_VALUES)] if listed else []
    return [field.invalid(f"{path}.operator", operator, NO_OPERATOR)]
