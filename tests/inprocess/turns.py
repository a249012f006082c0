"""Threads and an event loop that take turns: one runs at a time, and time passes when all wait.

The loop is the practice cluster's; the threads are the client's, which gets them from the Clock
below. A thread that has the turn keeps it until it waits, for an event, a queue, a thread's end or
an answer; the loop keeps the turn until nothing is left to do at this moment. A thread that is
started, or whose waiting is over, stands in line from that moment on. The loop gives the threads in
line their turns, one after the other, and lets its time jump only where the line is empty and
nothing has become ready meanwhile. So no time passes too early, and all happens in the same order
each time.

The loop has no thread of its own: the first thread, that of the test, runs it while it waits. Most
turns are the first thread's, and those change no thread, which takes longer than most turns.
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


class _FirstError(BaseException):
    """Leaves the loop as it is, for the turn of the thread that runs it."""


class _Gate:
    """Lets a thread on as often as another opens it, as a threading.Semaphore does.

    That one is written in Python, and takes several times as long.
    """

    def __init__(self) -> None:
        self._opened: queue.SimpleQueue[None] = queue.SimpleQueue()

    def open(self) -> None:
        self._opened.put(None)

    def passes(self, seconds: float | None = None) -> bool:
        """Wait until it is open; False where that does not come within so many seconds."""
        try:
            self._opened.get(timeout=seconds)
        except queue.Empty:
            return False
        return True


class Turn:
    """A thread that takes part.

    may_run: opened when the thread gets its turn. joining: the threads that wait for its end.
    waits: whether it waits, and is not in line. in_time: whether what it waited for came before its
    time was over. ended: whether its work is done.
    """

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self.may_run = _Gate()
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
        self._others_wait = _Gate()
        self._line: deque[Turn] = deque()
        self._running = self._first = Turn()
        self._others: list[Turn] = []
        self._until = LONGEST
        self._closed = False
        self._broken: BaseException | None = None

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
        if turn is self._first:
            self._run_others()
        else:
            self._others_wait.open()
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
        for turn in self._others:
            self._ready(turn)
        self._give_turns()
        for turn in self._others:
            turn.thread.join(HUNG)
            assert not turn.thread.is_alive(), f"{turn.thread.name} does not end"
        self._until = math.inf
        asyncio.set_event_loop(self.loop)
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()  # what the threads have called, of which tasks may come
        quiet.end(self.loop)
        asyncio.set_event_loop(None)

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
        """Wait for the turn of a thread that is not the first.

        Raises _ClosedError where all is over.
        """
        turn.may_run.passes()
        if self._closed or self._broken:
            raise _ClosedError

    def _run(self, turn: Turn, work: Callable[[], object]) -> None:
        try:
            self._take(turn)
            work()
        except _ClosedError:
            pass
        finally:
            turn.ended = True
            self.wake(turn.joining)
            self._others_wait.open()

    # ---- what the first thread does while it waits

    def _run_others(self) -> None:
        """Let the others in line run, and the loop, until it is the first thread's turn.

        Raises AssertionError where the loop breaks, and where another thread does not wait or end
        within HUNG seconds.
        """
        if self._give_turns():
            return
        try:
            self.loop.run_forever()
        except _FirstError:
            pass
        except Exception as error:
            self._broken = error
            raise AssertionError("the cluster is broken") from error

    def _give_turns(self) -> bool:
        """Let the threads in line run, until all wait or it is the first thread's turn.

        Returns whether that is so.
        """
        while self._line:
            self._running = self._line.popleft()
            if self._running is self._first:
                return True
            self._running.may_run.open()
            assert self._others_wait.passes(HUNG), "a thread waits without its Clock"
        return False

    def _give(self) -> bool:
        """Let the threads in line run until all wait; whether there were any.

        The loop calls it where its time would jump.
        """
        if not self._line:
            assert self.loop.time() < self._until, f"nothing has come of waiting for {LONGEST} s"
            return False
        if self._give_turns():
            raise _FirstError
        return True


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
            # who takes only what is there keeps the turn: nothing is waited for
            if (left is not None and left <= 0) or not self._turns.wait(self._getting, left):
                raise queue.Empty
        self._turns.wake(self._putting)
        return self._items.popleft()
