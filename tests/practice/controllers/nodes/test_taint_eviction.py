"""NoExecute: which Pods go, when, and what is said of it."""

from __future__ import annotations

import asyncio
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

TAINT = {"key": "a", "value": "b", "effect": "NoExecute"}
MARKING = "Marking for deletion Pod default/p"
CANCELLING = "Cancelling deletion of Pod default/p"


def long(_: Object) -> Object:
    return {"runs": 100_000, "exits": 0}


def pod(*tolerations: Object) -> Object:
    container = {"name": "main", "image": "busybox:1.36"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 5,
            "containers": [container],
            "tolerations": list(tolerations),
        },
    }


def toleration(seconds: int | None = None) -> Object:
    found: Object = {"key": "a", "operator": "Exists", "effect": "NoExecute"}
    return found if seconds is None else {**found, "tolerationSeconds": seconds}


def taint(on: Cluster, *taints: Object) -> None:
    patch = {"spec": {"taints": list(taints) or None}}
    on.registry.patch(kinds.NODES, kubelet.NODE, cluster.MERGE, patch)


def told(on: Cluster) -> list[str]:
    selected = ListOptions(field_selector="reason=TaintManagerEviction")
    found = on.registry.list(kinds.EVENTS, "default", selected).items
    return [one["message"] for one in sorted(found, key=lambda one: str(one["metadata"]["name"]))]


async def placed(on: Cluster, *tolerations: Object) -> None:
    on.create(kinds.PODS, pod(*tolerations))
    await asyncio.sleep(1)
    assert on.get(kinds.PODS, "p")["spec"]["nodeName"]


def test_a_pod_that_tolerates_nothing_goes_at_once_and_says_why() -> None:
    async def scene(on: Cluster) -> None:
        await placed(on)
        taint(on, TAINT)
        await asyncio.sleep(1)
        found = on.get(kinds.PODS, "p")
        condition = dict(objects.condition(found, "DisruptionTarget") or {})
        del condition["lastTransitionTime"]
        assert condition == {
            "type": "DisruptionTarget",
            "status": "True",
            "lastProbeTime": None,
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "observedGeneration": 1,
        }
        assert found["metadata"]["deletionGracePeriodSeconds"] == 5
        assert told(on) == [MARKING]
        selected = ListOptions(field_selector="reason=TaintManagerEviction")
        (event,) = on.registry.list(kinds.EVENTS, "default", selected).items
        named = {"apiVersion": "v1", "kind": "Pod", "namespace": "default", "name": "p"}
        assert event["involvedObject"] == named
        assert event["source"] == {"component": "taint-eviction-controller"}
        await asyncio.sleep(10)
        assert on.names(kinds.PODS) == []

    cluster.run(scene, long)


def test_one_that_tolerates_it_for_a_time_goes_then() -> None:
    async def scene(on: Cluster) -> None:
        await placed(on, toleration(60))
        taint(on, TAINT)
        await asyncio.sleep(58)
        assert (told(on), objects.is_deleted(on.get(kinds.PODS, "p"))) == ([], False)
        (timer,) = on.clock.waits()
        assert timer.wait == ("Pod", "default", "p", "deleted", "tolerationSeconds")
        await asyncio.sleep(4)
        assert (told(on), objects.is_deleted(on.get(kinds.PODS, "p"))) == ([MARKING], True)

    cluster.run(scene, long)


def test_the_clock_jumps_to_the_end_of_that_time_once_nothing_runs() -> None:
    async def scene(on: Cluster) -> None:
        await placed(on, toleration(3600))
        taint(on, TAINT)
        await on.wait(lambda: on.names(kinds.PODS) == [])
        assert on.seconds() > 3600

    cluster.run(scene, lambda _: {"runs": 1, "exits": 0}, jumps=True)


def test_a_taint_that_goes_in_time_spares_the_pod() -> None:
    async def scene(on: Cluster) -> None:
        await placed(on, toleration(60))
        taint(on, TAINT)
        await asyncio.sleep(30)
        taint(on)
        await asyncio.sleep(100)
        assert (told(on), objects.is_deleted(on.get(kinds.PODS, "p"))) == ([CANCELLING], False)
        assert [timer.wait for timer in on.clock.waits()] == []

    cluster.run(scene, long)


def test_the_least_of_several_times_counts_and_one_taint_more_may_be_too_much() -> None:
    async def scene(on: Cluster) -> None:
        await placed(on, toleration(60))
        taint(on, TAINT)
        await asyncio.sleep(10)
        taint(on, TAINT, {**TAINT, "key": "c"})
        await asyncio.sleep(1)
        assert told(on) == [CANCELLING, MARKING]
        assert objects.is_deleted(on.get(kinds.PODS, "p"))

    cluster.run(scene, long)


def test_one_that_tolerates_it_for_ever_stays() -> None:
    async def scene(on: Cluster) -> None:
        await placed(on, toleration())
        taint(on, TAINT)
        await asyncio.sleep(1000)
        assert (told(on), on.names(kinds.PODS)) == ([], ["p"])

    cluster.run(scene, long)


def test_a_pod_that_comes_to_a_tainted_node_meets_the_same() -> None:
    async def scene(on: Cluster) -> None:
        taint(on, TAINT)
        await asyncio.sleep(1)
        named: dict[str, Any] = pod(toleration(20))
        named["spec"]["nodeName"] = kubelet.NODE
        on.create(kinds.PODS, named)
        await asyncio.sleep(19)
        assert told(on) == []
        await asyncio.sleep(2)
        assert told(on) == [MARKING]

    cluster.run(scene, long)
