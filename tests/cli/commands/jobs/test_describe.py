"""describe: the Job as kubectl describes it, and below what it leaves out."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import THERE, Compare
from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize("run", THERE)
def test_a_job_that_is_finished(done: Cluster, compare: Compare, run: str) -> None:
    line = THERE[run].replace("start", "describe").removesuffix(" -f job.yaml")
    assert compare(done, f"describe-{run}", line).code == 0


def test_in_korean_all_that_is_not_kubectls_is_korean(done: Cluster, compare: Compare) -> None:
    assert compare(done, "describe-retry-ko", "describe retry --lang=ko").code == 0


def test_a_job_that_runs(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "parallelism", "--no-wait")
    cluster.sleep(7)
    assert compare(cluster, "describe-running", "describe parallelism").code == 0
