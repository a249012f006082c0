"""The strategy of Namespaces. Follows pkg/registry/core/namespace/strategy.go."""

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
    def name_rule(self, name: str) -> list[str]:
        """What is wrong with the name of a Namespace, which is a part of host names."""
        return names.is_dns1123_label(name)

    def default(self, obj: Object) -> None:
        if objects.metadata(obj).get("name"):
            self.canonicalize(obj)
        obj.setdefault("spec", {})
        obj.setdefault("status", {}).setdefault("phase", "Active")

    def prepare_for_create(self, obj: Object) -> None:
        """Make it active, and add the finalizer with which it is emptied before it goes."""
        obj["status"] = {"phase": "Active"}
        finalizers = obj["spec"].get("finalizers") or []
        if FINALIZER not in finalizers:
            obj["spec"]["finalizers"] = [*finalizers, FINALIZER]

    def validate(self, obj: Object) -> list[FieldError]:
        return cluster.validate_namespace(obj)

    def canonicalize(self, obj: Object) -> None:
        """Label a Namespace with its name."""
        obj["metadata"]["labels"] = {**objects.labels(obj), NAME_LABEL: objects.name(obj)}

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = {**obj["spec"], "finalizers": objects.spec(old).get("finalizers")}
        obj["status"] = old.get("status") or {}

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_namespace(obj)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec") or {}

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_namespace_status_update(obj)
