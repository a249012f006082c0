"""What a controller still has to work on: keys, each at most once, now or later.

A key that is added while it waits is not added again. Of two times for one key the earlier counts:
so a burst of changes becomes one sync. Follows k8s.io/client-go/util/workqueue, but that a time for
which a key is planned is dropped when the key is worked on: who does that plans anew. Upstream a
sync with nothing to do follows; here the clock might be set ahead for it, and for nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.clock import GATHERED, Clock, Timer, Wait

K = TypeVar("K")

FIRST_RETRY = 1.0  # DefaultJobApiBackOff
LAST_RETRY = 60.0  # MaxJobApiBackOff
# the first and the last retry of all other controllers: DefaultTypedControllerRateLimiter of
# k8s.io/client-go/util/workqueue
CONTROLLER_RETRIES = (0.005, 1000.0)

log = logging.getLogger(__name__)


class WorkQueue(Generic[K]):
    """A queue of keys.

    about: the kind, namespace and name of the object that a key stands for. first_retry,
    last_retry: seconds until a key is tried again after a failure. They are doubled with each
    failure, from the first to the last.
    """

    def __init__(
        self,
        clock: Clock,
        about: Callable[[K], tuple[str, str, str]],
        first_retry: float = FIRST_RETRY,
        last_retry: float = LAST_RETRY,
    ) -> None:
        self._clock = clock
        self._about = about
        self._ready: dict[K, None] = {}
        self._later: dict[K, Timer] = {}
        self._failures: dict[K, int] = {}
        self._retries = first_retry, last_retry
        self._filled = asyncio.Event()

    def add(self, key: K) -> None:
        """Have a key worked on as soon as possible."""
        self._ready[key] = None
        self._filled.set()

    def add_after(self, key: K, seconds: float, what: str = "sync", why: str = GATHERED) -> None:
        """Have a key worked on after this time, if it is not planned for earlier already.

        what, why: what the object waits for, as in clock.Wait.
        """
        if seconds <= 0:
            self.add(key)
            return
        planned = self._later.get(key)
        if planned is not None:
            if planned.left() <= seconds:
                return
            planned.cancel()
        wait = Wait(*self._about(key), what, why)
        self._later[key] = self._clock.call_later(seconds, self._due, key, wait=wait)

    def cancel(self, key: K) -> None:
        """Do not have a key worked on later, unless that is asked for again."""
        planned = self._later.pop(key, None)
        if planned is not None:
            planned.cancel()

    def _due(self, key: K) -> None:
        del self._later[key]
        self.add(key)

    def add_rate_limited(self, key: K) -> None:
        """Have a key worked on again after a failure, later each time."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        first, last = self._retries
        self.add_after(key, min(first * 2 ** min(failures, 32), last), why="retry")

    def has_failed(self, key: K) -> bool:
        """Whether the work on a key has failed, and not succeeded since."""
        return key in self._failures

    def forget(self, key: K) -> None:
        """Forget the failures of a key."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """Wait for the next key, and take it from the queue."""
        while not self._ready:
            self._filled.clear()
            await self._filled.wait()
        key = next(iter(self._ready))
        del self._ready[key]
        self.cancel(key)
        return key

    async def work(self, sync: Callable[[K], None]) -> None:
        """Call `sync` with each key, until cancelled. A key for which it raises is tried again.

        That holds for any exception: an error that nobody foresaw must not stop the work on other
        keys.
        """
        try:
            while True:
                self._work_on(await self.get(), sync)
                await asyncio.sleep(0)  # clients get their turn between two keys
        finally:
            for planned in self._later.values():
                planned.cancel()

    def _work_on(self, key: K, sync: Callable[[K], None]) -> None:
        try:
            sync(key)
        except StatusError as error:
            log.warning("working on %s: %s", key, error)
            self.add_rate_limited(key)
        except Exception:
            log.exception("working on %s", key)
            self.add_rate_limited(key)
        else:
            self.forget(key)
