"""The strategy of ServiceAccounts. Follows pkg/registry/core/serviceaccount/strategy.go."""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Strategy

ENFORCE_ANNOTATION = "kubernetes.io/enforce-mountable-secrets"


class ServiceAccountStrategy(Strategy):
    def prepare_for_create(self, obj: Object) -> None:
        """Keep only the names of the Secrets that it lists."""
        _clean(obj)

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        """Keep only the names of the Secrets that it lists."""
        _clean(obj)


def _clean(account: Object) -> None:
    if secrets := account.get("secrets"):
        account["secrets"] = [{"name": secret.get("name", "")} for secret in secrets]
