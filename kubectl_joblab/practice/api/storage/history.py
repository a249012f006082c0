"""The latest changes of the store, and the subscriptions of those who want to know of the next.

The store records each change here at once, on the thread of the event loop, and watches are made of
subscriptions. A bounded number of changes is kept, and a subscription that falls behind is ended.
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
BACKLOG = 10_000  # events queued for a watch; it is cut off where nobody takes them
STRIDE = 250  # revisions between two bookmarks: often enough to resume within what is kept
# the resource of the one object that is of no kind: how far the cluster's clock was set ahead
CLOCK = "clock"

Told = TypeVar("Told")


@dataclass(frozen=True)
class Change:
    """One write. old: None where it created the object. new: None where it deleted it.

    last: the object to tell of; of a deleted one its last state, with the revision of the deletion.
    """

    revision: int
    key: Key
    old: Object | None
    new: Object | None
    last: Object

    @property
    def is_jump(self) -> bool:
        """Whether this set the cluster's clock ahead, which gives all objects older times."""
        if self.key.resource != CLOCK:
            return False
        return bool((self.old or {}).get("ahead", 0) != (self.new or {}).get("ahead", 0))


@dataclass(frozen=True)
class _Jump:
    """The place of a jump of the clock in what a subscription tells. revision: that of the jump."""

    revision: int


class Subscription(Generic[Told]):
    """An asynchronous iterator over what the changes of a resource are translated to.

    translate: what to tell of a change, None for nothing. initial: what to tell before any change.
    bookmark: what to tell of a revision alone, now and then, so that a watch whose objects do not
    change for long can still be resumed. again: what to tell once more after a jump of the clock at
    a revision, which is asked for when all before it is told; None for a watch that needs nothing.
    What initial and again tell may have None in it, where others get their turn. is_bounded:
    whether it ends where too much is queued; false for who takes all on each turn of the loop.
    """

    def __init__(
        self,
        translate: Callable[[Change], Told | None],
        initial: Iterable[Told | None] = (),
        bookmark: Callable[[int], Told] | None = None,
        again: Callable[[int], Iterable[Told | None]] | None = None,
        *,
        is_bounded: bool = True,
    ) -> None:
        self._translate = translate
        self._told = iter(initial)  # what comes before all that is pending
        self._bookmark = bookmark
        self._again = again
        self._is_bounded = is_bounded
        self._repeats = False  # whether a jump is among what is pending
        self._failure: errors.StatusError | None = None
        self._pending: deque[Told | _Jump] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def feed(self, change: Change) -> None:
        """Queue what there is to tell of a change. Only the history calls it."""
        told = self._translate(change)
        if told is not None:
            self._push(told)

    def pass_by(self, revision: int) -> None:
        """Queue a bookmark of the revision that the history has reached, which alone calls it."""
        if self._bookmark is not None:
            self._push(self._bookmark(revision))

    def repeat(self, revision: int) -> None:
        """Queue all that there is to tell again after a jump. Only the history calls it.

        What is told after a jump is told as the clock stands then, so one of two jumps between
        which nothing was taken is enough: the first, for what comes behind it is told anyway.
        """
        if self._again is not None and not self._repeats:
            self._repeats = True
            self._push(_Jump(revision))

    def fail(self, failure: errors.StatusError) -> None:
        """Have the iteration raise a failure, after what is queued."""
        self._failure = failure
        self._wake()

    def _push(self, told: Told | _Jump) -> None:
        if self._failure is not None or self._closed:
            return
        self._pending.append(told)
        if self._is_bounded and len(self._pending) > BACKLOG:
            self._pending.clear()
            self.fail(errors.expired("too old resource version: the watch did not keep up"))
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Subscription[Told]:
        return self

    async def __anext__(self) -> Told:
        while True:
            for told in self._told:
                if told is not None:
                    return told
                await asyncio.sleep(0)
            await self._any_pending()
            found = self._pending.popleft()
            if not isinstance(found, _Jump):
                return found
            assert self._again is not None
            self._repeats = False
            self._told = iter(self._again(found.revision))

    async def _any_pending(self) -> None:
        """Wait until something is queued; raises where that will not be."""
        while not self._pending:
            if self._closed:
                raise StopAsyncIteration
            if self._failure is not None:
                raise self._failure
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def close(self) -> None:
        """End the iteration, also for a task that waits in it; what is queued is dropped."""
        self._closed = True
        self._pending.clear()
        self._told = iter(())
        self._wake()


class History:
    """The latest changes, oldest first.

    floor: all changes after this revision are here. jumped: the revision of the last jump of the
    clock, 0 where there was none since the server has started.
    """

    def __init__(self, revision: int, kept: int = KEPT) -> None:
        self.floor = revision
        self.jumped = 0
        self._kept = kept
        self._changes: deque[Change] = deque()
        # weak, so that a watch which nobody holds any more need not unsubscribe
        self._subscriptions: dict[str, WeakSet[Subscription[Any]]] = {}

    def record(self, change: Change) -> None:
        """Keep a change, and feed it to the subscriptions to its resource."""
        self._changes.append(change)
        if len(self._changes) > self._kept:
            self.floor = self._changes.popleft().revision
        if change.is_jump:
            self.jumped = change.revision
            for subscription in self._all():
                subscription.repeat(change.revision)
        for subscription in tuple(self._subscriptions.get(change.key.resource, ())):
            subscription.feed(change)
        if change.revision % STRIDE == 0:
            for subscription in self._all():
                subscription.pass_by(change.revision)

    def _all(self) -> list[Subscription[Any]]:
        return [one for each in self._subscriptions.values() for one in each]

    def since(self, resource: str, revision: int) -> list[Change]:
        """The changes of a resource after a revision, oldest first; 410 where not all are left."""
        return self._since(revision, (resource,))

    def _since(self, revision: int, resources: tuple[str, ...]) -> list[Change]:
        if revision < self.floor:
            raise errors.expired(f"too old resource version: {revision} ({self.floor})")
        found = []
        for change in reversed(self._changes):
            if change.revision <= revision:
                break
            if change.key.resource in resources:
                found.append(change)
        return found[::-1]

    def subscribe(self, resource: str, subscription: Subscription[Any], revision: int) -> None:
        """Feed a subscription the changes of a resource after a revision, while anyone holds it.

        Among them are the jumps of the clock: who has listed before one sees other times now.
        """
        try:
            for change in self._since(revision, (resource, CLOCK)):
                if change.is_jump:
                    subscription.repeat(change.revision)
                elif change.key.resource != CLOCK:
                    subscription.feed(change)
        except errors.StatusError as exc:
            subscription.fail(exc)
        self._subscriptions.setdefault(resource, WeakSet()).add(subscription)
