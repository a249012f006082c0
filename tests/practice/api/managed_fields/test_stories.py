"""Who owns what after each write is what a real cluster says: recorded.json has its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_joblab.client.transport import Request
from tests.inprocess.cluster import STARTING, Cluster
from tests.practice.api.managed_fields import player
from tests.practice.node.fake import Program

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": player.NAMESPACE}}
RECORDED = json.loads(player.RECORDED.read_text("utf-8"))


class _Programs(dict[str, list[list[Program]]]):
    """What containers do, by their names: those of the Pod and of the Deployment run on."""

    def __missing__(self, key: str) -> list[list[Program]]:
        return [[Program() if key.endswith(("/p", "/d")) else Program(runs=1)]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[player.Ask, Cluster]]:
    """What sends requests to a cluster that has the namespace of the stories."""
    with Cluster(tmp_path_factory.mktemp("cluster"), _Programs()) as cluster:

        def sent(method: str, path: str, headers: dict[str, str], body: bytes | None) -> Any:
            request = Request(method, path, list(headers.items()), body, 5, None)
            with cluster.transport.send(request) as reply:
                return reply.status, json.loads(reply.body())

        json_body = {"Content-Type": "application/json"}
        path = "/api/v1/namespaces?fieldManager=kubectl-create"
        sent("POST", path, json_body, json.dumps(NAMESPACE).encode())
        cluster.sleep(STARTING)
        yield sent, cluster


@pytest.mark.parametrize("story", player.STORIES)
def test_each_write_is_recorded_as_a_real_cluster_does(
    ask: tuple[player.Ask, Cluster], story: str
) -> None:
    sent, cluster = ask

    found = list(player.played(player.STORIES[story], sent, cluster.sleep))

    for step, one, expected in zip(player.STORIES[story], found, RECORDED[story], strict=True):
        assert one == expected, step
