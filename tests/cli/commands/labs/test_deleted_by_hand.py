"""Lab 0, which goes on when its Job is finished: the learner deletes the Job, check judges that."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.cli.commands.conftest import Compare, do_basics
from tests.cli.commands.labs.test_watch import creating, watched
from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster

JOB = MANIFESTS / "00-basics/job.yaml"


def finish(cluster: Cluster) -> None:
    """Have the Job run to its end, as a learner who uses kubectl."""
    creating(cluster, JOB)()
    cluster.sleep(10)


def result(cluster: Cluster, check: str, line: str = "check basics") -> str:
    """The result of one check."""
    (found,) = re.findall(rf"^basics/{check} +(\w+)", cluster.run(*line.split()).out, re.MULTILINE)
    return str(found)


def test_the_deletion_is_what_is_left_to_do(cluster: Cluster, compare: Compare) -> None:
    cluster.run("start", "basics")
    cluster.sleep(1000)  # there is no haste
    compare(cluster, "check-to-delete", "check basics")
    compare(cluster, "hint-to-delete", "hint basics")
    compare(cluster, "next-to-delete", "next")
    assert cluster.run("check", "-A").code == 3


def test_what_is_gone_has_passed_and_lab_0_is_done(cluster: Cluster, compare: Compare) -> None:
    do_basics(cluster)
    compare(cluster, "check-basics-deleted", "check basics")
    compare(cluster, "list-basics-deleted", "list")
    cluster.run("start", "basics")
    assert " yes " in next(one for one in cluster.run("list").out.splitlines() if "basics" in one)


@pytest.mark.parametrize("line", ["check basics", "check basics --wait"])
def test_by_hand_a_look_before_the_deletion_is_enough(cluster: Cluster, line: str) -> None:
    finish(cluster)
    assert result(cluster, "pods-gone", line) == "PENDING"
    cluster.delete_with_kubectl("basics")
    cluster.sleep(3)
    assert cluster.run(*line.split()).code == 0


def test_a_pod_that_is_deleted_alone_shows_nothing(cluster: Cluster, compare: Compare) -> None:
    finish(cluster)
    cluster.run("check", "basics")
    cluster.delete_pods_with_kubectl("basics")
    cluster.sleep(3)
    compare(cluster, "check-pod-deleted", "check basics")
    compare(cluster, "hint-pod-deleted", "hint basics")
    cluster.delete_with_kubectl("basics")
    cluster.sleep(3)
    assert cluster.run("check", "basics").code == 0


def test_a_pod_that_is_left_behind_is_not_gone(cluster: Cluster) -> None:
    finish(cluster)
    cluster.run("check", "basics")
    cluster.delete_with_kubectl("basics", propagation="Orphan")
    cluster.sleep(3)
    assert result(cluster, "pods-gone") == "PENDING"


def test_watch_sees_the_job_go_with_its_pod(cluster: Cluster, compare: Compare) -> None:
    delete = partial(cluster.delete_with_kubectl, "basics")
    cluster.meanwhile((5, creating(cluster, JOB)), (20, delete))
    text, code = watched(cluster, "watch basics", "Ctrl-C", times=2)
    compare.text("watch-deleted-by-hand", text)
    assert code == 0


def test_a_job_that_is_deleted_while_it_runs_is_told_of(cluster: Cluster, compare: Compare) -> None:
    cluster.meanwhile((2, partial(cluster.delete_with_kubectl, "basics")))
    assert compare(cluster, "start-deleted-early", "start basics").code == 1
