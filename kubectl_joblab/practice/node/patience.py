"""Waiting for a result no longer than a given time.

Before Python 3.12 asyncio.wait_for may lose a cancellation that comes as the awaited thing ends: a
loop that waits with it would then never stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """The result of the work. TimeoutError, and the work is cancelled, when it takes longer."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=seconds)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
