"""start: what it shows of each lab, from the Job's creation to the checks."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import RUNS, Compare
from tests.inprocess import terminal
from tests.inprocess.cluster import Cluster
from tests.inprocess.terminal import Terminal

KOREAN = ("basics", "retry-onfailure", "parallelism")


@pytest.mark.parametrize("run", RUNS)
def test_it_follows_a_lab_and_checks_it(cluster: Cluster, compare: Compare, run: str) -> None:
    assert compare(cluster, f"start-{run}", RUNS[run]).code == 0


@pytest.mark.parametrize("run", KOREAN)
def test_in_korean_all_that_is_not_kubectls_is_korean(
    cluster: Cluster, compare: Compare, run: str
) -> None:
    assert compare(cluster, f"start-{run}-ko", f"{RUNS[run]} --lang=ko").code == 0


def test_plain_has_no_drawing_and_no_columns_of_ours(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "start-parallelism-plain", "start parallelism --plain").code == 0


def test_for_programs_it_prints_the_checks_alone(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "start-sleep-json", "start sleep -o json").code == 0


def test_without_waiting_it_creates_the_job_and_leads_to_check(
    cluster: Cluster, compare: Compare
) -> None:
    assert compare(cluster, "start-no-wait", "start sleep --no-wait").code == 0


def test_a_finished_job_is_replaced(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "echo")
    assert compare(cluster, "start-again", "start echo").code == 0


def test_a_job_that_runs_is_joined(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(4)
    assert compare(cluster, "start-joined", "start sleep").code == 0


@pytest.mark.parametrize("mode", ["client", "server"])
def test_a_dry_run_creates_nothing(cluster: Cluster, compare: Compare, mode: str) -> None:
    line = f"start parallelism --parallelism=2 --dry-run={mode} -o yaml"
    assert compare(cluster, f"start-dry-run-{mode}", line).code == 0
    assert cluster.run("status", "parallelism").code == 1


@pytest.mark.parametrize("run", ["parallelism", "retry-onfailure"])
def test_on_a_terminal_it_is_drawn_and_then_told_as_in_a_pipe(
    cluster: Cluster, compare: Compare, run: str
) -> None:
    screen = Terminal()
    code = cluster.run_on(screen, screen, RUNS[run].split(), environ=terminal.ENVIRON)
    text = f"$ kubectl joblab {RUNS[run]}\n{screen.frames[-1]}--- afterwards\n{screen.getvalue()}"
    compare.text(f"start-{run}-live", text)
    assert code == 0
