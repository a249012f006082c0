"""How Namespaces are created and updated. Follows pkg/registry/core/namespace/strategy.go."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import cluster

NAME_LABEL = "kubernetes.io/metadata.name"
FINALIZER = "kubernetes"


class NamespaceStrategy(Strategy):
    """The rules of a Namespace."""

    def name_rule(self, name: str) -> list[str]:
        """It is a part of host names."""
        return names.is_dns1123_label(name)

    def default(self, obj: Object) -> None:
        """Fill in what the client left out."""
        obj.setdefault("spec", {})
        obj.setdefault("status", {}).setdefault("phase", "Active")

    def prepare_for_create(self, obj: Object) -> None:
        """Begin active, and with the finalizer that lets it be emptied."""
        obj["status"] = {"phase": "Active"}
        finalizers = obj["spec"].get("finalizers") or []
        if FINALIZER not in finalizers:
            obj["spec"]["finalizers"] = [*finalizers, FINALIZER]

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken rules of a new Namespace."""
        return cluster.validate_namespace(obj)

    def canonicalize(self, obj: Object) -> None:
        """Label it with its name."""
        obj["metadata"]["labels"] = {**objects.labels(obj), NAME_LABEL: objects.name(obj)}

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Put back finalizers and status."""
        obj["spec"] = {**obj["spec"], "finalizers": objects.spec(old).get("finalizers")}
        obj["status"] = old.get("status") or {}

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """Broken rules of a change."""
        return cluster.validate_namespace(obj)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put the spec back."""
        obj["spec"] = old.get("spec") or {}

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        """Broken rules of a new status."""
        return cluster.validate_namespace_status_update(obj)
