"""What the store has of each object in memory: where it stands, and its content while it is used.

The index has an Entry for each version of an object that is current. Its content is read from the
file when it is first asked for, and let go again when others have been used since, so that what is
kept in memory does not grow with what is stored.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object

WARM_BYTES = 16 * 1024 * 1024  # of the texts of the objects whose content is kept in memory


class Entry:
    """One version of an object.

    content: the object, None while it is only in the file. That of a version which is current no
    longer stays, so that who still holds the entry can read it. rests: whether no part of the
    cluster needs to be told of the object when it starts. controlled: whether it has a controller.
    """

    __slots__ = ("content", "controlled", "rests", "revision")

    def __init__(
        self, content: Object | None, revision: int, rests: bool = False, controlled: bool = False
    ) -> None:
        self.content = content
        self.revision = revision
        self.rests = rests
        self.controlled = controlled


class Warm:
    """The current entries that have their content in memory; those that came first go first.

    limit: bytes of their texts together.
    """

    def __init__(self, limit: int = WARM_BYTES) -> None:
        self._limit = limit
        self._sizes: dict[Entry, int] = {}
        self._total = 0

    def add(self, entry: Entry, content: Object, size: int) -> None:
        """Let an entry have its content, and others lose theirs where that is too much."""
        self.release(entry)
        entry.content = content
        self._sizes[entry] = size
        self._total += size
        while self._total > self._limit and len(self._sizes) > 1:
            first = next(iter(self._sizes))
            self.release(first)
            first.content = None

    def release(self, entry: Entry) -> None:
        """Have nothing more to do with an entry, which keeps its content."""
        self._total -= self._sizes.pop(entry, 0)
