"""The rules of a Job's podFailurePolicy, which are part of those of its spec.

Follows validatePodFailurePolicy and what it calls in pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
OPERATORS = ("In", "NotIn")
STATUSES = ("False", "True", "Unknown")
MOST_RULES = 20
MOST_EXIT_CODES = 255
MOST_CONDITIONS = 20


def validate_pod_failure_policy(spec: Object, path: str) -> list[FieldError]:
    """The rules that the policy breaks. spec: that of the Job; path: that of the policy."""
    rules = spec["podFailurePolicy"].get("rules") or ()
    pod = spec["template"].get("spec") or {}
    known = {
        container.get("name", "")
        for kind in ("containers", "initContainers")
        for container in pod.get(kind) or ()
    }
    found = []
    if len(rules) > MOST_RULES:
        found.append(field.too_many(f"{path}.rules", len(rules), MOST_RULES))
    per_index = spec.get("backoffLimitPerIndex") is not None
    for index, rule in enumerate(rules):
        at = f"{path}.rules[{index}]"
        found += _validate_action(rule.get("action", ""), per_index, f"{at}.action")
        found += _validate_rule(rule, known, at)
    return found


def _validate_action(action: str, per_index: bool, path: str) -> list[FieldError]:
    if action == "FailIndex" and not per_index:
        return [field.invalid(path, action, "requires the backoffLimitPerIndex to be set")]
    return _validate_choice(action, ACTIONS, path)


def _validate_choice(value: str, choices: Sequence[str], path: str) -> list[FieldError]:
    if not value:
        listed = " ".join(field.shown(one) for one in choices)  # as Go prints a list with %q
        return [field.required(path, f"valid values: [{listed}]")]
    return values.validate_enum(value, choices, path)


def _validate_rule(rule: Object, known: Collection[str], path: str) -> list[FieldError]:
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions")
    found = []
    if codes is not None:
        found += _validate_exit_codes(codes, known, f"{path}.onExitCodes")
    if conditions:
        found += _validate_conditions(conditions, f"{path}.onPodConditions")
    if codes is not None and conditions:
        why = "specifying both OnExitCodes and OnPodConditions is not supported"
        found.append(field.invalid(path, field.OMITTED, why))
    if codes is None and not conditions:
        why = "specifying one of OnExitCodes and OnPodConditions is required"
        found.append(field.invalid(path, field.OMITTED, why))
    return found


def _validate_exit_codes(codes: Object, known: Collection[str], path: str) -> list[FieldError]:
    operator, container = codes.get("operator", ""), codes.get("containerName")
    found = _validate_choice(operator, OPERATORS, f"{path}.operator")
    if container is not None and container not in known:
        why = "must be one of the container or initContainer names in the pod template"
        found.append(field.invalid(f"{path}.containerName", container, why))
    return found + _validate_values(codes.get("values"), operator, f"{path}.values")


def _validate_values(codes: Sequence[int] | None, operator: str, path: str) -> list[FieldError]:
    if not codes:  # served as null, but printed as the list that clients mostly send
        return [field.invalid(path, [], "at least one value is required")]
    found = []
    if len(codes) > MOST_EXIT_CODES:
        found.append(field.too_many(path, len(codes), MOST_EXIT_CODES))
    for index, code in enumerate(codes):
        if operator == "In" and code == 0:
            why = "must not be 0 for the In operator"
            found.append(field.invalid(f"{path}[{index}]", code, why))
        if code in codes[:index]:
            found.append(field.duplicate(f"{path}[{index}]", code))
    if list(codes) != sorted(codes):
        found.append(field.invalid(path, codes, "must be ordered"))
    return found


def _validate_conditions(conditions: Sequence[Object], path: str) -> list[FieldError]:
    found = []
    if len(conditions) > MOST_CONDITIONS:
        found.append(field.too_many(path, len(conditions), MOST_CONDITIONS))
    for index, pattern in enumerate(conditions):
        at = f"{path}[{index}]"
        found += values.validate_qualified_name(pattern.get("type", ""), f"{at}.type")
        found += _validate_choice(pattern.get("status", ""), STATUSES, f"{at}.status")
    return found
