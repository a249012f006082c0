"""What a Pod is to its Job."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import pods
from tests.practice.controllers.build import at, job, names, pod


@pytest.mark.parametrize(
    ("phase", "deleted", "policy", "active", "terminating", "failed"),
    [
        pytest.param("Pending", False, None, True, False, False, id="to be started"),
        pytest.param("Running", False, None, True, False, False, id="running"),
        pytest.param("Running", True, None, False, True, True, id="terminating is failed"),
        pytest.param(
            "Running", True, "Failed", False, True, False, id="unless only ended ones are replaced"
        ),
        pytest.param("Failed", False, "Failed", False, False, True, id="failed"),
        pytest.param("Failed", True, None, False, False, True, id="failed and deleted"),
        pytest.param("Succeeded", True, None, False, False, False, id="succeeded and deleted"),
    ],
)
def test_a_pod_is_active_terminating_or_failed(
    phase: str, deleted: bool, policy: str | None, active: bool, terminating: bool, failed: bool
) -> None:
    one = pod("p", phase, deleted=deleted)
    assert pods.is_active(one) == active
    assert pods.is_terminating(one) == terminating
    assert pods.is_failed(one, job(podReplacementPolicy=policy)) == failed


@pytest.mark.parametrize(
    ("text", "index"),
    [
        pytest.param("0", 0, id="the first"),
        pytest.param("12", 12, id="another"),
        pytest.param("-1", pods.NO_INDEX, id="negative"),
        pytest.param("x", pods.NO_INDEX, id="no number"),
        pytest.param("²", pods.NO_INDEX, id="a digit that is no number"),
        pytest.param(str(2**31), pods.NO_INDEX, id="too large"),
    ],
)
def test_the_index_is_in_an_annotation(text: str, index: int) -> None:
    one = pod("p")
    one["metadata"]["annotations"] = {pods.INDEX: text}
    assert pods.index(one) == index


def ended(**status: Any) -> Object:
    one = pod("p", "Failed", created=-60)
    one["status"] = {"phase": "Failed", **status}
    return one


def container(name: str, finished: float | None) -> Object:
    ending = {} if finished is None else {"terminated": {"exitCode": 1, "finishedAt": at(finished)}}
    return {"name": name, "restartCount": 0, "state": ending or {"running": {}}}


NOT_READY = {"type": "Ready", "status": "False", "lastTransitionTime": at(-7)}


@pytest.mark.parametrize(
    ("one", "when"),
    [
        pytest.param(
            ended(containerStatuses=[container("a", -9), container("b", -5)]),
            -5,
            id="when its last container did",
        ),
        pytest.param(
            ended(
                containerStatuses=[container("a", -9), container("b", None)], conditions=[NOT_READY]
            ),
            -7,
            id="when it was no longer ready, where a container has not ended",
        ),
        pytest.param(
            pod("p", "Running", deleted=True) | {"status": {"phase": "Running"}},
            -30,
            id="when its deletion began",
        ),
        pytest.param(ended(), -60, id="when it was created, for want of anything better"),
    ],
)
def test_a_pod_ended_when_the_best_evidence_says(one: Object, when: float) -> None:
    assert at(when) == pods.finished_at(one).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_sidecars_count_for_the_end_but_other_init_containers_do_not() -> None:
    one = ended(
        containerStatuses=[container("main", -9)],
        initContainerStatuses=[container("first", -1), container("beside", -5)],
    )
    one["spec"] = {
        "initContainers": [{"name": "first"}, {"name": "beside", "restartPolicy": "Always"}]
    }
    assert at(-5) == pods.finished_at(one).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_pods_that_are_least_far_are_deleted_first() -> None:
    some = [
        pod("older", ready=True, created=-90),
        pod("ready", ready=True),
        pod("restarted", restarts=2),
        pod("running"),
        pod("running-newer", created=-10),
        pod("pending", "Pending"),
        pod("unscheduled", "Pending", node=""),
    ]
    assert names(sorted(some, key=pods.deletion_order)) == [
        "unscheduled",
        "pending",
        "restarted",
        "running-newer",
        "running",
        "ready",
        "older",
    ]
