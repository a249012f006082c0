"""What follows for a budget from its spec and its Pods, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.practice.controllers.disruption import health
from kubectl_joblab.practice.controllers.disruption.health import Disrupted, Expected
from tests.practice.controllers.build import NOW, at, pod

SHARES: dict[str, tuple[dict[str, Any], int, int, Expected]] = {
    "a number": ({"minAvailable": 2}, 3, 0, Expected(3, 2)),
    "a number above what there is": ({"minAvailable": 5}, 3, 0, Expected(3, 5)),
    "a share is rounded up": ({"minAvailable": "50%"}, 2, 5, Expected(5, 3)),
    "all": ({"minAvailable": "100%"}, 2, 5, Expected(5, 5)),
    "a number that may lack": ({"maxUnavailable": 2}, 2, 5, Expected(5, 3)),
    "more than there are may lack": ({"maxUnavailable": 9}, 2, 5, Expected(5, 0)),
    "a share that may lack is rounded up": ({"maxUnavailable": "30%"}, 2, 5, Expected(5, 3)),
    "nothing said": ({}, 3, 0, Expected(0, 0)),
}


@pytest.mark.parametrize(("spec", "pods", "scale", "wanted"), SHARES.values(), ids=SHARES)
def test_how_many_pods_there_have_to_be(
    spec: dict[str, Any], pods: int, scale: int, wanted: Expected
) -> None:
    assert health.expected(spec, pods, scale) == wanted


def test_pods_that_leave_are_not_healthy() -> None:
    pods = [
        pod("ready", ready=True),
        pod("not-ready"),
        pod("deleted", ready=True, deleted=True),
        pod("leaving", ready=True),
        pod("late", ready=True),
    ]
    told = {"leaving": at(-60), "late": at(-121), "deleted": at(-1), "gone": at(-1)}
    leaving = health.disrupted({"status": {"disruptedPods": told}}, pods, NOW)
    assert (leaving.pods, [one["metadata"]["name"] for one in leaving.late]) == (
        {"leaving": at(-60)},
        ["late"],
    )
    assert leaving.recheck is not None
    assert (leaving.recheck - NOW).total_seconds() == 60
    assert health.healthy(pods, leaving) == 2


def test_without_pods_that_are_expected_none_may_go() -> None:
    budget = {"metadata": {"name": "b", "generation": 3}, "status": {}}
    nobody = Disrupted({}, None, ())
    found = health.status(budget, Expected(0, 0), 4, nobody, NOW)
    assert found == {
        "observedGeneration": 3,
        "disruptionsAllowed": 0,
        "currentHealthy": 4,
        "desiredHealthy": 0,
        "expectedPods": 0,
        "conditions": [
            {
                "type": "DisruptionAllowed",
                "status": "False",
                "observedGeneration": 3,
                "reason": "InsufficientPods",
                "message": "",
                "lastTransitionTime": at(0),
            }
        ],
    }
