"""The SQLite file in which objects are, and outlive the server.

The store writes each change here before anybody sees it, in a transaction of its own, so that it
survives kill -9; the store has the disk take it, by sync, before a client is told. It reads an
object here when it is needed. It knows keys, JSON texts and one counter, and no kinds. Objects may
be read in any thread; all else is for the thread that has opened the file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from kubectl_joblab import files
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.storage import integrity, migration, rows
from kubectl_joblab.practice.api.storage.integrity import DamagedError, FormatError, Told
from kubectl_joblab.practice.api.storage.migration import FORMAT, TABLES
from kubectl_joblab.practice.api.storage.rows import Facts, Key

__all__ = ["DamagedError", "Database", "FormatError", "Found", "Indexed", "Key"]

MOST_BYTES = 1536 * 1024  # of an object; --max-request-bytes of etcd
_ESCAPE = b"\\u"  # how the file has what is not ASCII; clients get the character itself
_OF_KEY = "resource = ? AND namespace = ? AND name = ?"
_RANGE = "resource = ? AND namespace = ? AND name BETWEEN ? AND ?"

# has the disk itself take what was written to an open file
Flush = Callable[[int], None]


# what the index of the store has to know of an object: resource, namespace, name, revision, when it
# expires, the uids of its owners, flags
Indexed = tuple[str, str, str, int, float, tuple[str, ...], int]


class Found(NamedTuple):
    """An object as it was read. size: the bytes of its text."""

    content: Object
    size: int


# the revision of an object, and its text or what that says; see `Database.texts`
Text: TypeAlias = "tuple[int, bytes | Object]"


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
        self._rows = 0
        self._lock = threading.Lock()  # around all that is done with the connection
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
            migration.shrink(self._connection)
        self._connection.execute("PRAGMA journal_mode=WAL")
        if version == 0 and not tables:
            migration.create(self._connection)
            self._connection.execute("COMMIT")
            return
        if version not in range(FORMAT + 1):
            raise FormatError(f"{self._path}: format {version}, this program reads format {FORMAT}")
        integrity.check_structure(self._connection, self._path)
        if 0 < version < FORMAT:
            migration.migrate(self._connection, self._path, version)
        elif tables != {name.encode(): sql.encode() for name, sql in TABLES.items()}:
            raise DamagedError(f"{self._path}: its tables are not those of format {FORMAT}")

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

    def load(self) -> Iterator[Indexed]:
        """What there is of every object, each with its checksum compared, in the order of keys."""
        statement = f"SELECT {rows.COLUMNS} FROM objects"  # noqa: S608 -- constants
        total = bad = whole = 0
        places: dict[bytes, str] = {}  # the resources and namespaces, each text once
        for row in self._read(statement):
            total += 1
            resource, namespace, name, revision, expires, _, owners, _, flags, checksum, _ = row
            try:
                if checksum != rows.checksum(row):
                    raise ValueError
                for place in (resource, namespace):
                    if place not in places:
                        places[place] = place.decode()
                key = places[resource], places[namespace], name.decode()
                found = *key, revision, expires, rows.owners(owners), flags
            except rows.UNREADABLE:
                bad += 1
                continue
            whole ^= checksum
            yield found
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

    def get(self, key: Key) -> Found | None:
        """The object under a key; None where there is none. In any thread.

        Raises StatusError 500 where it is not as it was written, as all that reads does.
        """
        return self.between(key, key.name).get(key.name)

    def between(self, first: Key, last: str) -> dict[str, Found]:
        """The objects of a namespace from a key to a name, by their names. In any thread."""
        statement = f"SELECT {rows.COLUMNS} FROM objects WHERE {_RANGE}"  # noqa: S608 -- constants
        return dict(map(self._parsed, self._all(statement, (*first, last))))

    def texts(self, first: Key, last: str, beginning: bytes) -> dict[str, Text]:
        """The objects of a namespace from a key to a name, by their names. In any thread.

        An object is its text, byte for byte what a client gets, where that begins so and has no
        character that clients get in another form; else it is parsed.
        """
        statement = f"SELECT {rows.COLUMNS} FROM objects WHERE {_RANGE}"  # noqa: S608 -- constants
        found = {}
        for row in self._all(statement, (*first, last)):
            name, body = self._checked(row)
            is_plain = body.startswith(beginning) and _ESCAPE not in body
            found[name] = row[3], body if is_plain else self._parsed(row)[1].content
        return found

    def labels(
        self, first: Key, last: str, having: tuple[str, str] | None
    ) -> dict[str, dict[str, str]]:
        """The labels of the objects from a key to a name, by their names. In any thread.

        having: a label with its value; objects without it may be left out.
        """
        statement = f"SELECT name, labels FROM objects WHERE {_RANGE} AND instr(labels, ?)"  # noqa: S608 -- constants
        found = self._all(statement, (*first, last, rows.label(*having) if having else ""))
        return {name.decode(): json.loads(labels) if labels else {} for name, labels in found}

    def uids(self, resource: str = "") -> Iterator[str]:
        """The uids of all objects of a resource, or of all resources."""
        for (uid,) in self._all("SELECT uid FROM objects WHERE ? IN ('', resource)", (resource,)):
            yield uid.decode()

    def _all(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(integrity.words(error)) from None

    def _parsed(self, row: tuple[Any, ...]) -> tuple[str, Found]:
        try:
            name, body = self._checked(row)
            return name, Found(json.loads(body), len(body))
        except rows.UNREADABLE:
            raise self._damaged() from None

    def _checked(self, row: tuple[Any, ...]) -> tuple[str, bytes]:
        """The name and the text of an object, where its row is as it was written."""
        try:
            if row[-2] == rows.checksum(row):
                return row[2].decode(), row[-1]
        except rows.UNREADABLE:
            pass
        raise self._damaged()

    def _damaged(self) -> StatusError:
        return self._unreadable("an object of it cannot be read")

    def lost(self) -> StatusError:
        """The error of an object that the index has and the file does not."""
        return self._unreadable("an object of it is lost")

    def _unreadable(self, why: str) -> StatusError:
        return StatusError(500, "InternalError", f"Internal error occurred: {self._path}: {why}")

    # ---- writing

    def put(self, revision: int, key: Key, body: str, expires: float, facts: Facts) -> None:
        """Write an object and the counter.

        body: what `encoded` has made of the object. expires: seconds since 1970, 0 for never.
        facts: what the row tells of it. Raises StatusError 500 with what the system says where the
        file cannot be written; nothing is written then.
        """
        row, checksum = rows.written(key, revision, expires, facts, body)
        marks = ", ".join("?" * len(row))
        self._commit(revision, key, checksum, f"REPLACE INTO objects VALUES ({marks})", row)  # noqa: S608 -- constants

    def remove(self, revision: int, key: Key) -> None:
        """Delete an object and write the counter; raises as put does."""
        self._commit(revision, key, 0, f"DELETE FROM objects WHERE {_OF_KEY}", key)  # noqa: S608 -- constants

    def _commit(
        self, revision: int, key: Key, checksum: int, statement: str, values: tuple[object, ...]
    ) -> None:
        """Write a row and the counter. checksum: that of the row, 0 where it is deleted."""
        execute = self._connection.execute
        with self._lock:
            try:
                execute("BEGIN")
                before = execute(f"SELECT checksum FROM objects WHERE {_OF_KEY}", key).fetchone()  # noqa: S608 -- constants
                whole = self._rows ^ (before[0] if before else 0) ^ checksum
                counter = revision, whole, integrity.of_counter(revision, whole)
                execute(statement, values)
                execute("UPDATE counter SET revision = ?, rows = ?, checksum = ?", counter)
                execute("COMMIT")
            except BaseException as error:  # whatever it is, no half of a write stays
                if self._connection.in_transaction:
                    execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise errors.unwritten(self._path, integrity.words(error)) from error
                raise
        self._rows = whole

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
        connection = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
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
