"""clean: deletes what the labs made, and nothing else."""

from __future__ import annotations

from tests.cli.commands.conftest import Compare
from tests.inprocess.cluster import Cluster


def test_the_jobs_of_a_lab_are_deleted(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.run("start", "retry", "--variant=recover")
    cluster.run("start", "retry", "--variant=onfailure")
    assert compare(cluster, "clean-retry", "clean retry").code == 0
    cluster.sleep(5)
    assert cluster.run("status", "retry", "--variant=recover").code == 1
    assert cluster.run("status", "sleep").code == 0


def test_the_jobs_of_all_labs_are_deleted(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.run("start", "basics")
    assert compare(cluster, "clean-all", "clean --all").code == 0


def test_where_there_is_nothing_it_says_so(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "clean-nothing", "clean sleep").code == 0
