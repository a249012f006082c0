"""logs: every line of every try, from the cluster while it has it, then as start saved it."""

from __future__ import annotations

import pytest

from tests.cli.commands.conftest import RUNS, THERE, Compare
from tests.cli.conftest import MANIFESTS
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


@pytest.mark.parametrize("line", ["logs basics", "logs basics -f"])
def test_a_job_that_asks_for_no_pods_has_no_logs_to_wait_for(cluster: Cluster, line: str) -> None:
    text = (MANIFESTS / "00-basics/job.yaml").read_text("utf-8")
    cluster.create_with_kubectl(text.replace("\nspec:\n", "\nspec:\n  completions: 0\n", 1))
    cluster.sleep(5)
    screen = cluster.run(*line.split())
    assert (screen.out, screen.err, screen.code) == (
        "",
        "error: job.batch/basics has ended and made no Pod\n"
        "Its spec.completions of 0 asks for none.\n"
        "Next: kubectl joblab check basics\n",
        1,
    )


@pytest.mark.parametrize("lab", ["ttl", "retry --variant=onfailure"])
def test_of_a_job_that_is_deleted_what_start_saved_is_printed(cluster: Cluster, lab: str) -> None:
    cluster.run(*f"start {lab}".split())
    before = cluster.run(*f"logs {lab}".split()).out
    cluster.run("clean", "--all")
    cluster.sleep(5)
    for flags in ("", "-f"):
        screen = cluster.run(*f"logs {lab} {flags}".split())
        assert (screen.out, screen.code) == (before, 0)
        assert "is deleted; this is the log that start saved." in screen.err
    assert cluster.run(*f"events {lab}".split()).out.count("SuccessfulCreate") == 1
    cluster.run("reset", lab.split()[0])
    assert "(NotFound)" in cluster.run(*f"logs {lab}".split()).err


def test_of_a_deleted_job_that_never_started_the_way_on_is_to_begin_it_anew(
    cluster: Cluster,
) -> None:
    text = (MANIFESTS / "00-basics/job.yaml").read_text("utf-8")
    cluster.create_with_kubectl(text.replace("busybox:1.36", "busybax:1.36"))
    cluster.sleep(5)
    cluster.run("check", "basics")
    cluster.delete_with_kubectl("basics")
    cluster.sleep(5)
    err = cluster.run("logs", "basics").err
    assert "has not started" in err
    assert err.endswith("Next: kubectl joblab start basics\n")


def test_of_a_job_that_kubectl_made_and_deleted_nothing_is_saved(cluster: Cluster) -> None:
    cluster.create_with_kubectl((MANIFESTS / "02-echo/job.yaml").read_text("utf-8"))
    cluster.sleep(5)
    cluster.delete_with_kubectl("echo")
    assert "(NotFound)" in cluster.run("logs", "echo").err
