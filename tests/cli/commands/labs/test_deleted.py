"""A lab that asks whether its Job is deleted: start and check --wait follow it, check remembers."""

from __future__ import annotations

import io
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab.client import resources
from kubectl_joblab.labs import prove
from kubectl_joblab.labs.definition import loader
from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import edit, make_lab, write
from tests.practice.node.fake import Program

JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: demo
spec:
  completions: 1
  ttlSecondsAfterFinished: 20
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: main, image: busybox:1.36, command: [echo, done]}
"""
LABS = "--lab-path=own"
TWO = '{field: {path: spec.completions, operator: "==", value: 2}}'


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab whose Job has to be deleted by its ttl, 20 seconds after its end or later."""
    folder = make_lab(tmp_path / "own")
    write("job.yaml", JOB)(folder)
    edit("format: joblab/v1", "format: joblab/v2")(folder)
    edit("within: 10", "within: 60")(folder)
    edit("{exists: {kind: Job}}", "{deleted: {kind: Job, after: 20}}")(folder)
    edit(
        "{en: there is a Job, ko: Job이 있습니다}", "{en: the Job is deleted, ko: Job이 삭제됩니다}"
    )(folder)
    return folder


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose Jobs' containers print a line and end after three seconds."""
    program = Program(runs=3, log=((0, "done"),))
    with Cluster(tmp_path, defaultdict(lambda: [[program]])) as made:
        yield made


def results(cluster: Cluster, line: str = f"check demo {LABS}") -> list[str]:
    """The results that a command line prints, by the name of the check."""
    rows = [row.split() for row in cluster.run(*line.split()).out.splitlines()]
    return [f"{row[0][5:]} {row[1]}" for row in rows if row and row[0].startswith("demo/")]


def delete(cluster: Cluster) -> None:
    """Delete the Job, as kubectl does, and let its Pods go."""
    client = cluster.session(io.StringIO(), io.StringIO()).client
    client.delete(resources.JOBS, "demo", "default")
    cluster.sleep(3)


def delete_after(cluster: Cluster, seconds: float) -> None:
    """Delete the Job so many seconds from now, while something else goes on."""

    def later() -> None:
        cluster.sleep(seconds)
        delete(cluster)

    cluster.clock.start(later)


@pytest.mark.usefixtures("lab")
def test_start_follows_the_job_until_it_is_deleted(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "start-deleted", f"start demo {LABS}").code == 0
    assert compare(cluster, "check-deleted", f"check demo {LABS}").code == 0
    assert compare(cluster, "list-deleted", f"list {LABS}").code == 0


@pytest.mark.usefixtures("lab")
def test_check_waits_for_the_deletion_of_a_job_that_is_finished(
    cluster: Cluster, compare: Compare
) -> None:
    cluster.run("start", "demo", "--no-wait", LABS)
    cluster.sleep(10)
    assert results(cluster) == ["job PENDING", "complete PASS"]
    assert compare(cluster, "check-wait-deleted", f"check demo --wait {LABS}").code == 0


@pytest.mark.usefixtures("lab")
def test_what_plain_check_saw_is_judged_when_the_job_is_gone(
    cluster: Cluster, compare: Compare
) -> None:
    cluster.create_with_kubectl(JOB)
    cluster.sleep(10)
    assert results(cluster) == ["job PENDING", "complete PASS"]
    cluster.sleep(20)
    assert compare(cluster, "check-gone", f"check demo {LABS}").code == 3  # nobody saw it go
    assert results(cluster, f"start demo {LABS}") == ["job PASS", "complete PASS"]
    assert results(cluster) == ["job PASS", "complete PASS"]


@pytest.mark.usefixtures("lab")
def test_a_job_that_nobody_looked_at_is_not_known(cluster: Cluster) -> None:
    cluster.create_with_kubectl(JOB)
    cluster.sleep(40)
    assert results(cluster) == ["* PENDING"]


def test_a_job_that_stays_is_followed_as_long_as_the_check_allows(
    cluster: Cluster, lab: Path
) -> None:
    edit("  ttlSecondsAfterFinished: 20\n", "", "job.yaml")(lab)
    begun = cluster.clock.monotonic()
    assert results(cluster, f"start demo {LABS}") == ["job FAIL", "complete PASS"]
    assert 60 <= cluster.clock.monotonic() - begun <= 63


def test_what_has_failed_for_good_is_no_reason_to_follow(cluster: Cluster, lab: Path) -> None:
    edit("{condition: {type: Complete, succeeded: =completions}}", TWO)(lab)
    begun = cluster.clock.monotonic()
    assert results(cluster, f"start demo {LABS}") == ["job PENDING", "complete FAIL"]
    assert cluster.clock.monotonic() - begun <= 10


def test_pods_that_go_with_the_job_are_seen_to_go(cluster: Cluster, lab: Path) -> None:
    edit("{condition: {type: Complete, succeeded: =completions}}", "{deleted: {kind: Pod}}")(lab)
    assert results(cluster, f"start demo {LABS}") == ["job PASS", "complete PASS"]


def test_for_pods_alone_nobody_waits(cluster: Cluster, lab: Path) -> None:
    edit("{deleted: {kind: Job, after: 20}}", "{deleted: {kind: Pod}}")(lab)
    begun = cluster.clock.monotonic()
    assert results(cluster, f"start demo {LABS}") == ["job PENDING", "complete PASS"]
    assert cluster.clock.monotonic() - begun <= 10
    delete(cluster)
    assert results(cluster) == ["job PASS", "complete PASS"]


@pytest.mark.usefixtures("lab")
def test_a_job_that_was_deleted_too_soon_has_failed(cluster: Cluster) -> None:
    cluster.run("start", "demo", "--no-wait", LABS)
    delete_after(cluster, 8)
    assert results(cluster, f"check demo --wait {LABS}") == ["job FAIL", "complete PASS"]
    assert results(cluster) == ["job FAIL", "complete PASS"]


@pytest.mark.usefixtures("lab")
def test_reset_forgets_a_job_that_is_gone(cluster: Cluster) -> None:
    cluster.run("start", "demo", LABS)
    assert results(cluster) == ["job PASS", "complete PASS"]
    cluster.run("reset", "demo", LABS)
    assert results(cluster) == ["* PENDING"]


def test_lab_test_follows_a_job_until_it_is_deleted(cluster: Cluster, lab: Path) -> None:
    found = loader.load(lab)
    session = cluster.session(io.StringIO(), io.StringIO())
    (case,) = (one for one in prove.cases(found) if one.name == "manifest job.yaml")
    outcome = prove.run(session.client, "default", found, case, threading.Event())
    assert (outcome.holds, outcome.observed) == (True, "all pass")


@pytest.mark.usefixtures("lab")
def test_the_time_to_follow_is_over_for_a_finished_job_without_an_error(cluster: Cluster) -> None:
    begun = cluster.clock.monotonic()
    line = f"start demo --timeout=10s {LABS}"
    assert results(cluster, line) == ["job PENDING", "complete PASS"]
    assert cluster.clock.monotonic() - begun <= 12


@pytest.mark.parametrize("line", ["start demo", "check demo --wait"])
def test_a_job_that_is_to_be_deleted_may_be_while_it_runs(
    cluster: Cluster, lab: Path, line: str
) -> None:
    edit(", after: 20}", "}")(lab)
    if line.startswith("check"):
        cluster.run("start", "demo", "--no-wait", LABS)
    delete_after(cluster, 2)
    assert results(cluster, f"{line} {LABS}") == ["job PASS", "complete FAIL"]
    assert results(cluster) == ["job PASS", "complete FAIL"]
