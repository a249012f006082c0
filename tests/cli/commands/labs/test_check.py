"""check: what it says of labs that are done, are being done, and were not begun."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import TWO_AT_ONCE, Compare
from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize(
    "lab", ["basics", "sleep", "echo", "yaml", "retry", "completions", "parallelism"]
)
def test_a_lab_that_is_done_has_passed(done: Cluster, compare: Compare, lab: str) -> None:
    assert compare(done, f"check-{lab}", f"check {lab}").code == 0


def test_without_a_lab_all_are_judged(done: Cluster, compare: Compare) -> None:
    assert compare(done, "check", "check").code == 0


@pytest.mark.parametrize("lab", ["sleep", "retry"])
def test_in_korean_all_that_is_not_kubectls_is_korean(
    done: Cluster, compare: Compare, lab: str
) -> None:
    assert compare(done, f"check-{lab}-ko", f"check {lab} --lang=ko").code == 0


@pytest.mark.parametrize("form", ["wide", "json", "yaml", "name", "junit"])
def test_it_is_printed_in_every_format(done: Cluster, compare: Compare, form: str) -> None:
    assert compare(done, f"check-as-{form}", f"check sleep completions -o {form}").code == 0


def test_plain_has_each_value_behind_its_name(done: Cluster, compare: Compare) -> None:
    assert compare(done, "check-plain", "check retry --variant=recover --plain").code == 0


def test_in_all_namespaces_there_is_a_row_for_each_lab(cluster: Cluster, compare: Compare) -> None:
    for namespace, lab in (("ada", "sleep"), ("bob", "echo")):
        cluster.make_namespace(namespace)
        cluster.run("start", lab, "-n", namespace)
    assert compare(cluster, "check-all-namespaces", "check -A").code == 0
    assert compare(cluster, "check-all-namespaces-wide", "check -A -o wide").code == 0


@pytest.mark.parametrize(("lab", "passed"), [("sleep", 4), ("parallelism", 7)])
def test_it_waits_for_a_job_that_runs(
    cluster: Cluster, compare: Compare, lab: str, passed: int
) -> None:
    cluster.run("start", lab, "--no-wait")
    cluster.sleep(passed)
    assert compare(cluster, f"check-wait-{lab}", f"check {lab} --wait").code == 0


def test_a_job_that_runs_is_pending(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(4)
    assert compare(cluster, "check-pending", "check sleep").code == 3


def test_a_lab_that_was_not_begun_is_said_to_be(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "check-not-begun", "check sleep").code == 3


def test_what_failed_is_explained(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    assert compare(cluster, "check-failed", "check parallelism").code == 2
