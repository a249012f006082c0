"""Group commit: all who wait for the disk at one time wait for the same sync of it.

The store asks it before clients are told of a write. While the disk syncs, the event loop goes on
and more is written; one more sync then serves all who have come meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kubectl_joblab.practice.api import errors


class GroupCommit:
    """Syncs one file. sync: has the disk take all up to a revision; it may block."""

    def __init__(self, sync: Callable[[int], None], path: Path) -> None:
        self._sync = sync
        self._path = path
        self._reached = 0
        self._running: asyncio.Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "sync")

    async def reach(self, revision: int, written: Callable[[], int]) -> None:
        """Wait until the disk has all up to a revision. written: tells the last that is written.

        Raises StatusError 500 where a sync fails, and at each call from then on: the system
        reports such a loss once only, so a later sync that succeeds says nothing of it.
        """
        while self._reached < revision:
            if self._running is None:
                self._running = asyncio.ensure_future(self._run(written()))
            await asyncio.shield(self._running)

    async def _run(self, revision: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._sync, revision)
        except OSError as error:
            raise errors.unwritten(self._path, str(error.strerror).lower()) from error
        self._reached = revision
        self._running = None

    def close(self) -> None:
        """Wait for the sync that runs."""
        self._thread.shutdown()
