"""The command line: `python -m tests.clients [--record] [NAME ...]`.

It runs the clients on both clusters, prints a line for each client and a block for each difference,
and exits with 1 if there is one. --record keeps the requests that client-go has sent to the real
cluster as cases for tests/practice/api/http/test_recorded.py.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.clients import programs
from tests.fidelity import cluster, compare, report, scenario
from tests.fidelity.cluster import Cluster
from tests.fidelity.compare import Difference
from tests.fidelity.run import run
from tests.fidelity.scenario import Scenario

HERE = Path(__file__).parent
RECORDED = HERE.parent / "practice" / "api" / "recorded.json"
NAMESPACE = "recorded"


def main() -> int:
    """Run the clients that the command line names; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients")
    parser.add_argument("--record", action="store_true", help="keep what client-go sends")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    try:
        folder = programs.install(Path(sys.prefix) / "clients")
    except (programs.MissingError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    if arguments.record:
        record(cluster.real_cluster())
        return 0
    scenarios = scenario.load(arguments.names, HERE)
    with (
        tempfile.TemporaryDirectory(prefix="clients-") as temporary,
        cluster.both(Path(temporary)) as clusters,
    ):
        found = [differences(one, clusters, Path(temporary)) for one in scenarios]
    for one, differing in zip(scenarios, found, strict=True):
        print(f"{one.name:12}{one.title:40}{len(differing):3} differences")
        for difference in differing:
            print(report.block(difference))
    return 1 if any(found) else 0


def differences(one: Scenario, clusters: tuple[Cluster, Cluster], folder: Path) -> list[Difference]:
    """Where the two clusters have answered a client differently."""
    kubectl = clusters[0].kubectls[0]
    with ThreadPoolExecutor(2) as pool:
        sides = [pool.submit(run, one, side, folder, kubectl) for side in clusters]
        real, practice = (side.result() for side in sides)
    return [
        difference
        for difference in compare.differences(real, practice)
        if difference.facet not in one.ignore
    ]


def record(real: Cluster) -> None:
    """Run client-go's program on the real cluster, and keep its requests."""
    environ = {**os.environ, "KUBECONFIG": str(real.kubeconfig)}
    kubectl = str(real.kubectls[0])
    subprocess.run([kubectl, "create", "namespace", NAMESPACE], env=environ, check=True)
    try:
        subprocess.run(
            [kubectl, "wait", "--for=create", "serviceaccount/default", "-n", NAMESPACE],
            env=environ,
            check=True,
        )
        subprocess.run(["clients", NAMESPACE, str(RECORDED)], env=environ, check=True)
    finally:
        subprocess.run([kubectl, "delete", "namespace", NAMESPACE], env=environ, check=True)


if __name__ == "__main__":
    sys.exit(main())
