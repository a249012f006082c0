"""The loop that tells when it has nothing to do: never too early, and always then."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from kubectl_joblab.practice.skipping import quiet
from kubectl_joblab.practice.skipping.quiet import QuietLoop

Main = Callable[[QuietLoop], Coroutine[Any, Any, None]]


def test_it_does_not_tell_while_anything_is_ready() -> None:
    told: list[str] = []

    async def main(loop: QuietLoop) -> None:
        over = asyncio.Event()

        def tell() -> bool:
            told.append("quiet")
            over.set()
            return True

        loop.on_quiet(tell)
        for _ in range(100):
            await asyncio.sleep(0)
        told.append("waits")
        await over.wait()

    quiet.run(main)
    assert told[:2] == ["waits", "quiet"]


def test_it_tells_again_each_time_that_it_would_wait() -> None:
    told = 0

    async def main(loop: QuietLoop) -> None:
        enough = asyncio.Event()

        def tell() -> bool:
            nonlocal told
            told += 1
            if told == 3:
                enough.set()
            return True

        loop.on_quiet(tell)
        await enough.wait()

    quiet.run(main)
    assert told >= 3


def test_what_has_come_is_read_first() -> None:
    told: list[object] = []

    async def main(loop: QuietLoop) -> None:
        here, there = socket.socketpair()
        with here, there:
            here.setblocking(False)
            there.send(b"news")

            def tell() -> bool:
                told.append("quiet")
                return False

            loop.on_quiet(tell)
            told.append(await loop.sock_recv(here, 10))
            await asyncio.sleep(0.01)

    quiet.run(main)
    assert told[:2] == [b"news", "quiet"]


def test_a_thread_counts_until_its_result_is_seen() -> None:
    told: list[tuple[int, str]] = []

    async def main(loop: QuietLoop) -> None:
        may_end = threading.Event()
        seen = "nothing"

        def tell() -> bool:
            told.append((loop.threads, seen))
            may_end.set()
            return False

        loop.on_quiet(tell)
        seen = await loop.run_in_executor(None, lambda: str(may_end.wait(20)))
        await asyncio.sleep(0.01)

    quiet.run(main)
    assert told[0] == (1, "nothing")
    assert set(told) == {(1, "nothing"), (0, "True")}


def test_what_is_left_over_is_cancelled_and_may_clean_up() -> None:
    ended: list[str] = []

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("other")

    async def main(_: QuietLoop) -> None:
        main.task = asyncio.ensure_future(other())  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    quiet.run(main)
    assert ended == ["other"]
