"""The store: what it keeps, finds, remembers, and has after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage.database import DamagedError, FormatError, Key
from kubectl_joblab.practice.api.storage.store import Store


def _object(name: str, namespace: str = "n", value: int = 0, owner: str = "") -> Object:
    meta: Object = {"name": name, "namespace": namespace}
    if owner:
        meta["ownerReferences"] = [{"uid": owner}]
    return {"metadata": meta, "value": value}


def _put(store: Store, name: str, namespace: str = "n", value: int = 0, owner: str = "") -> Object:
    key = Key("things", namespace, name)
    return store.put(key, _object(name, namespace, value, owner))


def _names(found: list[Object]) -> list[str]:
    return [f"{obj['metadata']['namespace']}/{obj['metadata']['name']}" for obj in found]


def test_each_write_has_the_next_resource_version() -> None:
    store = Store()

    versions = [_put(store, name)["metadata"]["resourceVersion"] for name in ("a", "b", "a")]
    last = store.remove(Key("things", "n", "b"))

    assert versions == ["1", "2", "3"]
    assert last["metadata"]["resourceVersion"] == "4"
    assert store.revision == 4


def test_objects_are_listed_in_the_order_of_etcds_keys() -> None:
    store = Store()
    for namespace, name in [("a", "b"), ("a-b", "a"), ("a", "a.b"), ("a", "a-b"), ("a", "a")]:
        _put(store, name, namespace)

    assert _names(store.scan("things")) == ["a-b/a", "a/a", "a/a-b", "a/a.b", "a/b"]
    assert _names(store.scan("things", "a")) == ["a/a", "a/a-b", "a/a.b", "a/b"]
    assert store.scan("things", "none") == []
    assert store.scan("others") == []


def test_what_an_object_owns_is_found_by_its_uid() -> None:
    store = Store()
    _put(store, "a", owner="one")
    _put(store, "b", owner="one")
    _put(store, "c", owner="two")
    _put(store, "b", owner="two")
    store.remove(Key("things", "n", "a"))

    assert store.owned("one") == []
    assert {key.name for key, _ in store.owned("two")} == {"b", "c"}


def test_an_unchanged_part_is_kept_once() -> None:
    store = Store()
    old = store.put(Key("things", "n", "a"), _object("a") | {"spec": {"much": ["to", "keep"]}})
    new = store.put(
        Key("things", "n", "a"), _object("a", value=1) | {"spec": {"much": ["to", "keep"]}}
    )

    assert new["spec"] is old["spec"]
    assert (old["value"], new["value"]) == (0, 1)


def test_what_has_outlived_its_time_is_known_soonest_first() -> None:
    store = Store()
    for name, expires in [("a", 10), ("b", 20), ("c", 30)]:
        store.put(Key("things", "n", name), _object(name), expires=expires)
    store.put(Key("things", "n", "a"), _object("a"), expires=40)

    assert [key.name for key in store.expired(30)] == ["b", "c"]
    assert store.next_expiry == 20


def test_an_expiry_survives_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    for name, expires in [("a", 20), ("b", 10), ("c", 0)]:
        store.put(Key("things", "n", name), _object(name), expires=expires)
    store.close()

    again = Store(tmp_path / "db")

    assert [key.name for key in again.expired(20)] == ["b", "a"]


# ---- the file

names = st.sampled_from("abc")
writes = st.lists(st.tuples(st.sampled_from(["put", "remove"]), names, st.integers(0, 9)))


def _write(store: Store, verb: str, name: str, value: int) -> None:
    key = Key("things", "n", name)
    if verb == "put":
        store.put(key, _object(name, value=value, owner=f"owner-{value}"))
    elif store.get(key):
        store.remove(key)


@given(writes)
@settings(max_examples=25, deadline=None)
def test_after_a_crash_at_any_moment_every_acknowledged_write_is_there(
    sequence: list[tuple[str, str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        lived, crashed = Path(folder) / "lived", Path(folder) / "crashed"
        lived.mkdir()
        store = Store(lived / "db")
        for verb, name, value in sequence:
            _write(store, verb, name, value)
        shutil.copytree(lived, crashed)  # as the files are, unclosed

        again = Store(crashed / "db")

        assert again.scan("things") == store.scan("things")
        assert again.revision == store.revision
        for value in range(10):
            assert again.owned(f"owner-{value}") == store.owned(f"owner-{value}")
        again.close()
        store.close()


_WRITER = """
import sys
from pathlib import Path
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.store import Store
store = Store(Path(sys.argv[1]))
while True:
    name = f"thing-{store.revision}"
    store.put(Key("things", "n", name), {"metadata": {"name": name, "namespace": "n"}})
    print(store.revision, flush=True)
"""


def test_after_kill_9_every_acknowledged_write_is_there(tmp_path: Path) -> None:
    path = tmp_path / "db"
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout.read().split()]

    store = Store(path)

    assert store.revision >= acknowledged[-1]
    assert len(store.scan("things")) == store.revision


def test_only_its_user_can_read_the_files(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    _put(store, "a")

    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

    assert modes == {0o600}


def test_two_servers_cannot_use_one_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    _put(store, "a")

    with pytest.raises(FormatError, match="database is locked") as refused:
        Store(tmp_path / "db")
    assert not isinstance(refused.value, DamagedError)
    _put(store, "b")
    store.close()
    assert len(Store(tmp_path / "db").scan("things")) == 2


def test_a_file_of_another_format_is_not_read(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(FormatError, match="format 99, this program reads format 3"):
        Store(tmp_path / "db")


def test_a_file_that_is_no_database_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "db").write_text("not a database, but long enough to look at" * 100)

    with pytest.raises(FormatError, match="file is not a database"):
        Store(tmp_path / "db")


# ---- the past


@given(writes, st.data())
@settings(max_examples=50)
def test_any_revision_that_is_remembered_can_be_listed(
    sequence: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    store = Store(kept=5)
    snapshots = {0: store.scan("things")}
    for verb, name, value in sequence:
        _write(store, verb, name, value)
        snapshots[store.revision] = store.scan("things")
    revision = data.draw(st.sampled_from(sorted(snapshots)))

    if revision < store.history.floor:
        with pytest.raises(StatusError, match="too old resource version"):
            store.view_at("things", "n", revision)
    else:
        found = [obj for some in store.view_at("things", "n", revision).read() for obj in some]
        assert found == snapshots[revision]


def test_only_so_many_changes_are_remembered() -> None:
    store = Store(kept=3)
    for value in range(5):
        _put(store, "a", value=value)

    assert [change.revision for change in store.history.since("things", 2)] == [3, 4, 5]
    with pytest.raises(StatusError) as refused:
        store.history.since("things", 1)
    assert (refused.value.code, refused.value.reason) == (410, "Expired")
    assert refused.value.message == "too old resource version: 1 (2)"


def test_an_object_is_as_large_as_etcd_takes_them() -> None:
    store = Store()
    obj = _object("a")
    obj["data"] = "\uac00" * (512 * 1024 - 100)
    store.put(Key("things", "n", "a"), obj)
    with pytest.raises(StatusError) as refused:
        store.put(Key("things", "n", "b"), {**_object("b"), "data": "\uac00" * 512 * 1024})
    assert (refused.value.code, refused.value.message) == (
        500,
        "etcdserver: request is too large",
    )
    assert _names(store.scan("things")) == ["n/a"]
    assert store.revision == 1
