"""What the Job controller does about its Pods beside running them: claims, orphans, refusals."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import DeleteOptions, ListOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.controllers.job.pods import TRACKING_FINALIZER
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

CONTAINERS: list[Object] = [{"name": "main", "image": "busybox:1.36"}]


def job(name: str = "j", labels: Object | None = None, **spec: Any) -> Object:
    template: Object = {"spec": {"restartPolicy": "Never", "containers": CONTAINERS}}
    if labels:
        template["metadata"] = {"labels": labels}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": template, **spec},
    }


def pod(name: str, labels: Object) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"restartPolicy": "Never", "containers": CONTAINERS},
    }


MANUAL: Object = {"manualSelector": True, "selector": {"matchLabels": {"app": "a"}}}


def long(_: Object) -> Object:
    return {"runs": 1000, "exits": 0}


def owners(obj: Object) -> list[str]:
    return [owner["uid"] for owner in obj["metadata"].get("ownerReferences", [])]


def test_a_pod_that_the_selector_matches_is_adopted_and_counts() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("made-before", {"app": "a"}))
        made = on.create(kinds.JOBS, job(labels={"app": "a"}, **MANUAL))
        await on.until({"ready": 1})
        adopted = on.get(kinds.PODS, "made-before")
        assert on.names(kinds.PODS) == ["made-before"]
        assert adopted["metadata"]["finalizers"] == [TRACKING_FINALIZER]
        assert objects.controller(adopted) == {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": "j",
            "uid": made["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }

    cluster.run(scene, long)


def test_a_pod_made_later_is_adopted_and_makes_one_too_many() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(labels={"app": "a"}, **MANUAL))
        await asyncio.sleep(5)
        on.create(kinds.PODS, pod("made-later", {"app": "a"}))
        await asyncio.sleep(60)
        assert len(on.names(kinds.PODS)) == 1
        assert [event.split(":")[0] for event in on.events()] == [
            "SuccessfulCreate",
            "SuccessfulDelete",
        ]

    cluster.run(scene, long)


def test_a_pod_that_no_longer_matches_is_released_and_replaced() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(labels={"app": "a"}, **MANUAL))
        await on.until({"ready": 1})
        [name] = on.names(kinds.PODS)
        patch = {"metadata": {"labels": {"app": "b"}}}
        on.registry.patch(kinds.PODS, name, cluster.MERGE, patch, "default")
        await asyncio.sleep(5)
        released = on.get(kinds.PODS, name)
        assert (owners(released), released["metadata"].get("finalizers")) == ([], None)
        assert len(on.names(kinds.PODS)) == 2
        assert on.get(kinds.JOBS, "j")["status"]["active"] == 1

    cluster.run(scene, long)


def test_a_pod_that_somebody_takes_away_is_replaced() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job())
        await asyncio.sleep(5)
        [name] = on.names(kinds.PODS)
        patch = {"metadata": {"labels": None, "ownerReferences": None}}
        on.registry.patch(kinds.PODS, name, cluster.MERGE, patch, "default")
        await asyncio.sleep(5)
        assert len(on.names(kinds.PODS)) == 2
        assert "finalizers" not in on.get(kinds.PODS, name)["metadata"]

    cluster.run(scene, long)


def test_two_jobs_do_not_take_each_others_pods() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job("one"))
        on.create(kinds.JOBS, job("two"))
        await asyncio.sleep(5)
        assert len(on.names(kinds.PODS)) == 2
        for name in ("one", "two"):
            assert on.get(kinds.JOBS, name)["status"]["active"] == 1

    cluster.run(scene, long)


def test_the_pods_of_a_deleted_job_lose_their_finalizer() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(parallelism=3, completions=3))
        await on.until({"ready": 3})
        on.registry.delete(
            kinds.JOBS, "j", "default", DeleteOptions(propagation_policy="Background")
        )
        await asyncio.sleep(60)
        assert on.names(kinds.PODS) == []

    cluster.run(scene, long)


def test_the_pods_of_a_job_that_is_managed_elsewhere_keep_it() -> None:
    async def scene(on: Cluster) -> None:
        made = on.create(kinds.JOBS, job(managedBy="example.com/other"))
        other = pod("theirs", made["spec"]["template"]["metadata"]["labels"])
        other["metadata"] |= {
            "finalizers": [TRACKING_FINALIZER],
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": "j",
                    "uid": made["metadata"]["uid"],
                    "controller": True,
                }
            ],
        }
        on.create(kinds.PODS, other)
        await asyncio.sleep(5)
        on.registry.delete(kinds.PODS, "theirs", "default")
        await asyncio.sleep(60)
        assert on.get(kinds.PODS, "theirs")["metadata"]["finalizers"] == [TRACKING_FINALIZER]
        assert on.get(kinds.JOBS, "j")["status"] == {}
        assert on.events() == []

    cluster.run(scene)


class QuotaOfPods(Registry):
    """Refuses more Pods than there may be, in the words of a ResourceQuota."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.rule = SimpleNamespace(pods=3)  # of all parts of the cluster

    def create(
        self, kind: Kind, body: Object, namespace: str = "", *rest: Any, **more: Any
    ) -> Object:
        used = len(self.list(kinds.PODS, namespace).items)
        if kind is kinds.PODS and used >= self.rule.pods:
            numbers = f"requested: pods=1, used: pods={used}, limited: pods={self.rule.pods}"
            why = f"exceeded quota: q, {numbers}"
            raise errors.forbidden("", "pods", "j-xxxxx", why)
        return super().create(kind, body, namespace, *rest, **more)


