"""The rules of single values: numbers, names, choices, what may not change.

All other rules are made of these. Follows pkg/apis/core/validation/validation.go and
k8s.io/apimachinery/pkg/api/validation/{generic,objectmeta}.go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError

IMMUTABLE = "field is immutable"
NEGATIVE = "must be greater than or equal to 0"
NOT_POSITIVE = "must be greater than zero"


def each(path: str, value: object, wrong: Iterable[str]) -> list[FieldError]:
    """An error for each thing that is wrong with a value."""
    return [field.invalid(path, value, one) for one in wrong]


def validate_nonnegative_field(value: int | None, path: str) -> list[FieldError]:
    """Broken where a number is there and below 0."""
    return [] if value is None or value >= 0 else [field.invalid(path, value, NEGATIVE)]


def validate_positive_field(value: int, path: str) -> list[FieldError]:
    """Broken where a number is not above 0."""
    return [] if value > 0 else [field.invalid(path, value, NOT_POSITIVE)]


def validate_immutable_field(new: object, old: object, path: str) -> list[FieldError]:
    """Broken where the two are not equal."""
    return [] if new == old else [field.invalid(path, new, IMMUTABLE)]


def validate_dns1123_label(text: str, path: str) -> list[FieldError]:
    """Broken where it is no part of a host name."""
    return each(path, text, names.is_dns1123_label(text))


def validate_dns1123_subdomain(text: str, path: str) -> list[FieldError]:
    """Broken where it is no host name."""
    return each(path, text, names.is_dns1123_subdomain(text))


def validate_qualified_name(text: str, path: str) -> list[FieldError]:
    """Broken where it is no key of labels."""
    return each(path, text, names.is_qualified_name(text))


def validate_choice(value: str, choices: Collection[str], path: str) -> list[FieldError]:
    """Broken where it is not one of the choices; nothing is not there."""
    if value in choices:
        return []
    return [field.not_supported(path, value, tuple(choices)) if value else field.required(path)]


def validate_enum(value: str, choices: Collection[str], path: str) -> list[FieldError]:
    """Broken where it is not one of the choices, nothing included."""
    return [] if value in choices else [field.not_supported(path, value, tuple(choices))]
