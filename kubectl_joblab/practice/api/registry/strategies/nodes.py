"""How Nodes are created and updated. Follows pkg/registry/core/node/strategy.go."""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import cluster


class NodeStrategy(Strategy):
    """The rules of a Node."""

    def default(self, obj: Object) -> None:
        """What Pods may use is all there is, unless the Node says otherwise."""
        status = obj.setdefault("status", {})
        if status.get("capacity") and not status.get("allocatable"):
            status["allocatable"] = dict(status["capacity"])

    def validate(self, obj: Object) -> list[FieldError]:
        """Broken rules of a new Node."""
        return cluster.validate_node(obj)

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Put the status back."""
        obj["status"] = old.get("status") or {}

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        """Broken rules of a change."""
        return cluster.validate_node(obj) + cluster.validate_node_update(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put the spec back."""
        obj["spec"] = old.get("spec") or {}

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        """Broken rules of a new status."""
        return cluster.validate_node_update(obj, old)
