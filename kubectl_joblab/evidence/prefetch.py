"""Requests made at the same time, by a few threads, as each of them waits for the network.

gather.py and labs/judge/standings.py call it. It knows nothing of what is requested.
"""

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
    """What `call` returns for each item, in the order of the items.

    After an error no further call is begun. Raises the error of the first item whose call failed,
    which is the one that calls made one after another would have raised.
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
    """The items in their order; a thread gets the next one while one is used.

    What the iteration of `items` raises is raised here, after the items before it.
    """
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
