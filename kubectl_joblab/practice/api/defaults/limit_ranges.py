"""The defaults of LimitRanges.

Follows SetDefaults_LimitRangeItem in pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object


def set_limit_range_defaults(limit_range: Object) -> None:
    """Make of the most and the least of containers what they get where they say nothing."""
    for item in objects.spec(limit_range).get("limits") or ():
        if item.get("type") == "Container":
            default = {**(item.get("max") or {}), **(item.get("default") or {})}
            requested = {**(item.get("min") or {}), **default, **(item.get("defaultRequest") or {})}
            item |= {"default": default} if default else {}
            item |= {"defaultRequest": requested} if requested else {}
