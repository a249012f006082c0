"""What a real API server's admission says in namespaces with limits, word for word.

The cases are those of table.py.
"""

from __future__ import annotations

import functools
import json

import pytest

from kubectl_joblab.practice.api.codec import decode
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import CreateOptions
from kubectl_joblab.practice.api.quota import usage
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice.api.admission import table
from tests.practice.api.admission.table import NAMESPACE, Group
from tests.practice.api.rules import cases
from tests.practice.api.rules.cases import Answer, Case
from tests.practice.api.things import Clock
from tests.practice.virtual import CountingIds

ALL = [
    pytest.param(name, group, case, id=f"{name}: {case.about}")
    for name in table.FILES
    for group in table.read(name)
    for case in group.cases
]
answers = functools.cache(table.answers)
_KINDS = {kind.resource: kind for kind in kinds.FILLED}


@pytest.mark.parametrize(("name", "group", "case"), ALL)
def test_the_answer_is_that_of_a_real_api_server(name: str, group: Group, case: Case) -> None:
    assert _ask(group, case) == answers(name)[case.about]


def _ask(group: Group, case: Case) -> Answer:
    registry = Registry(Store(":memory:"), Clock(), CountingIds())
    space = {"metadata": {"name": NAMESPACE, "labels": group.labels}}
    registry.create(kinds.NAMESPACES, space)
    registry.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, NAMESPACE)
    registry.create(kinds.CONFIG_MAPS, {"metadata": {"name": "kube-root-ca.crt"}}, NAMESPACE)
    for obj in group.objects:
        registry.create(Case("", obj).kind, obj, NAMESPACE)
    for quota in registry.list(kinds.RESOURCE_QUOTAS, NAMESPACE).items:
        status = usage.status(
            quota,
            _KINDS,
            lambda resource: registry.list(_KINDS[resource], NAMESPACE).items,
            Clock().now(),
        )
        new = {**quota, "status": status}
        name = quota["metadata"]["name"]
        registry.update(kinds.RESOURCE_QUOTAS, name, new, NAMESPACE, subresource="status")
    return _tried(registry, case)


def _tried(registry: Registry, case: Case) -> Answer:
    warnings: list[str] = []
    body, _ = decode.decode(case.kind.type, json.dumps(case.obj).encode())
    options = CreateOptions(dry_run=True)
    try:
        made = registry.create(case.kind, body, NAMESPACE, options, warn=warnings.append)
    except StatusError as refused:
        return cases.normal(case, refused.code, refused.status, warnings)
    served = {"apiVersion": case.kind.api_version, "kind": case.kind.kind, **made}
    return cases.normal(case, 201, served, warnings)
