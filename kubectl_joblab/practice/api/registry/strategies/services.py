"""The strategy of Services. Follows pkg/registry/core/service/strategy.go."""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names
from kubectl_joblab.practice.api.defaults.service_defaults import set_service_defaults
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import service_rules


class ServiceStrategy(Strategy):
    def name_rule(self, name: str) -> list[str]:
        """What is wrong with the name of a Service, which is a part of host names."""
        return names.is_dns1123_label(name)

    def default(self, obj: Object) -> None:
        set_service_defaults(obj)

    def prepare_for_create(self, obj: Object) -> None:
        obj["status"] = {"loadBalancer": {}}

    def validate(self, obj: Object) -> list[FieldError]:
        return service_rules.validate_service(obj)

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is given, and has no effect."""
        spec = obj["spec"]
        found = []
        if spec.get("clusterIP") == "None":
            if spec.get("externalIPs"):
                found.append("spec.externalIPs is ignored for headless services")
            if spec["sessionAffinity"] != "None":
                found.append("spec.SessionAffinity is ignored for headless services")
        elif spec.get("externalIPs") and spec["type"] != "ExternalName":
            why = "is deprecated and may no longer be implemented in some clusters"
            found.append(f"spec.externalIPs {why}")
        if spec["type"] != "ExternalName" and spec.get("externalName"):
            found.append('spec.externalName is ignored when spec.type is not "ExternalName"')
        if spec.get("trafficDistribution") == "PreferClose":
            found.append(
                'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'
            )
        return found

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return service_rules.validate_service_update(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec") or {}
