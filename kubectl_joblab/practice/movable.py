"""The clock that can be set ahead: all of the cluster lives by it, and so can skip a wait.

Cluster time is the time of the clock below plus `ahead`, whole seconds that only grow. Waiting goes
by cluster time too, so a jump makes what is due meanwhile happen at once, in the order of its time.
skipping/engine.py decides when to jump; the registry, the controllers and the node only live here.
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from kubectl_joblab.practice.clock import TimeSource, Wait

KEPT = 1000  # jumps in the journal, each about 30 bytes of what is written with every jump


class Jump(NamedTuple):
    """From this moment of the clock below, in seconds since 1970, the cluster is so far ahead."""

    since: float
    ahead: int


class Moved(NamedTuple):
    """How far a clock was set ahead, as it is kept with the objects.

    ahead: in seconds. auto: whether it jumps by itself whenever the cluster is idle. journal: the
    jumps, oldest first, KEPT at most.
    """

    ahead: int = 0
    auto: bool = False
    journal: tuple[Jump, ...] = ()

    def by(self, seconds: int, since: float) -> Moved:
        """The same after one more jump.

        Where the journal is full, that of its jumps goes which was followed soonest by another.
        """
        ahead = self.ahead + seconds
        journal = [*self.journal, Jump(since, ahead)]
        if len(journal) > KEPT:
            lasted = [after.since - jump.since for jump, after in itertools.pairwise(journal)]
            del journal[lasted.index(min(lasted))]
        return self._replace(ahead=ahead, journal=tuple(journal))


UNMOVED = Moved()


class MovableTimer:
    """A call that a MovableClock will make. wait: what an object waits for, None for nothing."""

    def __init__(
        self,
        clock: MovableClock,
        due: float,
        order: int,
        call: Callable[[], object],
        wait: Wait | None,
    ) -> None:
        self.wait = wait
        self._clock = clock
        self._due = due
        self._order = order
        self._call = call
        self._handle: asyncio.TimerHandle | None = None

    def __lt__(self, other: MovableTimer) -> bool:
        return (self._due, self._order) < (other._due, other._order)

    def left(self) -> float:
        """The seconds until the call; negative where it is late."""
        return self._due - self._clock.elapsed()

    def cancel(self) -> None:
        """Do not make the call. One that was made already is no mistake."""
        if self._handle is not None:
            self._handle.cancel()
        self._clock.forget(self)

    def set(self, loop: asyncio.AbstractEventLoop, ahead: int) -> None:
        """Have the event loop make the call when it is due. The clock alone calls this."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = loop.call_at(self._due - ahead, self._fire)

    def _fire(self) -> None:
        self._clock.forget(self)
        self._call()


class MovableClock:
    """A Clock that can be set ahead of another.

    base: the clock below. moved: how far this one is ahead already. keep: called with what is to be
    kept before anything else knows of it; where it raises, nothing has changed.
    """

    def __init__(
        self,
        base: TimeSource,
        moved: Moved = UNMOVED,
        keep: Callable[[Moved], object] = lambda _: None,
    ) -> None:
        self._base = base
        self._moved = moved
        self._keep = keep
        self._timers: dict[MovableTimer, None] = {}
        self._order = itertools.count()

    # ---- what all Clocks have

    def now(self) -> datetime:
        """The time of the cluster, aware, in UTC."""
        return self._base.now() + timedelta(seconds=self.ahead)

    def call_later(
        self,
        seconds: float,
        callback: Callable[..., object],
        *args: object,
        wait: Wait | None = None,
    ) -> MovableTimer:
        """Call a function in so many seconds of cluster time."""
        due, call = self.elapsed() + seconds, partial(callback, *args)
        timer = MovableTimer(self, due, next(self._order), call, wait)
        self._timers[timer] = None
        timer.set(asyncio.get_running_loop(), self.ahead)
        return timer

    async def sleep(self, seconds: float, wait: Wait | None = None) -> None:
        """Wait so many seconds of cluster time."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, _end, over, wait=wait)
        try:
            await over
        finally:
            timer.cancel()

    # ---- what can be moved

    @property
    def ahead(self) -> int:
        """The seconds by which this clock is ahead of the one below."""
        return self._moved.ahead

    @property
    def journal(self) -> tuple[Jump, ...]:
        """The jumps, oldest first; KEPT at most."""
        return self._moved.journal

    @property
    def auto(self) -> bool:
        """Whether the cluster skips by itself what it waits for; the engine does it."""
        return self._moved.auto

    @auto.setter
    def auto(self, wanted: bool) -> None:
        self._set(self._moved._replace(auto=wanted))

    def ahead_at(self, since: float) -> int:
        """The seconds by which this clock was ahead at a moment of the clock below.

        since: in seconds since 1970.
        """
        place = bisect.bisect_right(self.journal, since, key=lambda jump: jump.since)
        return self.journal[place - 1].ahead if place else 0

    def jump(self, seconds: int) -> None:
        """Set the clock ahead by whole seconds, at least one.

        What is due by then happens when the event loop next has its turn, in the order of its time.
        Raises what `keep` raises.
        """
        if seconds < 1:
            raise ValueError(f"a clock does not jump by {seconds} seconds")
        self._set(self._moved.by(seconds, self._base.now().timestamp()))
        loop = asyncio.get_running_loop()
        for timer in sorted(self._timers):
            timer.set(loop, self.ahead)

    def waits(self) -> Iterator[MovableTimer]:
        """The timers by which objects wait, soonest first."""
        return iter(sorted(timer for timer in self._timers if timer.wait is not None))

    def elapsed(self) -> float:
        """Seconds of cluster time since some moment: the event loop's own, and all jumps."""
        return asyncio.get_running_loop().time() + self.ahead

    def forget(self, timer: MovableTimer) -> None:
        """Count a timer out, which was cancelled or has fired; the timer alone calls this."""
        self._timers.pop(timer, None)

    def _set(self, moved: Moved) -> None:
        self._keep(moved)
        self._moved = moved


def _end(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
