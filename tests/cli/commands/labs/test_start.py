"""start: what it shows of each lab, from the Job's creation to the checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import golden
from tests.cli.commands.conftest import Compare
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal

RUNS = {
    "basics": "start basics",
    "sleep": "start sleep",
    "echo": "start echo",
    "yaml": "start yaml -f job.yaml",
    "retry-never": "start retry",
    "retry-onfailure": "start retry --variant=onfailure",
    "retry-recover": "start retry --variant=recover",
    "completions": "start completions",
    "parallelism": "start parallelism",
}
KOREAN = ("basics", "retry-onfailure", "parallelism")


@pytest.mark.parametrize("run", RUNS)
def test_it_follows_a_lab_and_checks_it(compare: Compare, run: str) -> None:
    assert compare(f"start-{run}", RUNS[run]).code == 0


@pytest.mark.parametrize("run", KOREAN)
def test_in_korean_all_that_is_not_kubectls_is_korean(compare: Compare, run: str) -> None:
    assert compare(f"start-{run}-ko", f"{RUNS[run]} --lang=ko").code == 0


def test_plain_has_no_drawing_and_no_columns_of_ours(compare: Compare) -> None:
    assert compare("start-parallelism-plain", "start parallelism --plain").code == 0


def test_for_programs_it_prints_the_checks_alone(compare: Compare) -> None:
    assert compare("start-sleep-json", "start sleep -o json").code == 0


def test_without_waiting_it_creates_the_job_and_leads_to_check(compare: Compare) -> None:
    assert compare("start-no-wait", "start sleep --no-wait").code == 0


def test_a_finished_job_is_replaced(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "echo")
    assert compare("start-again", "start echo").code == 0


def test_a_job_that_runs_is_joined(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(4)
    assert compare("start-joined", "start sleep").code == 0


@pytest.mark.parametrize("mode", ["client", "server"])
def test_a_dry_run_creates_nothing(compare: Compare, cluster: Cluster, mode: str) -> None:
    assert compare(f"start-dry-run-{mode}", f"start parallelism --dry-run={mode}").code == 0
    assert cluster.run("status", "parallelism").code == 1


@pytest.mark.parametrize("run", ["parallelism", "retry-onfailure"])
def test_on_a_terminal_it_is_drawn_and_then_told_as_in_a_pipe(
    cluster: Cluster, request: pytest.FixtureRequest, run: str
) -> None:
    screen = Terminal()
    code = cluster.run_on(screen, screen, RUNS[run].split(), environ=terminal.ENVIRON)
    last = screen.frames[-1]
    text = f"$ kubectl joblab {RUNS[run]}\n{last}--- afterwards\n{screen.getvalue()}"
    golden.compare(Path(request.path.parent, "golden", f"start-{run}-live.txt"), text)
    assert code == 0
