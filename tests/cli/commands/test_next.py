"""Every command that is suggested does the thing meant: each `Next:` is run as it was printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands.conftest import do_basics
from tests.golden import Screen
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import TABLE

MINE = "retry --variant=onfailure --name=mine"
NEVER = [[one] for tries in TABLE["retry"] for one in tries]
TABLE_OF_MINE = {**TABLE, "mine": TABLE["retry-onfailure"], "mine-2": TABLE["retry-onfailure"]}
JOBS = "/apis/batch/v1/namespaces/default/jobs"  # what is created is sent there
ERROR = 1  # the exit code of a command that could not do what it was asked

RUNNING = [f"start {MINE} --no-wait"]
DONE = [f"start {MINE}"]
WRONG = [f"start {MINE} -f wrong.yaml"]  # finished, but not as the lab asks
# the command lines before, the command, what it suggests
CASES = {
    "start without waiting": ([], f"start {MINE} --no-wait", f"check {MINE} --wait"),
    "start that passes": ([], f"start {MINE}", "start retry"),
    "start that fails": ([], f"start {MINE} -f wrong.yaml", f"hint {MINE}"),
    "start that is not waited for to the end": (
        [],
        f"start {MINE} --timeout=1s",
        f"start {MINE}",
    ),
    "check of a Job that runs": (RUNNING, f"check {MINE}", f"check {MINE} --wait"),
    "check of a Job that failed its checks": (WRONG, f"check {MINE}", f"hint {MINE}"),
    "check of a Job that is not there": ([], f"check {MINE}", f"start {MINE}"),
    "check -A of a Job that runs": (
        RUNNING,
        f"check -A {MINE}",
        f"check {MINE} --wait -n default",
    ),
    "check -A of a Job that failed its checks": (
        WRONG,
        f"check -A {MINE}",
        f"check {MINE} -n default",
    ),
    "hint about a Job that failed its checks": (WRONG, f"hint {MINE}", f"hint {MINE}"),
    "hint about a Job that is not there": ([], f"hint {MINE}", f"hint {MINE}"),
    "status of a Job that runs": (RUNNING, f"status {MINE}", f"check {MINE}"),
    "status of a Job that passed": (DONE, f"status {MINE}", f"logs {MINE}"),
    "status of a Job that is not there": ([], f"status {MINE}", f"start {MINE}"),
    "describe": (DONE, f"describe {MINE}", f"logs {MINE}"),
    "logs of a Job that is not there": ([], f"logs {MINE}", f"start {MINE}"),
    "a manifest of another name": (
        [],
        "start retry --variant=onfailure -f mine.yaml",
        "start retry --variant=onfailure -f mine.yaml --name=mine",
    ),
    "a Job that kubectl made is checked, not replaced by the lab's": (
        ["kubectl create"],
        "start basics -f kubectls.yaml",
        "check basics",
    ),
    "check of a variation that was run": (
        ["start parallelism --parallelism=2"],
        "check parallelism",
        "start basics",
    ),
    "list": (["basics", "start sleep"], "list", "start echo"),
    "list, where a variant is pending": (
        [
            *("basics", "start sleep", "start echo", "start yaml -f job.yaml"),
            *("start retry", "start retry --variant=onfailure --no-wait"),
        ],
        "list",
        "check retry --variant=onfailure",
    ),
}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A new cluster; its folder has an answer of the lab yaml and manifests of Jobs called mine."""
    monkeypatch.chdir(tmp_path)
    with Cluster(tmp_path, TABLE_OF_MINE) as made:
        mine = made.run(*f"scaffold {MINE} -d -".split()).out
        Path("mine.yaml").write_text(mine, "utf-8")
        Path("wrong.yaml").write_text(re.sub("backoffLimit: 2", "backoffLimit: 1", mine), "utf-8")
        yaml = Path(__file__).parents[3] / "manifests/03-yaml/solutions/list.yaml"
        Path("job.yaml").write_text(yaml.read_text("utf-8"), "utf-8")
        kubectls = Path(__file__).parents[3] / "manifests/00-basics/solutions/echo.yaml"
        Path("kubectls.yaml").write_text(kubectls.read_text("utf-8"), "utf-8")
        yield made


def suggested(screen: Screen) -> str:
    """The command that a screen leads to, without what all commands begin with."""
    (line,) = re.findall(r"^Next: kubectl joblab (.*)$", screen.err, re.MULTILINE)
    return str(line)


@pytest.mark.parametrize(("before", "line", "step"), CASES.values(), ids=CASES)
def test_what_is_suggested_does_the_thing_meant(
    cluster: Cluster, before: list[str], line: str, step: str
) -> None:
    for one in before:
        if one == "basics":
            do_basics(cluster)
        elif one == "kubectl create":
            cluster.create_with_kubectl(Path("kubectls.yaml").read_text("utf-8"))
        else:
            cluster.run(*one.split())
    assert suggested(cluster.run(*line.split())) == step

    sent = len(cluster.requests)
    screen = cluster.run(*step.split())
    assert screen.code != ERROR, screen
    if "--name=mine" in step:
        asked = [f"{one.method} {one.path} {one.query}" for one in cluster.requests[sent:]]
        assert any("mine" in one or one.startswith(f"POST {JOBS} ") for one in asked), asked
