"""Things done at the same time, each by a thread, where one alone would wait for the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from kubectl_joblab import clock as clocks
from kubectl_joblab.clock import Clock

T = TypeVar("T")
R = TypeVar("R")
THREADS = 4  # each keeps a connection of its own


def each(
    call: Callable[[T], R],
    items: Iterable[T],
    threads: int = THREADS,
    *,
    clock: Clock = clocks.SYSTEM,
) -> list[R]:
    """What `call` makes of each item, in their order.

    After an error no more is begun; the error that one after another would have met is raised.
    """
    waiting = list(items)
    if len(waiting) < 2:
        return [call(item) for item in waiting]
    found: dict[int, R] = {}
    errors: dict[int, BaseException] = {}
    numbers = iter(range(len(waiting)))  # next() of it is atomic

    def work() -> None:
        for index in numbers:
            if any(failed < index for failed in tuple(errors)):
                return
            try:
                found[index] = call(waiting[index])
            except BaseException as error:
                errors[index] = error

    workers = [clock.start(work) for _ in range(min(threads, len(waiting)))]
    for worker in workers:
        worker.join()
    if errors:
        raise errors[min(errors)]
    return [found[index] for index in range(len(waiting))]


def ahead(items: Iterable[T], clock: Clock = clocks.SYSTEM) -> Iterator[T]:
    """The items, of which the next is got while one is used."""
    ready = clock.queue(size=1)

    def fetch() -> None:
        try:
            for item in items:
                ready.put((True, item))
            ready.put((False, None))
        except BaseException as error:
            ready.put((False, error))

    clock.start(fetch)
    while True:
        more, item = ready.get()
        if not more:
            break
        yield item
    if item is not None:
        raise item
