"""Which objects have which owners: an index by the uids of owners, that is lean for many owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubectl_joblab.practice.api.storage.rows import Key


class Dependents:
    """The keys of the objects that have an owner reference to a uid.

    Most owners have one dependent, for which a dict of its own would take most of the memory.
    """

    def __init__(self) -> None:
        self._keys: dict[str, Key | dict[Key, None]] = {}

    def add(self, uid: str, key: Key) -> None:
        """Note that the object under a key has an owner with this uid."""
        there = self._keys.setdefault(uid, key)
        if isinstance(there, dict):
            there[key] = None
        elif there != key:
            self._keys[uid] = {there: None, key: None}

    def drop(self, uid: str, key: Key) -> None:
        """Note that it has that owner no longer."""
        there = self._keys[uid]
        if isinstance(there, dict):
            del there[key]
        if not isinstance(there, dict) or not there:
            del self._keys[uid]

    def of(self, uid: str) -> list[Key]:
        """The keys of the objects with an owner of this uid, in their order."""
        there = self._keys.get(uid)
        if there is None:
            return []
        return sorted(there) if isinstance(there, dict) else [there]

    def lost(self, uids: Iterable[str]) -> Iterator[Key]:
        """The keys of the objects that have an owner which is not among these uids."""
        gone = set(self._keys)
        if gone:
            gone.difference_update(uids)
        for uid in gone:
            yield from self.of(uid)
