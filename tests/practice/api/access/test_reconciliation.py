"""How default roles and bindings are mended: what is missing comes back, what was added stays."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.reconciliation import (
    AUTO_UPDATE,
    Operation,
    reconciled_binding,
    reconciled_role,
)

PODS: Object = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}
JOBS: Object = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get"]}
OWN = {"annotations": {AUTO_UPDATE: "true"}, "labels": {"a": "b"}}


def role(*rules: Object, **more: Any) -> Object:
    return {"metadata": {"name": "r", **OWN}, "rules": list(rules), **more}


def protected(obj: Object) -> Object:
    return {**obj, "metadata": {"name": "r", "annotations": {AUTO_UPDATE: "false"}}}


SELECTOR = {"matchLabels": {"x": "y"}}
AGGREGATED = {"aggregationRule": {"clusterRoleSelectors": [SELECTOR]}}
SMALL = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}
ROLES: dict[str, tuple[Object, Object, Operation, Object]] = {
    "as expected": (role(PODS), role(PODS), Operation.NONE, role(PODS)),
    "more than expected": (role(PODS, JOBS), role(PODS), Operation.NONE, role(PODS, JOBS)),
    "a rule is missing": (
        role(JOBS),
        role(JOBS, PODS),
        Operation.UPDATE,
        role(JOBS, {**PODS, "verbs": ["get"]}, {**PODS, "verbs": ["list"]}),
    ),
    "a verb is missing": (
        role({**PODS, "verbs": ["get"]}),
        role(PODS),
        Operation.UPDATE,
        role({**PODS, "verbs": ["get"]}, SMALL),
    ),
    "a label is missing": (
        {"metadata": {"name": "r", "labels": {"c": "d"}}, "rules": [PODS]},
        role(PODS),
        Operation.UPDATE,
        {
            "metadata": {
                "name": "r",
                "annotations": {AUTO_UPDATE: "true"},
                "labels": {"a": "b", "c": "d"},
            },
            "rules": [PODS],
        },
    ),
    "not to be changed": (protected(role()), role(PODS), Operation.NONE, protected(role())),
    "a selector is missing": (
        role(JOBS),
        role(**AGGREGATED),
        Operation.UPDATE,
        role(JOBS, **AGGREGATED),
    ),
    "gathered": (
        role(JOBS, **AGGREGATED),
        role(**AGGREGATED),
        Operation.NONE,
        role(JOBS, **AGGREGATED),
    ),
    "gathered without need": (role(PODS, **AGGREGATED), role(PODS), Operation.UPDATE, role(PODS)),
}


@pytest.mark.parametrize(("existing", "expected", "operation", "wanted"), ROLES.values(), ids=ROLES)
def test_a_role(existing: Object, expected: Object, operation: Operation, wanted: Object) -> None:
    assert reconciled_role(existing, expected) == (operation, wanted)


ANN, BOB = {"kind": "User", "name": "ann"}, {"kind": "User", "name": "bob"}


def binding(*subjects: Object, name: str = "r") -> Object:
    return {"metadata": {"name": "b", **OWN}, "roleRef": {"name": name}, "subjects": [*subjects]}


BINDINGS: dict[str, tuple[Object, Object, Operation, Object]] = {
    "as expected": (binding(ANN), binding(ANN), Operation.NONE, binding(ANN)),
    "more than expected": (binding(BOB, ANN), binding(ANN), Operation.NONE, binding(BOB, ANN)),
    "a subject is missing": (binding(BOB), binding(ANN), Operation.UPDATE, binding(BOB, ANN)),
    "of another role": (binding(BOB, name="x"), binding(ANN), Operation.RECREATE, binding(ANN)),
    "not to be changed": (protected(binding()), binding(ANN), Operation.NONE, protected(binding())),
}


@pytest.mark.parametrize(
    ("existing", "expected", "operation", "wanted"), BINDINGS.values(), ids=BINDINGS
)
def test_a_binding(
    existing: Object, expected: Object, operation: Operation, wanted: Object
) -> None:
    assert reconciled_binding(existing, expected) == (operation, wanted)
