"""Each scenario goes as it went on a real cluster: statuses in order, Pods, events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice import scenario
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster
from tests.practice.scenario import JOB, Scenario

# the scenarios in which a Job waits for more than a moment while nothing runs
WAITING = ("backoff-limit-1", "ignore", "pod-deleted", "replaced-when-failed", "retry-per-index")
SCENARIOS = scenario.load()


async def play(one: Scenario, on: Cluster) -> Object:
    on.create(kinds.JOBS, one.manifest())
    for step in one.steps:
        await on.until(step["after"])
        if "patch" in step:
            on.patch_job(step["patch"])
        elif "deletePods" in step:
            on.registry.delete_collection(kinds.PODS, "default")
        else:
            on.registry.delete(
                kinds.JOBS, JOB, "default", DeleteOptions(propagation_policy=step["deleteJob"])
            )
    await on.until(one.until)
    await on.clock.sleep(one.until.get("seconds", 2))
    return scenario.recording(on.seen, on.all(kinds.EVENTS))


@pytest.mark.parametrize("jumps", [False, True], ids=["by waiting", "by jumping"])
@pytest.mark.parametrize("one", SCENARIOS, ids=[one.title for one in SCENARIOS])
def test_it_goes_as_on_a_real_cluster(one: Scenario, jumps: bool) -> None:
    async def scene(on: Cluster) -> Object:
        return await play(one, on)

    found = cluster.run(scene, one.behaviour, jumps=jumps)
    assert found == json.loads(one.measured.read_text("utf-8"))


@pytest.mark.parametrize("one", SCENARIOS, ids=[one.title for one in SCENARIOS])
def test_the_gaps_are_those_of_a_cluster_that_has_waited(one: Scenario) -> None:
    async def scene(on: Cluster) -> tuple[list[str], float]:
        await play(one, on)
        return list(_moments(on)), asyncio.get_running_loop().time()

    waited, long = cluster.run(scene, one.behaviour)
    jumped, short = cluster.run(scene, one.behaviour, jumps=True)
    assert jumped == waited
    assert (long - short > 5) == (one.name in WAITING)


def _moments(on: Cluster) -> Iterator[str]:
    """What happened to the Job and its Pods, and when."""
    for pod in sorted(on.seen.pods.values(), key=objects.name):
        yield f"{objects.name(pod)} {pod['metadata']['creationTimestamp']}"
        for entry in pod["status"].get("containerStatuses") or ():
            yield f"{objects.name(pod)} {entry['state']}"
    for state in on.seen.states:
        for condition in state.get("conditions") or ():
            yield f"{condition['type']} {condition['lastTransitionTime']}"
