"""The strategy of Secrets.

Follows pkg/registry/core/secret/strategy.go and Convert_v1_Secret_To_core_Secret in
pkg/apis/core/v1/conversion.go.
"""

from __future__ import annotations

import base64

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.validation import configuration


class SecretStrategy(Strategy):
    def rests(self, obj: Object) -> bool:
        return not objects.is_deleted(obj)

    def default(self, obj: Object) -> None:
        """Encode stringData into data, for it is never shown, and set the type Opaque."""
        if plain := obj.pop("stringData", None):
            encoded = {
                key: base64.b64encode(value.encode()).decode() for key, value in plain.items()
            }
            obj["data"] = {**(obj.get("data") or {}), **encoded}
        if not obj.get("type"):
            obj["type"] = "Opaque"

    def validate(self, obj: Object) -> list[FieldError]:
        return configuration.validate_secret(obj)

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return configuration.validate_secret_update(obj, old)
