"""What commands about one Job say of what is not there: lines of a log, a Job deleted as asked."""

from __future__ import annotations

from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

SILENT = "1 try, and it has written nothing to its log."


def test_that_no_try_has_written_anything_is_said(cluster: Cluster) -> None:
    cluster.run("start", "sleep")
    screen = cluster.run("logs", "sleep")
    assert (screen.out, screen.err, screen.code) == ("", f"{SILENT}\n", 0)
    assert cluster.run("logs", "sleep", "--tail=0").err == ""
    cluster.delete_with_kubectl("sleep")
    cluster.sleep(5)
    screen = cluster.run("logs", "sleep")
    recorded = f"{SILENT} This is as it was recorded before.\n"
    assert (screen.out, screen.err, screen.code) == ("", recorded, 0)


def test_a_job_that_its_ttl_has_deleted_is_said_to_be_and_checked(cluster: Cluster) -> None:
    cluster.run("start", "ttl")
    for command in ("status", "describe"):
        screen = cluster.run(command, "ttl")
        assert 'jobs.batch "ttl" not found' in screen.err
        said = "It was Complete, and its ttlSecondsAfterFinished had it deleted 15s after its end"
        assert said in " ".join(screen.err.split())
        assert screen.err.endswith("Next: kubectl joblab check ttl\n")


def test_the_containers_of_one_pod_are_one_try(cluster: Cluster) -> None:
    cluster.run("start", "exit-codes")
    screen = cluster.run("status", "exit-codes")
    assert "1 in 1 Pod, exit found 0, not-found 1, trouble 2; 1 failed Pod" in screen.out


def test_failures_that_a_rule_ignores_are_said_to_be_not_counted(cluster: Cluster) -> None:
    cluster.run("start", "ignore")
    assert "exit 75, 75, 0; no failed Pod, 2 not counted" in cluster.run("status", "ignore").out


def test_what_the_lab_sets_up_and_is_not_there_is_to_be_applied(cluster: Cluster) -> None:
    cluster.create_with_kubectl((MANIFESTS / "12-ignore/job-ignore.yaml").read_text("utf-8"))
    cluster.sleep(5)
    for command in ("check", "hint"):
        screen = cluster.run(command, "ignore")
        assert screen.err == "Next: kubectl apply -f 12-ignore/service.yaml\n"
