"""Threads and an event loop that take turns: one runs at a time, and time passes when all wait.

The loop is the practice cluster's; the threads are the client's, which gets them from the Clock
below. A thread that has the turn keeps it until it waits, for an event, a queue, a thread's end or
an answer; the loop keeps the turn until nothing is left to do at this moment. A thread that is
started, or whose waiting is over, stands in line from that moment on. The loop gives the threads in
line their turns, one after the other, and lets its time jump only where the line is empty and
nothing has become ready meanwhile. So no time passes too early, and all happens in the same order
each time.
"""

from __future__ import annotations

import asyncio
import math
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from kubectl_joblab import clock
from kubectl_joblab.practice.skipping import quiet
from tests.practice.virtual import START, VirtualLoop

T = TypeVar("T")
HUNG = 60.0  # seconds of real time after which something counts as hung
LONGEST = 3600.0  # seconds of virtual time after which a waiting counts as endless


class _ClosedError(BaseException):
    """Ends a thread that still waits when all is over."""


class Turn:
    """A thread that takes part.

    may_run: released when the thread gets its turn. joining: the threads that wait for its end.
    waits: whether it waits, and is not in line. in_time: whether what it waited for came before its
    time was over. ended: whether its work is done.
    """

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self.may_run = threading.Semaphore(0)
        self.joining: list[Turn] = []
        self.waits = False
        self.in_time = False
        self.ended = False


class Turns:
    """Decides whose turn it is. The thread that makes it has the first turn.

    The loop stands still until that thread waits. Where the loop breaks, every thread that waits or
    takes its turn raises an error.
    """

    def __init__(self) -> None:
        self.loop = VirtualLoop(self._give)
        self._loop_may_run = threading.Semaphore(0)
        self._line: deque[Turn] = deque()
        self._running = self._first = Turn()
        self._others: list[Turn] = []
        self._until = LONGEST
        self._closed = False
        self._broken: BaseException | None = None
        self._loop_thread = threading.Thread(target=self._run_loop, name="cluster")
        self._loop_thread.start()

    # ---- what the thread calls that has the turn

    def start(self, work: Callable[[], object]) -> Turn:
        """Start a thread that does this work when its turn comes; it is in line from now on."""
        turn = Turn()
        turn.thread = threading.Thread(target=self._run, args=(turn, work), daemon=True)
        self._others.append(turn)
        self._line.append(turn)
        turn.thread.start()
        return turn

    def wait(self, waiting: list[Turn], seconds: float | None = None) -> bool:
        """Wait until `wake` is called with this list; False where virtual time is over before."""
        turn = self._running
        assert turn.thread is threading.current_thread(), "a thread that no Clock has started"
        if self._closed or self._broken:
            raise _ClosedError
        turn.waits = turn.in_time = True
        waiting.append(turn)
        timer = None if seconds is None else self.loop.call_later(seconds, self._late, turn)
        self._until = self.loop.time() + LONGEST
        self._loop_may_run.release()
        self._take(turn)
        if timer is not None:
            timer.cancel()
        if turn in waiting:
            waiting.remove(turn)
        return turn.in_time

    def wake(self, waiting: list[Turn]) -> None:
        """Have the threads of this list, which wait, stand in line. The loop may call it too."""
        for turn in waiting:
            self._ready(turn)
        waiting.clear()

    def call(self, function: Callable[[], T]) -> T:
        """Have the loop call a function; what the function returns."""
        done: list[T] = []
        waiting: list[Turn] = []

        def run() -> None:
            done.append(function())
            self.wake(waiting)

        self.loop.call_soon(run)
        self.wait(waiting)
        return done[0]

    def close(self) -> None:
        """End the threads that still wait, then the loop with all its tasks.

        Raises AssertionError where one of them does not end within HUNG seconds.
        """
        self._closed = True
        if self._broken is None:
            for turn in self._others:
                self._ready(turn)
            self.loop.call_soon(self.loop.stop)
            self._loop_may_run.release()
        for thread in [*(turn.thread for turn in self._others), self._loop_thread]:
            thread.join(HUNG)
            assert not thread.is_alive(), f"{thread.name} does not end"

    # ---- the line

    def _ready(self, turn: Turn) -> None:
        if turn.waits:
            turn.waits = False
            self._line.append(turn)

    def _late(self, turn: Turn) -> None:
        if turn.waits:
            turn.in_time = False
            self._ready(turn)

    def _take(self, turn: Turn) -> None:
        """Wait for this thread's turn.

        Raises _ClosedError where all is over, AssertionError in the first thread where the loop is
        broken, and where no turn comes within HUNG seconds.
        """
        assert turn.may_run.acquire(timeout=HUNG), "a thread waits without its Clock"
        if turn is not self._first and (self._closed or self._broken):
            raise _ClosedError
        if self._broken is not None:
            raise AssertionError("the cluster is broken") from self._broken

    def _run(self, turn: Turn, work: Callable[[], object]) -> None:
        try:
            self._take(turn)
            work()
        except _ClosedError:
            pass
        finally:
            turn.ended = True
            self.wake(turn.joining)
            self._loop_may_run.release()

    # ---- the loop's thread

    def _give(self) -> bool:
        """Let the threads in line run until all wait; whether there were any.

        The loop calls it where its time would jump.
        """
        if not self._line or self._broken:
            assert self.loop.time() < self._until, f"nothing has come of waiting for {LONGEST} s"
            return False
        while self._line:
            self._running = self._line.popleft()
            self._running.may_run.release()
            self._loop_may_run.acquire()
        return True

    def _run_loop(self) -> None:
        self._loop_may_run.acquire()
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        except BaseException as error:
            self._broken = error
            for turn in [self._first, *self._others]:
                turn.may_run.release()
        finally:
            self._until = math.inf
            quiet.end(self.loop)
            asyncio.set_event_loop(None)


