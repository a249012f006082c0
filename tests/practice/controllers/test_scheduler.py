"""The scheduler: Pods get a node, or wait for one and say why."""

from __future__ import annotations

import asyncio
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import DeleteOptions, ListOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

FULL = (
    "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: "
    "1 No preemption victims found for incoming pod."
)
NO_LABEL = (
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: "
    "0/1 nodes are available: 1 Preemption is not helpful for scheduling."
)


def pod(name: str, cpu: str = "", **spec: Any) -> Object:
    container: Object = {"name": "main", "image": "busybox:1.36"}
    if cpu:
        container["resources"] = {"requests": {"cpu": cpu}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"restartPolicy": "Never", "containers": [container], **spec},
    }


def long(_: Object) -> Object:
    return {"runs": 1000, "exits": 0}


def placed(on: Cluster) -> list[str]:
    return [name for name in on.names(kinds.PODS) if _node(on, name)]


def _node(on: Cluster, name: str) -> Any:
    return on.get(kinds.PODS, name)["spec"].get("nodeName")


def events(on: Cluster, name: str) -> list[Object]:
    found = on.registry.list(
        kinds.EVENTS, "default", ListOptions(field_selector=f"involvedObject.name={name}")
    ).items
    return sorted(found, key=lambda event: str(event["metadata"]["name"]))


def test_a_pod_that_fits_is_bound_at_once_and_told_of() -> None:
    async def scene(on: Cluster) -> None:
        made = on.create(kinds.PODS, pod("p"))
        await asyncio.sleep(1)
        assert _node(on, "p") == kubelet.NODE
        assert objects.is_true(on.get(kinds.PODS, "p"), "PodScheduled")
        [event] = events(on, "p")
        shown = {
            key: event[key]
            for key in ("type", "reason", "action", "message", "source", "reportingComponent")
        }
        assert shown == {
            "type": "Normal",
            "reason": "Scheduled",
            "action": "Binding",
            "message": "Successfully assigned default/p to node1",
            "source": {},
            "reportingComponent": "default-scheduler",
        }
        assert event["eventTime"].endswith("Z")
        assert event["reportingInstance"].startswith("default-scheduler-")
        assert event["involvedObject"]["resourceVersion"] == made["metadata"]["resourceVersion"]

    cluster.run(scene)


def test_one_that_does_not_fit_says_so_and_waits_until_there_is_room() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("first", "1500m"))
        on.create(kinds.PODS, pod("second", "1"))
        await asyncio.sleep(1)
        waiting = on.get(kinds.PODS, "second")
        condition = dict(objects.condition(waiting, "PodScheduled") or {})
        del condition["lastTransitionTime"]
        assert condition == {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "reason": "Unschedulable",
            "message": FULL,
            "observedGeneration": 1,
        }
        assert waiting["status"]["phase"] == "Pending"
        assert [one["message"] for one in events(on, "second")] == [FULL]
        on.registry.delete(kinds.PODS, "first", "default", DeleteOptions(grace_period_seconds=0))
        await asyncio.sleep(1)
        assert _node(on, "second") == kubelet.NODE
        assert [one["reason"] for one in events(on, "second")] == ["FailedScheduling", "Scheduled"]

    cluster.run(scene, long)


def test_room_is_made_by_a_pod_that_ends_but_not_by_one_that_is_deleted_and_runs_on() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("first", "1500m", terminationGracePeriodSeconds=30))
        on.create(kinds.PODS, pod("second", "1"))
        await asyncio.sleep(1)
        on.registry.delete(kinds.PODS, "first", "default")
        await asyncio.sleep(20)
        assert placed(on) == ["first"]
        await asyncio.sleep(20)
        assert placed(on) == ["second"]

    cluster.run(scene, long)


def test_room_is_nothing_to_a_pod_that_wants_another_node() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("first", "1500m"))
        on.create(kinds.PODS, pod("second", nodeSelector={"disk": "ssd"}))
        await asyncio.sleep(1)
        on.registry.delete(kinds.PODS, "first", "default", DeleteOptions(grace_period_seconds=0))
        await asyncio.sleep(1)
        assert [one.get("series") for one in events(on, "second")] == [None]

    cluster.run(scene, long)


def test_pods_of_one_moment_do_not_get_the_same_room() -> None:
    async def scene(on: Cluster) -> None:
        for number in range(5):
            on.create(kinds.PODS, pod(f"p{number}", "600m"))
        await asyncio.sleep(1)
        assert placed(on) == ["p0", "p1", "p2"]

    cluster.run(scene, long)


def test_those_that_wait_longest_come_first() -> None:
    async def scene(on: Cluster) -> None:
        for number in range(4):
            on.create(kinds.PODS, pod(f"p{number}", "1500m"))
            await asyncio.sleep(0.1)
        seen = []
        for number in range(3):
            on.registry.delete(
                kinds.PODS, f"p{number}", "default", DeleteOptions(grace_period_seconds=0)
            )
            await asyncio.sleep(1)
            seen += placed(on)
        assert seen == ["p1", "p2", "p3"]

    cluster.run(scene, long)


def test_a_change_of_the_node_helps() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("p", nodeSelector={"disk": "ssd"}))
        await asyncio.sleep(1)
        assert [one["message"] for one in events(on, "p")] == [NO_LABEL]
        patch = {"metadata": {"labels": {"disk": "ssd"}}}
        on.registry.patch(kinds.NODES, kubelet.NODE, cluster.MERGE, patch)
        await asyncio.sleep(1)
        assert placed(on) == ["p"]

    cluster.run(scene, long)


