"""The defaults of bindings. Follows pkg/apis/rbac/v1/defaults.go."""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.resolver import GROUP


def set_binding_defaults(binding: Object) -> None:
    """Name the API group of the role, and of users and groups."""
    ref = binding.setdefault("roleRef", {})
    if not ref.get("apiGroup"):
        ref["apiGroup"] = GROUP
    for subject in binding.get("subjects") or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP
