"""What takes long is done in a thread, so that no request keeps the event loop from the others.

The HTTP handlers ask here what takes long, and have it done. What is small is done at once, on the
loop's thread: to wait for another thread would take longer than the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import answers
from kubectl_joblab.practice.api.http.answers import Answer
from kubectl_joblab.practice.api.http.requests import Place
from kubectl_joblab.practice.api.registry import metadata
from kubectl_joblab.practice.api.registry.operations import ObjectVerbs, Registry

Result = TypeVar("Result")

SMALL_BYTES = 8 * 1024  # of a body or a message that is worked on at once
FEW_VALUES = 1_000  # in an object that is worked on at once
ATTEMPTS = 5  # of a write whose object others keep changing: maxRetryWhenPatchConflicts in patch.go

# More threads would only take turns at Python's one interpreter; with a single one, what takes
# seconds would keep out what takes milliseconds.
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="joblab-work")


def is_large(value: Any) -> bool:
    """Whether JSON data has more values than are worked on at once, however they are nested."""
    left, count = [value], 0
    while left:
        one = left.pop()
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        count += len(inner)
        if count > FEW_VALUES:
            return True
        left += [value for value in inner if isinstance(value, (dict, list))]
    return False


async def done(function: Callable[..., Result], *arguments: Any, large: bool) -> Result:
    """What a function returns; in a thread where there is a large amount of work for it."""
    if not large:
        return function(*arguments)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, function, *arguments)


async def written(
    registry: Registry,
    place: Place,
    write: Callable[[ObjectVerbs, list[str]], Object],
    warnings: list[str],
    *,
    large: bool,
) -> Object:
    """What a write returns, once it is stored.

    write: calls one verb, and adds what to warn of to a list. Where the work is large it is done in
    a thread on a draft, and done again where other writes came between; 409 where they always do.
    """
    if not large:
        return write(registry, warnings)
    for _ in range(ATTEMPTS):
        verbs, draft = registry.draft()
        told: list[str] = []
        try:
            found = await done(write, verbs, told, large=True)
        except StatusError:
            warnings += told
            raise
        if draft.commit():
            warnings += told
            return found
    kind = place.kind
    raise errors.conflict(kind.group, kind.plural, place.name, metadata.MODIFIED)


async def refused(error: StatusError, *, pretty: bool) -> Answer:
    """The answer that a request is refused; some errors say much about a large object."""
    large = len(error.message) > SMALL_BYTES
    return await done(partial(answers.of_status, error, pretty=pretty), large=large)
