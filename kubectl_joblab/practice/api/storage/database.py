"""The SQLite file in which objects outlive the server.

The store writes each change here before anybody sees it, in a transaction of its own, so that it
survives kill -9; the store has the disk take it, by sync, before a client is told. It knows keys,
JSON texts and one counter, and no kinds.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab import files
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage import integrity
from kubectl_joblab.practice.api.storage.integrity import DamagedError, FormatError, Told

__all__ = ["DamagedError", "Database", "FormatError", "Key"]

FORMAT = 2
MOST_BYTES = 1536 * 1024  # of an object; --max-request-bytes of etcd
_TABLES = {
    "objects": """\
CREATE TABLE objects (
    resource TEXT, namespace TEXT, name TEXT, expires REAL NOT NULL, body TEXT NOT NULL,
    checksum INTEGER NOT NULL, PRIMARY KEY (resource, namespace, name)
) WITHOUT ROWID""",
    "counter": """\
CREATE TABLE counter (revision INTEGER NOT NULL, rows INTEGER NOT NULL, checksum INTEGER NOT NULL)\
""",
}
_COLUMNS = "resource, namespace, name, body, expires"


class Key(NamedTuple):
    """The key of an object. resource: Kind.resource; namespace: "" for kinds without one."""

    resource: str
    namespace: str
    name: str


# has the disk itself take what was written to an open file
Flush = Callable[[int], None]


class Database:
    """One open file. path: ":memory:" for a database that dies with the process.

    Raises DamagedError, also later from load, where the file is not as it was written, FormatError
    where it cannot be used for another reason.
    """

    def __init__(self, path: Path | str, flush: Flush = files.flush) -> None:
        if isinstance(path, Path):
            path.touch(mode=0o600)  # SQLite gives its other files the same mode
        self._path = path
        self._flush = flush
        self._log = -1
        self._told: Told | None = None
        self._checksums: dict[Key, int] = {}
        self._rows = 0
        self._found = _log_of(path)
        self._connection = _connected(path)
        try:
            self._prepare()
            if isinstance(path, Path):
                self._open_log(path)
        except sqlite3.Error as error:
            unusable = _unusable(path, error)
            self.abandon(unusable)
            raise unusable from None
        except BaseException as error:  # Ctrl-C too leaves nothing open
            self.abandon(error)
            raise

    # ---- opening

    def _prepare(self) -> None:
        # EXCLUSIVE: a second server that slipped through the lock fails instead of mixing in.
        # fullfsync: what a sync needs on macOS. NORMAL: SQLite syncs where the order of its files
        # needs it, and when it begins a log; sync does the rest.
        for pragma in ("locking_mode=EXCLUSIVE", "fullfsync=ON", "synchronous=NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        tables = dict(self._connection.execute("SELECT name, sql FROM sqlite_master"))
        if version == 0 and not tables:
            self._shrink()
        self._connection.execute("PRAGMA journal_mode=WAL")
        if version == 0 and not tables:
            self._create("")
            self._connection.execute("COMMIT")
            return
        if version not in (0, 1, FORMAT):
            raise FormatError(f"{self._path}: format {version}, this program reads format {FORMAT}")
        integrity.check_structure(self._connection, self._path)
        if version == 1:
            self._migrate()
        elif tables != {name.encode(): sql.encode() for name, sql in _TABLES.items()}:
            raise DamagedError(f"{self._path}: its tables are not those of format {FORMAT}")

    def _shrink(self) -> None:
        """Have the file shrink when objects go; this is kept in the file."""
        self._connection.execute("PRAGMA auto_vacuum=FULL")

    def _create(self, before: str) -> None:
        """Make the tables in a transaction that is left open. before: what it begins with."""
        tables = "; ".join(_TABLES.values())
        self._connection.executescript(f"BEGIN; {before} {tables}; PRAGMA user_version = {FORMAT};")
        values = 0, 0, integrity.of_counter(0, 0)
        self._connection.execute("INSERT INTO counter VALUES (?, ?, ?)", values)

    def _migrate(self) -> None:
        """Make format 2 of format 1, which had no checksums and did not shrink."""
        execute = self._connection.execute
        execute("PRAGMA temp_store=MEMORY")  # a copy of the Secrets does not go to /tmp
        self._shrink()
        execute("VACUUM")  # which is how a file that has tables comes to shrink
        ((revision,),) = execute("SELECT revision FROM counter").fetchall()
        rows = execute(f"SELECT {_COLUMNS} FROM objects").fetchall()  # noqa: S608 -- constants
        self._create("DROP TABLE objects; DROP TABLE counter;")
        whole = 0
        for *texts, expires in rows:
            try:
                checksum = integrity.of_row(texts, expires)
                *key, body = (text.decode() for text in texts)
            except (TypeError, ValueError):
                raise DamagedError(f"{self._path}: an object of it cannot be read") from None
            execute(
                "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?)", (*key, expires, body, checksum)
            )
            whole ^= checksum
        checksum = integrity.of_counter(revision, whole)
        execute(
            "UPDATE counter SET revision = ?, rows = ?, checksum = ?", (revision, whole, checksum)
        )
        execute("COMMIT")

    def _open_log(self, path: Path) -> None:
        """Open what sync needs."""
        self._log = os.open(f"{path}-wal", os.O_RDONLY)
        self._told = Told(Path(f"{path}-told"))

    # ---- reading

    def revision(self) -> int:
        """The counter as the last change left it."""
        found = list(self._read("SELECT * FROM counter"))
        revision, self._rows, checksum = found[0] if len(found) == 1 else (0, 0, None)
        if checksum != integrity.of_counter(revision, self._rows):
            raise DamagedError(f"{self._path}: the counter of its writes is not as it was written")
        told = self._told.read() if self._told else 0
        if revision < told:
            raise DamagedError(f"{self._path}: it has {revision} of {told} writes")
        return int(revision)

    def load(self) -> Iterator[tuple[Key, float, Object]]:
        """Every object with its key and the time when it expires, 0 for never; soonest first."""
        statement = f"SELECT {_COLUMNS}, checksum FROM objects ORDER BY expires"  # noqa: S608 -- constants
        total = bad = whole = 0
        for *texts, expires, checksum in self._read(statement):
            total += 1
            try:
                if checksum != integrity.of_row(texts, expires):
                    raise ValueError
                *key, body = (text.decode() for text in texts)
                obj = json.loads(body)
            except (TypeError, ValueError, RecursionError):
                bad += 1
                continue
            whole ^= checksum
            self._checksums[Key(*key)] = checksum
            yield Key(*key), expires, obj
        if bad:
            raise DamagedError(f"{self._path}: {bad} of its {total} objects cannot be read")
        if whole != self._rows:
            raise DamagedError(f"{self._path}: it does not have all objects")
        self._found = b""

    def _read(self, statement: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(statement)
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from None

    # ---- writing

    def put(self, revision: int, key: Key, body: str, expires: float) -> None:
        """Write an object and the counter.

        body: what `encoded` has made of the object. expires: seconds since 1970, 0 for never.
        Raises StatusError 500 with what the system says where the file cannot be written; nothing
        is written then.
        """
        expires = float(expires)
        checksum = integrity.of_row((text.encode() for text in (*key, body)), expires)
        values = (*key, expires, body, checksum)
        self._commit(
            revision, key, checksum, "REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)", values
        )

    def remove(self, revision: int, key: Key) -> None:
        """Delete an object and write the counter; raises as put does."""
        where = "resource = ? AND namespace = ? AND name = ?"
        self._commit(revision, key, 0, f"DELETE FROM objects WHERE {where}", key)  # noqa: S608 -- constants

    def _commit(
        self, revision: int, key: Key, checksum: int, statement: str, values: tuple[object, ...]
    ) -> None:
        """Write a row and the counter. checksum: that of the row, 0 where it is deleted."""
        rows = self._rows ^ self._checksums.get(key, 0) ^ checksum
        counter = revision, rows, integrity.of_counter(revision, rows)
        execute = self._connection.execute
        try:
            execute("BEGIN")
            execute(statement, values)
            execute("UPDATE counter SET revision = ?, rows = ?, checksum = ?", counter)
            execute("COMMIT")
        except BaseException as error:  # whatever it is, no half of a write stays
            if self._connection.in_transaction:
                execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise errors.unwritten(self._path, integrity.words(error)) from error
            raise
        self._rows = rows
        self._checksums[key] = checksum
        if not checksum:
            del self._checksums[key]

    def sync(self, revision: int) -> None:
        """Have the disk take what was written, and note the revision, which clients may be told.

        It may be called from another thread than the rest. Raises OSError.
        """
        if self._told is not None:
            self._flush(self._log)
            self._told.write(revision)

    def abandon(self, error: BaseException) -> None:
        """Close a file that cannot be used.

        Where it is damaged, the log of SQLite that was found stays, for who wants to look into it.
        """
        self.close()
        if isinstance(error, DamagedError) and self._found:
            Path(f"{self._path}-wal").write_bytes(self._found)

    def close(self) -> None:
        """Close the files; SQLite folds its write-ahead log in."""
        self._connection.close()
        if self._told is not None:
            self._told.close()
        if self._log >= 0:
            os.close(self._log)


def _log_of(path: Path | str) -> bytes:
    """The write-ahead log that a server has left which did not end by itself."""
    log = Path(f"{path}-wal")
    return log.read_bytes() if log.exists() else b""


def _connected(path: Path | str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    except sqlite3.Error as error:
        raise _unusable(path, error) from None
    connection.text_factory = bytes  # SQLite's own error shows a text that is not UTF-8
    return connection


def _unusable(path: Path | str, error: sqlite3.Error) -> FormatError:
    """The error of a file that SQLite does not read, or cannot write."""
    kind = FormatError if isinstance(error, sqlite3.OperationalError) else DamagedError
    return kind(f"{path}: {integrity.words(error)}")


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
