"""What the API serves, it takes back: an object unchanged is a valid update of itself.

Tried with everything that a real API server has accepted of the cases in tests/practice/api/rules.
"""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice.api.rules import cases
from tests.practice.api.rules.cases import NAMESPACE, Case
from tests.practice.api.things import Clock
from tests.practice.virtual import CountingIds


def _accepted() -> list[Any]:
    found = []
    for group in cases.GROUPS:
        said = cases.answers(group)
        found += [
            pytest.param(case, id=case.about)
            for case in cases.read(group)
            if case.patch is None and said[case.about]["code"] == 201
        ]
    return found


ACCEPTED = _accepted()


def _registry() -> Registry:
    registry = Registry(Store(":memory:"), Clock(), CountingIds())
    registry.create(kinds.NAMESPACES, {"metadata": {"name": NAMESPACE}})
    registry.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, NAMESPACE)
    return registry


def _place(kind: Kind) -> str:
    return NAMESPACE if kind.namespaced else ""


@pytest.mark.parametrize("case", ACCEPTED)
def test_an_object_is_a_valid_update_of_itself(case: Case) -> None:
    registry, place = _registry(), _place(case.kind)
    made = registry.create(case.kind, copied(case.obj), place)
    name = made["metadata"]["name"]

    assert registry.update(case.kind, name, copied(made), place) == made
    if "status" in case.kind.subresources:
        again = registry.update(case.kind, name, copied(made), place, subresource="status")
        assert again == made


@pytest.mark.parametrize("case", ACCEPTED)
def test_defaults_are_filled_in_once(case: Case) -> None:
    made = _registry().create(case.kind, copied(case.obj), _place(case.kind))
    again = copied(made)
    case.kind.strategy.default(again)
    assert again == made
