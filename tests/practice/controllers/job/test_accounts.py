"""Whatever its Pods do, a Job counts each of them once and ends."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.controllers.job import indexes, pods
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster


def job(**spec: Any) -> Object:
    container = {"name": "main", "image": "busybox:1.36"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {"template": template, **spec},
    }


def ended(on: Cluster, phase: str) -> list[Object]:
    return [pod for pod in on.seen.pods.values() if pod["status"]["phase"] == phase]


def played(one: Object, seed: int, failing: float) -> tuple[Object, Cluster]:
    """The Job's last status, where Pods run and fail at random."""
    chance = random.Random(seed)

    def behaviour(_: Object) -> Object:
        return {"runs": chance.uniform(0, 3), "exits": int(chance.random() < failing)}

    async def scene(on: Cluster) -> tuple[Object, Cluster]:
        on.create(kinds.JOBS, one)
        await on.wait(lambda: bool(on.seen.states and _is_over(on.seen.states[-1])))
        return on.seen.states[-1], on

    return cluster.run(scene, behaviour)


def _is_over(status: Object) -> bool:
    kinds_of = {one["type"] for one in status.get("conditions", ()) if one["status"] == "True"}
    return bool(kinds_of & {"Complete", "Failed"})


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 6), st.integers(1, 5), st.integers(0, 4), st.integers(), st.floats(0, 0.6))
def test_successes_and_failures_add_up(
    completions: int, parallelism: int, limit: int, seed: int, failing: float
) -> None:
    spec = {"completions": completions, "parallelism": parallelism, "backoffLimit": limit}
    status, on = played(job(**spec), seed, failing)
    succeeded, failed = status.get("succeeded", 0), status.get("failed", 0)
    assert succeeded == len(ended(on, "Succeeded"))
    assert succeeded + failed == len(on.seen.pods)
    assert (succeeded == completions) == (status["conditions"][-1]["type"] == "Complete")
    assert status["uncountedTerminatedPods"] == {}
    assert not any(pods.is_tracked(pod) for pod in on.all(kinds.PODS))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 2), st.integers(), st.floats(0, 0.8))
def test_each_index_succeeds_or_fails_for_good(
    completions: int, parallelism: int, limit: int, seed: int, failing: float
) -> None:
    spec = {"completions": completions, "parallelism": parallelism}
    per_index = {"completionMode": "Indexed", "backoffLimitPerIndex": limit}
    status, on = played(job(**spec, **per_index), seed, failing)
    done = indexes.parse(status.get("completedIndexes", ""), completions)
    lost = indexes.parse(status["failedIndexes"], completions)
    assert len(done | lost) == completions
    assert not done & lost
    assert status.get("succeeded", 0) == len(done) == len(ended(on, "Succeeded"))
    assert status.get("failed", 0) == len(ended(on, "Failed"))
    for index in range(completions):
        tries = sum(pods.index(pod) == index for pod in on.seen.pods.values())
        assert tries == limit + 1 if index in lost else tries <= limit + 1
