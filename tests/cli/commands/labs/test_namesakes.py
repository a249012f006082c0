"""Two labs of one name, ours and FOLDER/NAME, which share the label of what they make."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

LABS = "--lab-path=mine"
OURS = (MANIFESTS / "01-sleep/job.yaml").read_text("utf-8")


def make(folder: Path, job: str) -> None:
    """A copy of lab 1 with another number, whose Job has this name."""
    shutil.copytree(MANIFESTS / "01-sleep", folder)
    for path in folder.rglob("*.yaml"):
        text = path.read_text("utf-8").replace("number: 1\n", "number: 90\n")
        text = text.replace("job: sleep", f"job: {job}").replace(
            "\n  name: sleep", f"\n  name: {job}"
        )
        path.write_text(text, "utf-8")


@pytest.fixture(params=["nap", "sleep"], ids=["a Job of its own name", "a Job of our Job's name"])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The name of the Job of the other lab."""
    name: str = request.param
    make(tmp_path / "mine" / "90-sleep", name)
    return name


def jobs(cluster: Cluster) -> list[str]:
    return sorted(cluster.names("Job"))


@pytest.mark.parametrize("verb", ["clean", "reset"])
def test_neither_deletes_what_start_has_made_of_the_other(
    cluster: Cluster, job: str, verb: str
) -> None:
    cluster.run("start", "mine/sleep", "--no-wait", LABS)
    assert jobs(cluster) == [job]
    cluster.run(verb, "sleep", LABS)
    assert jobs(cluster) == [job]
    cluster.run(verb, "mine/sleep", LABS)
    assert jobs(cluster) == []
    cluster.run("start", "sleep", "--no-wait")
    cluster.run("clean", "mine/sleep", LABS)
    assert jobs(cluster) == ["sleep"]


def test_neither_deletes_what_kubectl_has_made_of_the_other(
    cluster: Cluster, tmp_path: Path
) -> None:
    make(tmp_path / "mine" / "90-sleep", "nap")
    cluster.create_with_kubectl((tmp_path / "mine/90-sleep/job.yaml").read_text("utf-8"))
    cluster.create_with_kubectl(OURS)
    cluster.run("clean", "sleep", LABS)
    assert jobs(cluster) == ["nap"]
    cluster.create_with_kubectl(OURS)
    cluster.run("clean", "mine/sleep", LABS)
    assert jobs(cluster) == ["sleep"]


def test_start_replaces_and_joins_only_its_own(cluster: Cluster, tmp_path: Path) -> None:
    make(tmp_path / "mine" / "90-sleep", "sleep")
    cluster.run("start", "mine/sleep", "--no-wait", LABS)
    for _ in range(2):  # while it runs, and when it is finished
        screen = cluster.run("start", "sleep", "--no-wait")
        assert (jobs(cluster), screen.code) == (["sleep"], 1)
        assert 'jobs.batch "sleep" already exists' in screen.err
        cluster.sleep(30)
    assert cluster.run("start", "mine/sleep", LABS).code == 0


def verdicts(cluster: Cluster, *words: str) -> set[str]:
    found: dict[str, Any] = json.loads(cluster.run("check", *words, LABS, "-o", "json").out)
    return {item["result"] for item in found["items"]}


def test_check_judges_only_its_own(cluster: Cluster, tmp_path: Path) -> None:
    make(tmp_path / "mine" / "90-sleep", "sleep")
    assert cluster.run("start", "mine/sleep", LABS).code == 0
    assert verdicts(cluster, "mine/sleep") == {"PASS"}
    for words in (["sleep"], ["sleep", "--wait"]):
        assert verdicts(cluster, *words) == {"PENDING"}
    rows = cluster.run("check", "-A", "-o", "name", LABS).out.splitlines()
    assert len(rows) == len(set(rows))
    items = json.loads(cluster.run("list", "-o", "json", LABS).out)["items"]
    assert {one["name"]: one["status"] for one in items if one["name"].endswith("sleep")} == {
        "sleep": "<none>",
        "mine/sleep": "Complete",
    }


@pytest.mark.parametrize("verb", ["status", "describe", "logs", "events"])
def test_what_is_asked_of_the_others_job_leads_to_the_other_lab(
    cluster: Cluster, tmp_path: Path, verb: str
) -> None:
    make(tmp_path / "mine" / "90-sleep", "sleep")
    cluster.run("start", "mine/sleep", LABS)
    screen = cluster.run(verb, "sleep", LABS)
    assert "error: job.batch/sleep is of lab mine/sleep\n" in screen.err
    assert screen.err.endswith(f"Next: kubectl joblab {verb} mine/sleep {LABS}\n")
    assert cluster.run(verb, "mine/sleep", LABS).code == 0


def test_hints_of_each_are_counted_and_forgotten_by_themselves(
    cluster: Cluster, tmp_path: Path
) -> None:
    make(tmp_path / "mine" / "90-sleep", "nap")

    def stage(lab: str) -> str:
        return cluster.run("hint", lab, LABS).out.split(",")[0]

    for lab in ("sleep", "mine/sleep"):
        assert [stage(lab)[:8] for _ in range(2)] == ["Hint 1 o", "Hint 2 o"]
    cluster.run("reset", "sleep", LABS)
    assert [stage(lab)[:6] for lab in ("sleep", "mine/sleep")] == ["Hint 1", "Hint 2"]
    cluster.run("reset", "mine/sleep", LABS)
    assert [stage(lab)[:6] for lab in ("sleep", "mine/sleep")] == ["Hint 2", "Hint 1"]


def test_of_two_labs_of_ones_own_the_later_is_called_by_its_folder(
    cluster: Cluster, tmp_path: Path
) -> None:
    for parent, job in (("first", "doze"), ("second", "nap")):
        make(tmp_path / parent / "90-rest", job)
        lab = tmp_path / parent / "90-rest" / "lab.yaml"
        lab.write_text(lab.read_text("utf-8").replace("name: sleep\n", "name: rest\n", 1), "utf-8")
    both = {"JOBLAB_PATH": os.pathsep.join(["first", "second"])}
    listed = cluster.run("list", "-o", "name", environ=both)
    assert {"rest", "second/rest"} <= set(listed.out.split()), listed
    for name, job in (("rest", "doze"), ("first/rest", "doze"), ("second/rest", "nap")):
        cluster.run("start", name, "--no-wait", environ=both)
        assert jobs(cluster) == [job]
        way = "second/rest" if job == "nap" else "rest"
        for verb in ("show", "check", "hint", "status"):
            screen = cluster.run(verb, name, environ=both)
            lines = screen.err.splitlines() + screen.out.splitlines()
            ways = [line for line in lines if line.startswith("Next: kubectl joblab")]
            assert all(f" {way}" in line for line in ways), screen
        cluster.run("clean", name, environ=both)
        assert jobs(cluster) == []
