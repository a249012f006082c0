"""NamespaceLifecycle: nothing is created in a namespace that is not there, or is being emptied.

Follows k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go; that namespaces such
as default cannot be deleted is in registry/deletion.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.admission.attributes import Attributes


def admit(attributes: Attributes) -> None:
    """Raise 404 where the namespace of a new object is missing, 403 where it is terminating."""
    if attributes.old is not None or not attributes.kind.namespaced:
        return
    name = attributes.obj["metadata"]["namespace"]
    namespace = attributes.find("namespaces", "", name)
    if namespace is None:
        raise errors.not_found("", "namespaces", name)
    if objects.status(namespace).get("phase") != "Terminating":
        return
    error = attributes.forbidden(
        f"unable to create new content in namespace {name} because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {name} is being terminated",
        "field": "metadata.namespace",
    }
    error.details = {**(error.details or {}), "causes": [cause]}
    raise error
