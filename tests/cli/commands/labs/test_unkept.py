"""Where what was seen cannot be kept: it is told, and the command goes on; nor does that fail."""

from __future__ import annotations

import shutil

import pytest

from tests.inprocess.cluster import Cluster
from tests.labs import ours

LINES = {
    "start echo": "not a directory",
    "check sleep --wait": "not a directory",
    "hint parallelism": "file exists",
}
EXERCISES = [f"{lab.name} --variant={v.name}" for lab in ours.LABS for v in lab.variants]
FILES = {"yaml --variant=yaml": ["-f", "job.yaml"]}


@pytest.mark.parametrize(("line", "why"), LINES.items(), ids=LINES)
def test_a_folder_that_cannot_be_written_is_told(cluster: Cluster, line: str, why: str) -> None:
    cluster.state.parent.mkdir(exist_ok=True)
    cluster.state.write_text("a file")
    cluster.run("start", "sleep", "--no-wait")
    screen = cluster.run(*line.split())
    assert f"Warning: what was seen cannot be kept: {why}: {cluster.state}" in screen.err
    assert screen.code == 0


@pytest.mark.parametrize("exercise", EXERCISES)
def test_without_what_was_kept_nothing_that_passed_fails(cluster: Cluster, exercise: str) -> None:
    run = cluster.run(*f"start {exercise} --timeout=10m".split(), *FILES.get(exercise, ()))
    assert " FAIL " not in run.out
    shutil.rmtree(cluster.state)
    for line in (f"check {exercise}", "check", "check -A -o wide"):
        assert "FAIL" not in cluster.run(*line.split()).out
