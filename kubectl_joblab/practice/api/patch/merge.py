"""JSON merge patch (RFC 7386). Called through patch."""

from __future__ import annotations

from typing import Any

from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.go.govalues import go_kind


def check(patch: Any) -> None:
    """Refuse what is no object."""
    if patch is None:
        raise errors.bad_request("Invalid JSON Patch")
    if not isinstance(patch, dict):
        raise errors.bad_request(
            f"error decoding patch: json: cannot unmarshal {go_kind(patch)} into Go value of "
            "type map[string]interface {}"
        )


def merged(target: Any, patch: Any) -> Any:
    """The target with the patch applied; neither is changed, parts of both are shared."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
