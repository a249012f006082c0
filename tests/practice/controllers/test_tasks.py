"""Parts of a controller: they run beside each other and end together."""

from __future__ import annotations

import asyncio

import pytest

from kubectl_joblab.practice.controllers import tasks
from tests.practice import virtual
from tests.practice.virtual import VirtualClock


class Part:
    """Runs for a time; writes down how it ended."""

    def __init__(self, seconds: float, error: Exception | None = None) -> None:
        self.seconds, self.error, self.end = seconds, error, ""

    async def run(self) -> None:
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.end = "cancelled"
            raise
        self.end = "ended"
        if self.error:
            raise self.error


def test_an_error_of_one_part_ends_all_and_is_raised() -> None:
    parts = [Part(1, ValueError("broken")), Part(100)]

    async def main(clock: VirtualClock) -> None:
        with pytest.raises(ValueError, match="broken"):
            await tasks.together(*(part.run() for part in parts))

    virtual.run(main)
    assert [part.end for part in parts] == ["ended", "cancelled"]


def test_who_cancels_the_whole_cancels_each_part() -> None:
    parts = [Part(100), Part(200)]

    async def main(clock: VirtualClock) -> None:
        whole = asyncio.ensure_future(tasks.together(*(part.run() for part in parts)))
        await asyncio.sleep(1)
        whole.cancel()
        with pytest.raises(asyncio.CancelledError):
            await whole

    virtual.run(main)
    assert [part.end for part in parts] == ["cancelled", "cancelled"]
