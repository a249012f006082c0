"""The objects: in memory, where they are read, and in SQLite, where they outlive the server.

Only the registry uses it. It stamps resourceVersions and keeps the indexes; it does not know what
an object means, or whether it may be written. Objects in it are never changed, only replaced.
A change is seen at once by who reads the store, and survives kill -9; after `settled` it survives
a power cut too, and clients may be told.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from kubectl_joblab import files, objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.storage.database import Database, Flush, Key, encoded
from kubectl_joblab.practice.api.storage.durability import GroupCommit
from kubectl_joblab.practice.api.storage.history import KEPT, Change, History


class Store:
    """All objects of all kinds.

    path: the file, or ":memory:". kept: changes in the history. flush: has the disk take a file.
    """

    def __init__(
        self, path: Path | str = ":memory:", *, kept: int = KEPT, flush: Flush = files.flush
    ) -> None:
        self._database = Database(path, flush)
        try:
            self._load(kept)
        except BaseException as error:  # Ctrl-C too leaves nothing open
            self._database.abandon(error)
            raise
        self._commits = GroupCommit(self._database.sync, path) if isinstance(path, Path) else None

    def _load(self, kept: int) -> None:
        self.revision = self._database.revision()
        self.history = History(self.revision, kept)
        self._objects: dict[str, dict[str, dict[str, Object]]] = {}
        self._owned: dict[str, dict[Key, None]] = {}
        self._expiries: dict[
            Key, float
        ] = {}  # soonest first, because all have the same time to live
        for key, expires, obj in self._database.load():
            self._index(key, None, obj, expires)

    def get(self, key: Key) -> Object | None:
        """The object under a key; None where there is none."""
        return self._objects.get(key.resource, {}).get(key.namespace, {}).get(key.name)

    def scan(self, resource: str, namespace: str = "") -> list[Object]:
        """The objects of a resource in one namespace or ("") in all, in the order of etcd keys."""
        spaces = self._objects.get(resource, {})
        chosen = [namespace] if namespace else sorted(spaces, key=lambda space: space + "/")
        return [
            obj for space in chosen if space in spaces for _, obj in sorted(spaces[space].items())
        ]

    def scan_at(self, resource: str, namespace: str, revision: int) -> list[Object]:
        """What scan returned at an earlier revision; 410 where the history is too short."""
        found = {place(obj): obj for obj in self.scan(resource, namespace)}
        for change in reversed(self.history.since(resource, revision)):
            if namespace in ("", change.key.namespace):
                where = change.key.namespace + "/", change.key.name
                if change.old is None:
                    found.pop(where, None)
                else:
                    found[where] = change.old
        return [obj for _, obj in sorted(found.items())]

    def owned(self, uid: str) -> list[tuple[Key, Object]]:
        """The objects with an owner reference to this uid, in the order of their keys."""
        found = ((key, self.get(key)) for key in sorted(self._owned.get(uid, ())))
        return [(key, obj) for key, obj in found if obj is not None]

    def put(
        self, key: Key, obj: Object, *, expires: float = 0, ready: Ready | None = None
    ) -> Object:
        """Create or replace an object, which belongs to the store then.

        Its resourceVersion is set in place. expires: seconds since 1970, 0 for never. ready: what
        `made_ready` has made of the object, where that was done before.
        """
        revision, old = self.revision + 1, self.get(key)
        body = (ready or made_ready(obj, old)).at(revision)
        obj["metadata"]["resourceVersion"] = str(revision)
        self._database.put(revision, key, body, expires)
        self.revision = revision
        self._index(key, old, obj, expires)
        self.history.record(Change(revision, key, old, obj, obj))
        return obj

    def remove(self, key: Key) -> Object:
        """Delete an object; returns its last state, with the resourceVersion of the deletion."""
        old = self._objects[key.resource][key.namespace][key.name]
        revision = self.revision + 1
        self._database.remove(revision, key)
        self.revision = revision
        self._index(key, old, None, 0)
        last = {**old, "metadata": {**old["metadata"], "resourceVersion": str(revision)}}
        self.history.record(Change(revision, key, old, None, last))
        return last

    def expired(self, now: float) -> list[Key]:
        """The keys of the objects that expired before now, in seconds since 1970; soonest first."""
        found = []
        for key, expires in self._expiries.items():
            if expires > now:
                break
            found.append(key)
        return found

    @property
    def next_expiry(self) -> float | None:
        """When the next object expires, in seconds since 1970; None where none does."""
        return next(iter(self._expiries.values()), None)

    async def settled(self, revision: int | None = None) -> None:
        """Wait until the disk has all up to a revision; None for all that is written by now.

        The last jump of the clock is among it, for it is in the times of all that is told. Raises
        StatusError 500, and for ever after, where the disk has not taken it.
        """
        if self._commits is not None:
            wanted = self.revision if revision is None else max(revision, self.history.jumped)
            await self._commits.reach(wanted, lambda: self.revision)

    def close(self) -> None:
        """Close the file."""
        if self._commits is not None:
            self._commits.close()
        self._database.close()

    def _index(self, key: Key, old: Object | None, new: Object | None, expires: float) -> None:
        of_old, of_new = _owners(old), _owners(new)
        for uid in of_old - of_new:
            owned = self._owned[uid]
            del owned[key]
            if not owned:
                del self._owned[uid]
        space = self._objects.setdefault(key.resource, {}).setdefault(key.namespace, {})
        self._expiries.pop(key, None)
        if new is None:
            del space[key.name]
            if not space:
                del self._objects[key.resource][key.namespace]
            return
        space[key.name] = new
        if expires:
            self._expiries[key] = expires
        for uid in of_new - of_old:
            self._owned.setdefault(uid, {})[key] = None


@dataclass(frozen=True)
class Ready:
    """An object as the text that the file gets, with a mark where its resourceVersion will stand.

    To make it takes the most time of all that storing an object takes.
    """

    text: str
    mark: str

    def at(self, revision: int) -> str:
        """The text with a resourceVersion."""
        return self.text.replace(self.mark, str(revision), 1)


def made_ready(obj: Object, old: Object | None) -> Ready:
    """The text of an object that replaces `old`, with which it shares from now on what is equal.

    Its resourceVersion is changed in place. Raises StatusError 500 where the object is too large.
    """
    mark = uuid.uuid4().hex  # no object says this anywhere else
    obj["metadata"]["resourceVersion"] = mark
    if old is not None:
        _share(obj, old)
    return Ready(encoded(obj), mark)


def place(obj: Object) -> tuple[str, str]:
    """Namespace and name, which sort as etcd's keys do: "a-b/x" comes before "a/x"."""
    return obj["metadata"].get("namespace", "") + "/", obj["metadata"]["name"]


def _owners(obj: Object | None) -> set[str]:
    references = objects.metadata(obj or {}).get("ownerReferences") or ()
    return {reference["uid"] for reference in references}


def _share(new: Object, old: Object) -> None:
    """Let a new version hold those parts of the old one that are equal, which halves the memory."""
    for key, value in new.items():
        if key != "metadata" and value == old.get(key):
            new[key] = old[key]
