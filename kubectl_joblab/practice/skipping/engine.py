"""Skips what the cluster waits for: whenever nothing is to do, the clock jumps to the next timer.

Somebody asks for it, for a time or until something is so (`Skipping`), or it is on for good (auto).
It never jumps over a timer of an object: who waits is woken, does its work, and only when nothing
is left to do comes the next jump. So all happens in the order, with the gaps and through the states
of a cluster that has waited. Containers live in real time: while one runs, the cluster is not idle.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple

from kubectl_joblab.practice.clock import SCHEDULE, Running, Wait
from kubectl_joblab.practice.movable import MovableClock, MovableTimer

LOG = logging.getLogger("joblab.clock")

SHORTEST = 1.0  # seconds: what is due sooner is waited for
MOST_AHEAD = 100 * 365 * 24 * 3600  # seconds: the API has no time after the year 9999
MOMENT = 0.001  # seconds: what computing and rounding take
# seconds without news until time goes on, while a client watches: so long it has to react, such as
# to read the log of a Pod that is deleted next. As long time stops where nobody has said how far it
# may go: a Pod that waits for an image for ever would have it run away.
REACTION = 0.25


class Waits(NamedTuple):
    """These containers run, and are waited for."""

    running: Sequence[Running]


class Jumped(NamedTuple):
    """The clock was set ahead by seconds, for this wait, or for the time that was asked for."""

    seconds: int
    ahead: int
    wait: Wait | None


class Done(NamedTuple):
    """It is over. why: why what was asked for has not come, "" where it has."""

    why: str


class Failed(NamedTuple):
    """It is over, because the clock could not be set ahead."""

    message: str


News = Waits | Jumped | Done | Failed

# whether it is so by now: "" for not yet, REACHED, or why it never will be
Goal = Callable[[], str]
REACHED = "reached"


class Skipping:
    """One request to skip what the cluster waits for, which tells how it goes on.

    goal: what is waited for. seconds: of cluster time, after which it is over at the latest.
    while_running: whether the clock jumps also while containers run.
    """

    def __init__(
        self,
        goal: Goal | None = None,
        seconds: int | None = None,
        *,
        while_running: bool = False,
    ) -> None:
        self.goal = goal
        self.seconds = seconds
        self.while_running = while_running
        self.limit: MovableTimer | None = None
        self._told: asyncio.Queue[News] = asyncio.Queue()
        self._waits: Sequence[Running] = ()

    async def news(self) -> AsyncIterator[News]:
        """What happens, as it happens; the last is Done or Failed."""
        while True:
            told = await self._told.get()
            yield told
            if isinstance(told, Done | Failed):
                return

    def tell(self, news: News) -> None:
        """Tell what has happened. The engine alone calls this."""
        self._waits = ()
        self._told.put_nowait(news)

    def waits_for(self, running: Sequence[Running]) -> bool:
        """Tell once which containers are waited for; whether that is news."""
        if running == self._waits:
            return False
        self.tell(Waits(running))
        self._waits = running
        return True


class Engine:
    """Sets the clock ahead.

    running: the containers that run now. working: whether anything is being done that the event
    loop does not know of. watched: whether a client watches objects. revision: of the last write.
    """

    def __init__(
        self,
        clock: MovableClock,
        running: Callable[[], Sequence[Running]],
        *,
        working: Callable[[], bool] = lambda: False,
        watched: Callable[[], bool] = lambda: False,
        revision: Callable[[], int] = lambda: 0,
    ) -> None:
        self.clock = clock
        self.running = running
        self._working = working
        self._watched = watched
        self._revision = revision
        self._open: list[Skipping] = []
        self._stuck = False
        self._seen = -1
        self._since = 0.0
        self._looking = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def auto(self) -> bool:
        """Whether the clock jumps whenever the cluster is idle; raises as the clock does."""
        return self.clock.auto

    @auto.setter
    def auto(self, wanted: bool) -> None:
        self.clock.auto = wanted
        self._stuck = False

    def begin(self, skipping: Skipping) -> None:
        """Skip what is waited for, from now on until it is over or `end` is called."""
        if skipping.seconds is not None:
            skipping.limit = self.clock.call_later(skipping.seconds, _nothing)
        self._stuck = False
        self._open.append(skipping)

    def end(self, skipping: Skipping, news: News | None = None) -> None:
        """Skip no more for this request, which is told so; one that is over already may be."""
        if skipping in self._open:
            self._open.remove(skipping)
            if skipping.limit is not None:
                skipping.limit.cancel()
            if news is not None:
                skipping.tell(news)

    def close(self, why: str) -> None:
        """End all requests. why: what they are told."""
        for skipping in tuple(self._open):
            self.end(skipping, Done(why))

    # ---- what the event loop calls

    def quiet(self) -> bool:
        """See to what was asked for, now that nothing else is to do; whether anything was done."""
        if not self._open and not self.auto:
            return False
        try:
            return not self._working() and self._act()
        except Exception as error:
            LOG.exception("the clock was not set ahead")
            for skipping in tuple(self._open):
                self.end(skipping, Failed(str(error)))
            self._stuck = True
            return True

    def _act(self) -> bool:
        running = self.running()
        waits = list(self.clock.waits())
        idle = not running and all(map(_recurs, waits))
        acted = [self._settle(one, idle=idle) for one in tuple(self._open)]
        if any(acted):
            return True
        if running and not any(one.while_running for one in self._open):
            told = [one.waits_for(running) for one in self._open]
            return any(told)
        if self._stuck:
            return False
        target = self._target(waits)
        if target is None or target.left() <= SHORTEST:
            return False
        pause = self._reaction()
        if pause > 0:
            return self._look_again(pause)
        self._jump(target, waits)
        return True

    def _settle(self, skipping: Skipping, *, idle: bool) -> bool:
        """End a request that is over; whether it is. idle: whether nothing will ever happen."""
        found = skipping.goal() if skipping.goal is not None else ""
        if found:
            self.end(skipping, Done("" if found == REACHED else found))
        elif skipping.limit is not None and skipping.limit.left() <= 0:
            self.end(skipping, Done("" if skipping.goal is None else "at-most"))
        elif skipping.goal is not None and idle:
            self.end(skipping, Done("nothing waits"))
        else:
            return False
        return True

    def _target(self, waits: Sequence[MovableTimer]) -> MovableTimer | None:
        """The timer to jump to: an object's, or the limit of a request where that comes first.

        What comes again for ever is no reason to jump, and a stop on the way.
        """
        reasons = [one for one in waits if not _recurs(one)]
        limits = [
            one.limit
            for one in self._open
            if one.limit is not None and (reasons or one.goal is None)
        ]
        if not reasons and not limits:
            return None
        return min([*waits[:1], *limits])

    def _reaction(self) -> float:
        """The seconds for which a client may still react to the last news (REACTION)."""
        loop = asyncio.get_running_loop()
        if self._seen != self._revision():
            self._seen, self._since = self._revision(), loop.time()
        hurried = any(one.limit is not None for one in self._open)
        return 0 if hurried and not self._watched() else self._since + REACTION - loop.time()

    def _look_again(self, seconds: float) -> bool:
        """Have the loop look again what there is to do, so late; whether it would not anyway."""
        if self._looking:
            return False
        self._looking = True
        asyncio.get_running_loop().call_later(seconds, self._look)
        return True

    def _look(self) -> None:
        self._looking = False

    def _jump(self, target: MovableTimer, waits: Sequence[MovableTimer]) -> None:
        left = target.left()
        seconds = math.ceil(left)
        passed = [one for one in waits if one is not target and left < one.left() < seconds]
        if passed or (target.wait is not None and self._is_another_second(left, seconds)):
            seconds = math.floor(left)  # the rest passes by itself
        if self.clock.ahead + seconds > MOST_AHEAD:
            raise ValueError(f"a clock is at most {MOST_AHEAD} seconds ahead")
        self.clock.jump(seconds)
        for skipping in self._open:
            skipping.tell(Jumped(seconds, self.clock.ahead, target.wait))

    def _is_another_second(self, due: float, jump: int) -> bool:
        """Whether what is due in so many seconds would have another stamp after such a jump."""
        begun = self.clock.now().microsecond / 1_000_000
        return math.floor(begun + due + MOMENT) < jump


def _recurs(timer: MovableTimer) -> bool:
    return timer.wait is not None and timer.wait.why == SCHEDULE


def _nothing() -> None:
    """Only to have the event loop look what there is to do."""
