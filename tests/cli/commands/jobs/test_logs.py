"""logs: every line of every try, from the cluster while it has it, then as start saved it."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import RUNS, THERE, Compare
from tests.inprocess.cluster import Cluster

WITHOUT_LOG = ("sleep",)


@pytest.mark.parametrize("run", [run for run in THERE if run not in WITHOUT_LOG])
def test_all_pods_and_tries(done: Cluster, compare: Compare, run: str) -> None:
    line = THERE[run].replace("start", "logs").removesuffix(" -f job.yaml")
    assert compare(done, f"logs-{run}", line).code == 0


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        pytest.param("tail", "parallelism --tail=1", id="the last line of each"),
        pytest.param("timestamps", "completions --timestamps", id="when each was written"),
        pytest.param("previous", "retry --variant=recover -p", id="the try before the last"),
    ],
)
def test_what_is_printed_can_be_chosen(
    done: Cluster, compare: Compare, name: str, flags: str
) -> None:
    assert compare(done, f"logs-{name}", f"logs {flags}").code == 0


@pytest.mark.parametrize(
    ("run", "seconds"),
    [("parallelism", 2), ("retry-onfailure", 5), ("retry-recover", 3)],
)
def test_a_job_is_followed_until_it_is_finished(
    cluster: Cluster, compare: Compare, run: str, seconds: int
) -> None:
    cluster.run(*RUNS[run].split(), "--no-wait")
    cluster.sleep(seconds)
    line = RUNS[run].replace("start", "logs") + " -f"
    assert compare(cluster, f"logs-follow-{run}", line).code == 0


def test_what_has_ended_is_not_waited_for(done: Cluster, compare: Compare) -> None:
    assert compare(done, "logs-follow-ended", "logs completions -f").code == 0
