"""Accepts connections, and lets none that has not shown a credential cost much, or wait for long.

TLS takes a quarter of a mebibyte a connection, so it begins with the first byte of a client: one
that is silent is a socket and nothing else. Who has no credential is a stranger; there are only so
many of them at a time, each for so many seconds, and the oldest makes room for the next. So they
keep nobody out who has a credential.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import traceback

from kubectl_joblab.practice.api.http import limits

LOG = logging.getLogger("joblab.http")

STRANGER_SECONDS = 10.0  # to send a first byte; to show a credential; to be told that one is needed
MOST_SILENT = 500  # connections that have sent nothing yet
MOST_STRANGERS = 100  # connections that have sent something, but no credential
MOST_KNOWN = 500  # connections with a credential; another one is cut
BACKLOG = 256
_PAUSE = 1.0  # seconds until the next attempt where the system has no more sockets

_Tasks = dict["asyncio.Task[None]", None]


class Acceptor:
    """Accepts the connections of a server on a socket that is bound."""

    def __init__(
        self, server: limits.Server, listening: socket.socket, context: ssl.SSLContext
    ) -> None:
        self._server = server
        self._socket = listening
        self._tls = context
        self._accepting: asyncio.Task[None] | None = None
        # the tasks of those that have no credential, the oldest first
        self._silent: _Tasks = {}
        self._strangers: _Tasks = {}

    def open(self) -> None:
        """Accept connections from now on."""
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)
        self._accepting = asyncio.ensure_future(self._accept())

    async def close(self) -> None:
        """Accept no more connections, and cut those that have no credential."""
        tasks = [*self._silent, *self._strangers]
        if self._accepting is not None:
            tasks.append(self._accepting)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._socket.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connected, _ = await loop.sock_accept(self._socket)
            except OSError as error:  # such as too many open files
                LOG.warning("a connection could not be accepted: %s", error.strerror)
                await asyncio.sleep(_PAUSE)
                continue
            _add(self._silent, asyncio.ensure_future(self._let_in(connected)), MOST_SILENT)
            await asyncio.sleep(0)  # while many come, others are served between

    async def _let_in(self, connected: socket.socket) -> None:
        """Take a connection to where it has shown a credential; else, in time, cut it."""
        task = asyncio.current_task()
        assert task is not None
        try:
            if not await _has_sent(connected):
                return
            del self._silent[task]
            _add(self._strangers, task, MOST_STRANGERS)
            if not await self._is_known(connected):
                limits.cut(connected)
        except (OSError, asyncio.CancelledError) as error:
            # Cancelled, it ends as any other: nobody waits for it. The socket is the transport's to
            # close. The frames hold TLS's memory in a circle with the error, until Python looks for
            # such circles.
            traceback.clear_frames(error.__traceback__)
            limits.cut(connected)
        finally:
            self._silent.pop(task, None)
            self._strangers.pop(task, None)

    async def _is_known(self, connected: socket.socket) -> bool:
        """Make TLS of a connection, and hand it to the server; whether it has a credential.

        One without a certificate has some seconds to show a token in a request.
        """
        transport, connection = await asyncio.get_running_loop().connect_accepted_socket(
            self._server,
            connected,
            ssl=self._tls,
            ssl_handshake_timeout=STRANGER_SECONDS,
        )
        if not transport.get_extra_info("peercert"):
            try:
                await asyncio.wait_for(connection.known.wait(), STRANGER_SECONDS)
            except asyncio.TimeoutError:
                return False
        if len(self._server.connections) > MOST_KNOWN:
            LOG.warning("a connection was cut: there are %d already", MOST_KNOWN)
            return False
        return True


def _add(tasks: _Tasks, task: asyncio.Task[None], most: int) -> None:
    """Add a task to those of its kind; where there are too many, the oldest is cancelled."""
    if len(tasks) >= most:
        oldest = next(iter(tasks))
        del tasks[oldest]
        oldest.cancel()
    tasks[task] = None


async def _has_sent(connected: socket.socket) -> bool:
    """Wait until a client has sent something, or has gone; close a connection that does neither."""
    loop = asyncio.get_running_loop()
    sent = loop.create_future()
    loop.add_reader(connected, _settle, sent)
    try:
        await asyncio.wait_for(sent, STRANGER_SECONDS)
    except (asyncio.TimeoutError, asyncio.CancelledError):
        loop.remove_reader(connected)
        connected.close()
        return False
    loop.remove_reader(connected)
    return True


def _settle(waited_for: asyncio.Future[None]) -> None:
    if not waited_for.done():
        waited_for.set_result(None)
