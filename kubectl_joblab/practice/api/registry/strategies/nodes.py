"""The strategies of Nodes, and of Leases, by which a node says that it is there.

Follows pkg/registry/core/node/strategy.go and pkg/registry/coordination/lease/strategy.go.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import cluster


class NodeStrategy(Strategy):
    def default(self, obj: Object) -> None:
        """Make allocatable all that a Node has, unless the Node says otherwise."""
        status = obj.setdefault("status", {})
        if status.get("capacity") and not status.get("allocatable"):
            status["allocatable"] = dict(status["capacity"])

    def validate(self, obj: Object) -> list[FieldError]:
        return cluster.validate_node(obj)

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_node(obj) + cluster.validate_node_update(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec") or {}

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_node_update(obj, old)


class LeaseStrategy(Strategy):
    creates_on_update = True

    def validate(self, obj: Object) -> list[FieldError]:
        return cluster.validate_lease(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return cluster.validate_lease(obj)
