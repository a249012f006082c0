"""Virtual time: an event loop whose clock jumps to the next timer when nothing else is to do.

Tests of controllers and the node run on it, so that hours of back-off pass in milliseconds and
always in the same order. The clock over it can be set ahead as the server's can. It knows nothing
of Kubernetes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from selectors import SelectorKey
from typing import Any, TypeVar

from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.skipping import quiet
from kubectl_joblab.practice.skipping.quiet import QuietLoop, QuietSelector

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
_APART = 1e-12  # seconds between two timers of one moment


class DeadlockError(RuntimeError):
    """Every task waits, and no timer is set: nothing will ever happen again."""


class _JumpingSelector(QuietSelector):
    """Never waits: where asyncio would sleep until the next timer, the time passes at once."""

    def __init__(self, give: Callable[[], bool]) -> None:
        super().__init__()
        self._give = give
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout != 0 and (self._give() or self.quiet()):
            return ready  # there may be something to do now, and other timers
        if not ready and timeout is None:
            raise DeadlockError("every task waits and no timer is set")
        if not ready:
            self.passed += timeout or 0
        return ready


class VirtualLoop(QuietLoop):
    """An event loop in virtual time; `time()` begins at 0.

    give: called where time would jump. It may let others run who give the loop something to do, and
    returns whether they ran. Threads are not waited for otherwise.
    """

    def __init__(self, give: Callable[[], bool] = lambda: False) -> None:
        self._jumping = _JumpingSelector(give)
        super().__init__(self._jumping)
        self._clock_resolution = 1e-6  # virtual times are sums: let rounding not split a moment
        self._timers = 0

    def time(self) -> float:
        return round(self._jumping.passed, 9)  # without what keeps timers apart

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """asyncio's, but timers of one moment fire in the order in which they were set."""
        self._timers += 1
        return super().call_at(when + self._timers * _APART, callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,  # noqa: ARG002 -- asyncio's name
        func: Callable[..., T],
        *args: Any,
    ) -> asyncio.Future[T]:
        """asyncio's, but the function runs at once: no time passes while a thread works."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def advance(self, seconds: float) -> None:
        """Let time pass while nothing runs, as when a machine sleeps."""
        self._jumping.passed += seconds


class VirtualTime:
    """Tells START plus the time of a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """The time, to the microsecond."""
        return START + timedelta(seconds=self._loop.time())


class VirtualClock(MovableClock):
    """A Clock over the virtual time of a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(VirtualTime(loop))


class CountingIds:
    """Ids that a test can foresee: uid-1, uid-2, ...; suffixes bbbbb, bbbbc, ..."""

    _alphabet = "bcdfghjklmnpqrstvwxz2456789"

    def __init__(self) -> None:
        self._uids = 0
        self._suffixes = 0

    def uid(self) -> str:
        """A uid in the form of a UUID, so that it passes where one is asked for."""
        self._uids += 1
        return f"00000000-0000-4000-8000-{self._uids:012x}"

    def suffix(self) -> str:
        """Five characters of the alphabet, counted up."""
        number, text = self._suffixes, ""
        self._suffixes += 1
        for _ in range(5):
            number, digit = divmod(number, len(self._alphabet))
            text = self._alphabet[digit] + text
        return text


def current() -> VirtualLoop:
    """The loop that runs now."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def run(main: Callable[[VirtualClock], Awaitable[T]]) -> T:
    """Run a test's coroutine function to its end in virtual time; other tasks are cancelled."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(_awaited(main(VirtualClock(loop))))
    finally:
        quiet.end(loop)
        asyncio.set_event_loop(None)


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable
