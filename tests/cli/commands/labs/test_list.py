"""list: the labs, and how far the learner is in each."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import Compare
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
