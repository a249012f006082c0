"""hint: the hint that fits what the cluster shows, a stage further each time."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commands.conftest import NO_CLUSTER, TWO_AT_ONCE, Compare
from tests.inprocess.cluster import Cluster


def test_before_the_lab_is_begun_it_helps_to_begin_and_goes_further_each_time(
    cluster: Cluster, compare: Compare
) -> None:
    for stage in ("first", "second", "second"):
        assert compare(cluster, f"hint-{stage}", "hint parallelism").code == 0


def test_in_korean_too(cluster: Cluster, compare: Compare) -> None:
    assert compare(cluster, "hint-ko", "hint parallelism --lang=ko").code == 0


def test_what_fails_has_a_hint_of_its_own(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "parallelism", "-f", str(TWO_AT_ONCE))
    assert compare(cluster, "hint-failed", "hint parallelism").code == 0


def test_where_all_has_passed_there_is_nothing_to_hint_at(done: Cluster, compare: Compare) -> None:
    assert compare(done, "hint-passed", "hint retry").code == 0


def test_without_a_cluster_it_helps_to_begin(
    cluster: Cluster, compare: Compare, tmp_path: Path
) -> None:
    (tmp_path / "kubeconfig").write_text(NO_CLUSTER, "utf-8")
    for name, line in (("", "hint retry"), ("-variant", "hint retry --variant=recover --name=a")):
        assert compare(cluster, f"hint-no-cluster{name}", line).code == 0
