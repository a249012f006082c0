"""events: what was said about the Job and its Pods."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import THERE, Compare
from tests.inprocess.cluster import Cluster


@pytest.mark.parametrize("run", THERE)
def test_those_of_the_job_and_of_its_pods(done: Cluster, compare: Compare, run: str) -> None:
    line = THERE[run].replace("start", "events").removesuffix(" -f job.yaml")
    assert compare(done, f"events-{run}", line).code == 0


def test_only_warnings(done: Cluster, compare: Compare) -> None:
    line = "events retry --variant=onfailure --types=Warning"
    assert compare(done, "events-warning", line).code == 0
