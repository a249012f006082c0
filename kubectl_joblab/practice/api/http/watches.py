"""Sends watches and logs, chunk by chunk, for as long as the client takes them.

The HTTP handlers hand their streams over to it. A watch that has begun tells what goes wrong in an
ERROR event. Follows k8s.io/apiserver/pkg/endpoints/handlers/watch.go.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from aiohttp import web

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import negotiate
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import answers, limits, work
from kubectl_joblab.practice.api.storage.history import Subscription
from kubectl_joblab.practice.api.storage.watching import WatchEvent

LOG = logging.getLogger("joblab.http")

# seconds that a watch lasts, or up to twice as many: MinRequestTimeout in
# k8s.io/apiserver/pkg/server/config.go
SHORTEST_WATCH = 1800
TOGETHER_BYTES = 64 * 1024  # of events that are sent before others are served


# waits until the disk has all up to a revision; None for all that is written by now
Settled = Callable[[int | None], Awaitable[None]]


class Shapes(NamedTuple):
    """How the objects of a watch are shown.

    of: given an object as it is now, what makes of it the form that the client wants, in any
    thread. is_moved: whether the clock was moved, so that no object is shown as it is stored.
    """

    of: Callable[[Object], Callable[[], Object]]
    is_moved: Callable[[], bool]


class Watches:
    """The watches that are open, so that all of them can be ended.

    settled: what is told to clients is told after it.
    """

    def __init__(self, settled: Settled) -> None:
        self._settled = settled
        self._open: set[Subscription[WatchEvent]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """End every watch as if its time were over."""
        for events in tuple(self._open):
            events.close()

    async def send(
        self,
        request: web.BaseRequest,
        events: Subscription[WatchEvent],
        shapes: Shapes,
        seconds: int | None,
        warnings: Sequence[str] = (),
    ) -> web.StreamResponse:
        """Send events until their time is over, they end, or the client has gone.

        seconds: None for a time of the server's choice. warnings: texts of Warning headers.
        """
        self._open.add(events)
        limit = seconds or SHORTEST_WATCH * (1 + random.random())  # noqa: S311 -- no secret
        timer = asyncio.get_running_loop().call_later(limit, events.close)
        try:
            response = await _begun(request, negotiate.JSON, warnings)
            await _send_events(request, response, events, shapes, self._settled)
        finally:
            timer.cancel()
            events.close()
            self._open.discard(events)
        await response.write_eof()
        return response


async def send_log(request: web.BaseRequest, chunks: AsyncIterator[bytes]) -> web.StreamResponse:
    """Send a log until it ends, or the client has gone."""
    response = await _begun(request, "text/plain")
    async for chunk in chunks:
        await _write(request, response, chunk)
    await response.write_eof()
    return response


async def _begun(
    request: web.BaseRequest, content_type: str, warnings: Sequence[str] = ()
) -> web.StreamResponse:
    """A response whose head is sent and whose body comes in chunks."""
    headers = {**answers.HEADERS, "Content-Type": content_type}
    response = web.StreamResponse(headers=headers)
    for warning in answers.warnings(warnings):
        response.headers.add("Warning", warning)
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response


async def _send_events(
    request: web.BaseRequest,
    response: web.StreamResponse,
    events: Subscription[WatchEvent],
    shapes: Shapes,
    settled: Settled,
) -> None:
    sent = 0
    try:
        await settled(None)  # what is not among the objects that exist is told, too
        async for event in events:
            data = await _told(event, shapes, settled)
            await _write(request, response, data)
            sent += len(data)
            if sent > TOGETHER_BYTES:  # nothing else waits while events and the client keep up
                sent = 0
                await asyncio.sleep(0)
    except StatusError as error:
        await _write_error(request, response, error)
    except ConnectionError:
        raise
    except Exception:
        LOG.exception("a watch of %s broke", request.path)
        await _write_error(request, response, answers.internal())


async def _told(event: WatchEvent, shapes: Shapes, settled: Settled) -> bytes:
    """An event as it is sent, once it may be told."""
    if event.text:
        await settled(0)  # a jump of the clock; the object existed when the watch began
        if not shapes.is_moved():
            return b'{"type":"%b","object":%b}\n' % (event.type.encode(), event.text)
        event = event.parsed()
    await settled(int(event.object["metadata"]["resourceVersion"]))
    make = partial(_encoded, event.type, shapes.of(event.object))
    return await work.done(make, large=work.is_large(event.object))


async def _write_error(
    request: web.BaseRequest, response: web.StreamResponse, error: StatusError
) -> None:
    await _write(request, response, _encoded("ERROR", lambda: error.status))


def _encoded(kind: str, shaped: Callable[[], Object]) -> bytes:
    """An event of a kind, such as ADDED, as it is sent."""
    return answers.encoded({"type": kind, "object": shaped()})


async def _write(request: web.BaseRequest, response: web.StreamResponse, data: bytes) -> None:
    """Send a chunk; a client that does not take what came before it is cut off."""
    with limits.patience(request, limits.STALLED_SECONDS):
        await response.write(data)
