"""Pods that keep the tracking finalizer for nobody: it is taken from them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.controllers.job.controller import JobController
from kubectl_joblab.practice.controllers.job.pods import TRACKING_FINALIZER
from kubectl_joblab.practice.events import Recorder
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

    def patch_job(self, patch: Object, subresource: str = "") -> None:
        merge = "application/merge-patch+json"
        self.registry.patch(kinds.JOBS, "j", merge, patch, "default", subresource=subresource)

    def pod(
        self,
        *owners: Object,
        labels: Object | None = None,
        finalizers: Sequence[str] = (TRACKING_FINALIZER,),
    ) -> Object:
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "p",
                "labels": labels or {},
                "finalizers": list(finalizers),
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
        scene.registry.delete(
            kinds.JOBS, "j", "default", DeleteOptions(propagation_policy="Background")
        )
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
        scene.patch_job({"metadata": {"labels": {"changed": "yes"}}})
        assert await scene.finalizers() == [[]]

    virtual.run(main)


def test_the_pods_of_a_job_whose_name_is_anothers_now() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        scene.job()
        assert await scene.finalizers() == [[TRACKING_FINALIZER]]
        scene.registry.delete(
            kinds.JOBS, "j", "default", DeleteOptions(propagation_policy="Background")
        )
        scene.job(suspend=True)
        assert await scene.finalizers() == [[]]

    virtual.run(main)


def test_not_the_pods_of_a_finished_job_that_is_managed_elsewhere() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        made = scene.job(managedBy="example.com/other")
        when = "2026-01-01T00:00:00Z"
        conditions = [
            {"type": kind, "status": "True", "lastProbeTime": when, "lastTransitionTime": when}
            for kind in ("SuccessCriteriaMet", "Complete")
        ]
        status = {"startTime": when, "completionTime": when, "conditions": conditions}
        scene.patch_job({"status": status}, subresource="status")
        scene.pod(owner(made["metadata"]["uid"]), labels=made["spec"]["selector"]["matchLabels"])
        scene.patch_job({"metadata": {"labels": {"changed": "yes"}}})
        scene.registry.delete(kinds.PODS, "p", "default")
        assert await scene.finalizers() == [[TRACKING_FINALIZER]]

    virtual.run(main)


@pytest.mark.parametrize("job_is_deleted", [True, False], ids=["a deleted Job", "a deleted Pod"])
def test_nobody_is_adopted_by_or_as(job_is_deleted: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        made = scene.job(parallelism=0)
        await asyncio.sleep(5)
        if job_is_deleted:
            scene.registry.delete(
                kinds.JOBS, "j", "default", DeleteOptions(propagation_policy="Foreground")
            )
        scene.pod(labels=made["spec"]["selector"]["matchLabels"], finalizers=["example.com/held"])
        if not job_is_deleted:
            scene.registry.delete(kinds.PODS, "p", "default")
        assert await scene.finalizers() == [["example.com/held"]]
        pod = scene.registry.get(kinds.PODS, "p", "default")
        assert not pod["metadata"].get("ownerReferences")
        assert caplog.messages == []

    virtual.run(main)


def test_a_job_that_is_deleted_in_the_foreground_makes_no_more_pods_and_is_not_suspended() -> None:
    async def main(clock: VirtualClock) -> None:
        scene = Scene(clock)
        scene.job(parallelism=0)
        await asyncio.sleep(5)
        scene.registry.delete(
            kinds.JOBS, "j", "default", DeleteOptions(propagation_policy="Foreground")
        )
        scene.patch_job({"spec": {"parallelism": 1}})
        assert await scene.finalizers() == []
        scene.patch_job({"spec": {"suspend": True}})
        await asyncio.sleep(5)
        assert "conditions" not in scene.registry.get(kinds.JOBS, "j", "default")["status"]

    virtual.run(main)
