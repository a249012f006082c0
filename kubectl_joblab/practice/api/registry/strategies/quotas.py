"""The strategies of ResourceQuotas and LimitRanges.

Follows pkg/registry/core/{resourcequota,limitrange}/strategy.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.defaults.limit_ranges import set_limit_range_defaults
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import quota_rules

_KNOWN = ("cpu", "memory", "storage", "ephemeral-storage")


class ResourceQuotaStrategy(Strategy):
    def prepare_for_create(self, obj: Object) -> None:
        obj["status"] = {}

    def validate(self, obj: Object) -> list[FieldError]:
        return quota_rules.validate_resource_quota(obj)

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is odd in a new quota: requests that may be more than limits."""
        if old is not None:
            return []
        hard = objects.spec(obj).get("hard") or {}
        return [text for name in _KNOWN if (text := _warning(hard, name))]

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return quota_rules.validate_resource_quota_update(obj, old)

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        obj["spec"] = old.get("spec") or {}

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return quota_rules.validate_resource_quota_status(obj)


def _warning(hard: dict[str, str], name: str) -> str:
    asked, most = f"requests.{name}", f"limits.{name}"
    if asked not in hard and name in ("cpu", "memory"):
        asked = name
    if asked not in hard or most not in hard or quantity.compare(hard[asked], hard[most]) <= 0:
        return ""
    return f"ResourceQuota {asked} ({hard[asked]}) should be less than {most} ({hard[most]})"


class LimitRangeStrategy(Strategy):
    creates_on_update = True

    def default(self, obj: Object) -> None:
        set_limit_range_defaults(obj)

    def validate(self, obj: Object) -> list[FieldError]:
        return quota_rules.validate_limit_range(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return quota_rules.validate_limit_range(obj)
