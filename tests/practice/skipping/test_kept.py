"""How far the clock is ahead outlives the server: down and up, kill -9 between two jumps, reset."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage import timekeeping
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.identity import Identity
from kubectl_joblab.practice.movable import Jump
from tests.practice import faults, virtual
from tests.practice.clusters import PATIENCE, Cluster
from tests.practice.virtual import START, VirtualClock

PATH = "/joblab/clock"
JOBS, PODS = "/apis/batch/v1/namespaces/default/jobs", "/api/v1/namespaces/default/pods"
THING = Key("things", "default", "a")


# ---- the row


def test_a_store_has_the_clock_as_it_was_left(tmp_path: Path) -> None:
    async def main(base: VirtualClock) -> None:
        store = Store(tmp_path / "objects.db")
        clock = timekeeping.clock(base, store)
        clock.jump(600)
        clock.auto = True
        store.close()
        again = Store(tmp_path / "objects.db")
        found = timekeeping.clock(base, again)
        again.close()
        assert (found.ahead, found.auto) == (600, True)
        assert found.journal == (Jump(START.timestamp(), 600),)

    virtual.run(main)


def test_a_new_store_has_a_clock_that_was_never_moved() -> None:
    async def main(base: VirtualClock) -> None:
        found = timekeeping.clock(base, Store())
        assert (found.ahead, found.auto, found.journal) == (0, False, ())

    virtual.run(main)


def test_the_jump_is_written_before_what_is_written_later() -> None:
    async def main(base: VirtualClock) -> None:
        store = Store()
        clock = timekeeping.clock(base, store)
        before = store.revision
        clock.jump(10)
        assert store.revision == before + 1
        assert store.put(THING, {"metadata": {}})["metadata"]["resourceVersion"] == str(before + 2)

    virtual.run(main)


def test_a_jump_that_the_disk_does_not_take_has_not_happened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main(base: VirtualClock) -> None:
        store = Store()
        clock = timekeeping.clock(base, store)

        def put(*_: object, **__: object) -> None:
            raise StatusError(500, "InternalError", "write objects.db: disk full")

        monkeypatch.setattr(store, "put", put)
        with pytest.raises(StatusError, match="disk full"):
            clock.jump(10)
        assert clock.ahead == 0

    virtual.run(main)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.differing_executors])
@given(st.lists(st.integers(0, 900), min_size=1, max_size=6))
def test_nothing_is_later_than_the_clock_after_a_kill_or_a_power_cut_at_any_write(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    """steps: jumps of so many seconds; 0 writes an object, which has the time at that moment."""
    folder = tmp_path_factory.mktemp("cut")
    (lived := folder / "lived").mkdir()
    disk = faults.Disk(lived, folder / "kept")

    async def main(base: VirtualClock) -> None:
        store = Store(lived / "objects.db", flush=disk.flush)
        clock = timekeeping.clock(base, store)
        for number, seconds in enumerate(steps):
            if seconds:
                clock.jump(seconds)
            else:
                made = {"metadata": {"creationTimestamp": clock.now().isoformat()}}
                store.put(Key("things", "default", str(number)), made)
            killed = _come_back(base, lived, folder)
            await store.settled()
            assert disk.kept is not None
            cut = _come_back(base, disk.kept, folder)
            assert killed == cut == (clock.ahead, len(store.scan("things")))
        store.close()

    virtual.run(main)


def _come_back(base: VirtualClock, left: Path, folder: Path) -> tuple[int, int]:
    """How far the clock is ahead and how many objects there are, none of which is of later."""
    copy = folder / "again"
    shutil.copytree(left, copy)
    store = Store(copy / "objects.db")
    ahead = timekeeping.clock(base, store).ahead
    stamps = [obj["metadata"]["creationTimestamp"] for obj in store.scan("things")]
    store.close()
    shutil.rmtree(copy)
    latest = (base.now() + timedelta(seconds=ahead)).isoformat()
    assert [stamp for stamp in stamps if stamp > latest] == []
    return ahead, len(stamps)


# ---- the server


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that runs."""
    made = Cluster(tmp_path)
    made.have_documents()
    made.up()
    yield made
    made.end()


def _until(name: str, condition: str) -> dict[str, Any]:
    job = {"kind": "Job", "namespace": "default", "name": name, "condition": condition}
    return {"until": job, "atMost": 3600}


def _lines(cluster: Cluster, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of the answer to a POST as they come; it breaks where the server is killed."""
    credentials = Identity(cluster.home.pki)
    context = ssl.create_default_context(cafile=str(credentials.ca))
    context.load_cert_chain(*credentials.client)
    connection = http.client.HTTPSConnection(
        "127.0.0.1", cluster.server.port, timeout=PATIENCE, context=context
    )
    try:
        connection.request("POST", PATH, json.dumps(body))
        for line in connection.getresponse():
            yield json.loads(line)
    finally:
        connection.close()


def _failing() -> dict[str, Any]:
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", "exit 1"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {"metadata": {"name": "j"}, "spec": {"backoffLimit": 4, "template": template}}


@pytest.mark.parametrize("jumps", [1, 3])
def test_a_server_that_is_killed_between_jumps_goes_on_where_it_was(
    cluster: Cluster, jumps: int
) -> None:
    cluster.request("POST", JOBS, _failing())
    told = 0
    for line in _lines(cluster, _until("j", "Failed")):
        told += line["type"] == "JUMPED"
        if told == jumps:
            ahead = line["ahead"]
            break
    before = {pod["metadata"]["uid"] for pod in cluster.request("GET", PODS)["items"]}
    cluster.kill()
    cluster.up()
    state = cluster.request("GET", PATH)
    pods = cluster.request("GET", PODS)["items"]
    assert state["ahead"] >= ahead
    assert before <= {pod["metadata"]["uid"] for pod in pods}
    assert [one for one in pods if one["metadata"]["creationTimestamp"] > state["time"]] == []
    *_, done = _lines(cluster, _until("j", "Failed"))
    assert (done["type"], done["reached"]) == ("DONE", True)
    assert len(cluster.request("GET", PODS)["items"]) == 5
    assert done["clock"]["ahead"] >= state["ahead"]


def test_down_and_up_keep_the_clock_and_a_reset_begins_anew(cluster: Cluster) -> None:
    assert [one["type"] for one in _lines(cluster, {"advance": 600})] == ["JUMPED", "DONE"]
    cluster.request("POST", PATH, {"auto": True})
    cluster.down()
    cluster.up()
    state = cluster.request("GET", PATH)
    assert (state["ahead"], state["auto"]) == (600, True)
    cluster.reset()
    state = cluster.request("GET", PATH)
    assert (state["ahead"], state["auto"]) == (0, False)


def test_a_server_that_stops_ends_who_skips(cluster: Cluster) -> None:
    container = {"name": "main", "image": "busybox:1.36", "command": ["sleep", "1000"]}
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [container]}}
    cluster.request("POST", PODS, pod)
    lines = _lines(cluster, {"advance": 600})
    assert next(lines)["type"] == "WAITING"
    cluster.down()
    assert [line.get("why") for line in lines] == ["stopping"]
