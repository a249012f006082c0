"""Which Pod a stage's action is done to."""

from __future__ import annotations

import pytest

from kubectl_joblab.labs import actions
from kubectl_joblab.labs.definition import model
from kubectl_joblab.objects import Object
from tests.labs import builders

DELETE = model.Action("delete", {"kind": "Pod", "which": "running"})


@pytest.mark.parametrize(
    ("pods", "active", "taken"),
    [
        pytest.param([], 0, None, id="none is there"),
        pytest.param([builders.runs("a", 1), builders.runs("b", 2)], 2, "a", id="several run"),
        pytest.param([builders.ran("a", 1, 5), builders.runs("b", 2)], 1, "b", id="one has ended"),
        pytest.param(
            [builders.runs("a", 1), builders.runs("b", 2)],
            1,
            None,
            id="the Job knows already that one has ended, and its Pod has not been seen to",
        ),
        pytest.param([builders.runs("a", 1)], 2, "a", id="one is about to run"),
    ],
)
def test_a_running_pod_is_one_that_the_job_counts_too(
    pods: list[Object], active: int, taken: str | None
) -> None:
    job = builders.job(status={"active": active})
    seen = builders.seen(job, *pods)

    found = actions.target(DELETE, seen)

    assert (found.name if found else None) == taken
