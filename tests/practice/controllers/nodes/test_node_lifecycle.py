"""The taints that a node gets of its state, as a Kubernetes 1.37.2 cluster gave them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.controllers.nodes import node_lifecycle
from tests.practice import kubelet
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

NOW = "2026-01-01T00:00:00Z"
CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
MINE = {"key": "a", "value": "b", "effect": "NoSchedule"}


def node(*taints: Object, unschedulable: bool = False, **conditions: str) -> Object:
    spec: dict[str, Any] = {"taints": list(taints)} | (
        {"unschedulable": True} if unschedulable else {}
    )
    told = [{"type": key, "status": status} for key, status in conditions.items()]
    return {"metadata": {"name": "n"}, "spec": spec, "status": {"conditions": told}}


def of(key: str) -> Object:
    return {"key": f"node.kubernetes.io/{key}", "effect": "NoSchedule", "timeAdded": NOW}


TAINTS: dict[str, tuple[Object, list[Object]]] = {
    "nothing is wrong": (node(Ready="True", MemoryPressure="False"), []),
    "cordoned": (node(unschedulable=True), [of("unschedulable")]),
    "no more": (node(CORDON), []),
    "those of others stay": (node(CORDON, MINE), [MINE]),
    "one that it has keeps its time": (node(CORDON, unschedulable=True), [CORDON]),
    "not ready": (node(Ready="False"), [of("not-ready")]),
    "not heard of": (node(Ready="Unknown"), [of("unreachable")]),
    "pressure": (
        node(MemoryPressure="True", DiskPressure="True", PIDPressure="True"),
        [of("memory-pressure"), of("disk-pressure"), of("pid-pressure")],
    ),
    "another effect is another taint": (
        node({**CORDON, "effect": "NoExecute"}),
        [{**CORDON, "effect": "NoExecute"}],
    ),
}


@pytest.mark.parametrize(("given", "taints"), TAINTS.values(), ids=TAINTS)
def test_a_node_has_the_taints_of_its_state(given: Object, taints: list[Object]) -> None:
    assert node_lifecycle.tainted(given, NOW) == taints


def test_a_cordon_taints_a_node_until_it_is_lifted() -> None:
    async def scene(on: Cluster) -> None:
        cordon(on, unschedulable=True)
        await asyncio.sleep(1)
        (taint,) = on.registry.get(kinds.NODES, kubelet.NODE)["spec"]["taints"]
        assert taint == {**CORDON, "timeAdded": taint["timeAdded"]}
        cordon(on, unschedulable=None)
        await asyncio.sleep(1)
        assert on.registry.get(kinds.NODES, kubelet.NODE).get("spec", {}) == {}

    cluster.run(scene)


def cordon(on: Cluster, *, unschedulable: bool | None) -> None:
    patch = {"spec": {"unschedulable": unschedulable}}
    on.registry.patch(kinds.NODES, kubelet.NODE, cluster.MERGE, patch)
