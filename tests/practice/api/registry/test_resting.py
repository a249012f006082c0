"""What rests: an object of which no controller and no node needs to be told when it starts."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds

DELETED = {"deletionTimestamp": "2030-01-01T00:00:00Z"}
KEPT = {"finalizers": ["batch.kubernetes.io/job-tracking"]}
OWNED = {"ownerReferences": [{"uid": "u", "controller": True}]}


def _job(condition: str, metadata: Object | None = None, **spec: Any) -> Object:
    conditions = [{"type": condition, "status": "True"}]
    return {"metadata": metadata or {}, "spec": spec, "status": {"conditions": conditions}}


def _pod(phase: str, metadata: Object | None = None) -> Object:
    return {"metadata": metadata or {}, "spec": {"nodeName": "n"}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("kind", "obj", "rests"),
    [
        pytest.param(kinds.JOBS, _job("Complete"), True, id="a Job that is complete"),
        pytest.param(kinds.JOBS, _job("Failed", OWNED), True, id="one that failed, of a CronJob"),
        pytest.param(kinds.JOBS, _job("FailureTarget"), False, id="one that is about to fail"),
        pytest.param(kinds.JOBS, _job("Suspended"), False, id="one that may be resumed"),
        pytest.param(
            kinds.JOBS, _job("Complete", ttlSecondsAfterFinished=0), False, id="one with a TTL"
        ),
        pytest.param(kinds.JOBS, _job("Complete", DELETED | KEPT), False, id="one that goes"),
        pytest.param(kinds.PODS, _pod("Succeeded", OWNED), True, id="a Pod that has ended"),
        pytest.param(kinds.PODS, _pod("Failed"), True, id="one that failed"),
        pytest.param(kinds.PODS, _pod("Succeeded", KEPT), False, id="one that is not counted yet"),
        pytest.param(kinds.PODS, _pod("Failed", DELETED), False, id="one that is to be removed"),
        pytest.param(kinds.PODS, _pod("Running"), False, id="one that runs"),
        pytest.param(kinds.PODS, _pod("Pending"), False, id="one that waits"),
        pytest.param(kinds.CONFIG_MAPS, {"metadata": {}}, True, id="a ConfigMap"),
        pytest.param(kinds.CONFIG_MAPS, {"metadata": DELETED | KEPT}, False, id="one that is kept"),
        pytest.param(kinds.NAMESPACES, {"metadata": {}}, False, id="any other object"),
    ],
)
def test_what_rests(kind: Kind, obj: Object, rests: bool) -> None:
    assert kind.strategy.rests(obj) is rests
