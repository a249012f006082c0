"""The SQLite file in which objects outlive the server.

The store writes each change here before anybody sees it, in a transaction of its own, so that what
was acknowledged survives kill -9. It knows keys, JSON texts and one counter, and no kinds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError

FORMAT = 1
MOST_BYTES = 1536 * 1024  # of an object; --max-request-bytes of etcd
_SCHEMA = """
CREATE TABLE objects (
    resource TEXT, namespace TEXT, name TEXT, expires REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (resource, namespace, name)
) WITHOUT ROWID;
CREATE TABLE counter (revision INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""


class Key(NamedTuple):
    """The key of an object. resource: Kind.resource; namespace: "" for kinds without one."""

    resource: str
    namespace: str
    name: str


class FormatError(Exception):
    """The file was written by another version of the program, or is no database of ours."""


class Database:
    """One open file. path: ":memory:" for a database that dies with the process."""

    def __init__(self, path: Path | str) -> None:
        if isinstance(path, Path):
            path.touch(mode=0o600)  # SQLite gives its other files the same mode
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as exc:
            self._connection.close()
            raise FormatError(f"{path}: {exc}") from exc

    def _prepare(self, path: Path | str) -> None:
        # EXCLUSIVE: a second server that slipped through the lock fails instead of mixing in
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._connection.executescript(
                f"BEGIN; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;"
            )
        elif version != FORMAT:
            self._connection.close()
            raise FormatError(f"{path}: format {version}, this program reads format {FORMAT}")

    def revision(self) -> int:
        """The counter as the last change left it."""
        (revision,) = self._connection.execute("SELECT revision FROM counter").fetchone()
        return int(revision)

    def load(self) -> Iterator[tuple[Key, float, Object]]:
        """Every object with its key and the time when it expires, 0 for never; soonest first."""
        rows = self._connection.execute(
            "SELECT resource, namespace, name, expires, body FROM objects ORDER BY expires"
        )
        for resource, namespace, name, expires, body in rows:
            yield Key(resource, namespace, name), expires, json.loads(body)

    def put(self, revision: int, key: Key, body: str, expires: float) -> None:
        """Write an object and the counter.

        body: what `encoded` has made of the object. expires: seconds since 1970, 0 for never.
        """
        self._commit(revision, "REPLACE INTO objects VALUES (?, ?, ?, ?, ?)", (*key, expires, body))

    def remove(self, revision: int, key: Key) -> None:
        """Delete an object and write the counter."""
        where = "resource = ? AND namespace = ? AND name = ?"
        self._commit(revision, f"DELETE FROM objects WHERE {where}", key)  # noqa: S608 -- constants

    def _commit(self, revision: int, statement: str, values: tuple[object, ...]) -> None:
        execute = self._connection.execute
        execute("BEGIN")
        try:
            execute(statement, values)
            execute("UPDATE counter SET revision = ?", (revision,))
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file; SQLite folds its write-ahead log in."""
        self._connection.close()


def encoded(obj: Object) -> str:
    """An object as the text that is written.

    Raises StatusError 500, with etcd's words, for an object that is too large.
    """
    body = json.dumps(obj, separators=(",", ":"))
    if len(body) > MOST_BYTES and _size(obj) > MOST_BYTES:
        raise StatusError(500, "", "etcdserver: request is too large")
    return body


def _size(obj: Object) -> int:
    """The bytes of an object in UTF-8, in which clients send it; the file has more escapes."""
    return len(json.dumps(obj, separators=(",", ":"), ensure_ascii=False).encode(errors="replace"))
