"""Pods that keep the tracking finalizer for nobody: it is taken from them."""

from __future__ import annotations

import asyncio

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import kinds
from kubectl_joblab.practice.api.recorder import Recorder
from kubectl_joblab.practice.api.registry import Registry
from kubectl_joblab.practice.api.store import Store
from kubectl_joblab.practice.controllers.job.controller import JobController
from kubectl_joblab.practice.controllers.job.pods import TRACKING_FINALIZER
from tests.practice import virtual
from tests.practice.virtual import CountingIds, VirtualClock

CONTAINERS = [{"name": "main", "image": "busybox:1.36"}]
NOBODY = "00000000-0000-4000-8000-00000000ffff"


class Scene:
    """A registry and the Job controller alone: nobody collects garbage, nothing runs."""

    def __init__(self, clock: VirtualClock) -> None:
        ids = CountingIds()
        self.registry = Registry(Store(), clock, ids)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
        self.registry.create(kinds.NAMESPACES, namespace)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        self.registry.create(kinds.SERVICE_ACCOUNTS, account, "default")
        recorder = Recorder(self.registry, clock, ids, "job-controller")
        self.running = asyncio.ensure_future(JobController(self.registry, clock, recorder).run())

    def job(self, **spec: object) -> Object:
        body = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {
                "template": {"spec": {"restartPolicy": "Never", "containers": CONTAINERS}},
                **spec,
            },
        }
        return self.registry.create(kinds.JOBS, body, "default")

    def pod(self, *owners: Object, labels: Object | None = None) -> Object:
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "p",
                "labels": labels or {},
                "finalizers": [TRACKING_FINALIZER],
                "ownerReferences": list(owners),
            },
            "spec": {"restartPolicy": "Never", "containers": CONTAINERS},
        }
        return self.registry.create(kinds.PODS, body, "default")

    async def finalizers(self) -> list[list[str]]:
        await asyncio.sleep(5)
        assert not self.running.done()
        found = self.registry.list(kinds.PODS, "default").items
        return [pod["metadata"].get("finalizers", []) for pod in found]


def owner(uid: str = NOBODY, **more: object) -> Object:
    reference = {"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": uid}
    return reference | {"controller": True} | more


def test_a_pod_that_never_had_a_job() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        scene.pod()
        assert await scene.finalizers() == [[]]

    virtual.run(main)


@pytest.mark.parametrize(
    ("reference", "kept"),
    [
        pytest.param(owner(), False, id="of a Job that is gone"),
        pytest.param(owner(kind="Other", apiVersion="example.com/v1"), True, id="of another kind"),
    ],
)
def test_a_pod_that_is_deleted(reference: Object, kept: bool) -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        scene.pod(reference)
        assert await scene.finalizers() == [[TRACKING_FINALIZER]]
        scene.registry.delete(kinds.PODS, "p", "default")
        assert await scene.finalizers() == ([[TRACKING_FINALIZER]] if kept else [])

    virtual.run(main)


def test_the_pods_of_a_job_that_has_just_gone() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        scene.job(completions=2, parallelism=2)
        assert await scene.finalizers() == [[TRACKING_FINALIZER]] * 2
        scene.registry.delete(kinds.JOBS, "j", "default", propagation="Background")
        assert await scene.finalizers() == [[], []]

    virtual.run(main)


def test_a_pod_of_a_finished_job_when_that_changes() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        made = scene.job(completions=0)
        labels = made["spec"]["selector"]["matchLabels"]
        await asyncio.sleep(5)
        scene.pod(owner(made["metadata"]["uid"]), labels=labels)
        assert await scene.finalizers() == [[TRACKING_FINALIZER]]
        patch = {"metadata": {"labels": {"changed": "yes"}}}
        merge = "application/merge-patch+json"
        scene.registry.patch(kinds.JOBS, "j", merge, patch, "default")
        assert await scene.finalizers() == [[]]

    virtual.run(main)


def test_a_job_that_is_deleted_in_the_foreground_makes_no_more_pods() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        scene.job(parallelism=0)
        await asyncio.sleep(5)
        scene.registry.delete(kinds.JOBS, "j", "default", propagation="Foreground")
        patch = {"spec": {"parallelism": 1}}
        merge = "application/merge-patch+json"
        scene.registry.patch(kinds.JOBS, "j", merge, patch, "default")
        assert await scene.finalizers() == []

    virtual.run(main)