def test_a_quota_is_met_in_small_steps_and_the_job_stays(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(parallelism=20, completions=20))
        await on.until({"active": 3})
        refused = (
            'FailedCreate: Error creating: pods "j-xxxxx" is forbidden: exceeded quota: q, '
            "requested: pods=1, used: pods=3, limited: pods=3"
        )
        # batches of 1, 2 and 4: the third is refused as a whole, the others are not tried
        first = [event for event in on.events() if event == refused]
        assert first == [refused]
        told = ListOptions(field_selector="reason=FailedCreate")
        assert on.registry.list(kinds.EVENTS, options=told).items[0]["count"] == 4
        assert len(on.names(kinds.PODS)) == 3
        on.registry.rule.pods = 30  # type: ignore[attr-defined]
        await on.until({"ready": 20})
        assert objects.job_status(on.get(kinds.JOBS, "j")) == "Running"

    cluster.run(scene, long, registry=QuotaOfPods)
    assert "exceeded quota" in caplog.messages[0]


class Refusing(Registry):
    """Refuses some verbs for Pods, as an admission webhook may, while `rule.refuses` says so.

    rule.spares: the Pods that nothing is refused for.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.rule = SimpleNamespace(refuses="", spares=())  # of all parts of the cluster

    def delete(self, kind: Kind, name: str, *rest: Any, **more: Any) -> Object:
        self._refuse("delete", kind, name)
        return super().delete(kind, name, *rest, **more)

    def update(self, kind: Kind, name: str, body: Object, *rest: Any, **more: Any) -> Object:
        if not more.get("subresource"):
            self._refuse("update", kind, name)
        return super().update(kind, name, body, *rest, **more)

    def _refuse(self, verb: str, kind: Kind, name: str) -> None:
        if verb == self.rule.refuses and kind is kinds.PODS and name not in self.rule.spares:
            raise errors.forbidden("", "pods", name, "not now")


def test_a_job_has_not_ended_while_its_pods_cannot_be_deleted() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(activeDeadlineSeconds=10))
        await on.until({"ready": 1})
        on.registry.rule.refuses = "delete"  # type: ignore[attr-defined]
        await asyncio.sleep(60)
        status = on.get(kinds.JOBS, "j")["status"]
        assert (status["active"], status.get("conditions")) == (1, None)
        [name] = on.names(kinds.PODS)
        why = f'FailedDelete: Error deleting: pods "{name}" is forbidden: not now'
        assert why in on.events()
        on.registry.rule.refuses = ""  # type: ignore[attr-defined]
        await on.until({"condition": "Failed"})
        assert on.get(kinds.JOBS, "j")["status"]["failed"] == 1

    cluster.run(scene, long, registry=Refusing)


def test_a_pod_is_not_counted_while_its_finalizer_cannot_be_removed() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job())
        await on.until({"ready": 1})
        on.registry.rule.refuses = "update"  # type: ignore[attr-defined]
        await asyncio.sleep(60)
        status = on.get(kinds.JOBS, "j")["status"]
        assert len(status["uncountedTerminatedPods"]["succeeded"]) == 1
        assert [one["type"] for one in status["conditions"]] == ["SuccessCriteriaMet"]
        on.registry.rule.refuses = ""  # type: ignore[attr-defined]
        await on.until({"condition": "Complete"})
        assert on.get(kinds.JOBS, "j")["status"]["succeeded"] == 1

    cluster.run(scene, registry=Refusing)


def test_a_refusal_for_one_pod_does_not_keep_others_from_being_counted() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(completions=2, parallelism=2))
        await on.until({"ready": 2})
        on.registry.rule.refuses = "update"  # type: ignore[attr-defined]
        on.registry.rule.spares = tuple(on.names(kinds.PODS)[:1])  # type: ignore[attr-defined]
        began = on.seconds()
        await on.until({"succeeded": 1})
        assert on.seconds() - began < 2  # in the same sync, not when it is tried again
        status = on.get(kinds.JOBS, "j")["status"]
        assert len(status["uncountedTerminatedPods"]["succeeded"]) == 1

    cluster.run(scene, registry=Refusing)


def test_a_burst_of_changes_becomes_one_status_write() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(parallelism=50, completions=50))
        await on.until({"condition": "Complete"})
        kept = [
            (one.get("active", 0), one.get("ready"), one.get("succeeded")) for one in on.seen.states
        ]
        assert kept == [
            (0, None, None),
            (50, 0, None),
            (50, 50, None),
            (50, 0, None),
            (0, 0, None),
            (0, 0, 50),
        ]

    cluster.run(scene)


def test_a_controller_that_starts_again_goes_on_where_things_are() -> None:
    async def scene(on: Cluster) -> None:
        made = job(parallelism=2, completions=4, backoffLimitPerIndex=1, completionMode="Indexed")
        on.create(kinds.JOBS, made)
        await on.until({"ready": 2})
        await on.restart()
        await on.until({"condition": "Complete"})
        assert on.get(kinds.JOBS, "j")["status"]["completedIndexes"] == "0-3"
        assert len(on.names(kinds.PODS)) == 4

    cluster.run(scene)


def test_a_repeated_suspension_is_one_event_that_counts() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(suspend=True))
        for suspend in (False, True, False):
            await asyncio.sleep(5)
            on.patch_job({"spec": {"suspend": suspend}})
        await on.until({"ready": 1})
        counts = {event["reason"]: event.get("count") for event in on.all(kinds.EVENTS)}
        assert (counts["Suspended"], counts["Resumed"]) == (2, 2)
        assert "failed" not in on.get(kinds.JOBS, "j")["status"]

    cluster.run(scene, long)


def test_a_deadline_that_is_shortened_counts_at_once() -> None:
    async def scene(on: Cluster) -> float:
        on.create(kinds.JOBS, job(activeDeadlineSeconds=1000))
        await on.until({"ready": 1})
        began = on.seconds()
        on.patch_job({"spec": {"activeDeadlineSeconds": 20}})
        await on.until({"condition": "FailureTarget"})
        return on.seconds() - began

    assert cluster.run(scene, long) == pytest.approx(20, abs=1.1)


def test_the_deadline_does_not_run_while_a_job_is_suspended() -> None:
    async def scene(on: Cluster) -> float:
        on.create(kinds.JOBS, job(activeDeadlineSeconds=20))
        await asyncio.sleep(15)
        on.patch_job({"spec": {"suspend": True}})
        await asyncio.sleep(100)
        on.patch_job({"spec": {"suspend": False}})
        began = on.seconds()
        await on.until({"condition": "FailureTarget"})
        return on.seconds() - began

    assert cluster.run(scene, long) == pytest.approx(20, abs=1.1)


def test_more_successes_than_completions_are_told() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(labels={"app": "a"}, **MANUAL))
        await on.until({"ready": 1})
        for name in ("more", "and-more"):
            extra = pod(name, {"app": "a"})
            extra["spec"]["schedulerName"] = "nobody"
            on.create(kinds.PODS, extra)
            patch = {"status": {"phase": "Succeeded"}}
            on.registry.patch(
                kinds.PODS, name, cluster.MERGE, patch, "default", subresource="status"
            )
        await on.until({"condition": "Complete"})
        assert on.get(kinds.JOBS, "j")["status"]["succeeded"] > 1
        assert (
            "TooManySucceededPods: Too many succeeded pods running after completion count reached"
            in on.events()
        )

    cluster.run(scene)


def test_five_hundred_pods_are_made_and_counted() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.JOBS, job(parallelism=500, completions=500))
        await on.until({"condition": "Complete"})
        assert on.get(kinds.JOBS, "j")["status"]["succeeded"] == 500
        assert len(on.names(kinds.PODS)) == 500

    cluster.run(scene, node=kubelet.node(pods="1000"))
