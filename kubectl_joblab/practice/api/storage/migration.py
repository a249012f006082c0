"""The tables of the database, and how those of earlier formats become them.

The database makes them when it opens a file. A migration is one transaction: after kill -9 the file
is as it was, or as it is to be.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubectl_joblab.practice.api.storage import integrity, rows
from kubectl_joblab.practice.api.storage.integrity import DamagedError

FORMAT = 3
TABLES = {
    "objects": """\
CREATE TABLE objects (
    resource TEXT, namespace TEXT, name TEXT, revision INTEGER NOT NULL, expires REAL NOT NULL,
    uid TEXT NOT NULL, owners TEXT NOT NULL, labels TEXT NOT NULL, flags INTEGER NOT NULL,
    checksum INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (resource, namespace, name)
) WITHOUT ROWID""",
    "counter": """\
CREATE TABLE counter (revision INTEGER NOT NULL, rows INTEGER NOT NULL, checksum INTEGER NOT NULL)\
""",
}
_MARKS = ", ".join("?" * len(rows.COLUMNS.split(",")))
_INSERT = f"INSERT INTO objects VALUES ({_MARKS})"  # noqa: S608 -- constants


def shrink(connection: sqlite3.Connection) -> None:
    """Have the file shrink when objects go; this is kept in the file."""
    connection.execute("PRAGMA auto_vacuum=FULL")


def create(connection: sqlite3.Connection, before: str = "") -> None:
    """Make the tables in a transaction that is left open. before: what it begins with."""
    tables = "; ".join(TABLES.values())
    connection.executescript(f"BEGIN; {before} {tables}; PRAGMA user_version = {FORMAT};")
    values = 0, 0, integrity.of_counter(0, 0)
    connection.execute("INSERT INTO counter VALUES (?, ?, ?)", values)


def migrate(connection: sqlite3.Connection, path: Path | str, version: int) -> None:
    """Make the present format of an earlier one.

    Format 1 had no checksums and did not shrink. Format 2 had an object's text, and nothing of what
    is in it beside. Raises DamagedError where an object is not as it was written.
    """
    execute = connection.execute
    execute("PRAGMA temp_store=MEMORY")  # a copy of the Secrets does not go to /tmp
    if version == 1:
        shrink(connection)
        execute("VACUUM")  # which is how a file that has tables comes to shrink
    revision = _revision(connection, path, version)
    create(
        connection,
        "ALTER TABLE objects RENAME TO earlier; DROP TABLE counter;",
    )
    whole = before = 0
    for (row, checksum), earlier in _earlier(connection, path, version):
        before ^= earlier
        whole ^= checksum
        execute(_INSERT, row)
    if version > 1 and before != revision[1]:
        raise DamagedError(f"{path}: it does not have all objects")
    execute("DROP TABLE earlier")
    checksum = integrity.of_counter(revision[0], whole)
    execute(
        "UPDATE counter SET revision = ?, rows = ?, checksum = ?", (revision[0], whole, checksum)
    )
    execute("COMMIT")


def _revision(connection: sqlite3.Connection, path: Path | str, version: int) -> tuple[int, int]:
    """The counter of an earlier format, and the checksums of all its rows in one."""
    found = connection.execute("SELECT * FROM counter").fetchall()
    if version == 1:
        return found[0][0], 0
    revision, whole, checksum = found[0] if len(found) == 1 else (0, 0, None)
    if checksum != integrity.of_counter(revision, whole):
        raise DamagedError(f"{path}: the counter of its writes is not as it was written")
    return revision, whole


def _earlier(
    connection: sqlite3.Connection, path: Path | str, version: int
) -> Iterator[tuple[tuple[tuple[Any, ...], int], int]]:
    """The rows of an earlier format as they are to be, each with the checksum that it had."""
    columns = "resource, namespace, name, body, expires"
    columns += ", checksum" if version > 1 else ", 0"
    total = bad = 0
    for *texts, expires, checksum in connection.execute(f"SELECT {columns} FROM earlier"):  # noqa: S608 -- constants
        total += 1
        try:
            if version > 1 and checksum != integrity.of_row(texts, expires):
                raise ValueError
            *key, body = (text.decode() for text in texts)
            yield _row(rows.Key(*key), body, expires), checksum
        except rows.UNREADABLE:
            bad += 1
    if bad:
        raise DamagedError(f"{path}: {bad} of its {total} objects cannot be read")


def _row(key: rows.Key, body: str, expires: float) -> tuple[tuple[Any, ...], int]:
    obj = json.loads(body)
    revision = int(obj["metadata"].get("resourceVersion") or 0)
    return rows.written(key, revision, expires, rows.facts(obj), body)
