"""The roles and bindings that every cluster has, made and mended when it starts.

The cluster calls it before it serves. bootstrap_policy.json has them as a real cluster has them
(tools/bootstrap_policy.py). Follows ensureRBACPolicy in pkg/registry/rbac/rest/storage_rbac.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import resources

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import access
from kubectl_joblab.practice.api.access import reconciliation
from kubectl_joblab.practice.api.access.reconciliation import Operation, Reconciled
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry

_LABEL = {"kubernetes.io/bootstrapping": "rbac-defaults"}
_ANNOTATION = {reconciliation.AUTO_UPDATE: "true"}
_Reconcile = Callable[[Object, Object], Reconciled]
# in the order in which upstream ensures them
_KINDS: tuple[tuple[Kind, _Reconcile], ...] = (
    (kinds.CLUSTER_ROLES, reconciliation.reconciled_role),
    (kinds.CLUSTER_ROLE_BINDINGS, reconciliation.reconciled_binding),
    (kinds.ROLES, reconciliation.reconciled_role),
    (kinds.ROLE_BINDINGS, reconciliation.reconciled_binding),
)


def policy() -> Iterator[tuple[Kind, Object]]:
    """The objects of the policy, each with its kind."""
    file = resources.files(access).joinpath("bootstrap_policy.json")
    found = json.loads(file.read_text(encoding="utf-8"))
    for kind, _ in _KINDS:
        for short in found[kind.plural]:
            meta = short["metadata"]
            labels = _LABEL | meta.get("labels", {})
            whole = {**meta, "annotations": _ANNOTATION, "labels": labels}
            yield kind, _typed(kind, {**short, "metadata": whole})


def _typed(kind: Kind, obj: Object) -> Object:
    return {"apiVersion": kind.api_version, "kind": kind.kind, **obj}


def ensure(registry: Registry) -> None:
    """Have the store hold the policy."""
    registry = registry.by("kube-apiserver")
    reconcile = dict(_KINDS)
    for kind, expected in policy():
        _ensure(registry, kind, expected, reconcile[kind])


def _ensure(registry: Registry, kind: Kind, expected: Object, reconcile: _Reconcile) -> None:
    name, namespace = objects.name(expected), expected["metadata"].get("namespace", "")
    existing = _found(registry, kind, name, namespace)
    if existing is None:
        if namespace and _found(registry, kinds.NAMESPACES, namespace) is None:
            made = {"metadata": {"name": namespace}}
            registry.create(kinds.NAMESPACES, _typed(kinds.NAMESPACES, made))
        registry.create(kind, expected, namespace)
        return
    operation, wanted = reconcile(existing, expected)
    if operation is Operation.RECREATE:
        registry.delete(kind, name, namespace)
        registry.create(kind, wanted, namespace)
    elif operation is Operation.UPDATE:
        registry.update(kind, name, wanted, namespace)


def _found(registry: Registry, kind: Kind, name: str, namespace: str = "") -> Object | None:
    try:
        return registry.get(kind, name, namespace)
    except StatusError as error:
        if error.code != 404:
            raise
        return None
