"""What has changed lately, and who wants to know of what changes next.

The store records each change here at once, on the event loop's thread. Watches take from it; it
keeps a bounded number of changes, and a watch that does not keep up is cut off.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.storage.database import Key

KEPT = 2000  # changes; older resourceVersions are answered with 410
BACKLOG = 10_000  # what a watch may have before it that nobody has taken, then it is cut off
STRIDE = 250  # revisions between two bookmarks: often enough to resume within what is kept

Told = TypeVar("Told")


@dataclass(frozen=True)
class Change:
    """One write. old: None where it was created. new: None where it was deleted.

    last: the object to tell of; of a deleted one the last state, with the deletion's revision.
    """

    revision: int
    key: Key
    old: Object | None
    new: Object | None
    last: Object


class Subscription(Generic[Told]):
    """An asynchronous iterator over what becomes of changes, and over `initial` before them.

    bookmark: what tells of the revision alone, for a watch whose objects do not change for long.
    """

    def __init__(
        self,
        translate: Callable[[Change], Told | None],
        initial: Iterable[Told] = (),
        bookmark: Callable[[int], Told] | None = None,
    ) -> None:
        self._translate = translate
        self._initial = iter(initial)
        self._bookmark = bookmark
        self._failure: errors.StatusError | None = None
        self._pending: deque[Told] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def feed(self, change: Change) -> None:
        """Take a change in; called by the history."""
        told = self._translate(change)
        if told is not None:
            self._push(told)

    def pass_by(self, revision: int) -> None:
        """Say how far it has come; called by the history now and then."""
        if self._bookmark is not None:
            self._push(self._bookmark(revision))

    def fail(self, failure: errors.StatusError) -> None:
        """Raise this, after what is queued has been told."""
        self._failure = failure
        self._wake()

    def _push(self, told: Told) -> None:
        if self._failure is not None or self._closed:
            return
        self._pending.append(told)
        if len(self._pending) > BACKLOG:
            self._pending.clear()
            self.fail(errors.expired("too old resource version: the watch did not keep up"))
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Subscription[Told]:
        return self

    async def __anext__(self) -> Told:
        for told in self._initial:
            return told
        while not self._pending:
            if self._closed:
                raise StopAsyncIteration
            if self._failure is not None:
                raise self._failure
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._pending.popleft()

    def close(self) -> None:
        """End the iteration, also for a task that waits in it; nothing more is queued."""
        self._closed = True
        self._pending.clear()
        self._initial = iter(())
        self._wake()


class History:
    """The last changes, oldest first. floor: every change after this revision is still here."""

    def __init__(self, revision: int, kept: int = KEPT) -> None:
        self.floor = revision
        self._kept = kept
        self._changes: deque[Change] = deque()
        # weak: a watch that nobody holds any more needs no unsubscribing
        self._subscriptions: dict[str, WeakSet[Subscription[Any]]] = {}

    def record(self, change: Change) -> None:
        """Keep a change and tell whoever subscribes to its resource."""
        self._changes.append(change)
        if len(self._changes) > self._kept:
            self.floor = self._changes.popleft().revision
        for subscription in tuple(self._subscriptions.get(change.key.resource, ())):
            subscription.feed(change)
        if change.revision % STRIDE == 0:
            for subscription in [one for each in self._subscriptions.values() for one in each]:
                subscription.pass_by(change.revision)

    def since(self, resource: str, revision: int) -> list[Change]:
        """The changes of a resource after a revision, oldest first; 410 where not all are left."""
        if revision < self.floor:
            raise errors.expired(f"too old resource version: {revision} ({self.floor})")
        found = []
        for change in reversed(self._changes):
            if change.revision <= revision:
                break
            if change.key.resource == resource:
                found.append(change)
        return found[::-1]

    def subscribe(self, resource: str, subscription: Subscription[Any], revision: int) -> None:
        """Feed it the changes of a resource after a revision, for as long as somebody holds it."""
        try:
            for change in self.since(resource, revision):
                subscription.feed(change)
        except errors.StatusError as exc:
            subscription.fail(exc)
        self._subscriptions.setdefault(resource, WeakSet()).add(subscription)
