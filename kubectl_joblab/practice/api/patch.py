"""Patches: which media type is applied how. The registry calls it with the current object."""

from __future__ import annotations

from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, merge
from kubectl_joblab.practice.api.kinds import Kind

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def applied(kind: Kind, current: Object, patch_type: str, patch: Any) -> Object:
    """The object as the patch makes it: a new one, not yet canonical."""
    if patch_type in (MERGE, STRATEGIC):
        result: Object = merge.merged(current, patch)
        return result
    raise errors.bad_request(f"unsupported patch type {patch_type} for {kind.plural}")
