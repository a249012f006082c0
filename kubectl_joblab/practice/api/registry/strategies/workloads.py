"""The strategies of Deployments and ReplicaSets.

Follows pkg/registry/apps/deployment/strategy.go and pkg/registry/apps/replicaset/strategy.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.defaults import workloads as defaults
from kubectl_joblab.practice.api.defaults.disabled import drop_disabled_pod_fields
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go.govalues import go_text
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import workloads
from kubectl_joblab.practice.api.validation.pod import warnings

_ODD_NAME = (
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising "
    "behavior; a DNS label is recommended: "
)


class _WorkloadStrategy(Strategy):
    """What is the same in both: they have a template for Pods."""

    generation = True

    def prepare_for_create(self, obj: Object) -> None:
        obj["status"] = {}
        drop_disabled_pod_fields(obj["spec"]["template"]["spec"])

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is odd in a new object, or in one that an update changes."""
        if old is None:
            wrong = names.is_dns1123_label(objects.name(obj))
            found = [_ODD_NAME + go_text(wrong)] if wrong else []
            return found + warnings.for_pod(obj["spec"]["template"], "spec.template.")
        if not self.is_new_generation(obj, old):
            return []
        return warnings.for_pod(obj["spec"]["template"], "spec.template.")

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}
        drop_disabled_pod_fields(obj["spec"]["template"]["spec"])

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]


class DeploymentStrategy(_WorkloadStrategy):
    reset_by_status = (("spec",), ("metadata", "labels"))

    def default(self, obj: Object) -> None:
        defaults.set_deployment_defaults(obj)

    def validate(self, obj: Object) -> list[FieldError]:
        return workloads.validate_deployment(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return workloads.validate_deployment_update(obj, old)

    def is_new_generation(self, obj: Object, old: Object) -> bool:
        """Whether spec or annotations have changed: these are copied to the ReplicaSets."""
        same = objects.metadata(obj).get("annotations") or {}
        before = objects.metadata(old).get("annotations") or {}
        return same != before or super().is_new_generation(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        super().prepare_for_status_update(obj, old)
        obj["metadata"].pop("labels", None)
        if labels := old["metadata"].get("labels"):
            obj["metadata"]["labels"] = labels

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return workloads.validate_deployment_status_update(obj, old)


class ReplicaSetStrategy(_WorkloadStrategy):
    def default(self, obj: Object) -> None:
        defaults.set_replica_set_defaults(obj)

    def validate(self, obj: Object) -> list[FieldError]:
        return workloads.validate_replica_set(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return workloads.validate_replica_set_update(obj, old)

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return workloads.validate_replica_set_status_update(obj)
