"""The kubelet, on a node in virtual time with containers that do as they are told."""

from __future__ import annotations

from tests.practice.node import build, cluster
from tests.practice.node.cluster import Node
from tests.practice.node.fake import Program


def test_a_pod_whose_container_succeeds_succeeds() -> None:
    async def scene(node: Node) -> str:
        node.create(build.pod())
        pod = await node.until_ended()
        return str(pod["status"]["phase"])

    assert cluster.run(scene, {"main": Program(runs=3)}) == "Succeeded"
