"""Each scenario goes as it went on a real cluster: statuses in order, Pods, events."""

from __future__ import annotations

import asyncio
import json

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice import scenario
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster
from tests.practice.scenario import JOB, Scenario

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
    await asyncio.sleep(one.until.get("seconds", 2))
    return scenario.recording(on.seen, on.all(kinds.EVENTS))


@pytest.mark.parametrize("one", SCENARIOS, ids=[one.title for one in SCENARIOS])
def test_it_goes_as_on_a_real_cluster(one: Scenario) -> None:
    async def scene(on: Cluster) -> Object:
        return await play(one, on)

    found = cluster.run(scene, one.behaviour)
    assert found == json.loads(one.measured.read_text("utf-8"))
