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


@pytest.mark.parametrize("types", ["foo", "Normal,foo", "warnings"])
def test_a_type_that_there_is_not_is_refused_in_kubectls_words(done: Cluster, types: str) -> None:
    screen = done.run("events", "basics", f"--types={types}")
    assert (screen.out, screen.err, screen.code) == (
        "",
        "error: valid --types are Normal or Warning\n",
        1,
    )


def test_types_are_read_as_kubectl_reads_them(done: Cluster) -> None:
    assert done.run("events", "basics", "--types=normal") == done.run("events", "basics")
