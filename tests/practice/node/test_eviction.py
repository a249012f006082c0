"""What a Pod is evicted for, and in which words; and that what it uses is counted as du does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import eviction, usage
from kubectl_joblab.practice.node.eviction import Usage
from tests.practice.node import cluster
from tests.practice.node.build import NODE
from tests.practice.node.cluster import Node
from tests.practice.node.fake import Program

KIB, MIB = 1 << 10, 1 << 20


def _container(name: str, limit: str | None = None) -> Object:
    limits = {} if limit is None else {"ephemeral-storage": limit}
    return {"name": name, "image": "busybox", "resources": {"limits": limits}}


def _pod(*containers: Object, **sizes: str | None) -> Object:
    volumes = [{"name": name, "emptyDir": {"sizeLimit": size}} for name, size in sizes.items()]
    return {"spec": {"containers": list(containers or [_container("c")]), "volumes": volumes}}


POD = "Pod ephemeral local storage usage exceeds the total limit of containers"


@pytest.mark.parametrize(
    ("pod", "used", "message"),
    [
        (_pod(), Usage({}, {"c": 9 * MIB}), ""),
        (_pod(a="1Mi"), Usage({"a": MIB}), ""),
        (
            _pod(a="1Mi"),
            Usage({"a": MIB + 1}),
            'Usage of EmptyDir volume "a" exceeds the limit "1Mi". ',
        ),
        (_pod(a="0"), Usage({"a": MIB}), ""),
        (_pod(a=None), Usage({"a": MIB}), ""),
        (
            _pod(a="2Mi", b="1Mi"),
            Usage({"a": MIB, "b": 2 * MIB}),
            'Usage of EmptyDir volume "b" exceeds the limit "1Mi". ',
        ),
        (_pod(_container("c", "1Mi")), Usage({"a": MIB - KIB}, {"c": KIB}), ""),
        (_pod(_container("c", "1Mi")), Usage({"a": MIB}, {"c": KIB}), f"{POD} 1Mi. "),
        (
            _pod(_container("c", "1Mi"), _container("d", "1Gi")),
            Usage({}, {"c": 2 * MIB, "d": KIB}),
            'Container c exceeded its local ephemeral storage limit "1Mi". ',
        ),
        (
            _pod(_container("c", "1Mi"), _container("d", "1Mi")),
            Usage({}, {"c": MIB, "d": MIB + 1}),
            f"{POD} 2Mi. ",
        ),
        (
            _pod(_container("c", "1Mi"), a="1Mi"),
            Usage({"a": 2 * MIB}, {"c": 2 * MIB}),
            'Usage of EmptyDir volume "a" exceeds the limit "1Mi". ',
        ),
    ],
)
def test_a_pod_is_evicted_for_the_first_limit_that_it_exceeds(
    pod: Object, used: Usage, message: str
) -> None:
    assert eviction.exceeded(pod, used) == message


@pytest.mark.parametrize(
    ("pod", "has"),
    [
        (_pod(), False),
        (_pod(a=None), False),
        (_pod(a="1Mi"), True),
        (_pod(_container("c", "1Mi")), True),
        ({"spec": {**_pod(a="1Mi")["spec"], "priority": 2_000_000_000}}, False),
    ],
)
def test_only_pods_with_limits_are_looked_at_and_no_critical_ones(pod: Object, has: bool) -> None:
    assert eviction.has_limits(pod) is has


def test_a_folder_takes_what_its_files_take_and_one_of_two_names_once(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    file = tmp_path / "below" / "file"
    file.write_bytes(bytes(MIB))
    os.link(file, tmp_path / "again")
    (tmp_path / "link").symlink_to("/")
    with open(tmp_path / "sparse", "wb") as sparse:
        sparse.truncate(64 * MIB)
    assert MIB <= usage.used(tmp_path) <= MIB + 64 * KIB
    assert usage.used(tmp_path / "nothing") == 0


def test_a_pod_is_evicted_at_the_next_look_and_not_restarted() -> None:
    async def scene(node: Node) -> tuple[float, Object]:
        spec = {
            "nodeName": NODE,
            "restartPolicy": "Always",
            "volumes": [{"name": "x", "emptyDir": {"sizeLimit": "1Mi"}}],
            "containers": [
                {
                    "name": "main",
                    "image": "busybox",
                    "volumeMounts": [{"name": "x", "mountPath": "/x"}],
                }
            ],
        }
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
        node.create(pod)
        ended = await node.until_ended()
        await node.clock.sleep(60)
        assert node.pod() == ended or node.pod()["status"]["phase"] == "Failed"
        return node.seconds(), node.pod()["status"]

    seconds, status = cluster.run(scene, {"main": Program(fills="/x/f")})
    assert status["reason"] == "Evicted"
    assert status["containerStatuses"][0]["restartCount"] == 0
    assert seconds < 80
