"""doctor: whether this user can run the labs on this cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands.conftest import NO_CLUSTER, NO_CONTEXT, Compare
from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize("form", ["", "json", "yaml"])
def test_all_is_well(done: Cluster, compare: Compare, form: str) -> None:
    line = f"doctor -o {form}" if form else "doctor"
    assert compare(done, f"doctor-{form}".rstrip("-"), line).code == 0


def test_in_korean_too(done: Cluster, compare: Compare) -> None:
    assert compare(done, "doctor-ko", "doctor --lang=ko").code == 0


def test_a_namespace_that_is_not_there(done: Cluster, compare: Compare) -> None:
    assert compare(done, "doctor-no-namespace", "doctor -n nowhere").code == 2


@pytest.mark.parametrize("kubeconfig", [NO_CLUSTER, NO_CONTEXT])
def test_without_a_cluster_it_says_how_to_get_one(
    cluster: Cluster, compare: Compare, tmp_path: Path, kubeconfig: str
) -> None:
    (tmp_path / "kubeconfig").write_text(kubeconfig, "utf-8")
    name = "no-cluster" if kubeconfig == NO_CLUSTER else "no-context"
    assert compare(cluster, f"doctor-{name}", "doctor").code == 2
    assert compare(cluster, f"doctor-{name}-ko", "doctor --lang=ko").code == 2
