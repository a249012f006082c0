"""A bit that changes in a file of the store is noticed, or does not matter; nothing leaks."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import traceback
from pathlib import Path

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage import integrity
from kubectl_joblab.practice.api.storage.database import DamagedError, FormatError, Key
from kubectl_joblab.practice.api.storage.integrity import Told
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice import faults

SECRET = "c2VjcmV0"
OBJECTS = 60
REVISION = OBJECTS * 2
KEY = Key("secrets", "n", "thing-008")


def _object(number: int, value: int) -> Object:
    data = {f"key-{part}": SECRET * 20 for part in range(number % 9)}
    return {"metadata": {"name": f"thing-{number:03}", "namespace": "n"}, "data": data, "v": value}


def _filled(path: Path) -> Store:
    store = Store(path)
    for number in range(OBJECTS + 20):
        store.put(Key("secrets", "n", f"thing-{number:03}"), _object(number, 0), expires=number)
    for number in range(20):
        store.put(Key("secrets", "n", f"thing-{number:03}"), _object(number, 1))
        store.remove(Key("secrets", "n", f"thing-{number + OBJECTS:03}"))
    assert store.revision == REVISION
    asyncio.run(store.settled())
    return store


@pytest.fixture(params=["closed", "killed"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[Object]]:
    """The files of a store that has ended so, and what was in it."""
    lived = tmp_path / "lived"
    lived.mkdir()
    store = _filled(lived / "db")
    killed = tmp_path / "killed"
    shutil.copytree(lived, killed)
    found = store.scan("secrets")
    store.close()
    return (lived if request.param == "closed" else killed), found


def test_a_flipped_bit_is_noticed_or_does_not_matter(
    folder: tuple[Path, list[Object]], tmp_path: Path
) -> None:
    files, written = folder
    told = []
    for path, bit in faults.flipped(files, tmp_path / "copy", 60):
        try:
            store = Store(path.parent / "db")
        except FormatError as error:
            told.append("".join(traceback.format_exception(error)))
        else:
            assert (store.scan("secrets"), store.revision) == (written, REVISION), (path, bit)
            store.close()
    assert len(told) > 5
    assert all("db: " in said and SECRET[:4] not in said for said in told)


def test_no_text_of_a_damaged_row_is_told(tmp_path: Path) -> None:
    _filled(tmp_path / "db").close()
    data = (tmp_path / "db").read_bytes()
    places = [at for at in range(len(data)) if data.startswith(SECRET.encode(), at)][::150]
    for at in places:
        faults.flip(tmp_path / "db", at * 8 + 7)  # which makes a byte that UTF-8 does not have
    with pytest.raises(DamagedError) as refused:
        Store(tmp_path / "db")
    said = "".join(traceback.format_exception(refused.value))
    assert "objects cannot be read" in said
    assert SECRET[:4] not in said


def test_a_row_that_is_missing_is_noticed(tmp_path: Path) -> None:
    _filled(tmp_path / "db").close()
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute("DELETE FROM objects WHERE name = 'thing-007'")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedError, match="db: it does not have all objects"):
        Store(tmp_path / "db")


def test_writes_that_a_client_was_told_of_and_that_are_missing_are_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    store.put(Key("secrets", "n", "a"), _object(0, 0))
    early = shutil.copy(tmp_path / "db-wal", tmp_path / "early")
    store.put(Key("secrets", "n", "b"), _object(1, 0))
    asyncio.run(store.settled())
    shutil.copytree(tmp_path, tmp_path / "killed")
    store.close()
    shutil.copy(early, tmp_path / "killed" / "db-wal")
    for _ in range(2):
        with pytest.raises(DamagedError, match="db: it has 1 of 2 writes"):
            Store(tmp_path / "killed" / "db")
        assert (tmp_path / "killed" / "db-wal").read_bytes() == Path(early).read_bytes()


def test_a_counter_that_is_missing_is_noticed(tmp_path: Path) -> None:
    _filled(tmp_path / "db").close()
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute("DELETE FROM counter")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedError, match="db: the counter of its writes is not as it was"):
        Store(tmp_path / "db")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk so full")
def test_a_disk_too_full_to_note_what_was_told_is_no_reason_to_refuse_a_write() -> None:
    told = Told(Path("/dev/full"))
    told.write(7)
    told.close()


_COUNTERS = {1: "revision INTEGER NOT NULL", 2: "revision INTEGER, rows INTEGER, checksum INTEGER"}


def _earlier(path: Path, version: int) -> list[Object]:
    """Make a file of an earlier format; returns what is in it."""
    found = [_object(number, 0) for number in range(OBJECTS)]
    for number, obj in enumerate(found):
        obj["metadata"] |= {"uid": f"uid-{number}", "resourceVersion": str(number + 1)}
        obj["metadata"]["ownerReferences"] = [{"uid": f"uid-{number // 2}", "controller": True}]
    checksum = ", checksum INTEGER" if version > 1 else ""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        f"""
        PRAGMA journal_mode=WAL; BEGIN;
        CREATE TABLE objects (
            resource TEXT, namespace TEXT, name TEXT, expires REAL NOT NULL, body TEXT NOT NULL
            {checksum}, PRIMARY KEY (resource, namespace, name)
        ) WITHOUT ROWID;
        CREATE TABLE counter ({_COUNTERS[version]});
        PRAGMA user_version = {version}; COMMIT;
        """
    )
    whole = 0
    for number, obj in enumerate(found):
        values = "secrets", "n", obj["metadata"]["name"], float(number), json.dumps(obj)
        texts = (values[0], values[1], values[2], values[4])
        crc = integrity.of_row((text.encode() for text in texts), values[3])
        whole ^= crc
        written = values if version == 1 else (*values, crc)
        marks = ", ".join("?" * len(written))
        connection.execute(f"INSERT INTO objects VALUES ({marks})", written)
    counter = (77,) if version == 1 else (77, whole, integrity.of_counter(77, whole))
    connection.execute(f"INSERT INTO counter VALUES ({', '.join('?' * len(counter))})", counter)
    connection.close()
    return found


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_earlier_format_keeps_all_it_has_and_is_guarded_from_then_on(
    tmp_path: Path, version: int
) -> None:
    written = _earlier(tmp_path / "db", version)

    for _ in range(2):
        store = Store(tmp_path / "db")
        assert store.scan("secrets") == written
        assert store.revision == 77
        assert [key.name for key in store.expired(3)] == ["thing-001", "thing-002", "thing-003"]
        assert [key.name for key, _ in store.owned("uid-2")] == ["thing-004", "thing-005"]
        assert store.dangling() == []
        store.close()
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    if version == 1:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (1,)
    connection.execute("UPDATE objects SET body = replace(body, 'thing-007', 'thing-008')")
    connection.close()
    with pytest.raises(DamagedError, match="db: 1 of its 60 objects cannot be read"):
        Store(tmp_path / "db")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE objects SET body = replace(body, 'c2Vj', 'c3Vj')", r"53 of its 60 objects"),
        ("UPDATE objects SET body = x'ff' WHERE name = 'thing-007'", r"1 of its 60 objects"),
        ("DELETE FROM objects WHERE name = 'thing-007'", "it does not have all objects"),
        ("UPDATE counter SET revision = 78", "the counter of its writes is not"),
    ],
)
def test_a_damaged_file_of_format_2_is_not_taken_over(
    tmp_path: Path, damage: str, told: str
) -> None:
    _earlier(tmp_path / "db", 2)
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    connection.execute(damage)
    before = connection.execute("SELECT * FROM objects").fetchall()
    connection.close()
    for _ in range(2):
        with pytest.raises(DamagedError, match=f"db: {told}") as refused:
            Store(tmp_path / "db")
        assert SECRET[:4] not in "".join(traceback.format_exception(refused.value))
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    assert connection.execute("SELECT * FROM objects").fetchall() == before
    connection.close()


@pytest.mark.parametrize("column", ["body", "uid", "owners", "labels", "namespace"])
def test_what_changes_in_the_file_of_a_server_that_runs_is_noticed_when_it_is_read(
    tmp_path: Path, column: str
) -> None:
    _filled(tmp_path / "db").close()
    store = Store(tmp_path / "db")
    changed = "'' || name" if column != "body" else f"replace(body, '{SECRET}', 'd{SECRET[1:]}')"
    store._database._connection.execute(
        f"UPDATE OR REPLACE objects SET {column} = {changed} WHERE name = 'thing-008'"
    )
    for read in (
        lambda: store.get(KEY),
        lambda: store.scan("secrets"),
        lambda: list(store.view("secrets").texts(b"")),
        lambda: store.remove(KEY),
    ):
        with pytest.raises(StatusError) as refused:
            read()
        said = "".join(traceback.format_exception(refused.value))
        assert (refused.value.code, "db: an object of it " in said) == (500, True)
        assert SECRET[1:] not in said
    store.close()
    with pytest.raises(DamagedError, match="db: 1 of its 60 objects cannot be read"):
        Store(tmp_path / "db")


def test_the_file_shrinks_when_objects_go(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    for number in range(200):
        store.put(Key("secrets", "n", f"{number}"), {"metadata": {}, "data": SECRET * 1000})
    store.close()
    full = (tmp_path / "db").stat().st_size
    store = Store(tmp_path / "db")
    for number in range(200):
        store.remove(Key("secrets", "n", f"{number}"))
    store.close()
    assert (tmp_path / "db").stat().st_size < full / 20
