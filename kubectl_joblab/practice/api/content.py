"""What label keys and label values look like, with the API's words for those that do not.

Follows k8s.io/apimachinery/pkg/api/validate/content/{kube,dns}.go.
"""

from __future__ import annotations

import re

_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_NAME})?"
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_NAME_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
_VALUE_RULE = f"a valid label must be an empty string or {_NAME_RULE.removeprefix('must ')}"
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character"
)


def label_key(key: str) -> list[str]:
    """What is wrong with a label key, a finalizer's or a condition's name (IsLabelKey)."""
    *prefix, name = key.split("/")
    named = _explained(_NAME_RULE, _NAME, "MyName", "my.name", "123-abc")
    if len(prefix) > 1:
        return [
            f"a valid label key {named} with an optional DNS subdomain prefix and '/' "
            "(e.g. 'example.com/MyName')"
        ]
    found = [f"prefix part {detail}" for detail in _prefix(prefix[0])] if prefix else []
    if not name:
        found.append("name part must be non-empty")
    elif len(name.encode()) > 63:
        found.append("name part must be no more than 63 bytes")
    if not re.fullmatch(_NAME, name):
        found.append(f"name part {named}")
    return found


def label_value(value: str) -> list[str]:
    """What is wrong with a label value (IsLabelValue)."""
    found = []
    if len(value.encode()) > 63:
        found.append("must be no more than 63 bytes")
    if not re.fullmatch(_VALUE, value):
        found.append(_explained(_VALUE_RULE, _VALUE, "MyValue", "my_value", "12345"))
    return found


def _prefix(prefix: str) -> list[str]:
    if not prefix:
        return ["must be non-empty"]
    found = []
    if len(prefix.encode()) > 253:
        found.append("must be no more than 253 bytes")
    if not re.fullmatch(_SUBDOMAIN, prefix):
        found.append(_explained(_SUBDOMAIN_RULE, _SUBDOMAIN, "example.com"))
    return found


def _explained(rule: str, pattern: str, *examples: str) -> str:
    listed = " or ".join(f"'{example}', " for example in examples)
    return f"{rule} (e.g. {listed}regex used for validation is '{pattern}')"
