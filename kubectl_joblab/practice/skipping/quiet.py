"""An event loop that tells when it has nothing to do: every task waits, and no event has come.

This is how the cluster knows exactly that it is idle, in the manner of trio's autojump clock: not
by what its parts report, of which one could be forgotten, but because nothing at all is ready to
run. Only what goes on outside the loop has to be counted: its threads, here, and containers.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class QuietSelector(selectors.DefaultSelector):
    """A selector that calls `quiet` where the loop would begin to wait.

    quiet: returns whether there may be something to do now.
    """

    def __init__(self) -> None:
        super().__init__()
        self.quiet: Callable[[], bool] = lambda: False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events of files, as any selector. asyncio gives no time while it is busy."""
        if timeout == 0:
            return super().select(0)
        found = super().select(0)
        if found or self.quiet():
            return found
        return super().select(timeout)


class QuietLoop(asyncio.SelectorEventLoop):
    """asyncio's event loop on a QuietSelector. threads: how many work for it."""

    def __init__(self, selector: QuietSelector | None = None) -> None:
        self._quiet = selector or QuietSelector()
        super().__init__(self._quiet)
        self.threads = 0

    def on_quiet(self, do: Callable[[], bool]) -> None:
        """Call a function whenever there is nothing to do; it returns whether there is now."""
        self._quiet.quiet = do

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """asyncio's, but the thread counts until the loop has its result."""
        done = super().run_in_executor(executor, func, *args)
        self.threads += 1
        done.add_done_callback(self._thread_is_done)
        return done

    def _thread_is_done(self, _: object) -> None:
        self.threads -= 1


def run(main: Callable[[QuietLoop], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine to its end, as asyncio.run does, but on a QuietLoop."""
    loop = QuietLoop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(main(loop))
    finally:
        end(loop)
        asyncio.set_event_loop(None)


def end(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel all that is left in a loop that stands still, and close it."""
    left: set[asyncio.Task[Any]] = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
