"""list: the labs, and how far the learner is in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands.conftest import NO_CLUSTER, NO_CONTEXT, Compare
from tests.inprocess.cluster import Cluster


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
