"""The rules of what is a number or a percentage of Pods.

The rules of budgets and of rolling updates call them. Follows ValidatePositiveIntOrPercent and
IsNotMoreThan100Percent in pkg/apis/apps/validation/validation.go.
"""

from __future__ import annotations

import re

from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.api.validation import values

_PERCENT = "[0-9]+%"
_NO_PERCENT = "a valid percent string must be a numeric string followed by an ending '%'"
_TOO_MUCH = "must not be greater than 100%"


def validate_share(value: int | str, path: str) -> list[FieldError]:
    """The error of what is neither a number nor a percentage."""
    if isinstance(value, int):
        return values.validate_nonnegative_field(value, path)
    if re.fullmatch(_PERCENT, value):
        return []
    return [field.invalid(path, value, names.pattern_wrong(_NO_PERCENT, _PERCENT, "1%", "93%"))]


def validate_at_most_all(value: int | str, path: str) -> list[FieldError]:
    """The error of a percentage above 100."""
    if isinstance(value, int) or not re.fullmatch(_PERCENT, value):
        return []
    return [field.invalid(path, value, _TOO_MUCH)] if int(value[:-1]) > 100 else []


def is_zero(value: int | str) -> bool:
    """Whether a share is none at all, which one that cannot be read is (getIntOrPercentValue)."""
    text = str(value)
    if re.fullmatch(_PERCENT, text):
        text = text[:-1]
    return not strconv.is_int(text) or int(text) == 0
