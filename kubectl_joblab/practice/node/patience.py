"""Waiting for something for so long and no longer.

asyncio.wait_for may lose a cancellation that comes as the awaited thing ends, before Python 3.12: a
loop that waits with it would then never stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """Its result; TimeoutError, and the work is given up, when it takes longer."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=seconds)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
