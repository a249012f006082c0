"""clean: deletes what the labs made, and nothing else."""

from __future__ import annotations

from tests.cli.commands.conftest import Compare
from tests.cli.conftest import MANIFESTS
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


def test_what_kubectl_made_is_named_and_left(cluster: Cluster, compare: Compare) -> None:
    solution = (MANIFESTS / "00-basics/solutions/echo.yaml").read_text("utf-8")
    cluster.create_with_kubectl(solution)
    cluster.run("start", "sleep", "--no-wait")
    assert compare(cluster, "clean-kept", "clean --all").code == 0
    assert cluster.run("status", "basics").code == 0


def test_where_there_is_nothing_it_says_so(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "clean-nothing", "clean sleep").code == 0


def test_where_all_there_is_was_made_with_kubectl_no_more_is_said(cluster: Cluster) -> None:
    cluster.create_with_kubectl((MANIFESTS / "00-basics/solutions/echo.yaml").read_text("utf-8"))
    screen = cluster.run("clean", "basics")
    assert screen.out == "Kept: job.batch/basics, not made by a lab.\n"
    assert screen.err == "Next: kubectl delete job basics\n"
