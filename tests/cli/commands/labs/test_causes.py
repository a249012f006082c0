"""What commands say of Jobs that fail, that are held, and that have no Pod: causes, not silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.commands.conftest import Compare
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import TABLE
from tests.inprocess.terminal import Terminal
from tests.practice.node.fake import Program

MANIFEST = """\
apiVersion: batch/v1
kind: Job
metadata: {name: basics}
spec:
%s  template:
    spec:
%s      restartPolicy: %s
      containers: [{name: main, image: 'busybox:1.36', command: %s}]
"""


class Case(NamedTuple):
    """A Job of lab 0. job and pod: lines of its specs. program: what its containers do."""

    program: Program = Program()
    command: str = "[echo]"
    job: str = ""
    pod: str = ""
    restart: str = "Never"


CASES: Mapping[str, Case] = {
    "program-and-argument-in-one": Case(
        Program(fails='exec: "echo Hello from a Job": executable file not found in $PATH'),
        "[echo Hello from a Job]",
    ),
    "exit-1": Case(Program(runs=1, exits=1), "[sh, -c, exit 1]"),
    "sleep-ten": Case(
        Program(runs=0.1, exits=1, log=((0, "sleep: invalid number 'ten'"),)), "[sleep, ten]"
    ),
    "sleep-ten-on-failure": Case(
        Program(runs=0.1, exits=1, log=((0, "sleep: invalid number 'ten'"),)),
        "[sleep, ten]",
        restart="OnFailure",
    ),
    "not-found": Case(
        Program(runs=0.1, exits=127, log=((0, "sh: ehco: not found"),)), "[sh, -c, ehco]"
    ),
    "killed": Case(Program(runs=2, exits=137), "[sh, -c, kill -9 $$]"),
    "suspended": Case(job="  suspend: true\n"),
    "no-parallelism": Case(job="  parallelism: 0\n"),
    "managed-by-another": Case(job="  managedBy: example.com/other\n"),
    "gated": Case(pod="      schedulingGates: [{name: example.com/wait}]\n"),
    "unschedulable": Case(pod="      nodeSelector: {disk: ssd}\n"),
}


@pytest.fixture(params=CASES)
def begun(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Cluster]]:
    """A case, and a cluster where its Job has been for a quarter of a minute."""
    case = CASES[request.param]
    text = MANIFEST % (case.job, case.pod, case.restart, case.command)
    (tmp_path / "wrong.yaml").write_text(text, "utf-8")
    with Cluster(tmp_path, {**TABLE, "basics": [[case.program]]}) as cluster:
        assert cluster.run("start", "basics", "-f", "wrong.yaml", "--no-wait").code == 0
        cluster.sleep(15)
        yield request.param, cluster


COMMANDS = (
    "check basics",
    "hint basics",
    "status basics",
    "logs basics",
    "check basics --wait",
    "hint basics --lang=ko",
)


def test_each_command_says_why(begun: tuple[str, Cluster], compare: Compare) -> None:
    name, cluster = begun
    screens = [f"$ kubectl joblab {line}\n{cluster.run(*line.split())}" for line in COMMANDS]
    compare.text(f"cause-{name}", "\n".join(screens))


@pytest.mark.parametrize("name", CASES)
def test_start_says_why(name: str, tmp_path: Path, compare: Compare) -> None:
    case = CASES[name]
    text = MANIFEST % (case.job, case.pod, case.restart, case.command)
    (tmp_path / "wrong.yaml").write_text(text, "utf-8")
    with Cluster(tmp_path, {**TABLE, "basics": [[case.program]]}) as cluster:
        compare(cluster, f"cause-{name}-start", "start basics -f wrong.yaml --timeout=15s")


def test_on_a_terminal_the_command_that_releases_a_job_is_whole(tmp_path: Path) -> None:
    case = CASES["gated"]
    text = MANIFEST % (case.job, case.pod, case.restart, case.command)
    (tmp_path / "wrong.yaml").write_text(text, "utf-8")
    screen = Terminal()
    with Cluster(tmp_path) as cluster:
        line = "start basics -f wrong.yaml --timeout=15s"
        cluster.run_on(screen, screen, line.split(), environ=terminal.ENVIRON)
    assert """ '[{"op":"remove","path":"/spec/schedulingGates"}]'""" in screen.frames[-1]
