"""practice status: whether the practice cluster runs, and where."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest

from kubectl_joblab.cli import entry
from kubectl_joblab.cli.session import Session
from kubectl_joblab.practice import processes
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster

# what the first `up` says below the address
FIRST = [
    'Switched to context "joblab-practice".',
    "Its Pods are processes of this machine and run with your own rights:",
    "create only what you would run yourself.",
    "What a node has and they lack: a network of their own, images of a registry,",
    "volume claims, another node to go to.",
]


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


def test_it_leads_to_a_lab_and_when_it_is_deleted_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))

    printed = io.StringIO()

    def suggested(*args: str) -> list[str]:
        err = io.StringIO()
        assert entry.carry_out(Session(io.StringIO(), printed, err, os.environ), args) == 0
        return re.findall("^Next: (.*)$", err.getvalue(), re.MULTILINE)

    try:
        assert suggested("practice", "up") == ["kubectl joblab start basics"]
        assert printed.getvalue().splitlines()[1:6] == FIRST
        assert suggested("practice", "up") == ["kubectl joblab list"]
        assert [printed.getvalue().count(line) for line in FIRST[1:]] == [1] * 4
        assert suggested("practice", "reset") == ["kubectl joblab start basics"]
        assert suggested("practice", "down") == ["kubectl joblab practice up"]
    finally:
        assert suggested("practice", "down", "--wipe") == []
