"""Pods whose containers share their processes, on a node in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from tests.practice.node import build, cluster
from tests.practice.node.cluster import Node
from tests.practice.node.fake import Program

TWO = [build.container("main"), build.container("side")]


def test_all_containers_are_among_the_processes_of_one_that_ends_with_the_pod() -> None:
    async def scene(node: Node) -> Object:
        first = build.container("init")
        node.create(build.pod(*TWO, initContainers=[first], shareProcessNamespace=True))
        await node.until_running()
        ((sandbox, process),) = node.runtime.sandboxes
        assert [one.target for one in node.runtime.launches] == [sandbox.id] * 3
        assert (sandbox.target, process.exited.done()) == ("", False)
        ended = await node.until_ended()
        await asyncio.wait([process.exited])
        return ended

    ended = cluster.run(
        scene, {"init": Program(runs=1), "main": Program(runs=5), "side": Program(runs=9)}
    )
    assert ended["status"]["phase"] == "Succeeded"
    assert {one["name"] for one in ended["status"]["containerStatuses"]} == {"main", "side"}


@pytest.mark.parametrize("spec", [{}, {"shareProcessNamespace": False}], ids=["unsaid", "denied"])
def test_others_have_processes_of_their_own(spec: dict[str, Any]) -> None:
    async def scene(node: Node) -> None:
        node.create(build.pod(*TWO, **spec))
        await node.until_ended()
        assert [one.target for one in node.runtime.launches] == ["", ""]
        assert node.runtime.sandboxes == []

    cluster.run(scene, {"main": Program(runs=5), "side": Program(runs=9)})