class Clock(clock.Clock):
    """A clock for the client: the loop's time, and threads that take turns."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def time(self) -> float:
        return START.timestamp() + self.monotonic()

    def monotonic(self) -> float:
        return self._turns.loop.time()

    def start(self, work: Callable[..., object], *args: object) -> Thread:
        return Thread(self._turns, self._turns.start(lambda: work(*args)))

    def event(self) -> Event:
        return Event(self._turns)

    def queue(self, size: int = 0) -> Queue:
        return Queue(self._turns, size)


class Thread:
    """A thread that takes turns, to be joined as a threading.Thread."""

    def __init__(self, turns: Turns, turn: Turn) -> None:
        self._turns = turns
        self._turn = turn

    def join(self) -> None:
        if not self._turn.ended:
            self._turns.wait(self._turn.joining)


class Event:
    """A threading.Event whose waiting takes virtual time."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._waiting: list[Turn] = []
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        self._turns.wake(self._waiting)

    def wait(self, timeout: float | None = None) -> bool:
        return self._is_set or self._turns.wait(self._waiting, timeout)


class Queue:
    """A queue.Queue whose waiting takes virtual time."""

    def __init__(self, turns: Turns, size: int) -> None:
        self._turns = turns
        self._size = size
        self._items: deque[Any] = deque()
        self._getting: list[Turn] = []
        self._putting: list[Turn] = []

    def put(self, item: Any) -> None:
        while self._size and len(self._items) >= self._size:
            self._turns.wait(self._putting)
        self._items.append(item)
        self._turns.wake(self._getting)

    def qsize(self) -> int:
        return len(self._items)

    def get(self, *, timeout: float | None = None) -> Any:
        now = self._turns.loop.time
        end = None if timeout is None else now() + timeout
        while not self._items:
            left = None if end is None else end - now()
            if not self._turns.wait(self._getting, left):
                raise queue.Empty
        self._turns.wake(self._putting)
        return self._items.popleft()
