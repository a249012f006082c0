"""No client is told of what a power cut could still take away."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.storage import history
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice import faults
from tests.practice.api.served import Served

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
WRITERS = 6


@pytest.fixture
def disk(tmp_path: Path) -> faults.Disk:
    """A disk that takes a hundredth of a second to sync."""
    (tmp_path / "state").mkdir()
    return faults.Disk(tmp_path / "state", tmp_path / "kept", seconds=0.01)


@pytest.fixture
def served(disk: faults.Disk, tmp_path: Path) -> Iterator[Served]:
    """An API over a store on that disk."""
    path = tmp_path / "state" / "db"
    with Served(tmp_path, lambda: Store(path, flush=disk.flush)) as made:
        made.make_namespace("default")
        yield made


class Witness:
    """Looks, each time a client is told of an object, whether the disk has it for sure."""

    def __init__(self, disk: faults.Disk) -> None:
        self.told = 0
        self.lost: list[str] = []
        self._disk = disk
        self._known: dict[Path, set[str]] = {}
        self._lock = threading.Lock()

    def hear(self, how: str, names: set[str]) -> None:
        """Take the names of the objects that a client was told of."""
        kept = self._disk.kept
        with self._lock:
            self.told += len(names)
            known = self._names(kept) if kept else set()
            self.lost += [f"{how} {name}" for name in names - known]

    def _names(self, kept: Path) -> set[str]:
        if kept not in self._known:
            copy = shutil.copytree(kept, f"{kept}-again")
            connection = sqlite3.connect(Path(copy) / "db")
            rows = connection.execute("SELECT name FROM objects WHERE resource LIKE 'configmaps%'")
            self._known[kept] = {name for (name,) in rows}
            connection.close()
        return self._known[kept]


def test_answers_lists_refusals_and_watches_tell_only_of_what_the_disk_has(
    served: Served, disk: faults.Disk
) -> None:
    witness = Witness(disk)
    watching = served.connection()
    watching.request("GET", f"{CONFIG_MAPS}?watch=1")
    events = watching.getresponse()

    def write(writer: int) -> None:
        for number in range(4):
            name = f"{writer}-{number}"
            body = {"metadata": {"name": name}}
            assert served.request("POST", CONFIG_MAPS, body).code == 201
            witness.hear("POST", {name})

    def read() -> None:
        for number in range(8):
            items = served.get(CONFIG_MAPS).json["items"]
            witness.hear("GET", {item["metadata"]["name"] for item in items})
            name = f"contested-{number}"
            served.make(kinds.CONFIG_MAPS, {"metadata": {"name": name}}, "default")
            assert served.request("POST", CONFIG_MAPS, {"metadata": {"name": name}}).code == 409
            witness.hear("409", {name})

    def watch() -> None:
        for _ in range(WRITERS * 4 + 8):
            event = json.loads(events.readline())
            witness.hear(event["type"], {event["object"]["metadata"]["name"]})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    threads += [threading.Thread(target=read), threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watching.close()
    assert witness.lost == []
    assert witness.told > WRITERS * 8


def test_no_client_sees_a_jump_of_the_clock_that_the_disk_does_not_have(
    served: Served, disk: faults.Disk
) -> None:
    made = served.make(kinds.CONFIG_MAPS, {"metadata": {"name": "a"}}, "default")
    watching = served.connection()
    watching.request("GET", f"{CONFIG_MAPS}?watch=1")
    events = watching.getresponse()
    assert json.loads(events.readline())["type"] == "ADDED"
    for number in range(1, 5):
        served.jump(60)
        event = json.loads(events.readline())
        assert _jumped(made, event["object"]) == number * 60
        assert _ahead(disk) >= number * 60
    for number in range(5, 9):
        served.jump(60)
        found = served.get(f"{CONFIG_MAPS}/a").json
        assert _jumped(made, found) == number * 60
        assert _ahead(disk) >= number * 60
    watching.close()


def _jumped(made: Object, shown: Object) -> int:
    """The seconds by which an object is shown older than it was made."""
    before, after = objects.created(made), objects.created(shown)
    assert before
    assert after
    return int((before - after).total_seconds())


def _ahead(disk: faults.Disk) -> int:
    """The seconds by which the clock is ahead for who finds the disk as it is after a power cut."""
    assert disk.kept
    copy = shutil.copytree(disk.kept, f"{disk.kept}-again", dirs_exist_ok=True)
    connection = sqlite3.connect(Path(copy) / "db")
    rows = connection.execute("SELECT body FROM objects WHERE resource = ?", (history.CLOCK,))
    found = [json.loads(body)["ahead"] for (body,) in rows]
    connection.close()
    return int(found[0]) if found else 0
