"""The rules of single values: numbers, names, choices, immutable fields.

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
    """An error for each text that tells what is wrong with a value."""
    return [field.invalid(path, value, one) for one in wrong]


def validate_nonnegative_field(value: int | None, path: str) -> list[FieldError]:
    """The error of a number below 0; None breaks no rule."""
    return [] if value is None or value >= 0 else [field.invalid(path, value, NEGATIVE)]


def validate_positive_field(value: int, path: str) -> list[FieldError]:
    """The error of a number that is not above 0."""
    return [] if value > 0 else [field.invalid(path, value, NOT_POSITIVE)]


def validate_immutable_field(new: object, old: object, path: str) -> list[FieldError]:
    """The error of a value that has changed."""
    return [] if new == old else [field.invalid(path, new, IMMUTABLE)]


def validate_dns1123_label(text: str, path: str) -> list[FieldError]:
    """The errors of a text that is no part of a host name."""
    return each(path, text, names.is_dns1123_label(text))


def validate_dns1123_subdomain(text: str, path: str) -> list[FieldError]:
    """The errors of a text that is no host name."""
    return each(path, text, names.is_dns1123_subdomain(text))


def validate_qualified_name(text: str, path: str) -> list[FieldError]:
    """The errors of a text that is no key of a label."""
    return each(path, text, names.is_qualified_name(text))


def validate_choice(value: str, choices: Collection[str], path: str) -> list[FieldError]:
    """The error of a value that is none of the choices, or is missing."""
    if value in choices:
        return []
    return [field.not_supported(path, value, tuple(choices)) if value else field.required(path)]


def validate_enum(value: str, choices: Collection[str], path: str) -> list[FieldError]:
    """The error of a value that is none of the choices, "" included."""
    return [] if value in choices else [field.not_supported(path, value, tuple(choices))]
