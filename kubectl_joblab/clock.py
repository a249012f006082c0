"""Time, and everything that waits for it: threads, queues and events.

A command's Session (cli/session.py) carries a Clock and hands it to its Client; what talks to a
cluster takes the time and its threads from the Client. So a test can pass a Clock whose minutes
take milliseconds. The practice cluster has a clock of its own, practice/clock.py. What threads
need is imported when it is used, as not every command has threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    class Thread(Protocol):
        """A thread that was started."""

        def join(self) -> None:
            """Wait until the thread has ended."""

    class Event(Protocol):
        """Something that happens once, as threading.Event."""

        def is_set(self) -> bool:
            """Whether the event has happened."""

        def set(self) -> None:
            """Make the event have happened; whoever waits for it goes on."""

        def wait(self, timeout: float | None = None) -> bool:
            """Wait for the event, but no longer than so many seconds; whether it has happened."""

    class Queue(Protocol):
        """Items from one thread to another, as queue.Queue."""

        def put(self, item: Any) -> None:
            """Add an item; where the queue is full, wait until there is room."""

        def get(self, *, timeout: float | None = None) -> Any:
            """Take the oldest item. Raises queue.Empty where none comes in so many seconds."""

        def qsize(self) -> int:
            """How many items there are to take, or were a moment ago."""


class Clock:
    """The machine's time, and threads as Python has them."""

    def time(self) -> float:
        """Seconds since 1970, by this machine's clock."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment, by a clock that is never set."""
        return time.monotonic()

    def start(self, work: Callable[..., object], *args: object) -> Thread:
        """Start a thread that does this work. A thread does not keep the process from ending."""
        import threading

        thread = threading.Thread(target=work, args=args, daemon=True)
        thread.start()
        return thread

    def event(self) -> Event:
        """An event that has not happened yet."""
        import threading

        return threading.Event()

    def queue(self, size: int = 0) -> Queue:
        """An empty queue for so many items; 0 for as many as come."""
        import queue

        return queue.Queue(size) if size else queue.SimpleQueue()


SYSTEM = Clock()
