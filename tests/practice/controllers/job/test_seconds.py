"""Seconds of 64 bits in what controllers read: no Job stands still because of them.

What comes of each is what a Kubernetes 1.37.2 cluster made of the same Job.
"""

from __future__ import annotations

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.controllers.cluster import MERGE, Cluster, run


def job(**spec: object) -> Object:
    container = {"name": "main", "image": "busybox"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    whole = {"template": template, **spec}
    return {"kind": "Job", "apiVersion": "batch/v1", "metadata": {"name": "j"}, "spec": whole}


def ended(cluster: Cluster) -> str:
    found = cluster.get(kinds.JOBS, "j")
    return "".join(one for one in ("Complete", "Failed") if objects.is_true(found, one))


@pytest.mark.parametrize(
    ("seconds", "end"),
    [
        (9223372036, "Complete"),
        (9223372037, "Failed"),  # more nanoseconds than 64 bits hold
        (86399999999998, "Failed"),
        (86399999999999, "Failed"),
        (2**63 - 1, "Failed"),
    ],
)
def test_a_job_of_any_deadline_ends(seconds: int, end: str) -> None:
    async def scene(cluster: Cluster) -> None:
        cluster.create(kinds.JOBS, job(activeDeadlineSeconds=seconds))
        await cluster.wait(lambda: bool(ended(cluster)))
        assert ended(cluster) == end

    run(scene)


@pytest.mark.parametrize("seconds", [9223372036, 86399999999999, 2**63 - 1])
def test_a_job_whose_pods_have_any_grace_period_goes_on_when_they_are_deleted(
    seconds: int,
) -> None:
    async def scene(cluster: Cluster) -> None:
        body = job()
        body["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = seconds
        cluster.create(kinds.JOBS, body)
        await cluster.wait(lambda: bool(cluster.names(kinds.PODS)))
        cluster.registry.delete(kinds.PODS, cluster.names(kinds.PODS)[0], "default")
        await cluster.wait(lambda: bool(ended(cluster)))
        assert ended(cluster) == "Complete"

    run(scene, lambda _: {"runs": 60, "exits": 0})


@pytest.mark.parametrize(
    ("start", "end"), [("0000-01-01T00:00:00Z", "Failed"), ("9999-12-31T23:59:59-00:01", "")]
)
def test_a_job_that_began_in_any_year_is_worked_on(start: str, end: str) -> None:
    async def scene(cluster: Cluster) -> None:
        cluster.create(kinds.JOBS, job(activeDeadlineSeconds=600))
        change = {"status": {"startTime": start}}
        cluster.registry.patch(kinds.JOBS, "j", MERGE, change, "default", subresource="status")
        await cluster.wait(lambda: bool(ended(cluster) or cluster.names(kinds.PODS)))
        assert ended(cluster) == end

    run(scene, lambda _: {"runs": 60, "exits": 0})
