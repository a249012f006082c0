"""next and reset; and what was done stays done, whatever is deleted and wherever one looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands.conftest import NO_CLUSTER, Compare, do_basics
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster


def done_of(cluster: Cluster, *flags: str) -> dict[str, bool]:
    """By lab, whether `list` shows it as done."""
    lines = cluster.run("list", *flags, "-o", "json").out
    return {item["name"]: item["done"] for item in json.loads(lines)["items"]}


def test_it_names_the_first_lab_that_is_not_done(cluster: Cluster, compare: Compare) -> None:
    compare(cluster, "next-new", "next")
    do_basics(cluster)
    compare(cluster, "next-second", "next")


def test_what_was_begun_is_gone_on_with(cluster: Cluster, compare: Compare) -> None:
    do_basics(cluster)
    cluster.run("start", "sleep", "--no-wait")
    compare(cluster, "next-running", "next")


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_for_programs_all_of_it_is_printed(cluster: Cluster, compare: Compare, form: str) -> None:
    do_basics(cluster)
    cluster.sleep(60)
    cluster.run("start", "retry")
    assert compare(cluster, f"next-{form}", f"next -o {form}").code == 0


def test_without_a_cluster_it_says_how_to_get_one(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    (tmp_path / "kubeconfig").write_text(NO_CLUSTER, "utf-8")
    compare(cluster, "next-no-cluster", "next --lang=ko")


def test_a_lab_whose_job_is_deleted_stays_done(cluster: Cluster, compare: Compare) -> None:
    do_basics(cluster)
    cluster.run("clean", "--all")
    compare(cluster, "list-cleaned", "list")


def test_it_is_done_in_every_namespace_and_without_a_cluster(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.make_namespace("ada")
    do_basics(cluster)
    assert [lab for lab, is_done in done_of(cluster, "-n", "ada").items() if is_done] == ["basics"]
    (tmp_path / "kubeconfig").write_text(NO_CLUSTER, "utf-8")
    assert [lab for lab, is_done in done_of(cluster).items() if is_done] == ["basics"]


def test_a_lab_of_several_jobs_is_done_when_each_is(cluster: Cluster) -> None:
    cluster.run("start", "retry")
    assert not done_of(cluster)["retry"]
    cluster.run("start", "retry", "--variant=onfailure")
    cluster.run("clean", "--all")
    cluster.run("start", "retry", "--variant=recover")
    assert done_of(cluster)["retry"]


@pytest.mark.parametrize("line", ["check sleep", "check", "check --wait", "check -o json"])
def test_what_check_finds_counts_whether_a_lab_is_named_or_not(cluster: Cluster, line: str) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(15)
    cluster.run(*line.split())
    assert done_of(cluster)["sleep"]
    assert cluster.run("solution", "sleep").code == 0


@pytest.mark.parametrize("line", ["check -A", "check -A sleep", "list", "status sleep"])
def test_what_looks_at_a_class_or_only_looks_does_not_count(cluster: Cluster, line: str) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(15)
    assert cluster.run(*line.split()).code == 0
    assert not done_of(cluster)["sleep"]


def test_what_failed_is_not_done(cluster: Cluster) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.run("check", "sleep")
    assert not done_of(cluster)["sleep"]


def test_reset_forgets_a_lab_its_hints_and_deletes_its_jobs(
    cluster: Cluster, compare: Compare
) -> None:
    first = cluster.run("hint", "basics").out
    cluster.run("hint", "basics")
    do_basics(cluster)
    for lab in ("basics", "echo"):
        cluster.run("start", lab)
    compare(cluster, "reset", "reset basics")
    assert done_of(cluster)["echo"]
    assert not done_of(cluster)["basics"]
    assert cluster.run("hint", "basics").out == first


def test_reset_says_what_it_could_not_delete(cluster: Cluster, compare: Compare) -> None:
    text = (MANIFESTS / "00-basics/job.yaml").read_text("utf-8")
    cluster.create_with_kubectl(text.replace("managed-by: kubectl-joblab", "managed-by: me"))
    compare(cluster, "reset-kept", "reset basics")


def test_reset_without_a_cluster_says_that_nothing_was_deleted(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    (tmp_path / "kubeconfig").write_text(NO_CLUSTER, "utf-8")
    compare(cluster, "reset-no-cluster", "reset basics")


@pytest.mark.parametrize("line", ["list", "list -o json", "next", "hint basics"])
def test_where_the_cluster_does_not_answer_the_labs_are_there_all_the_same(
    cluster: Cluster, compare: Compare, line: str
) -> None:
    do_basics(cluster)
    cluster.cut()
    name = line.replace(" -o ", "-").replace(" ", "-")
    assert compare(cluster, f"unreachable-{name}", line).code == 1


@pytest.mark.parametrize("line", ["check basics", "check sleep", "start sleep", "check echo"])
def test_after_a_lab_that_has_passed_no_lab_is_named_that_is_done(
    cluster: Cluster, line: str
) -> None:
    do_basics(cluster)
    for lab in ("sleep", "echo"):
        cluster.run("start", lab)
    screen = cluster.run(*line.split())
    assert (screen.code, screen.err) == (0, "Next: kubectl joblab scaffold yaml\n")
    assert cluster.run("next").err == screen.err


def test_after_the_last_lab_that_was_not_done_it_is_the_page_of_all(done: Cluster) -> None:
    assert done.run("check", "sleep").err == done.run("next").err
