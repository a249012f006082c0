"""ttlSecondsAfterFinished: when a finished Job goes."""

from __future__ import annotations

import asyncio
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
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


def test_a_finished_job_goes_after_that_time_and_not_before() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(ttlSecondsAfterFinished=3600))
        await on.until({"condition": "Complete"})
        await asyncio.sleep(3590)
        assert on.names(kinds.JOBS) == ["j"]
        await asyncio.sleep(20)
        assert (on.names(kinds.JOBS), on.names(kinds.PODS)) == ([], [])

    cluster.run(scene)


def test_a_time_set_after_the_end_counts_from_the_end() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job())
        await on.until({"condition": "Complete"})
        await asyncio.sleep(100)
        assert on.names(kinds.JOBS) == ["j"]
        on.patch_job({"spec": {"ttlSecondsAfterFinished": 50}})
        await asyncio.sleep(1)
        assert on.names(kinds.JOBS) == []

    cluster.run(scene)


def test_a_time_made_longer_is_waited_for() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(ttlSecondsAfterFinished=50))
        await on.until({"condition": "Complete"})
        on.patch_job({"spec": {"ttlSecondsAfterFinished": 500}})
        await asyncio.sleep(490)
        assert on.names(kinds.JOBS) == ["j"]
        await asyncio.sleep(20)
        assert on.names(kinds.JOBS) == []

    cluster.run(scene)


def test_another_job_of_the_same_name_has_a_time_of_its_own() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(ttlSecondsAfterFinished=50))
        await on.until({"condition": "Complete"})
        on.registry.delete(
            kinds.JOBS, "j", "default", DeleteOptions(propagation_policy="Background")
        )
        await asyncio.sleep(20)
        on.create(kinds.JOBS, job())
        await asyncio.sleep(1000)
        assert on.names(kinds.JOBS) == ["j"]

    cluster.run(scene)
