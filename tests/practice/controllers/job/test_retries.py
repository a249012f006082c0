"""How often a failing Job tries, and when: hours of it, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.controllers.job import pods
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster
from tests.practice.virtual import START


def job(restart_policy: str = "Never", **spec: Any) -> Object:
    container = {"name": "main", "image": "busybox:1.36"}
    template = {"spec": {"restartPolicy": restart_policy, "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {"template": template, **spec},
    }


def failing(pod: Object) -> Object:
    return {"runs": 1, "exits": 1}


def created(on: Cluster) -> list[int]:
    """When each Pod was made, in seconds since the first."""
    times = sorted(objects.created(pod) or START for pod in on.seen.pods.values())
    return [int((when - times[0]).total_seconds()) for when in times]


def until_failed(one: Object) -> Cluster:
    """The cluster after the Job has failed."""

    async def scene(on: Cluster) -> Cluster:
        on.create(kinds.JOBS, one)
        await on.until({"condition": "Failed"})
        return on

    return cluster.run(scene, failing)


def gaps(times: list[int]) -> list[int]:
    return [later - earlier for earlier, later in itertools.pairwise(times)]


@pytest.mark.parametrize(
    ("limit", "waits"),
    [
        pytest.param(0, [], id="none"),
        pytest.param(1, [10], id="one, after ten seconds"),
        pytest.param(3, [10, 20, 40], id="three, each wait twice the last"),
        pytest.param(None, [10, 20, 40, 80, 160, 320], id="six by default"),
        pytest.param(
            9, [10, 20, 40, 80, 160, 320, 600, 600, 600], id="no wait is longer than ten minutes"
        ),
    ],
)
def test_never_makes_a_new_pod_for_each_try(limit: int | None, waits: list[int]) -> None:
    on = until_failed(job() if limit is None else job(backoffLimit=limit))
    # each Pod runs for a second; its end, and the time it is made, are told in whole seconds
    assert [gap - 1 for gap in gaps(created(on))] == pytest.approx(waits, abs=1)
    assert {pod["status"]["phase"] for pod in on.seen.pods.values()} == {"Failed"}
    assert on.get(kinds.JOBS, "j")["status"]["failed"] == len(waits) + 1


def test_pods_in_parallel_fail_in_waves() -> None:
    on = until_failed(job(parallelism=2, completions=2, backoffLimit=3))
    assert [gap - 1 for gap in gaps(created(on))] == pytest.approx([-1, 20, -1], abs=1)
    assert on.get(kinds.JOBS, "j")["status"]["failed"] == 4


@pytest.mark.parametrize(
    ("limit", "starts"),
    [
        pytest.param(0, 2, id="backoffLimit 0 still restarts once"),
        pytest.param(1, 2, id="as backoffLimit 1 does"),
        pytest.param(2, 3, id="backoffLimit 2 starts three times"),
        pytest.param(3, 4, id="backoffLimit 3 starts four times"),
    ],
)
def test_on_failure_restarts_in_one_pod_and_deletes_it(limit: int, starts: int) -> None:
    on = until_failed(job("OnFailure", backoffLimit=limit))
    [pod] = on.seen.pods.values()
    assert pod["status"]["containerStatuses"][0]["restartCount"] + 1 == starts
    assert on.all(kinds.PODS) == []
    assert on.get(kinds.JOBS, "j")["status"]["failed"] == 1


def test_a_success_after_restarts_is_no_failure() -> None:
    async def scene(on: Cluster) -> Object:
        on.create(kinds.JOBS, job("OnFailure"))
        await on.until({"condition": "Complete"})
        status: Object = on.get(kinds.JOBS, "j")["status"]
        return status

    status = cluster.run(scene, lambda _: {"runs": 1, "exits": 1, "after": 2})
    assert (status["succeeded"], status.get("failed")) == (1, None)


def test_a_success_in_between_makes_the_wait_short_again() -> None:
    ends = iter([1, 1, 0, 1, 0])

    async def scene(on: Cluster) -> list[int]:
        on.create(kinds.JOBS, job(completions=2))
        await on.until({"condition": "Complete"})
        return created(on)

    times = cluster.run(scene, lambda _: {"runs": 1, "exits": next(ends)})
    assert [gap - 1 for gap in gaps(times)] == pytest.approx([10, 20, 0, 10], abs=1)


def test_each_index_waits_for_itself_and_counts_its_failures() -> None:
    one = job(completions=2, parallelism=2, completionMode="Indexed", backoffLimitPerIndex=2)

    async def scene(on: Cluster) -> tuple[Object, list[tuple[int, int]]]:
        on.create(kinds.JOBS, one)
        await on.until({"condition": "Failed"})
        tries = [(pods.index(pod), pods.failure_count(pod)) for pod in on.seen.pods.values()]
        return on.get(kinds.JOBS, "j")["status"], sorted(tries)

    status, tries = cluster.run(scene, lambda pod: {"runs": 1, "exits": int(pods.index(pod) == 1)})
    assert tries == [(0, 0), (1, 0), (1, 1), (1, 2)]
    assert status["failed"] == 3
    assert (status["completedIndexes"], status["failedIndexes"]) == ("0", "1")
    assert status["conditions"][-1]["reason"] == "FailedIndexes"


def test_ignored_failures_wait_and_do_not_count() -> None:
    ignore = {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [1]}}

    async def scene(on: Cluster) -> tuple[list[int], Object]:
        on.create(kinds.JOBS, job(backoffLimit=0, podFailurePolicy={"rules": [ignore]}))
        await on.until({"pods": 4})
        await asyncio.sleep(3)
        return created(on), on.get(kinds.JOBS, "j")["status"]

    times, status = cluster.run(scene, failing)
    assert [gap - 1 for gap in gaps(times)] == pytest.approx([10, 20, 40], abs=1)
    assert "failed" not in status
