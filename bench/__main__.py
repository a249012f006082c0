"""Measures what commands cost, as ratios to kubectl in the same run, for docs/benchmarks.md.

Usage: python -m bench [SECTION...] [--runs N]
Sections: offline, check, everywhere, start; all of them where none is named.

The folder build is measured where dist has one or JOBLAB_EXECUTABLE names one, and the wheel beside
it; else the wheel alone. The cluster is KUBECONFIG's, or the project's own; kubectl is PATH's.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import measure, population, program, start
from bench.measure import Command, Cost
from kubectl_joblab.client import kubeconfig, resources

RUNS = 30
START_RUNS = 5  # fewer than RUNS: a lab runs for half a minute
KUBECTL = "kubectl"
VERSION = [KUBECTL, "version", "--client"]
TABLE = "| command | against | wall | CPU | memory | wall at most |\n|---|---|---|---|---|---|"


class Row(NamedTuple):
    """A row of the table: our command against commands of others, one after the other.

    at_most: the target, a ratio of wall times. memory: whether the ratio of memory has it too.
    """

    what: str
    ours: Command
    against: str
    theirs: Sequence[Command]
    at_most: float
    memory: bool = False


def main() -> None:
    """Measure the sections that the command line names, and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), given.runs)
        for name in given.sections or SECTIONS:
            print(f"\n## {name} ({bench.kind}, medians of {bench.runs})\n", flush=True)
            SECTIONS[name](bench)


class Bench:
    """The programs to measure, and how often each is run."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.runs = runs
        self.wheel = str(program.wheel(folder))
        built = program.folder_build(folder / "build")
        self.joblab = str(built or self.wheel)
        self.kind = "folder" if built else "wheel"
        self._plugins = folder / "plugins"
        self._plugins.mkdir()
        (self._plugins / "kubectl-joblab").symlink_to(self.joblab)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of a run: our program is kubectl's plugin, with no earlier state."""
        path = os.pathsep.join([str(self._plugins), os.environ["PATH"]])
        state = str(self._plugins / "state")
        return {**os.environ, "PATH": path, "XDG_STATE_HOME": state, "LC_ALL": "C.UTF-8"}

    def show(self, rows: Sequence[Row], environ: Mapping[str, str]) -> None:
        """Measure the commands of all rows in turn, and print a line for each row."""
        subjects = [subject for row in rows for subject in ([row.ours], row.theirs)]
        unique = list({repr(subject): subject for subject in subjects}.values())
        costs = measure.in_turn(unique, self.runs, environ)
        found = {repr(subject): cost for subject, cost in zip(unique, costs, strict=True)}
        print(TABLE)
        for row in rows:
            print(_line(row, found[repr([row.ours])], found[repr(row.theirs)]), flush=True)


def _line(row: Row, ours: Cost, theirs: Cost) -> str:
    wall, cpu, memory = (a / b for a, b in zip(ours, theirs, strict=True))
    target = f"{row.at_most}{', memory too' if row.memory else ''}"
    times = f"{wall:.2f} ({ours.wall * 1000:.0f} ms)"
    return f"| {row.what} | {row.against} | {times} | {cpu:.2f} | {memory:.2f} | {target} |"


# ---- the sections


def offline(bench: Bench) -> None:
    """The section of commands that need no cluster."""
    instant = (["--version"], ["__complete", "sta"])
    quick = (["list", "--client"], ["show", "sleep"], ["scaffold", "sleep", "-d", "-"], ["--help"])
    programs = {bench.kind: bench.joblab, "wheel": bench.wheel}
    rows = [
        Row(f"`{' '.join(words)}` ({kind})", [path, *words], "`version --client`", [VERSION], limit)
        for kind, path in programs.items()
        for some, limit in ((instant, 0.6), (quick, 1.2 if kind == "folder" else 1.4))
        for words in some
    ]
    bench.show(rows, bench.environ)


def check(bench: Bench) -> None:
    """The section of `check` on a finished lab."""
    environ = {**bench.environ, "KUBECONFIG": start.kubeconfig()}
    namespace = f"joblab-bench-{os.getpid()}"
    start.run(environ, KUBECTL, "create", "namespace", namespace)
    where = ["-n", namespace]
    try:
        for lab in ("sleep", "echo"):
            start.run(environ, bench.joblab, "start", lab, *where)
        jobs = [KUBECTL, "get", "jobs", *where]
        four = [
            [KUBECTL, "get", "job", "echo", *where],
            [KUBECTL, "describe", "job", "echo", *where],
            [KUBECTL, "get", "pod", *where],
            [KUBECTL, "logs", "job/echo", *where],
        ]
        sleep, echo = ([bench.joblab, "check", lab, *where] for lab in ("sleep", "echo"))
        plugin = [KUBECTL, "joblab", "check", "sleep", *where]
        rows = [
            Row("`check sleep`", sleep, "`get jobs`", [jobs], 2.2),
            Row("`check echo`, which reads a log", echo, "`get jobs`", [jobs], 2.2),
            Row("`check echo`", echo, "`get job`, `describe job`, `get pod`, `logs`", four, 0.5),
            Row("`kubectl joblab check sleep`", plugin, "`get jobs`", [jobs], 2.8),
        ]
        bench.show(rows, environ)
    finally:
        start.run(environ, KUBECTL, "delete", "namespace", namespace, "--wait=false")


def everywhere(bench: Bench) -> None:
    """The section of `check -A` on the Jobs of a whole class (population.py)."""
    environ = {**bench.environ, "KUBECONFIG": start.kubeconfig()}
    flags = kubeconfig.ConnectionFlags(kubeconfig=environ["KUBECONFIG"])
    client = resources.Client(kubeconfig.load(flags, {}), on_warning=lambda _: None)
    theirs = [KUBECTL, "get", "jobs,pods", "-A", "-o", "json"]
    with population.populated(client, f"joblab-bench-{os.getpid()}"):
        ours = [bench.joblab, "check", "-A"]
        against = "`get jobs,pods -A -o json`"
        rows = [Row("`check -A`", ours, against, [theirs], 1.0, memory=True)]
        rows += [Row("`check -A -o json`", [*ours, "-o", "json"], against, [theirs], 1.0, True)]
        bench.show(rows, environ)


def run_lab(bench: Bench) -> None:
    """The section of `start`: a lab from its beginning until the Job is Complete."""
    os.environ["JOBLAB_EXECUTABLE"] = bench.joblab
    start.main("sleep", str(min(bench.runs, START_RUNS)))


SECTIONS = {"offline": offline, "check": check, "everywhere": everywhere, "start": run_lab}

if __name__ == "__main__":
    main()
