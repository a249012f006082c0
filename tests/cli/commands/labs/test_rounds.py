"""A lab of several Jobs, one after the other: each is judged by what its own checks want."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands.test_requests import sent
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint.lab import JOB, edit, make_lab, write
from tests.practice.node.fake import Program

LABS = "--lab-path=own"
STAGES = """\
stages:
- {name: one, title: {en: The first., ko: 처음.}}
- {name: two, title: {en: Another., ko: 다음.}, file: two.yaml}
variants:
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose Jobs' containers print a line."""
    with Cluster(tmp_path, defaultdict(lambda: [[Program(runs=3, log=((0, "done"),))]])) as made:
        yield made


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab of two Jobs, of which the second is judged by its log, and the first is not."""
    folder = make_lab(tmp_path / "own")
    pods = "{restartPolicy: Never, containers: [{name: main, image: busybox:1.36}]}"
    for file in ("job.yaml", "two.yaml"):
        write(file, f"{JOB}  template: {{spec: {pods}}}\n")(folder)
    edit("format: joblab/v1", "format: joblab/v2")(folder)
    edit("variants:\n", STAGES)(folder)
    edit("- id: complete\n  task: 2\n", "- id: complete\n  task: 2\n  stage: two\n")(folder)
    edit("{en: See it end., ", "{stage: two, en: See it end., ")(folder)
    log = '{log: {contains: done, operator: "==", value: 1}}'
    edit("{condition: {type: Complete, succeeded: =completions}}", log)(folder)
    return folder


@pytest.mark.parametrize("line", ["check demo", "check -A -o name", "status demo"])
def test_the_log_that_a_later_job_is_judged_by_is_read(
    cluster: Cluster, lab: Path, line: str
) -> None:
    assert cluster.run("start", "demo", LABS).code == 0
    shutil.rmtree(cluster.state / "records")  # where the log is too
    assert "1 GET log" in sent(cluster, f"{line} {LABS}")


def test_the_log_of_a_job_that_is_judged_without_it_is_not(cluster: Cluster, lab: Path) -> None:
    cluster.run("start", "demo", "--no-wait", LABS)
    cluster.sleep(10)
    assert [one for one in sent(cluster, f"check demo {LABS}") if "log" in one] == []
