"""A practice cluster out of reach while a Job is followed: stopped, or only for a while."""

from __future__ import annotations

import json
import os

import pytest

from kubectl_joblab.practice import processes
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster

FOLLOWING = {"start": "start sleep", "check": "check sleep --wait", "logs": "logs sleep -f"}
ENDLESS = {"watch": "watch sleep"}


@pytest.mark.parametrize("name", [*FOLLOWING, *ENDLESS])
def test_a_practice_cluster_that_is_stopped_is_not_waited_for(
    cluster: Cluster, compare: Compare, name: str
) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.meanwhile((4, cluster.cut))
    assert compare(cluster, f"stopped-{name}", (FOLLOWING | ENDLESS)[name]).code == 1


@pytest.mark.parametrize("name", FOLLOWING)
def test_one_that_still_runs_is_asked_again(cluster: Cluster, name: str) -> None:
    this = os.getpid()  # it runs in this process
    facts = {"pid": this, "started": processes.started(this), "port": 6443, "since": 0.0}
    folder = cluster.state / "practice"
    folder.mkdir(parents=True)
    (folder / "server.json").write_text(json.dumps(facts), "utf-8")
    cluster.run("start", "sleep", "--no-wait")
    cluster.meanwhile((4, cluster.cut), (4, lambda: cluster.cut(off=False)))
    screen = cluster.run(*FOLLOWING[name].split())
    assert screen.code == 0
    assert screen.err.count("Warning: lost the connection to 127.0.0.1:6443, trying again\n") == 1
