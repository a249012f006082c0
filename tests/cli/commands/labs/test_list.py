"""list: the labs, and how far the learner is in each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kubectl_joblab.printing import tabwriter
from tests.cli.commands.conftest import NO_CLUSTER, NO_CONTEXT, Compare
from tests.inprocess.cluster import Cluster
from tests.labs.definition.lint import lab


@pytest.mark.parametrize("form", ["", "wide", "json", "yaml", "name"])
def test_the_results_stand_beside_the_labs(done: Cluster, compare: Compare, form: str) -> None:
    line = f"list -o {form}" if form else "list"
    assert compare(done, f"list-{form}".rstrip("-"), line).code == 0


def test_in_korean_too(done: Cluster, compare: Compare) -> None:
    assert compare(done, "list-ko", "list --lang=ko").code == 0


def test_a_lab_that_runs_is_told_from_one_that_was_not_begun(
    cluster: Cluster, compare: Compare
) -> None:
    cluster.run("start", "echo")
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(3)
    assert compare(cluster, "list-begun", "list").code == 0


@pytest.mark.parametrize("form", ["", "json", "ko"])
def test_without_a_cluster_it_shows_the_labs_and_how_to_get_a_cluster(
    cluster: Cluster, compare: Compare, tmp_path: Path, form: str
) -> None:
    (tmp_path / "kubeconfig").write_text(NO_CLUSTER, "utf-8")
    lines = {"": "list", "json": "list -o json", "ko": "list --lang=ko"}
    assert compare(cluster, f"list-no-cluster-{form}".rstrip("-"), lines[form]).code == 0


def test_without_a_chosen_context_it_says_how_to_choose_one(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    (tmp_path / "kubeconfig").write_text(NO_CONTEXT, "utf-8")
    assert compare(cluster, "list-no-context", "list").code == 0


@pytest.fixture
def course(tmp_path: Path) -> str:
    """A folder with labs of chapters, of which the first is interrupted by another."""
    own = tmp_path / "own"
    for number, chapter in (
        (7, "{en: limits, ko: 제한}"),
        (8, ""),
        (9, "{en: control, ko: 제어}"),
        (10, "{en: limits, ko: 제한}"),
    ):
        folder = lab.make_lab(own, f"{number:02}-own-{number}")
        line = f"chapter: {chapter}\n" if chapter else ""
        lab.edit(
            "format: joblab/v1\nname: demo\nnumber: 7\n",
            f"format: joblab/v2\nname: own-{number}\nnumber: {number}\n{line}",
        )(folder)
        for file in lab.FILES:
            path = folder / file
            path.write_text(path.read_text("utf-8").replace("demo", f"own-{number}"), "utf-8")
    return f"--lab-path={own}"


FORMS = {
    "": "list",
    "-wide": "list -o wide",
    "-ko": "list --lang=ko",
    "-plain": "list --plain",
    "-client": "list --client",
    "-no-headers": "list --no-headers",
}


@pytest.mark.parametrize("form", FORMS)
def test_labs_of_a_chapter_stand_together_below_its_name(
    cluster: Cluster, compare: Compare, course: str, form: str
) -> None:
    screen = cluster.run(*FORMS[form].split(), course)
    assert screen.code == 0
    compare.text(f"list-chapters{form}", f"$ kubectl joblab {FORMS[form]}\n{screen.out}")


def test_programs_get_the_chapter_of_each_lab(cluster: Cluster, course: str) -> None:
    items = json.loads(cluster.run("list", "-o", "json", course).out)["items"]
    own = [(item["name"], item["chapter"]) for item in items if item["name"].startswith("own")]
    assert own == [
        ("own-7", "limits"),
        ("own-10", "limits"),
        ("own-9", "control"),
        ("own-8", None),
    ]


@pytest.mark.parametrize("line", ["list", "list --lang=ko", "list --client"])
def test_in_a_pipe_too_each_row_fits_into_80_columns(done: Cluster, line: str) -> None:
    rows = done.run(*line.split()).out.splitlines()
    assert max(map(tabwriter.width, rows)) <= 80
