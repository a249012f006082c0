"""status: Job and Pods as kubectl shows them, and below what it leaves out."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import THERE, Compare
from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize("run", THERE)
def test_a_job_that_is_finished(done: Cluster, compare: Compare, run: str) -> None:
    line = THERE[run].replace("start", "status").removesuffix(" -f job.yaml")
    assert compare(done, f"status-{run}", line).code == 0


@pytest.mark.parametrize("form", ["wide", "json", "yaml", "name"])
def test_it_is_printed_in_every_format(done: Cluster, compare: Compare, form: str) -> None:
    assert compare(done, f"status-as-{form}", f"status sleep -o {form}").code == 0


def test_in_korean_all_that_is_not_kubectls_is_korean(done: Cluster, compare: Compare) -> None:
    assert compare(done, "status-retry-ko", "status retry --lang=ko").code == 0


def test_a_job_that_backs_off(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "retry", "--no-wait")
    cluster.sleep(5)
    assert compare(cluster, "status-backing-off", "status retry").code == 0
