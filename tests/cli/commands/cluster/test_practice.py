"""practice status: whether the practice cluster runs, and where."""

from __future__ import annotations

import json
import os

from kubectl_joblab.practice import processes
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster


def test_a_cluster_that_runs(cluster: Cluster, compare: Compare) -> None:
    this = os.getpid()  # it runs in this process
    facts = {"pid": this, "started": processes.started(this), "port": 6443}
    folder = cluster.state / "practice"
    folder.mkdir(parents=True)
    facts["since"] = cluster.clock.time()
    (folder / "server.json").write_text(json.dumps(facts), "utf-8")
    cluster.sleep(90)
    assert compare(cluster, "practice-status", "practice status").code == 0
    assert compare(cluster, "practice-status-ko", "practice status --lang=ko").code == 0


def test_a_cluster_that_does_not_run(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "practice-status-stopped", "practice status").code == 3
