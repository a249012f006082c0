"""Field errors: which rule an object breaks, at which path, by which value.

Rules make them and errors.invalid puts them into a Status. Texts are those of
k8s.io/apimachinery/pkg/util/validation/field/errors.go.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from kubectl_joblab.formats import gojson

# ErrorType -> what the text calls it
_TITLES = {
    "FieldValueNotFound": "Not found",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
}
_WITHOUT_VALUE = ("FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong")
_HTML = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
OMITTED = object()  # a value that is not shown: it would say nothing, or too much


@dataclass(frozen=True)
class FieldError:
    """One broken rule. reason: upstream's ErrorType; value: the wrong one, as JSON data."""

    reason: str
    path: str
    value: object = None
    detail: str = ""

    @property
    def body(self) -> str:
        text = _TITLES[self.reason]
        if self.reason not in _WITHOUT_VALUE and self.value is not OMITTED:
            text += ": " + shown(self.value)
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.path}: {self.body}"


def shown(value: object) -> str:
    """A value as Go prints it in an error: strings quoted, numbers bare, the rest as JSON."""
    return gojson.quote(value) if isinstance(value, str) else go_json(value)


def go_json(value: object, indent: int | None = None) -> str:
    """JSON as Go writes it: no spaces unless it is indented, and <, > and & escaped."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
    return text.translate(_HTML)


def required(path: str, detail: str = "") -> FieldError:
    """The error of a value that is missing."""
    return FieldError("FieldValueRequired", path, "", detail)


def invalid(path: str, value: object, detail: str) -> FieldError:
    """The error of a value that is wrong; detail: why."""
    return FieldError("FieldValueInvalid", path, value, detail)


def not_supported(path: str, value: object, supported: Sequence[str]) -> FieldError:
    """The error of a value that is none of those supported."""
    listed = ", ".join(shown(one) for one in supported)
    return FieldError("FieldValueNotSupported", path, value, f"supported values: {listed}")


def duplicate(path: str, value: object) -> FieldError:
    """The error of a value that stands twice."""
    return FieldError("FieldValueDuplicate", path, value)


def forbidden(path: str, detail: str) -> FieldError:
    """The error of a field that may not be set here; detail: why."""
    return FieldError("FieldValueForbidden", path, "", detail)


def not_found(path: str, value: object) -> FieldError:
    """The error of a value that refers to nothing."""
    return FieldError("FieldValueNotFound", path, value)


def too_long(path: str, limit: int) -> FieldError:
    """The error of a text with too many bytes."""
    return FieldError("FieldValueTooLong", path, "", f"may not be more than {limit} bytes")


def too_many(path: str, actual: int, limit: int) -> FieldError:
    """The error of a list with too many items."""
    items = "item" if limit == 1 else "items"
    return FieldError("FieldValueTooMany", path, actual, f"must have at most {limit} {items}")
