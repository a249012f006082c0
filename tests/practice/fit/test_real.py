"""What the scheduler says of Pods, word for word as a real one that was asked the same.

cases.yaml has the Pods; capture.py asks a cluster again.
"""

from __future__ import annotations

import functools

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.codec.canonical import canonical
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.fit import filters, messages, snapshot
from kubectl_joblab.practice.fit.snapshot import NodeInfo, Placed, Snapshot
from tests.practice.fit import cases
from tests.practice.fit.cases import NAMESPACE, OTHER, Case

answers = functools.cache(cases.answers)
LABELS = {NAMESPACE: {}, OTHER: {"which": "other"}}


@pytest.mark.parametrize("case", cases.read(), ids=lambda case: case.about)
def test_the_scheduler_says_what_a_real_one_says(case: Case) -> None:
    node = answers()["node"]
    info = NodeInfo(
        {
            "metadata": {"name": "node1", "labels": node["labels"]},
            "status": {"allocatable": node["allocatable"]},
        }
    )
    for pod in map(_stored, case.there):
        info.pods[snapshot.key(pod)] = Placed.of(pod)
    seen = Snapshot({"node1": info}, lambda name: LABELS[name])
    assert _said(_stored(case.pod), info, seen) == answers()["messages"][case.about]


def _said(pod: Object, info: NodeInfo, seen: Snapshot) -> str:
    if why := filters.refused(pod, seen):
        return messages.of_refusal(1, why)
    found = filters.misfit(pod, info, seen)
    return "" if found is None else messages.of_misfits([found])


def _stored(pod: Object) -> Object:
    """A Pod as the API server stores it."""
    made = canonical(kinds.PODS.type, pod)
    kinds.PODS.strategy.default(made)
    kinds.PODS.strategy.prepare_for_create(made)
    return made
