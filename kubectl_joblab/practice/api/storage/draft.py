"""The store as one write sees it that is worked out in a thread, and what it wants to have stored.

What takes long must not keep the event loop from other requests, and no write may come between
what another one reads and what it stores. So a large write reads the store from a thread, keeps
what it would store, and only stores it, on the loop's thread, where nothing that it has read has
changed: as GuaranteedUpdate in k8s.io/apiserver/pkg/storage/etcd3/store.go does with etcd.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.entries import Entry
from kubectl_joblab.practice.api.storage.store import Store, made_ready
from kubectl_joblab.practice.api.storage.view import View


class Objects(Protocol):
    """What a write needs of a store: Store has it, and so has a Draft of one."""

    def get(self, key: Key) -> Object | None:
        """The object under a key; None where there is none."""

    def scan(self, resource: str, namespace: str = "") -> list[Object]:
        """The objects of a resource in one namespace or ("") in all, in the order of etcd keys."""

    def put(self, key: Key, obj: Object, *, expires: float = 0, rests: bool = False) -> Object:
        """Create or replace an object; its resourceVersion is set in place."""

    def remove(self, key: Key) -> Object:
        """Delete an object; returns its last state."""


class Draft:
    """The objects of a store for one write. It may be used in any thread, but for `commit`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[Key, tuple[Entry | None, Object | None]] = {}
        self._scanned: dict[tuple[str, str], tuple[View, list[Object]]] = {}
        self._writes: list[Callable[[], object]] = []

    def get(self, key: Key) -> Object | None:
        """The object under a key, the same each time; None where there is none."""
        if key not in self._seen:
            entry = self._store.entry(key)
            self._seen[key] = entry, self._store.read(key, entry) if entry is not None else None
        return self._seen[key][1]

    def scan(self, resource: str, namespace: str = "") -> list[Object]:
        """The objects of a resource, the same each time."""
        place = resource, namespace
        if place not in self._scanned:
            view = self._store.view(*place)
            self._scanned[place] = view, [obj for some in view.read() for obj in some]
        return self._scanned[place][1]

    def put(self, key: Key, obj: Object, *, expires: float = 0, rests: bool = False) -> Object:
        """Have an object stored by `commit`, which sets its resourceVersion in place."""
        ready = made_ready(obj, self.get(key))
        put = partial(self._store.put, key, obj, expires=expires, rests=rests, ready=ready)
        self._writes.append(put)
        return obj

    def remove(self, key: Key) -> Object:
        """Have an object deleted by `commit`, which sets the resourceVersion of what is returned.

        That is the object as it was when it was read.
        """
        old = self.get(key)
        assert old is not None  # only what was read is deleted
        last = {**old, "metadata": dict(old["metadata"])}

        def write() -> None:
            last.update(self._store.remove(key))

        self._writes.append(write)
        return last

    def commit(self) -> bool:
        """Store what there is to store; False, and nothing is, where what was read has changed."""
        if any(self._store.entry(key) is not entry for key, (entry, _) in self._seen.items()):
            return False
        if any(self._store.view(*place) != view for place, (view, _) in self._scanned.items()):
            return False
        for write in self._writes:
            write()
        return True
