"""The objects: an index in memory, and SQLite, where they are and outlive the server.

Only the registry uses it. Objects that were used lately are in memory, too. It stamps
resourceVersions and keeps the indexes; it does not know what an object means, or whether it may be
written. Objects in it are never changed, only replaced.
A change is seen at once by who reads the store, and survives kill -9; after `settled` it survives
a power cut too, and clients may be told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kubectl_joblab import files, objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.storage import rows
from kubectl_joblab.practice.api.storage.database import Database, Flush, Key, encoded
from kubectl_joblab.practice.api.storage.dependents import Dependents
from kubectl_joblab.practice.api.storage.durability import GroupCommit
from kubectl_joblab.practice.api.storage.entries import Entry, Warm
from kubectl_joblab.practice.api.storage.history import KEPT, Change, History
from kubectl_joblab.practice.api.storage.view import View


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
        self._warm = Warm()
        self._entries: dict[str, dict[str, dict[str, Entry]]] = {}
        self._owned = Dependents()
        self._expiries: dict[Key, float] = {}  # soonest first
        expiring = []
        for resource, namespace, name, revision, expires, owners, flags in self._database.load():
            space = self._entries.setdefault(resource, {}).setdefault(namespace, {})
            space[name] = _entry(None, revision, flags)
            for uid in owners:
                self._owned.add(uid, Key(resource, namespace, name))
            if expires:
                expiring.append((expires, Key(resource, namespace, name)))
        self._expiries.update((key, expires) for expires, key in sorted(expiring))

    # ---- reading

    def entry(self, key: Key) -> Entry | None:
        """The current version of an object; None where there is none."""
        return self._entries.get(key.resource, {}).get(key.namespace, {}).get(key.name)

    def get(self, key: Key) -> Object | None:
        """The object under a key; None where there is none. It stays in memory for a while."""
        entry = self.entry(key)
        if entry is None:
            return None
        if entry.content is None:
            found = self._database.get(key)
            if found is None:
                raise self._database.lost()
            self._warm.add(entry, *found)
        return entry.content

    def read(self, key: Key, entry: Entry) -> Object:
        """The object of a version that was current, in any thread."""
        return View(self._database, key.resource, {}).one(key, entry)

    def view(
        self,
        resource: str,
        namespace: str = "",
        wanted: Callable[[Entry], bool] | None = None,
    ) -> View:
        """The objects of a resource in one namespace or ("") in all, to be read in any thread.

        wanted: whether one of them is among those that are to be read.
        """
        spaces = self._entries.get(resource, {})
        places = (namespace,) if namespace else tuple(spaces)
        chosen = {one: space for one in places if (space := spaces.get(one)) is not None}
        if wanted is None:
            found = {one: dict(space) for one, space in chosen.items()}
        else:
            found = {
                one: {name: entry for name, entry in space.items() if wanted(entry)}
                for one, space in chosen.items()
            }
        return View(self._database, resource, found)

    def view_at(self, resource: str, namespace: str, revision: int) -> View:
        """The objects as they were at an earlier revision; 410 where the history is too short."""
        changes = reversed(self.history.since(resource, revision))
        return self.view(resource, namespace).with_changes(
            (one.key, one.old) for one in changes if namespace in ("", one.key.namespace)
        )

    def scan(self, resource: str, namespace: str = "") -> list[Object]:
        """The objects of a resource in one namespace or ("") in all, in the order of etcd keys.

        They stay in memory for a while: it is for who reads them again and again.
        """
        return self._contents(self.view(resource, namespace).keys())

    def awake(self, resource: str, namespace: str = "") -> list[Object]:
        """Those of `scan` that do not rest."""
        return self._contents(self.view(resource, namespace, is_awake).keys())

    def uncontrolled(self, resource: str, namespace: str) -> list[Object]:
        """Those of `scan` that have no controller."""
        return self._contents(self.view(resource, namespace, lambda one: not one.controlled).keys())

    def _contents(self, keys: Iterable[Key]) -> list[Object]:
        return [obj for obj in map(self.get, keys) if obj is not None]

    def owned(self, uid: str) -> list[tuple[Key, Object]]:
        """The objects with an owner reference to this uid, in the order of their keys."""
        keys = self._owned.of(uid)
        return list(zip(keys, self._contents(keys), strict=True))

    def dangling(self) -> list[Key]:
        """The keys of the objects of whose owners not all exist."""
        return sorted(set(self._owned.lost(self._database.uids())))

    def uids(self, resource: str) -> set[str]:
        """The uids of all objects of a resource."""
        return set(self._database.uids(resource))

    # ---- writing

    def put(
        self,
        key: Key,
        obj: Object,
        *,
        expires: float = 0,
        rests: bool = False,
        ready: Ready | None = None,
    ) -> Object:
        """Create or replace an object, which belongs to the store then.

        Its resourceVersion is set in place. expires: seconds since 1970, 0 for never. rests:
        whether no part of the cluster needs to be told of it when it starts. ready: what
        `made_ready` has made of the object, where that was done before.
        """
        revision, old = self.revision + 1, self._kept(key)
        body = (ready or made_ready(obj, old)).at(revision)
        obj["metadata"]["resourceVersion"] = str(revision)
        facts = rows.facts(obj, rests=rests)
        self._database.put(revision, key, body, expires, facts)
        self.revision = revision
        entry = _entry(obj, revision, facts.flags)
        self._index(key, old, entry, expires)
        self._warm.add(entry, obj, len(body))
        self.history.record(Change(revision, key, old, obj, obj))
        return obj

    def remove(self, key: Key) -> Object:
        """Delete an object; returns its last state, with the resourceVersion of the deletion."""
        old = self._kept(key)
        assert old is not None  # only what is there is deleted
        revision = self.revision + 1
        self._database.remove(revision, key)
        self.revision = revision
        self._index(key, old, None, 0)
        last = {**old, "metadata": {**old["metadata"], "resourceVersion": str(revision)}}
        self.history.record(Change(revision, key, old, None, last))
        return last

    def _kept(self, key: Key) -> Object | None:
        """The object that is about to be replaced, which a view may still want to read."""
        old, entry = self.get(key), self.entry(key)
        if entry is not None:
            self._warm.release(entry)
        return old

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

    def _index(self, key: Key, old: Object | None, new: Entry | None, expires: float) -> None:
        of_old, of_new = _owners(old), _owners(new.content if new is not None else None)
        for uid in of_old - of_new:
            self._owned.drop(uid, key)
        space = self._entries.setdefault(key.resource, {}).setdefault(key.namespace, {})
        self._expiries.pop(key, None)
        if new is None:
            del space[key.name]
            if not space:
                del self._entries[key.resource][key.namespace]
            return
        space[key.name] = new
        if expires:
            self._expiries[key] = expires
        for uid in of_new - of_old:
            self._owned.add(uid, key)


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


def is_awake(entry: Entry) -> bool:
    """Whether an object does not rest."""
    return not entry.rests


def _entry(content: Object | None, revision: int, flags: int) -> Entry:
    return Entry(content, revision, bool(flags & rows.RESTS), bool(flags & rows.CONTROLLED))


def _owners(obj: Object | None) -> set[str]:
    references = objects.metadata(obj or {}).get("ownerReferences") or ()
    return {reference["uid"] for reference in references}


def _share(new: Object, old: Object) -> None:
    """Let a new version hold those parts of the old one that are equal, which halves the memory."""
    for key, value in new.items():
        if key != "metadata" and value == old.get(key):
            new[key] = old[key]
