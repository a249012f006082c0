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
from kubectl_joblab.practice.api.database import Key

KEPT = 2000  # changes; older resourceVersions are answered with 410
BACKLOG = 10_000  # changes that a watch may lag behind before it is cut off

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
    """An asynchronous iterator over what becomes of changes; first over `initial`.

    Registered from the moment it is made, so that no change is missed before the first step.
    """

    def __init__(
        self, translate: Callable[[Change], Told | None], initial: Iterable[Told] = ()
    ) -> None:
        self._translate = translate
        self._initial = iter(initial)
        self._pending: deque[Told] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._overrun = False
        self._closed = False

    def feed(self, change: Change) -> None:
        """Take a change in; called by the history."""
        told = self._translate(change)
        if told is not None:
            self.push(told)

    def push(self, told: Told) -> None:
        """Queue what is to be told."""
        if self._overrun or self._closed:
            return
        if len(self._pending) >= BACKLOG:
            self._pending.clear()
            self._overrun = True
        else:
            self._pending.append(told)
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
            if self._overrun:
                raise errors.expired("too old resource version: the watch did not keep up")
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

    def subscribe(self, resource: str, subscription: Subscription[Any]) -> None:
        """Feed it the changes of a resource for as long as somebody holds it."""
        self._subscriptions.setdefault(resource, WeakSet()).add(subscription)
