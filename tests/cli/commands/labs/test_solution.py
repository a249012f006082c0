"""solution: what passes a lab, once the lab is done."""

from __future__ import annotations

from tests.cli.commands.conftest import Compare
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster


def test_before_the_lab_is_done_it_leads_to_a_hint(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "solution-not-done", "solution retry --variant=onfailure").code == 1
    assert compare(cluster, "solution-not-done-ko", "solution retry --lang=ko").code == 1


def test_with_now_it_is_printed_and_said_to_spoil(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "solution-now", "solution yaml --now").code == 0
    assert compare(cluster, "solution-now-ko", "solution basics --now --lang=ko").code == 0


def test_it_is_the_variants_own_with_its_comments(done: Cluster) -> None:
    for variant in ("never", "onfailure", "recover"):
        screen = done.run("solution", "retry", f"--variant={variant}")
        assert screen.out == (MANIFESTS / f"04-retry/solutions/{variant}.yaml").read_text("utf-8")
        assert (screen.err, screen.code) == ("Next: kubectl joblab next\n", 0)
    assert screen.out.startswith("# ")


def test_an_exercise_that_is_done_is_not_the_whole_lab(cluster: Cluster) -> None:
    cluster.run("start", "retry")
    assert cluster.run("solution", "retry").code == 0
    assert cluster.run("solution", "retry", "--variant=recover").code == 1


def test_what_it_prints_passes(cluster: Cluster) -> None:
    printed = cluster.run("solution", "yaml", "--now").out
    assert cluster.run("start", "yaml", "-f", "-", stdin=printed).code == 0
    assert cluster.run("solution", "yaml").out == printed


def test_a_variant_that_there_is_not_is_said_to_be_none(cluster: Cluster) -> None:
    assert cluster.run("solution", "retry", "--variant=x").err.startswith(
        'error: lab retry has no variant "x"; it has never, onfailure, recover\n'
    )
