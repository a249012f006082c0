"""The objects of a resource as they are at one moment, to be read in any thread and piece by piece.

What is only in the file is read when its turn comes. A version that is replaced meanwhile is not
lost, because the store lets it keep its content before it writes the next one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.selectors import Matcher
from kubectl_joblab.practice.api.storage.database import Database, Found, Key
from kubectl_joblab.practice.api.storage.entries import Entry

TOGETHER = 100  # objects that are read at once: a few milliseconds, in which nobody else gets on
LABELS_TOGETHER = 1000  # objects of which the labels alone are looked at

Named = tuple[str, Entry]  # the name of an object, and the version of it
# the namespace and name of an object, and its text or what that says; see `View.texts`
Stored: TypeAlias = "tuple[str, str, bytes | Object]"


class View:
    """The versions of a moment. spaces: those of each namespace by their names, any order."""

    def __init__(
        self, database: Database, resource: str, spaces: dict[str, dict[str, Entry]]
    ) -> None:
        self._database = database
        self._resource = resource
        self._spaces = spaces
        self._sorted: dict[str, list[str]] = {}  # the names of a namespace

    def __len__(self) -> int:
        return sum(map(len, self._spaces.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self._spaces == other._spaces

    __hash__ = None  # type: ignore[assignment]

    def with_changes(self, changes: Iterator[tuple[Key, Object | None]]) -> View:
        """The view with other versions of some objects; None for one that is not there."""
        for key, obj in changes:
            space = self._spaces.setdefault(key.namespace, {})
            if obj is None:
                space.pop(key.name, None)
            else:
                space[key.name] = Entry(obj, 0)
        return self

    def keys(self) -> Iterator[Key]:
        """The keys of the objects, in the order of etcd's."""
        for namespace in self._ordered():
            for name in self._names(namespace):
                yield Key(self._resource, namespace, name)

    def _ordered(self) -> list[str]:
        return sorted(self._spaces, key=lambda space: space + "/")

    def _names(self, namespace: str) -> list[str]:
        if namespace not in self._sorted:
            self._sorted[namespace] = sorted(self._spaces[namespace])
        return self._sorted[namespace]

    def count_from(self, start: str) -> int:
        """How many objects there are from a place on; see `read`."""
        return sum(len(names) for _, names in self._from(start))

    def read(self, start: str = "", matches: Matcher | None = None) -> Iterator[list[Object]]:
        """The objects that match, in the order of etcd's keys, some at a time.

        start: namespace/name, or a name where there is no namespace, at which it begins.
        """
        for namespace, chosen in self._selected(start, matches):
            yield from self._matching(namespace, chosen, matches) if chosen else ([],)

    def texts(
        self, beginning: bytes, start: str = "", matches: Matcher | None = None
    ) -> Iterator[list[Stored]]:
        """Those of `read`, unparsed where the text is what clients get; see `Database.texts`.

        matches: without fields, which are not known unless an object is parsed.
        """
        for namespace, chosen in self._selected(start, matches):
            for first in range(0, len(chosen) or 1, TOGETHER):
                some = chosen[first : first + TOGETHER]
                yield self._texts(namespace, some, beginning) if some else []

    def _selected(self, start: str, matches: Matcher | None) -> Iterator[tuple[str, list[Named]]]:
        """The objects of each namespace that may match, some at a time."""
        for namespace, names in self._from(start):
            entries = self._spaces[namespace]
            stride = TOGETHER if matches is None or matches.labels is None else LABELS_TOGETHER
            for first in range(0, len(names), stride):
                some = [(name, entries[name]) for name in names[first : first + stride]]
                yield namespace, self._chosen(namespace, some, matches)

    def _from(self, start: str) -> Iterator[tuple[str, list[str]]]:
        """The names of each namespace from a place on."""
        for namespace in self._ordered():
            names, before = self._names(namespace), namespace and namespace + "/"
            if start.startswith(before):
                yield namespace, names[bisect_left(names, start[len(before) :]) :]
            elif before > start:
                yield namespace, names

    def in_order_of_change(self, reached: int, matches: Matcher | None) -> Iterator[list[Object]]:
        """The objects that match and were last changed up to a revision, in that order."""
        found = [
            (entry.revision, namespace, name)
            for namespace, space in self._spaces.items()
            for name, entry in space.items()
            if entry.revision <= reached
        ]
        found.sort()
        for first in range(0, len(found), TOGETHER):
            some = found[first : first + TOGETHER]
            read = (self._of(namespace, name) for _, namespace, name in some)
            yield [obj for obj in read if matches is None or matches(obj)]

    def _of(self, namespace: str, name: str) -> Object:
        return self._content(namespace, name, self._spaces[namespace][name], None).content

    def one(self, key: Key, entry: Entry) -> Object:
        """The object of one entry."""
        return self._content(key.namespace, key.name, entry, None).content

    # ---- what is in the file

    def _chosen(self, namespace: str, some: list[Named], matches: Matcher | None) -> list[Named]:
        """Those that may match, by what is known of them without reading them."""
        if matches is not None and matches.name:
            some = [one for one in some if one[0] == matches.name]
        if matches is None or matches.labels is None or not some:
            return some
        first, last = Key(self._resource, namespace, some[0][0]), some[-1][0]
        is_warm = all(entry.content is not None for _, entry in some)
        of_file = {} if is_warm else self._database.labels(first, last, matches.label)
        found = []
        for name, entry in some:
            content = entry.content  # looked at after the file was read, as in _content
            labels = of_file.get(name) if content is None else objects.labels(content)
            if labels is not None and matches.labels(labels):
                found.append((name, entry))
        return found

    def _matching(
        self, namespace: str, chosen: list[Named], matches: Matcher | None
    ) -> Iterator[list[Object]]:
        for first in range(0, len(chosen), TOGETHER):
            found = self._contents(namespace, chosen[first : first + TOGETHER])
            yield [one.content for one in found if matches is None or matches(one.content)]

    def _texts(self, namespace: str, chosen: list[Named], beginning: bytes) -> list[Stored]:
        first, last = Key(self._resource, namespace, chosen[0][0]), chosen[-1][0]
        is_many = len(chosen) > TOGETHER // 4
        read = self._database.texts(first, last, beginning) if is_many else {}
        found: list[Stored] = []
        for name, entry in chosen:
            text = read.get(name)
            if text is not None and text[0] == entry.revision:
                found.append((namespace, name, text[1]))
            else:  # it was replaced, or is one of few
                found.append((namespace, name, self._of(namespace, name)))
        return found

    def _contents(self, namespace: str, chosen: Sequence[Named]) -> list[Found]:
        """The objects of some entries; size 0 for one that was in memory."""
        cold = [name for name, entry in chosen if entry.content is None]
        read: dict[str, Found] = {}
        if len(cold) > TOGETHER // 4:
            read = self._database.between(Key(self._resource, namespace, cold[0]), cold[-1])
        return [self._content(namespace, name, entry, read.get(name)) for name, entry in chosen]

    def _content(self, namespace: str, name: str, entry: Entry, read: Found | None) -> Found:
        if entry.content is None and read is None:
            read = self._database.get(Key(self._resource, namespace, name))
            if read is None and entry.content is None:
                raise self._database.lost()
        # Looked at after the file was read: an entry gets its content before the file has another
        # version, or none, and keeps it then.
        content = entry.content
        if content is not None:
            return Found(content, 0)
        return read or self._content(namespace, name, entry, None)  # let go of meanwhile
