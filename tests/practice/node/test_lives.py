"""Lives of Pods, told by the practice node as a real one has told them: every status, every event.

What is compared is in lives/NAME.txt (measure.py); REWRITE_GOLDEN does not touch it.
"""

from __future__ import annotations

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.node import cluster, lives
from tests.practice.node.build import NODE
from tests.practice.node.cluster import Node
from tests.practice.node.fake import Program
from tests.practice.node.lives import Life


@pytest.mark.parametrize("jumps", [False, True], ids=["by waiting", "by jumping"])
@pytest.mark.parametrize("life", lives.load(), ids=lambda life: life.name)
def test_the_node_tells_a_pods_life_as_a_real_one_does(life: Life, jumps: bool) -> None:
    assert _told(life, jumps=jumps) == life.golden.read_text("utf-8")


def _told(life: Life, *, jumps: bool) -> str:
    programs = {name: _program(does) for name, does in life.does.items()}
    return cluster.run(lambda node: _play(life, node), programs, jumps=jumps)


def _program(does: Object) -> Program:
    if does.get("ends"):
        return Program(ends=0.1)
    if does.get("fails"):
        return Program(fails='exec: "nope": executable file not found in $PATH')
    if does.get("oom"):
        return Program(runs=does["runs"], exits=137, oom=True)
    if path := does.get("fills"):
        return Program(fills=path)
    return Program(runs=does.get("runs", float("inf")), exits=does.get("exits", 0))


async def _play(life: Life, node: Node) -> str:
    manifest = life.manifest
    manifest["spec"]["nodeName"] = NODE
    node.registry.create(kinds.PODS, manifest, "default")
    deleted = not life.delete
    while node.seconds() < lives.PATIENCE and node.exists(life.name):
        pod = node.pod(life.name)
        if not deleted and lives.has_come_to(pod, life.delete):
            node.delete(life.name, life.delete["grace"])
            deleted = True
        if lives.is_over(life, pod):
            break
        await node.clock.sleep(0.25)
    await node.clock.sleep(lives.AFTERWARDS)
    events = node.registry.list(kinds.EVENTS, "default").items
    return lives.told(life, node.told[life.name], [one for one in events if _is_about(one, life)])


def _is_about(event: Object, life: Life) -> bool:
    return bool(event["involvedObject"]["name"] == life.name)
