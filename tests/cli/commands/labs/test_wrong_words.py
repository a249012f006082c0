"""What is written nearly right is told with what is right, and the next command does that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import MANIFESTS
from tests.golden import Screen
from tests.inprocess.cluster import Cluster
from tests.inprocess.containers import TABLE
from tests.labs import ours

ECHO = (MANIFESTS / "02-echo/job.yaml").read_text("utf-8")
MINE = ECHO.replace("managed-by: kubectl-joblab", "managed-by: me")


def following(screen: Screen) -> str:
    """The command that a screen leads to."""
    (step,) = re.findall("^Next: (.*)$", screen.err, re.MULTILINE)
    return str(step)


WORDS = {
    "restartPolicy: Never": ("restartPolicy: never", "write Never, not never"),
    "kind: Job": ("kind: job", "write Job, not job"),
    "apiVersion: batch/v1": ("apiVersion: Batch/v1", "write batch/v1, not Batch/v1"),
}


@pytest.mark.parametrize("right", WORDS)
def test_the_case_of_letters_is_told(cluster: Cluster, tmp_path: Path, right: str) -> None:
    wrong, said = WORDS[right]
    assert right in ECHO
    (tmp_path / "x.yaml").write_text(ECHO.replace(right, wrong), "utf-8")
    screen = cluster.run("start", "echo", "-f", "x.yaml")
    assert f"capital and small letters differ: {said}" in " ".join(screen.err.split())
    assert screen.code == 1


@pytest.mark.parametrize("name", ["My_Job", "-x", "x" * 70, "Ä"])
def test_a_name_that_none_can_have_leads_to_the_nearest(cluster: Cluster, name: str) -> None:
    step = following(cluster.run("start", "sleep", f"--name={name}"))
    assert name not in step.split("=")
    assert cluster.run(*step.split()[2:], "--dry-run=server").code == 0


def test_a_job_that_no_lab_made_is_told_with_how_to_delete_it(cluster: Cluster) -> None:
    cluster.create_with_kubectl(MINE)
    screen = cluster.run("start", "echo", "-n", "default")
    assert "To begin anew, delete it: kubectl delete job echo -n default" in screen.err
    assert "with -f the file has to have that name" in " ".join(screen.err.split())


@pytest.mark.parametrize(("flag", "name"), [("mine", "echo"), ("echo", "mine")])
def test_two_names_of_one_job_are_told_with_how_to_make_them_one(
    tmp_path: Path, flag: str, name: str
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(ECHO.replace("name: echo", f"name: {name}", 1), "utf-8")
    with Cluster(tmp_path, {**TABLE, "mine": TABLE["echo"]}) as cluster:
        screen = cluster.run("start", "echo", "-f", "x.yaml", f"--name={flag}")
        assert f'metadata.name is "{name}", and --name is "{flag}"' in screen.err
        assert f"write name: {flag} in the file" in screen.err
        assert cluster.run(*following(screen).split()[2:]).code == 0


LABS = [(lab, one) for lab in ours.LABS for one in lab.variants]
ASKED = {  # how many at once a lab asks for
    "parallelism": 3,
    "completions": 1,
    "indexed": 3,
    "work-queue": 3,
    "elastic": 3,
}


@pytest.mark.parametrize("lab", ASKED)
def test_a_job_whose_parallelism_is_0_is_released_with_the_labs(cluster: Cluster, lab: str) -> None:
    (variant,) = [one.file for found, one in LABS if one.job == lab]
    (folder,) = {found.folder for found, _ in LABS if found.name == lab}
    text = (folder / variant).read_text("utf-8")
    none = re.sub("^  parallelism: .*$", "  parallelism: 0", text, flags=re.MULTILINE)
    if none == text:
        none = text.replace("\nspec:\n", "\nspec:\n  parallelism: 0\n", 1)
    cluster.create_with_kubectl(none)
    cluster.sleep(5)
    for line in (f"check {lab}", f"hint {lab}", f"status {lab}", f"check {lab} --wait"):
        screen = cluster.run(*line.split())
        patches = re.findall("kubectl patch .*$", screen.out + screen.err, re.MULTILINE)
        number = ASKED[lab]
        assert {f'{{"spec":{{"parallelism":{number}}}}}' in one for one in patches} == {True}, line
