"""Ephemeral containers, on a node in virtual time with containers that do as they are told."""

from __future__ import annotations

import math
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.node import build, cluster
from tests.practice.node.cluster import Node
from tests.practice.node.fake import FakeRuntime, Program

MERGE = "application/merge-patch+json"
STAYS = Program(runs=math.inf)


def _add(node: Node, *names: str, **fields: Any) -> Object:
    """Add ephemeral containers to the Pod, as `kubectl debug` does."""
    listed = [build.container(name, **fields) for name in names]
    patch = {"spec": {"ephemeralContainers": listed}}
    part = "ephemeralcontainers"
    return node.registry.patch(kinds.PODS, "p", MERGE, patch, "default", subresource=part)


def _statuses(pod: Object) -> dict[str, Object]:
    return {one["name"]: one for one in pod["status"].get("ephemeralContainerStatuses") or ()}


def _runs(name: str) -> Any:
    return lambda pod: "running" in _statuses(pod).get(name, {"state": {}})["state"]


def test_it_is_started_in_a_pod_that_runs_beside_its_target_and_ends_with_the_pod() -> None:
    async def scene(node: Node) -> Object:
        node.create(build.pod())
        await node.until_running()
        _add(node, "looks", targetContainerName="main")
        runs = await node.until(_runs("looks"))
        main, looks = node.runtime.launches
        assert looks.target == main.id
        assert main.target == ""
        assert _statuses(runs)["looks"].keys() & {"started", "lastState"} == {"lastState"}
        assert runs["status"]["phase"] == "Running"
        assert runs["status"]["observedGeneration"] == 2
        return await node.until_ended()

    ended = cluster.run(scene, {"main": Program(runs=50), "looks": STAYS})
    assert ended["status"]["phase"] == "Succeeded"
    state = _statuses(ended)["looks"]["state"]["terminated"]
    assert (state["exitCode"], state["reason"]) == (137, "Error")


def test_one_that_has_ended_is_not_started_again_and_its_failure_is_not_the_pods() -> None:
    async def scene(node: Node) -> Object:
        node.create(build.pod(restartPolicy="Always"))
        await node.until_running()
        _add(node, "looks")
        await node.until(
            lambda pod: "terminated" in _statuses(pod).get("looks", build.waiting())["state"]
        )
        await node.clock.sleep(100)
        assert len(node.runtime.launches) == 2
        await node.restart(FakeRuntime({"main": lambda _: STAYS}))
        await node.clock.sleep(100)
        return node.pod()

    pod = cluster.run(scene, {"main": STAYS, "looks": Program(runs=1, exits=3)})
    assert pod["status"]["phase"] == "Running"
    assert _statuses(pod)["looks"]["state"]["terminated"]["exitCode"] == 3
    assert _statuses(pod)["looks"]["restartCount"] == 0


def test_it_need_not_wait_for_init_containers_but_for_its_target() -> None:
    async def scene(node: Node) -> tuple[Object, list[str]]:
        node.create(build.pod(initContainers=[build.container("first")]))
        await node.until(lambda pod: "initContainerStatuses" in pod["status"])
        _add(node, "looks", "waits")
        await node.until(_runs("waits"))
        _add_to_target(node)
        waits = await node.until(lambda pod: _reason(pod) == "CreateContainerConfigError")
        return waits, node.events()

    programs = {"main": STAYS, "first": STAYS, "looks": STAYS, "waits": STAYS}
    pod, events = cluster.run(scene, programs)
    assert pod["status"]["phase"] == "Pending"
    message = _statuses(pod)["targets"]["state"]["waiting"]["message"]
    assert message == "unable to find target container main"
    assert f"Failed: Error: {message} x1" in events


def _add_to_target(node: Node) -> None:
    """Add an ephemeral container to those that there are."""
    there = node.pod()["spec"]["ephemeralContainers"]
    added = build.container("targets", targetContainerName="main")
    patch = {"spec": {"ephemeralContainers": [*there, added]}}
    part = "ephemeralcontainers"
    node.registry.patch(kinds.PODS, "p", MERGE, patch, "default", subresource=part)


def _reason(pod: Object) -> str:
    state = _statuses(pod).get("targets", {"state": {}})["state"]
    return str(state.get("waiting", {}).get("reason"))


def test_a_target_that_has_ended_has_no_processes_to_be_among() -> None:
    async def scene(node: Node) -> Object:
        node.create(build.pod(build.container("main"), build.container("other")))
        await node.until(
            lambda pod: (
                "terminated" in pod["status"]["containerStatuses"][0]["state"]
                if "containerStatuses" in pod["status"]
                else False
            )
        )
        _add(node, "looks", targetContainerName="main")
        return await node.until(
            lambda pod: (
                "message"
                in _statuses(pod).get("looks", build.waiting())["state"].get("waiting", {})
            )
        )

    pod = cluster.run(scene, {"main": Program(runs=1), "other": STAYS})
    waiting = _statuses(pod)["looks"]["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerError"
    assert waiting["message"].endswith(" is not running - in state CONTAINER_EXITED")
