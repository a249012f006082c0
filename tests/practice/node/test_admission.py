"""Pods that the node does not take: reasons, messages and status are those of a real kubelet.

Recorded from a Kubernetes 1.37.2 node by Pods that named it.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.node import admission
from kubectl_joblab.practice.node.admission import Rejection
from tests.practice.node import build, cluster
from tests.practice.node.cluster import Node
from tests.practice.node.fake import Program

TAINT = {"key": "a", "effect": "NoExecute"}
PORT = {"containerPort": 80, "hostPort": 34567}


def node(**spec: Any) -> Object:
    return {
        "metadata": {"name": "node1", "labels": {"kubernetes.io/os": "linux"}},
        "spec": spec,
        "status": {
            "allocatable": {
                "cpu": "2",
                "memory": "25224081408",
                "ephemeral-storage": "270553174016",
                "hugepages-2Mi": "0",
                "pods": "2",
            }
        },
    }


def asking(**requests: str) -> Object:
    return build.pod(build.container(resources={"requests": requests}))


def short(resource: str, requested: int, used: int, capacity: int) -> Rejection:
    text = (
        f"Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, "
        f"capacity: {capacity}"
    )
    return Rejection(f"OutOf{resource}", text)


AFFINITY = Rejection(
    "NodeAffinity",
    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
)
REJECTED: dict[str, tuple[Object, list[Object], Object, Rejection | None]] = {
    "one that fits": (build.pod(), [], node(), None),
    "too much CPU": (asking(cpu="100"), [], node(), short("cpu", 100000, 0, 2000)),
    "too much memory beside others": (
        asking(memory="100Gi"),
        [asking(memory="30Mi")],
        node(),
        short("memory", 107374182400, 31457280, 25224081408),
    ),
    "of several the first is told": (
        asking(memory="100Gi", cpu="50", **{"ephemeral-storage": "100Ti"}),
        [],
        node(),
        short("cpu", 50000, 0, 2000),
    ),
    "too much of the disk": (
        asking(**{"ephemeral-storage": "100Ti"}),
        [],
        node(),
        short("ephemeral-storage", 109951162777600, 0, 270553174016),
    ),
    "huge pages": (
        asking(**{"hugepages-2Mi": "4Mi"}),
        [],
        node(),
        short("hugepages-2Mi", 4194304, 0, 0),
    ),
    "a device of which nobody has heard": (asking(**{"a.io/b": "1"}), [], node(), None),
    "as many Pods as there may be": (
        build.pod(),
        [build.pod(), build.pod()],
        node(),
        short("pods", 1, 2, 2),
    ),
    "a label that the node has not": (build.pod(nodeSelector={"no": "such"}), [], node(), AFFINITY),
    "too much, and a label": (
        build.pod(
            build.container(resources={"requests": {"cpu": "50"}}), nodeSelector={"no": "such"}
        ),
        [],
        node(),
        short("cpu", 50000, 0, 2000),
    ),
    "a port that is taken": (
        build.pod(build.container(ports=[PORT])),
        [build.pod(build.container(ports=[PORT]))],
        node(),
        Rejection(
            "NodePorts",
            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod "
            "ports",
        ),
    ),
    "a taint": (
        build.pod(),
        [],
        node(taints=[TAINT]),
        Rejection(
            "TaintToleration",
            "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
        ),
    ),
    "a taint that it tolerates": (
        build.pod(tolerations=[{"operator": "Exists"}]),
        [],
        node(taints=[TAINT]),
        None,
    ),
    "a taint for the scheduler": (
        build.pod(),
        [],
        node(taints=[{**TAINT, "effect": "NoSchedule"}], unschedulable=True),
        None,
    ),
    "another system by its label": (
        build.pod(_labels={"kubernetes.io/os": "windows"}),
        [],
        node(),
        Rejection(
            "PodOSSelectorNodeLabelDoesNotMatch",
            "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
        ),
    ),
    "another system by its field": (
        build.pod(os={"name": "windows"}),
        [],
        node(),
        Rejection("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"),
    ),
}


@pytest.mark.parametrize(("pod", "others", "on", "why"), REJECTED.values(), ids=REJECTED)
def test_a_pod_is_taken_or_the_kubelet_says_why_not(
    pod: Object, others: list[Object], on: Object, why: Rejection | None
) -> None:
    assert admission.rejection(pod, on, others) == why


def test_one_that_is_not_taken_has_failed_and_nothing_is_told_of_its_containers() -> None:
    async def scene(node: Node) -> None:
        await asyncio.sleep(1)
        node.create(build.pod(nodeSelector={"no": "such"}))
        found = await node.until_ended()
        status = dict(found["status"])
        assert status.pop("startTime").endswith("Z")
        assert status == {
            "phase": "Failed",
            "reason": "NodeAffinity",
            "message": f"Pod was rejected: {AFFINITY.message}",
            "observedGeneration": 1,
            "qosClass": "BestEffort",
        }
        assert node.events() == [f"NodeAffinity: {AFFINITY.message} x1"]
        assert node.runtime.launches == []
        node.delete()
        await node.until_gone()

    cluster.run(scene, {"main": Program(runs=1)})


def test_what_others_have_told_of_it_stays() -> None:
    async def scene(node: Node) -> None:
        await asyncio.sleep(1)
        theirs = {"type": "Mine", "status": "True", "lastProbeTime": None}
        theirs["lastTransitionTime"] = "2026-01-01T00:00:00Z"
        scheduled = {**theirs, "type": "PodScheduled"}
        pod = node.create(build.pod(nodeSelector={"no": "such"}))
        status = {"phase": "Pending", "conditions": [theirs, scheduled]}
        node.registry.update(
            kinds.PODS, "p", {**pod, "status": status}, "default", subresource="status"
        )
        found = await node.until_ended()
        assert found["status"]["conditions"] == [theirs]

    cluster.run(scene, {"main": Program(runs=1)})


def test_a_pod_that_has_ended_leaves_its_room_to_the_next() -> None:
    async def scene(node: Node) -> None:
        await asyncio.sleep(1)
        for name in ("one", "two", "three"):
            whole = build.container(resources={"requests": {"cpu": "1500m"}})
            if name == "three":
                await node.until_ended("one")
            pod = build.pod(whole)
            node.create({**pod, "metadata": {**pod["metadata"], "name": name}})
        ends = {name: (await node.until_ended(name))["status"] for name in ("one", "two", "three")}
        assert {name: status["phase"] for name, status in ends.items()} == {
            "one": "Succeeded",
            "two": "Failed",
            "three": "Succeeded",
        }
        assert ends["two"]["reason"] == "OutOfcpu"
        assert objects.condition({"status": ends["two"]}, "Ready") is None

    cluster.run(scene, {"main": Program(runs=1)})
