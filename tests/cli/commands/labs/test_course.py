"""The whole course: every lab and variant from start to done, and what is left of it."""

from __future__ import annotations

import json

import pytest

from kubectl_joblab import objects
from tests.cli.commands.conftest import RUNS, Compare
from tests.inprocess.cluster import Cluster
from tests.labs import ours

# what is typed for the labs after the first seven, by the Job it makes
LATER = {
    one.job: f"start {lab.name} --variant={one.name} --timeout=10m"
    for lab in ours.LABS
    if lab.number > 6
    for one in lab.variants
}


@pytest.mark.parametrize("job", LATER)
def test_start_shows_what_the_job_did(cluster: Cluster, compare: Compare, job: str) -> None:
    screen = compare(cluster, f"start-{job}", LATER[job])

    assert screen.code == 0


def test_who_has_done_all_and_deleted_all_sees_all_done(cluster: Cluster, compare: Compare) -> None:
    for line in (*RUNS.values(), *LATER.values()):
        cluster.run(*line.split())
    cluster.delete_with_kubectl("basics")
    cluster.run("check", "basics")
    assert cluster.run("clean", "--all").code == 0

    assert compare(cluster, "list-all-done", "list").out.count(" yes ") == 24
    compare(cluster, "next-done", "next")
    compare(cluster, "next-done-ko", "next --lang=ko")
    document = json.loads(cluster.run("next", "-o", "json").out)
    assert (document["lab"], document["next"]) == (None, None)
    begun, ended = (objects.time(document[key]) for key in ("begunAt", "doneAt"))
    assert begun
    assert ended
    assert document["seconds"] == (ended - begun).total_seconds() > 60
    assert [item["doneAt"] is not None for item in document["items"]] == [True] * 24
