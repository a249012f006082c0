"""The roles and bindings of a store, as the resolver of their rules reads them."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.resolver import GROUP
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.draft import Objects


class Roles:
    """The Reader of access/resolver.py, over a store or over a draft of one."""

    def __init__(self, store: Objects) -> None:
        self._store = store

    def one(self, plural: str, namespace: str, name: str) -> Object | None:
        """The object of a kind of RBAC; None where there is none."""
        return self._store.get(Key(f"{plural}.{GROUP}", namespace, name))

    def all(self, plural: str, namespace: str) -> Sequence[Object]:
        """All objects of a kind of RBAC in a namespace, "" for those without one."""
        return self._store.scan(f"{plural}.{GROUP}", namespace)
