"""Finds the two clusters: the project's real one and a practice cluster of the suite's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    """A cluster to compare. name: real or practice.

    kubectls: the paths of the kubectls to try, first that of the cluster's own version.
    """

    name: str
    kubeconfig: Path
    kubectls: tuple[Path, ...]

    @property
    def node(self) -> str:
        """The name of the cluster's one node."""
        command = [str(self.kubectls[0]), "get", "nodes", "-o", "name"]
        environ = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        return done.stdout.strip().removeprefix("node/")


@contextmanager
def both(folder: Path) -> Iterator[tuple[Cluster, Cluster]]:
    """A context with two clusters: a real one, left running, and a practice one, taken down.

    folder: where the practice cluster keeps its state. Raises
    tests.cluster.errors.UnavailableError where no real cluster can run.
    """
    real = real_cluster()
    environ = {
        **os.environ,
        "XDG_STATE_HOME": str(folder / "state"),
        "KUBECONFIG": str(folder / "practice.kubeconfig"),
    }
    _plugin("up", environ)
    try:
        yield real, Cluster("practice", folder / "practice.kubeconfig", real.kubectls)
    finally:
        _plugin("down", environ)


def real_cluster() -> Cluster:
    """The cluster of JOBLAB_TEST_KUBECONFIG, else the project's own, brought up.

    Raises tests.cluster.errors.UnavailableError where that cannot run here.
    """
    from tests.cluster import home, lifecycle

    given = os.environ.get("JOBLAB_TEST_KUBECONFIG")
    kubeconfig = Path(given) if given else lifecycle.up()
    other = shutil.which("kubectl")
    kubectls = (home.find().bin / "kubectl", *([Path(other)] if other else []))
    return Cluster("real", kubeconfig, kubectls)


def _plugin(verb: str, environ: dict[str, str]) -> None:
    plugin = Path(sys.executable).parent / "kubectl-joblab"
    subprocess.run([str(plugin), "practice", verb], env=environ, check=True, capture_output=True)