def test_a_pod_whose_gates_are_lifted_is_scheduled() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("p", schedulingGates=[{"name": "example.com/gate"}]))
        await asyncio.sleep(1)
        assert (placed(on), events(on, "p")) == ([], [])
        patch = {"spec": {"schedulingGates": None}}
        on.registry.patch(kinds.PODS, "p", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert placed(on) == ["p"]

    cluster.run(scene, long)


def test_a_pod_of_another_scheduler_is_left_alone() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("p", schedulerName="other"))
        await asyncio.sleep(1)
        assert (placed(on), events(on, "p")) == ([], [])

    cluster.run(scene)


def test_before_there_is_a_node_pods_wait_for_one() -> None:
    async def scene(on: Cluster) -> None:
        on.registry.delete(kinds.NODES, kubelet.NODE)
        await asyncio.sleep(1)
        on.create(kinds.PODS, pod("p"))
        await asyncio.sleep(1)
        assert [one["message"] for one in events(on, "p")] == [
            "no nodes available to schedule pods"
        ]
        on.registry.create(kinds.NODES, kubelet.node())
        await asyncio.sleep(1)
        assert placed(on) == ["p"]

    cluster.run(scene, long)


def test_a_node_that_only_says_it_is_there_does_not_help() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("p", "50"))
        await asyncio.sleep(1)
        patch = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
        on.registry.patch(kinds.NODES, kubelet.NODE, cluster.MERGE, patch, subresource="status")
        await asyncio.sleep(1)
        assert len(events(on, "p")) == 1

    cluster.run(scene)


def test_failing_again_for_the_same_reason_writes_nothing_more() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("first", "1"))
        on.create(kinds.PODS, pod("second", "2"))
        await asyncio.sleep(1)
        before = on.get(kinds.PODS, "second")
        for number in range(3):
            patch = {"metadata": {"labels": {"changed": str(number)}}}
            on.registry.patch(kinds.NODES, kubelet.NODE, cluster.MERGE, patch)
            await asyncio.sleep(1)
        assert on.get(kinds.PODS, "second") is before
        # the first one was about the Pod before it said so in its status
        assert [one.get("series", {}).get("count") for one in events(on, "second")] == [None, 2]

    cluster.run(scene, long)


def beside(kind: str) -> Object:
    """That a Pod is to be, or not to be, on the node of one with the label app=a."""
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "a"}}}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def labelled(name: str, **spec: Any) -> Object:
    found = pod(name, **spec)
    found["metadata"]["labels"] = {"app": "a"}
    return found


def test_one_that_wants_to_be_apart_waits_until_the_other_is_gone() -> None:
    async def scene(on: Cluster) -> None:
        for name in ("first", "second"):
            on.create(kinds.PODS, labelled(name, affinity=beside("podAntiAffinity")))
        await asyncio.sleep(1)
        assert placed(on) == ["first"]
        on.registry.delete(kinds.PODS, "first", "default", DeleteOptions(grace_period_seconds=0))
        await asyncio.sleep(1)
        assert placed(on) == ["second"]

    cluster.run(scene, long)


def test_one_that_wants_company_waits_until_it_comes_or_is_labelled_so() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("lonely", affinity=beside("podAffinity")))
        on.create(kinds.PODS, pod("other"))
        await asyncio.sleep(1)
        assert placed(on) == ["other"]
        patch = {"metadata": {"labels": {"app": "a"}}}
        on.registry.patch(kinds.PODS, "other", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert placed(on) == ["lonely", "other"]

    cluster.run(scene, long)


def test_the_labels_that_keys_name_are_in_the_selectors_of_a_new_pod() -> None:
    async def scene(on: Cluster) -> None:
        term = {
            "topologyKey": "kubernetes.io/hostname",
            "labelSelector": {},
            "matchLabelKeys": ["app"],
        }
        affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
        made = on.create(kinds.PODS, labelled("p", affinity=affinity))
        [kept] = made["spec"]["affinity"]["podAntiAffinity"][
            "requiredDuringSchedulingIgnoredDuringExecution"
        ]
        assert kept["labelSelector"] == {
            "matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]
        }

    cluster.run(scene)


def test_who_waits_is_not_tried_again_for_what_does_not_concern_it() -> None:
    async def scene(on: Cluster) -> None:
        for name in ("first", "second"):
            on.create(kinds.PODS, labelled(name, affinity=beside("podAntiAffinity")))
        on.create(kinds.PODS, pod("greedy", "100"))
        await asyncio.sleep(1)
        on.create(kinds.PODS, pod("other"))
        await asyncio.sleep(1)
        on.registry.delete(kinds.PODS, "other", "default", DeleteOptions(grace_period_seconds=0))
        await asyncio.sleep(1)
        for name in ("second", "greedy"):
            assert [one["reason"] for one in events(on, name)] == ["FailedScheduling"]
            assert "series" not in events(on, name)[0]

    cluster.run(scene, long)


def test_company_that_is_bound_is_company() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("lonely", affinity=beside("podAffinity")))
        await asyncio.sleep(1)
        on.create(kinds.PODS, labelled("other"))
        await asyncio.sleep(1)
        assert placed(on) == ["lonely", "other"]

    cluster.run(scene, long)
