"""The strategy of ConfigMaps. Follows pkg/registry/core/configmap/strategy.go."""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import configuration


class ConfigMapStrategy(Strategy):
    def rests(self, obj: Object) -> bool:
        return not objects.is_deleted(obj)

    def validate(self, obj: Object) -> list[FieldError]:
        return configuration.validate_config_map(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return configuration.validate_config_map_update(obj, old)
