"""Deployments and their ReplicaSets in virtual time: rollouts, scaling, history, deadlines.

Reasons, messages and the order of events are those of a Kubernetes 1.37.2 cluster with the same
objects.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import MERGE, Cluster

OTHER = {"template": {"spec": {"containers": [{"name": "main", "image": "busybox:1.37"}]}}}


def long(_: Object) -> Object:
    return {"runs": 100_000, "exits": 0}


def broken(pod: Object) -> Object:
    """What runs for long, unless it has the other image: then it is never ready for long."""
    image = pod["spec"]["containers"][0]["image"]
    return {"runs": 0.1 if image == "busybox:1.37" else 100_000, "exits": 1}


def web(kind: str = "Deployment", **spec: Any) -> Object:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "main", "image": "busybox:1.36"}]},
    }
    selector = {"matchLabels": {"app": "web"}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {"selector": selector, "template": template, **spec},
    }


def change(on: Cluster, spec: Object, kind: Any = kinds.DEPLOYMENTS) -> None:
    on.registry.patch(kind, "web", MERGE, {"spec": spec}, "default")


def status(on: Cluster) -> Object:
    return dict(objects.status(on.get(kinds.DEPLOYMENTS, "web")))


def counts(on: Cluster) -> tuple[int, ...]:
    """All, new, ready, available Pods."""
    keys = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return tuple(int(status(on).get(key) or 0) for key in keys)


def progress(on: Cluster) -> str:
    found = objects.condition(on.get(kinds.DEPLOYMENTS, "web"), "Progressing") or {}
    return _plain(f"{found['status']} {found['reason']}: {found['message']}")


def told(on: Cluster, kind: str = "Deployment") -> list[str]:
    """The events of a kind, in order; ReplicaSets are named by the order of their creation."""
    found = [one for one in on.all(kinds.EVENTS) if one["involvedObject"]["kind"] == kind]
    found.sort(key=lambda one: str(one["metadata"]["name"]).rpartition(".")[2])
    names: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return "web-" + names.setdefault(match[1], str(len(names) + 1))

    texts = [f"{one['reason']}: {one['message']}" for one in found]
    return [re.sub(r"web-([a-z0-9]{8,10})\b", named, text) for text in texts]


def _plain(text: str) -> str:
    return re.sub(r"web-[a-z0-9]{8,10}\b", "web-HASH", text)


async def rolled_out(on: Cluster, replicas: int = 3) -> None:
    generation = on.get(kinds.DEPLOYMENTS, "web")["metadata"]["generation"]
    await on.wait(
        lambda: (
            counts(on) == (replicas,) * 4
            and status(on)["observedGeneration"] >= generation
            and not status(on).get("terminatingReplicas")
        )
    )


def sizes(on: Cluster) -> dict[str, int]:
    """The replicas of each ReplicaSet by its revision."""
    return {
        str(objects.annotation(one, "deployment.kubernetes.io/revision")): one["spec"]["replicas"]
        for one in on.all(kinds.REPLICA_SETS)
    }


def test_a_rollout_replaces_pods_a_few_at_a_time_and_is_told_in_upstreams_words() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=3))
        await rolled_out(on)
        said = 'True NewReplicaSetAvailable: ReplicaSet "web-HASH" has successfully progressed.'
        assert progress(on) == said
        change(on, OTHER)
        await rolled_out(on)
        assert progress(on) == said
        assert sizes(on) == {"1": 0, "2": 3}
        assert on.get(kinds.DEPLOYMENTS, "web")["metadata"]["annotations"] == {
            "deployment.kubernetes.io/revision": "2"
        }
        assert told(on) == [
            "ScalingReplicaSet: Scaled up replica set web-1 from 0 to 3",
            "ScalingReplicaSet: Scaled up replica set web-2 from 0 to 1",
            "ScalingReplicaSet: Scaled down replica set web-1 from 3 to 2",
            "ScalingReplicaSet: Scaled up replica set web-2 from 1 to 2",
            "ScalingReplicaSet: Scaled down replica set web-1 from 2 to 1",
            "ScalingReplicaSet: Scaled up replica set web-2 from 2 to 3",
            "ScalingReplicaSet: Scaled down replica set web-1 from 1 to 0",
        ]
        assert len([one for one in told(on, "ReplicaSet") if "SuccessfulDelete" in one]) == 3

    cluster.run(scene, long)


def test_recreate_waits_until_the_last_old_pod_is_gone() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=2, strategy={"type": "Recreate"}))
        await rolled_out(on, 2)
        change(on, OTHER)
        await on.wait(lambda: status(on).get("terminatingReplicas") == 2)
        assert sizes(on) == {"1": 0}
        await rolled_out(on, 2)
        assert sizes(on) == {"1": 0, "2": 2}
        assert told(on)[1:] == [
            "ScalingReplicaSet: Scaled down replica set web-1 from 2 to 0",
            "ScalingReplicaSet: Scaled up replica set web-2 from 0 to 2",
        ]

    cluster.run(scene, long)


def test_a_deployment_starts_an_ended_process_again_and_a_job_does_not() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web())
        job = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {"template": web()["spec"]["template"]},
        }
        job = deepcopy(job)
        job["spec"]["template"]["spec"]["restartPolicy"] = "Never"  # type: ignore[index]
        on.create(kinds.JOBS, job)
        await on.wait(lambda: objects.is_finished(on.get(kinds.JOBS, "j")))
        await on.clock.sleep(60)
        restarts = {
            str(objects.labels(pod).get("app")) + objects.name(pod)[:2]: pod["status"][
                "containerStatuses"
            ][0]["restartCount"]
            for pod in on.all(kinds.PODS)
        }
        assert restarts["webj-"] == 0
        assert restarts["webwe"] >= 2

    cluster.run(scene, lambda _: {"runs": 1, "exits": 0})


def test_scaling_keeps_the_revision_and_is_told() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=2))
        await rolled_out(on, 2)
        change(on, {"replicas": 5})
        await rolled_out(on, 5)
        change(on, {"replicas": 1})
        await rolled_out(on, 1)
        assert sizes(on) == {"1": 1}
        assert told(on)[1:] == [
            "ScalingReplicaSet: Scaled up replica set web-1 from 2 to 5",
            "ScalingReplicaSet: Scaled down replica set web-1 from 5 to 1",
        ]
        assert len(on.all(kinds.PODS)) == 1

    cluster.run(scene, long)


def test_going_back_to_an_earlier_template_takes_its_replica_set_with_a_new_revision() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=3))
        await rolled_out(on)
        change(on, OTHER)
        await rolled_out(on)
        change(on, {"template": web()["spec"]["template"]})
        await rolled_out(on)
        assert sizes(on) == {"2": 0, "3": 3}
        histories = [
            objects.annotation(one, "deployment.kubernetes.io/revision-history")
            for one in on.all(kinds.REPLICA_SETS)
        ]
        assert sorted(filter(None, histories)) == ["1"]

    cluster.run(scene, long)


@pytest.mark.parametrize(
    ("revision", "event", "image"),
    [
        ("1", 'DeploymentRollback: Rolled back deployment "web" to revision 1', "busybox:1.36"),
        ("0", 'DeploymentRollback: Rolled back deployment "web" to revision 1', "busybox:1.36"),
        (
            "2",
            "DeploymentRollbackTemplateUnchanged: The rollback revision contains the same template "
            'as current deployment "web"',
            "busybox:1.37",
        ),
        (
            "7",
            "DeploymentRollbackRevisionNotFound: Unable to find the revision to rollback to.",
            "busybox:1.37",
        ),
    ],
)
def test_the_deprecated_annotation_rolls_back(revision: str, event: str, image: str) -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=3))
        await rolled_out(on)
        change(on, OTHER)
        await rolled_out(on)
        asked = {"deprecated.deployment.rollback.to": revision}
        patch = {"metadata": {"annotations": asked}}
        on.registry.patch(kinds.DEPLOYMENTS, "web", MERGE, patch, "default")
        await rolled_out(on)
        found = on.get(kinds.DEPLOYMENTS, "web")
        assert event in told(on)
        assert found["spec"]["template"]["spec"]["containers"][0]["image"] == image
        assert list(found["metadata"]["annotations"]) == ["deployment.kubernetes.io/revision"]

    cluster.run(scene, long)


def test_of_old_replica_sets_as_many_are_kept_as_the_history_is_long() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=1, revisionHistoryLimit=1))
        for number in range(4):
            container = {"name": "main", "image": "busybox", "args": [str(number)]}
            change(on, {"template": {"spec": {"containers": [container]}}})
            await rolled_out(on, 1)
        await on.clock.sleep(1)
        assert sizes(on) == {"3": 0, "4": 1}

    cluster.run(scene, long)


def test_a_paused_deployment_does_not_roll_out_and_goes_on_when_it_is_resumed() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=3))
        await rolled_out(on)
        change(on, {"paused": True})
        await on.clock.sleep(1)
        assert progress(on) == "Unknown DeploymentPaused: Deployment is paused"
        change(on, OTHER)
        change(on, {"replicas": 4})
        await on.clock.sleep(30)
        assert sizes(on) == {"1": 4}
        change(on, {"paused": False})
        await rolled_out(on, 4)
        assert sizes(on) == {"1": 0, "2": 4}

    cluster.run(scene, long)


@pytest.mark.parametrize("jumps", [False, True], ids=["by waiting", "by jumping"])
def test_a_rollout_that_does_not_get_on_is_told_after_its_deadline(jumps: bool) -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=3, progressDeadlineSeconds=60))
        await rolled_out(on)
        change(on, {**OTHER, "minReadySeconds": 5})
        late = "ProgressDeadlineExceeded"
        await on.wait(lambda: late in progress(on))
        said = 'False ProgressDeadlineExceeded: ReplicaSet "web-HASH" has timed out progressing.'
        assert progress(on) == said
        available = objects.condition(on.get(kinds.DEPLOYMENTS, "web"), "Available") or {}
        assert available["status"] == "True"
        assert sizes(on) == {"1": 3, "2": 1}

    cluster.run(scene, broken, jumps=jumps)


def test_a_pod_counts_as_available_when_it_has_been_ready_for_long_enough() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=2, minReadySeconds=20))
        await on.wait(lambda: counts(on) == (2, 2, 2, 0))
        began = on.seconds()
        await rolled_out(on, 2)
        assert 15 <= on.seconds() - began <= 30

    cluster.run(scene, long)


def test_scaling_in_the_midst_of_a_rollout_is_shared_out_by_size() -> None:
    async def scene(on: Cluster) -> None:
        strategy = {"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}
        on.create(kinds.DEPLOYMENTS, web(replicas=8, strategy=strategy))
        await rolled_out(on, 8)
        change(on, {**OTHER, "minReadySeconds": 100})
        await on.wait(lambda: sizes(on) == {"1": 8, "2": 2})
        change(on, {"replicas": 18})
        await on.clock.sleep(1)
        assert sizes(on) == {"1": 16, "2": 4}
        change(on, {"replicas": 3})
        await on.clock.sleep(1)
        assert [one for one in told(on) if "down" in one][:2] == [
            "ScalingReplicaSet: Scaled down replica set web-1 from 16 to 4",
            "ScalingReplicaSet: Scaled down replica set web-2 from 4 to 1",
        ]
        assert sizes(on) == {"1": 3, "2": 2}

    cluster.run(scene, long)


def test_a_deployment_takes_its_replica_sets_and_pods_along() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.DEPLOYMENTS, web(replicas=2))
        await rolled_out(on, 2)
        on.registry.delete(kinds.DEPLOYMENTS, "web", "default", DeleteOptions())
        await on.wait(lambda: not on.all(kinds.PODS))
        assert on.all(kinds.REPLICA_SETS) == []

    cluster.run(scene, long)


def test_a_replica_set_adopts_what_it_selects_and_releases_what_it_does_not() -> None:
    async def scene(on: Cluster) -> None:
        pod = {"apiVersion": "v1", "kind": "Pod", **deepcopy(web()["spec"]["template"])}
        pod["metadata"]["name"] = "alone"
        on.create(kinds.PODS, pod)
        on.create(kinds.REPLICA_SETS, web("ReplicaSet", replicas=2))
        await on.wait(lambda: len(on.all(kinds.PODS)) == 2)
        await on.clock.sleep(1)
        owner = objects.controller(on.get(kinds.PODS, "alone")) or {}
        assert (owner["kind"], owner["name"]) == ("ReplicaSet", "web")
        free = {"metadata": {"labels": {"app": None}}}
        on.registry.patch(kinds.PODS, "alone", MERGE, free, "default")
        await on.wait(lambda: len(on.all(kinds.PODS)) == 3)
        assert objects.controller(on.get(kinds.PODS, "alone")) is None

    cluster.run(scene, long)


def test_pods_that_are_refused_are_told_of_in_both_and_tried_again() -> None:
    async def scene(on: Cluster) -> None:
        account = {"template": {"spec": {"serviceAccountName": "robot"}}}
        on.create(kinds.DEPLOYMENTS, web(replicas=2))
        await rolled_out(on, 2)
        change(on, account)
        await on.clock.sleep(2)
        why = 'looking up service account default/robot: serviceaccount "robot" not found'
        failure = objects.condition(on.get(kinds.DEPLOYMENTS, "web"), "ReplicaFailure") or {}
        assert (failure["status"], failure["reason"]) == ("True", "FailedCreate")
        assert failure["message"].endswith(why)
        new = next(one for one in on.all(kinds.REPLICA_SETS) if one["spec"]["replicas"] == 1)
        assert objects.condition(new, "ReplicaFailure") is not None
        on.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "robot"}})
        await rolled_out(on, 2)
        assert objects.condition(on.get(kinds.DEPLOYMENTS, "web"), "ReplicaFailure") is None

    cluster.run(scene, long)
