"""The rules of an Indexed Job's successPolicy, which are part of those of its spec.

Follows validateSuccessPolicy and what it calls in pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.job import intervals

MOST_RULES = 20
LONGEST_INDEXES = 64 * 1024  # bytes


def validate_success_policy(spec: Object, path: str) -> list[FieldError]:
    """The rules that the policy breaks. spec: that of the Job; path: that of the policy."""
    rules = spec["successPolicy"].get("rules") or ()
    at = f"{path}.rules"
    found = []
    if not rules:
        why = "at least one rules must be specified when the successPolicy is specified"
        found.append(field.required(at, why))
    if len(rules) > MOST_RULES:
        found.append(field.too_many(at, len(rules), MOST_RULES))
    for index, rule in enumerate(rules):
        found += _validate_rule(rule, spec.get("completions", 0), f"{at}[{index}]")
    return found


def _validate_rule(rule: Object, completions: int, path: str) -> list[FieldError]:
    indexes, count = rule.get("succeededIndexes"), rule.get("succeededCount")
    if indexes is None and count is None:
        why = "at least one of succeededCount or succeededIndexes must be specified"
        return [field.required(path, why)]
    found: list[FieldError] = []
    listed = None
    if indexes is not None:
        listed, found = _validate_indexes(indexes, completions, f"{path}.succeededIndexes")
    if count is not None:
        found += _validate_count(count, completions, listed, f"{path}.succeededCount")
    return found


def _validate_indexes(text: str, completions: int, path: str) -> tuple[int, list[FieldError]]:
    """The number of indexes in a list, 0 where it cannot be read, and the rules it breaks."""
    found, listed = [], 0
    if names.size(text) > LONGEST_INDEXES:
        found.append(field.too_long(path, LONGEST_INDEXES))
    try:
        listed = intervals.count(text, completions)
    except ValueError as error:
        found.append(field.invalid(path, text, f"error parsing succeededIndexes: {error}"))
    return listed, found


def _validate_count(
    count: int, completions: int, listed: int | None, path: str
) -> list[FieldError]:
    found = values.validate_nonnegative_field(count, path)
    if count > completions:
        why = f"must be less than or equal to {completions} (the number of specified completions)"
        found.append(field.invalid(path, count, why))
    if listed is not None and count > listed:
        why = (
            f"must be less than or equal to {listed} (the number of indexes in the specified "
            "succeededIndexes field)"
        )
        found.append(field.invalid(path, count, why))
    return found
