"""What has to be changed of a role or a binding so that it gives what is expected.

What somebody has added stays, and who does not want theirs changed says so by an annotation. Pure.
Follows k8s.io/component-helpers/auth/rbac/reconciliation/reconcile_{role,rolebindings}.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, NamedTuple

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access import policy_rules

AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate"


class Operation(Enum):
    """What is to be done with an object that exists."""

    NONE = "none"
    UPDATE = "update"
    RECREATE = "recreate"


class Reconciled(NamedTuple):
    """An operation, and the object as it is after it."""

    operation: Operation
    obj: Object


def reconciled_role(existing: Object, expected: Object) -> Reconciled:
    """A role with all rules that are expected (computeReconciledRole)."""
    if is_protected(existing):
        return Reconciled(Operation.NONE, existing)
    role = {**existing, "metadata": _merged_metadata(existing, expected)}
    rules, wanted = existing.get("rules") or [], expected.get("rules") or []
    if rules != wanted and (missing := policy_rules.uncovered(rules, wanted)):
        role["rules"] = [*rules, *missing]
    _aggregate(role, existing.get("aggregationRule"), expected.get("aggregationRule"))
    return _compared(existing, role)


def _aggregate(role: Object, existing: Object | None, expected: Object | None) -> None:
    if expected is None:
        role.pop("aggregationRule", None)
        return
    had = (existing or {}).get("clusterRoleSelectors") or []
    missing = _missing(had, expected["clusterRoleSelectors"])
    role["aggregationRule"] = {"clusterRoleSelectors": [*had, *missing]}


def reconciled_binding(existing: Object, expected: Object) -> Reconciled:
    """A binding with all subjects that are expected (computeReconciledRoleBinding).

    It is deleted and made anew where it is of another role.
    """
    if is_protected(existing):
        return Reconciled(Operation.NONE, existing)
    if existing["roleRef"] != expected["roleRef"]:
        return Reconciled(Operation.RECREATE, expected)
    binding = {**existing, "metadata": _merged_metadata(existing, expected)}
    had = existing.get("subjects") or []
    if missing := _missing(had, expected.get("subjects") or ()):
        binding["subjects"] = [*had, *missing]
    return _compared(existing, binding)


def is_protected(obj: Object) -> bool:
    """Whether an object is to be left as it is."""
    annotations = obj["metadata"].get("annotations") or {}
    return bool(annotations.get(AUTO_UPDATE) == "false")


def _compared(existing: Object, new: Object) -> Reconciled:
    return Reconciled(Operation.NONE if new == existing else Operation.UPDATE, new)


def _merged_metadata(existing: Object, expected: Object) -> Object:
    meta = dict(existing["metadata"])
    for key in ("annotations", "labels"):
        if merged := {**(expected["metadata"].get(key) or {}), **(meta.get(key) or {})}:
            meta[key] = merged
    return meta


def _missing(had: list[Any], wanted: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for one in wanted:
        if one not in had and one not in found:
            found.append(one)
    return found
