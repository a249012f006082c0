"""diagnose where the user may not read all: it says what it cannot see, and goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.causes import worlds
from tests.cli.conftest import Home
from tests.listing_server import Cluster

WORLD = next(world for world in worlds.all_of() if world.name == "exit-code-1")
PLACE = str(WORLD.data["namespace"])
PODS = f"/api/v1/namespaces/{PLACE}/pods"
EVENTS = f"/api/v1/namespaces/{PLACE}/events"
NEWEST = max(WORLD.data["pods"], key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
LOG = f"{PODS}/{NEWEST['metadata']['name']}/log"
JOB = "job/exit-code-1"
FOUND = "exit-code: job.batch/exit-code-1: 2 tries failed, the last with exit code 3"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server with the Job and its Pods."""
    made = Cluster()
    made.jobs, made.pods = WORLD.data["jobs"], WORLD.data["pods"]
    made.logs = {pod["metadata"]["name"]: "no such table: orders\n" for pod in made.pods}
    with made:
        yield made


@pytest.mark.parametrize("path", [EVENTS, LOG, f"/api/v1/namespaces/{PLACE}"])
def test_without_a_right_the_cause_is_found_and_the_right_named(
    cluster: Cluster, home: Home, path: str
) -> None:
    cluster.refused = {path}
    screen = home.run("diagnose", JOB, "-n", PLACE, "-s", cluster.url)
    assert screen.code == 2
    assert FOUND in screen.out
    assert "Not seen, as rights are missing:\n  no\n" in screen.out


def test_without_pods_it_says_that_it_cannot_tell(cluster: Cluster, home: Home) -> None:
    cluster.refused = {PODS}
    screen = home.run("diagnose", JOB, "-n", PLACE, "-s", cluster.url)
    assert screen.code == 3
    assert "Why its tries failed cannot be told: what would tell may not be read." in screen.out
    assert "Not seen, as rights are missing:\n  no\n" in screen.out


def test_of_all_what_may_be_read_is_told(cluster: Cluster, home: Home) -> None:
    cluster.refused = {EVENTS, f"/apis/batch/v1/namespaces/{PLACE}/cronjobs"}
    screen = home.run("diagnose", "-n", PLACE, "-s", cluster.url)
    assert screen.code == 2
    assert "job.batch/exit-code-1   Failed   exit-code" in screen.out
    assert "Not seen: no\n" in screen.err


def test_of_all_pods_that_may_not_be_read_are_not_said_to_be_gone(
    cluster: Cluster, home: Home
) -> None:
    cluster.refused = {PODS}
    screen = home.run("diagnose", "-n", PLACE, "-s", cluster.url)
    assert screen.code == 2
    assert "job.batch/exit-code-1   Failed   <unknown>   its Pods may not be read" in screen.out


def test_where_jobs_may_not_be_read_it_is_the_servers_error(cluster: Cluster, home: Home) -> None:
    cluster.refused = {f"/apis/batch/v1/namespaces/{PLACE}/jobs"}
    screen = home.run("diagnose", "-n", PLACE, "-s", cluster.url)
    assert (screen.code, screen.out) == (1, "")
    assert screen.err.startswith("Error from server (Forbidden): no")


LOST = next(world for world in worlds.all_of() if world.name == "node-lost-3")
NODE = "/api/v1/nodes/node-7"


@pytest.fixture
def lost(cluster: Cluster) -> Cluster:
    """The server with a Job whose Pod is bound to a node that is not there."""
    cluster.jobs, cluster.pods = LOST.data["jobs"], LOST.data["pods"]
    return cluster


def test_a_node_is_asked_for_once_where_a_pod_points_to_it(lost: Cluster, home: Home) -> None:
    screen = home.run("diagnose", "job/node-lost-3", "-n", LOST.data["namespace"], "-s", lost.url)
    assert (screen.code, [one.path for one in lost.requests].count(NODE)) == (2, 1)
    assert "node-lost: node/node-7: not there: pod/node-lost-3-" in screen.out


def test_without_the_right_to_nodes_it_says_so_and_claims_nothing(
    lost: Cluster, home: Home
) -> None:
    lost.refused = {NODE}
    screen = home.run("diagnose", "job/node-lost-3", "-n", LOST.data["namespace"], "-s", lost.url)
    assert screen.code == 3
    assert "Too little may be read to tell whether anything is wrong." in screen.out
    assert "Not seen, as rights are missing:\n  no\n" in screen.out


def test_of_a_job_that_goes_well_no_node_is_asked_for(cluster: Cluster, home: Home) -> None:
    home.run("diagnose", JOB, "-n", PLACE, "-s", cluster.url)
    assert not [one for one in cluster.requests if "/nodes" in one.path]
