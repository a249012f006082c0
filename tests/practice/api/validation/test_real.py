"""What a real API server says to manifests, word for word, and what it makes of good ones.

The cases and the server's answers are in tests/practice/api/rules; capture.py there asks a cluster
for the answers again.
"""

from __future__ import annotations

import functools
import json

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.codec import decode
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice.api.rules import cases
from tests.practice.api.rules.capture import MERGE
from tests.practice.api.rules.cases import NAMESPACE, Answer, Case
from tests.practice.api.things import Clock
from tests.practice.virtual import CountingIds

ALL = [(group, case) for group in cases.GROUPS for case in cases.read(group)]
answers = functools.cache(cases.answers)


@pytest.mark.parametrize(
    ("group", "case"), [pytest.param(*one, id=f"{one[0]}: {one[1].about}") for one in ALL]
)
def test_the_answer_is_that_of_a_real_api_server(group: str, case: Case) -> None:
    assert _ask(case) == answers(group)[case.about]


def _ask(case: Case) -> Answer:
    registry = Registry(Store(":memory:"), Clock(), CountingIds())
    registry.create(kinds.NAMESPACES, {"metadata": {"name": NAMESPACE}})
    registry.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, NAMESPACE)
    warnings: list[str] = []
    try:
        code, obj = _answer(registry, case, warnings)
    except StatusError as refused:
        return cases.normal(case, refused.code, refused.status, warnings)
    served = {"apiVersion": case.kind.api_version, "kind": case.kind.kind, **obj}
    return cases.normal(case, code, served, warnings)


def _answer(registry: Registry, case: Case, warnings: list[str]) -> tuple[int, Object]:
    kind, namespace = case.kind, NAMESPACE if case.kind.namespaced else ""
    raw = json.dumps(case.obj).encode()
    body, _ = decode.decode(kind.type, raw)
    made = registry.create(kind, body, namespace, warn=warnings.append)
    if case.patch is None:
        return 201, made
    warnings.clear()
    name = made["metadata"]["name"]
    if case.status is not None:
        status = {"status": case.status}
        registry.patch(kind, name, MERGE, status, namespace, subresource="status")
    if case.added is not None:
        added = {"spec": {"ephemeralContainers": case.added}}
        part = "ephemeralcontainers"
        registry.patch(kind, name, MERGE, added, namespace, subresource=part)
    changed = registry.patch(
        kind,
        name,
        MERGE,
        case.patch,
        namespace,
        subresource=case.subresource,
        warn=warnings.append,
    )
    return 200, changed
