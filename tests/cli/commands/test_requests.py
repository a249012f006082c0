"""The requests that each command sends: what a user waits for, and what an API server has to do.

A request that is new here has to have its reason; one that goes is a gain to keep.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import MANIFESTS
from tests.inprocess.cluster import Cluster
from tests.inprocess.transport import Sent
from tests.practice.node.fake import Program

# a Job that is followed
WATCHES = "1 LIST pods, 1 LIST events, 1 WATCH jobs, 1 WATCH pods, 1 WATCH events"

# command line -> its requests, and how many of each. Threads send some of them, so their order is
# not compared. -A: in all namespaces.
OF_DONE: dict[str, str] = {
    # the last GETs are of the lab to go on with, as the one that follows is done
    "check sleep": "2 GET jobs, 1 LIST pods, 1 GET pods",
    "check echo": "2 GET jobs, 1 GET log, 1 LIST pods, 1 GET pods",
    "check retry": "4 GET jobs, 3 LIST pods, 1 GET pods",
    # of many labs the names that are there come first; of those that speak of a Job that is gone,
    # the Job is asked for all the same
    "check": "1 LIST jobs, 11 GET jobs, 3 GET pods, 2 GET log, 11 LIST pods",
    "check -A": "1 GET pods, 2 GET log, 39 LIST jobs -A, 40 LIST pods -A, 2 LIST pods",
    "status sleep": "1 GET jobs, 1 LIST pods",
    "status retry": "1 GET jobs, 1 LIST pods",
    "status job/sleep": "1 GET jobs, 1 LIST pods",
    "logs job/echo": "1 GET jobs, 1 GET log, 1 LIST pods",
    "watch job/sleep": "1 GET jobs, 1 LIST pods",
    "timeline job/sleep": "1 GET jobs, 1 LIST pods",
    "describe sleep": "1 GET jobs, 1 LIST events, 1 LIST pods",
    "logs echo": "1 GET jobs, 1 GET log, 1 LIST pods",
    "logs retry --variant=recover": "1 GET jobs, 2 GET log, 1 LIST pods",
    "logs retry --variant=onfailure": "1 GET jobs, 1 LIST pods",
    "events sleep": "1 GET jobs, 2 LIST events, 1 LIST pods",
    "events echo": "1 GET jobs, 2 LIST events, 1 LIST pods",
    "hint sleep": "1 GET jobs, 1 LIST pods",
    "list": "1 LIST jobs, 11 GET jobs, 3 GET pods, 2 GET log, 11 LIST pods",
    "list --client": "",
    "doctor": (
        "1 GET /version, 25 POST selfsubjectaccessreviews, 1 GET namespaces, 1 LIST resourcequotas"
    ),
    "practice status": "",
    "practice clock": "1 GET /version, 1 GET /joblab/clock",
}
OF_NEW: dict[str, str] = {
    # the Jobs are listed for one that has nearly this name, or this name elsewhere
    "check sleep": "1 GET jobs, 1 GET namespaces, 1 GET pods, 1 LIST jobs, 1 LIST jobs -A",
    "check sleep --wait": "1 GET jobs, 1 GET namespaces, 1 GET pods, 1 LIST jobs, 1 LIST jobs -A",
    "check": "1 LIST jobs, 1 LIST pods, 3 GET jobs, 3 GET pods, 1 GET namespaces",
    "list": "1 LIST jobs, 1 LIST pods, 3 GET jobs, 3 GET pods, 1 GET namespaces",
    "hint sleep": "1 GET jobs, 1 GET namespaces, 1 GET pods, 1 LIST jobs, 1 LIST jobs -A",
    "clean sleep": "2 LIST jobs",
    "start sleep": f"2 POST jobs, {WATCHES}, 1 FOLLOW log",
    "start echo": f"2 POST jobs, {WATCHES}, 1 FOLLOW log",
    "start parallelism": f"2 POST jobs, {WATCHES}, 6 FOLLOW log",
    # and whether the Jobs of the other variants are there
    "start retry --variant=onfailure": (
        f"2 POST jobs, {WATCHES}, 3 FOLLOW log, 2 GET jobs, 2 GET pods"
    ),
    "start sleep --skip-waits": (
        f"2 POST jobs, {WATCHES}, 1 FOLLOW log, 1 GET /version, 1 GET /joblab/clock,"
        " 1 POST /joblab/clock"
    ),
    "start sleep --no-wait": "1 POST jobs",
    # a lab for some Kubernetes alone
    "start elastic --no-wait": "1 GET /version, 2 POST jobs",
    "start elastic --dry-run=server": "1 GET /version, 1 POST jobs",
    "practice clock advance 1m": "1 GET /version, 1 GET /joblab/clock, 1 POST /joblab/clock",
    "start sleep --dry-run=client": "",
    "start sleep --dry-run=server": "1 POST jobs",
}
OF_RUNNING: dict[str, str] = {
    "start sleep": f"2 POST jobs, 2 GET jobs, {WATCHES}, 1 FOLLOW log",
    "check sleep": "1 GET jobs, 1 LIST pods",
    "check sleep --wait": f"1 GET jobs, {WATCHES}, 1 FOLLOW log",
    "status sleep": "1 GET jobs, 1 LIST pods",
    "logs sleep -f": f"1 GET jobs, {WATCHES}, 1 FOLLOW log",
    "clean sleep": "1 DELETE jobs, 2 LIST jobs, 1 LIST pods",
    "clean --all": (
        "1 DELETE jobs, 2 LIST jobs, 1 LIST pods, 1 LIST configmaps, 1 LIST secrets,"
        " 1 LIST serviceaccounts, 1 LIST cronjobs"
    ),
}

# what explains the failure is read where nothing has read it
OF_FAILING: dict[str, str] = {
    "check sleep": "1 GET jobs, 1 GET log, 1 LIST pods",
    "hint sleep": "1 GET jobs, 1 GET log, 1 LIST pods",
    "status sleep": "1 GET jobs, 1 GET log, 1 LIST pods",
    "logs sleep": "1 GET jobs, 3 GET log, 1 LIST pods",
}


# a Pod that is long in the making is asked about once in a while, as only its events say why; and
# of what they name as missing it is asked whether it is there by now
OF_UNMOUNTED: dict[str, str] = {
    "check sleep": "1 GET configmaps, 1 GET jobs, 1 LIST events, 1 LIST pods",
    "logs sleep": "1 GET configmaps, 1 GET jobs, 1 LIST events, 1 LIST pods",
    "logs sleep -f": (
        "1 GET configmaps, 1 GET jobs, 2 LIST events, 1 LIST pods, 1 WATCH events, 1 WATCH jobs,"
        " 1 WATCH pods"
    ),
}


@pytest.mark.parametrize("line", OF_DONE)
def test_where_every_lab_is_done(done: Cluster, line: str) -> None:
    assert sent(done, line) == wanted(OF_DONE[line])


@pytest.mark.parametrize("line", OF_NEW)
def test_where_no_lab_was_begun(cluster: Cluster, line: str) -> None:
    assert sent(cluster, line) == wanted(OF_NEW[line])


@pytest.mark.parametrize("line", OF_RUNNING)
def test_where_a_job_runs(cluster: Cluster, line: str) -> None:
    cluster.run("start", "sleep", "--no-wait")
    cluster.sleep(3)
    assert sent(cluster, line) == wanted(OF_RUNNING[line])


@pytest.mark.parametrize("line", OF_FAILING)
def test_where_tries_fail(tmp_path: Path, line: str) -> None:
    with Cluster(tmp_path, {"sleep": [[Program(runs=1, exits=1)]]}) as cluster:
        cluster.run("start", "sleep", "--no-wait")
        cluster.sleep(15)
        assert sent(cluster, line) == wanted(OF_FAILING[line])


@pytest.mark.parametrize("line", OF_UNMOUNTED)
def test_where_a_volume_is_missing(cluster: Cluster, line: str) -> None:
    text = (MANIFESTS / "01-sleep/job.yaml").read_text("utf-8")
    volume = "    spec:\n      volumes: [{name: v, configMap: {name: none}}]\n"
    cluster.create_with_kubectl(text.replace("    spec:\n", volume))
    cluster.sleep(15)
    assert sent(cluster, line) == wanted(OF_UNMOUNTED[line])


def wanted(row: str) -> list[str]:
    """The requests of a row."""
    return sorted(row.split(", ")) if row else []


def sent(cluster: Cluster, line: str) -> list[str]:
    """The requests of a command line, and how many of each."""
    before = len(cluster.requests)
    cluster.run(*line.split())
    counts = Counter(map(told, cluster.requests[before:]))
    return sorted(f"{number} {name}" for name, number in counts.items())


def told(request: Sent) -> str:
    """A request by its verb and resource."""
    method, path, query = request
    parts = path.strip("/").split("/")
    if parts[0] not in ("api", "apis"):
        return f"{method} {path}"
    place = parts[2 if parts[0] == "api" else 3 :]
    everywhere = place[0] != "namespaces" or len(place) < 3
    resource, *name = place if everywhere else place[2:]
    if "watch" in query:
        return f"WATCH {resource}"
    if resource == "pods" and name[1:] == ["log"]:
        return "FOLLOW log" if "follow" in query else "GET log"
    if method == "GET" and not name:
        return f"LIST {resource}{' -A' if everywhere else ''}"
    return f"{method} {resource}"
