"""Admission by namespace: nothing is created in one that is not there, or is being emptied.

The registry asks before it creates. Follows
k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Kind


def check_namespace(kind: Kind, obj: Object, name: str, namespace: Object | None) -> None:
    """Refuse to create `obj` in the namespace of this name."""
    if namespace is None:
        raise errors.not_found("", "namespaces", name)
    if objects.status(namespace).get("phase") != "Terminating":
        return
    meta = objects.metadata(obj)
    shown = meta.get("name") or meta.get("generateName") or "Unknown"
    why = f"unable to create new content in namespace {name} because it is being terminated"
    error = errors.forbidden(kind.group, kind.plural, shown, why)
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {name} is being terminated",
        "field": "metadata.namespace",
    }
    error.details = {**(error.details or {}), "causes": [cause]}
    raise error
