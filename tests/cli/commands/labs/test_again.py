"""A lab is done anew as it was done first: by start and by hand, here and in another namespace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import MANIFESTS
from tests.golden import Screen
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import TABLE
from tests.labs import ours

STAGED = [
    f"{lab.name} --variant={one.name}"
    for lab in ours.LABS
    for one in lab.variants
    if lab.stages_of(one)
]
WASTEFUL, POLICY = (
    (MANIFESTS / f"11-fail-job/{name}.yaml").read_text("utf-8")
    for name in ("job-wasteful", "job-fail-job")
)
# what the Pods of a Job do, for each of the four times that it is made
TABLE_OF_FOUR = {job: [*pods] * 4 for job, pods in TABLE.items()}
SAID = "pods: you said 1, and so it was"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A new cluster, in which each Job is made four times."""
    with Cluster(tmp_path, TABLE_OF_FOUR) as made:
        yield made


def results(screen: Screen) -> list[str]:
    """The results of all checks in the last table of a screen, in order."""
    *_, last = screen.out.split("RESULT")
    return re.findall(r"^\S+ +(PASS|FAIL|PENDING|UNKNOWN) ", last, re.MULTILINE)


@pytest.mark.parametrize("exercise", STAGED)
def test_start_goes_through_all_stages_each_time(cluster: Cluster, exercise: str) -> None:
    cluster.make_namespace("other")
    line = f"start {exercise} --timeout=10m"
    first = cluster.run(*line.split())
    assert "FAIL" not in results(first)
    stages = re.findall("^Stage .*$", first.out, re.MULTILINE)

    again = cluster.run(*line.split())
    elsewhere = cluster.run(*line.split(), "-n", "other")
    cluster.run(*f"clean {exercise}".split())
    cleaned = cluster.run(*line.split())
    for screen in (again, elsewhere, cleaned):
        assert (screen.code, results(screen)) == (first.code, results(first)), screen
        assert re.findall("^Stage .*$", screen.out, re.MULTILINE) == stages
    # what was done first is as it was
    assert results(cluster.run(*f"check {exercise}".split())) == results(first)


def test_a_prediction_is_compared_with_the_job_of_its_stage(cluster: Cluster) -> None:
    cluster.run("predict", "fail-job", "--answer", "pods=1")
    for _ in range(2):
        screen = cluster.run("start", "fail-job")
        assert screen.out.count("you said") == 1, screen
        assert screen.out.index("rule ") < screen.out.index(SAID)


def by_hand(cluster: Cluster, manifest: str) -> Screen:
    """Create a Job in place of the one that is there, and check it when it is finished."""
    if "fail-job" in cluster.names("Job"):
        cluster.delete_with_kubectl("fail-job")
    cluster.create_with_kubectl(manifest)
    cluster.sleep(60)
    return cluster.run("check", "fail-job")


def test_by_hand_the_first_job_after_a_whole_run_is_one_of_the_first_stage(
    cluster: Cluster,
) -> None:
    cluster.run("predict", "fail-job", "--answer", "pods=1")
    for _ in range(2):
        first, second = by_hand(cluster, WASTEFUL), by_hand(cluster, POLICY)
        assert results(first) == ["PASS"] * 4 + ["PENDING"] * 4, first
        assert "you said" not in first.out
        assert results(second) == ["PASS"] * 8, second
        assert SAID in second.out


def test_what_was_done_in_one_place_is_not_taken_for_what_is_done_in_another(
    cluster: Cluster,
) -> None:
    by_hand(cluster, WASTEFUL)
    cluster.make_namespace("other")
    begun = cluster.run("start", "fail-job", "-n", "other")
    assert begun.out.count("job.batch/fail-job created") == 2
    gone_on_with = cluster.run("start", "fail-job")
    assert gone_on_with.out.count("job.batch/fail-job created") == 1
    assert results(gone_on_with) == ["PASS"] * 8


def test_scaffold_writes_the_manifest_of_the_stage_that_one_is_in(
    cluster: Cluster, tmp_path: Path
) -> None:
    for manifest, written in ((WASTEFUL, POLICY), (POLICY, WASTEFUL)):
        by_hand(cluster, manifest)
        assert cluster.run("scaffold", "fail-job", "-d", "-").out.rstrip() == written.rstrip()
