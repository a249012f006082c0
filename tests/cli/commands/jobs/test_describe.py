"""describe: the Job as kubectl describes it, and below what it leaves out."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import THERE, Compare
from tests.cli.conftest import MANIFESTS
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


@pytest.mark.parametrize("change", ["suspend: true", "parallelism: 0", "backoffLimit: 0"])
def test_a_job_that_is_held_or_fails_is_led_on_from_as_status_leads_on(
    cluster: Cluster, change: str
) -> None:
    text = (MANIFESTS / "00-basics/job.yaml").read_text("utf-8")
    text = text.replace("\nspec:\n", f"\nspec:\n  {change}\n", 1)
    if change == "backoffLimit: 0":
        text = text.replace("busybox:1.36", "busybox:no-such-tag")
    cluster.create_with_kubectl(text)
    cluster.sleep(5)
    said = [
        cluster.run(command, "basics").err.splitlines()[-1] for command in ("describe", "status")
    ]
    assert said == ["Next: kubectl joblab check basics"] * 2
