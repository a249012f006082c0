"""The command line: `python -m tests.fidelity [--twice] [NAME ...]`.

It prints a row for each difference and exits with 1 if docs/fidelity.md does not explain one.
--twice runs everything twice on the real cluster instead: what differs then is not the practice
cluster's doing, and a scenario that shows it has to be mended.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.fidelity import cluster, compare, report, scenario
from tests.fidelity.cluster import Cluster
from tests.fidelity.report import Found
from tests.fidelity.run import run
from tests.fidelity.scenario import Scenario

AT_ONCE = 6  # scenarios; most of the time they wait


def main() -> int:
    """Run the scenarios that the command line names; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity")
    parser.add_argument("--twice", action="store_true", help="compare the real one with itself")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    scenarios = scenario.load(arguments.names)
    with (
        tempfile.TemporaryDirectory(prefix="fidelity-") as temporary,
        _pair(Path(temporary), twice=arguments.twice) as clusters,
    ):
        found = _all_differences(scenarios, clusters, Path(temporary))
    print(report.table(found, len(scenarios)))
    return 1 if report.unexplained(found) else 0


@contextmanager
def _pair(folder: Path, *, twice: bool) -> Iterator[tuple[Cluster, Cluster]]:
    if twice:
        real = cluster.real_cluster()
        yield real, real
        return
    with cluster.both(folder) as clusters:
        yield clusters


def _all_differences(
    scenarios: list[Scenario], clusters: tuple[Cluster, Cluster], folder: Path
) -> list[Found]:
    """The differences of all scenarios: of most some at once, of those that must be alone each."""
    found = []
    for alone in (False, True):
        chosen = [one for one in scenarios if one.alone is alone]
        with ThreadPoolExecutor(1 if alone else AT_ONCE) as pool:
            for differences in pool.map(lambda one: _differences(one, clusters, folder), chosen):
                found += differences
    return found


def _differences(one: Scenario, clusters: tuple[Cluster, Cluster], folder: Path) -> list[Found]:
    kubectls = clusters[0].kubectls if one.both_kubectls else clusters[0].kubectls[:1]
    found = []
    for number, kubectl in enumerate(kubectls):
        with ThreadPoolExecutor(2) as pool:
            sides = [pool.submit(run, one, side, folder, kubectl) for side in clusters]
            real, practice = (side.result() for side in sides)
        name = one.name if number == 0 else f"{one.name} ({kubectl})"
        found += [
            Found(name, difference)
            for difference in compare.differences(real, practice)
            if difference.facet not in one.ignore
        ]
    return found


if __name__ == "__main__":
    sys.exit(main())
