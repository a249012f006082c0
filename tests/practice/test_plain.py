"""A practice cluster where the machine gives its Pods no namespaces: told, and contained."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice.clusters import Cluster, await_true
from tests.practice.node import theatre

PODS = "/api/v1/namespaces/default/pods"
# in a user namespace of its own the limit is, too
WITHOUT = "echo 0 > /proc/sys/user/max_user_namespaces && "


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that does not run yet."""
    made = Cluster(tmp_path)
    made.have_documents()
    yield made
    made.end()


def up(cluster: Cluster) -> str:
    """Start the cluster by its command, without namespaces; what the command says."""
    command = f'{WITHOUT} exec "$0" -m kubectl_joblab practice up'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", command, sys.executable],
        env={**cluster.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "max_user_namespaces" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_up_tells_what_pods_can_read_and_a_storm_ends_with_its_pod(cluster: Cluster) -> None:
    said = up(cluster)
    assert "This machine gives them no namespaces of their own (" in said
    assert "they can read all your files, the cluster's keys and your kubeconfig too.\n" in said
    for name in ("deleted", "left"):
        marker = f"plain-{os.getpid()}-{name}"
        storm = "next() { [ $1 -gt 0 ] && next $(($1 - 1)) & }; next 3000; next 3000; sleep 1000; :"
        main = {
            "name": "main",
            "image": "bash:5",
            "command": ["sh", "-c", f'setsid sh -c "$0" {marker} & {storm}', storm],
        }
        spec = {"restartPolicy": "Never", "containers": [main]}
        cluster.request("POST", PODS, {"metadata": {"name": name}, "spec": spec})
        await_true(lambda marker=marker: theatre.running(marker))
    cluster.request("DELETE", f"{PODS}/deleted?gracePeriodSeconds=0")
    await_true(lambda: "deleted" not in json.dumps(cluster.request("GET", PODS)["items"]))
    assert theatre.gone(f"plain-{os.getpid()}-deleted")
    cluster.down(wipe=True)
    assert theatre.running(f"plain-{os.getpid()}-left") == []
