"""pods/exec and pods/attach: a WebSocket is made of the request, and carries a program's streams.

The verbs call it with the Pod. Framing is aiohttp's, whose server this is: it limits messages,
answers pings, and tells what is no frame, so another library would only be a second one. A program
that prints faster than the client reads waits, and so does a client that types faster than the
program reads. Follows k8s.io/kubernetes/pkg/registry/core/pod (streamLocation),
k8s.io/apiserver/pkg/util/proxy and pkg/kubelet/server.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, streaming
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import answers, limits, logs
from kubectl_joblab.practice.api.http.answers import Answer
from kubectl_joblab.practice.api.http.connect import channels
from kubectl_joblab.practice.api.http.connect.channels import (
    InputEnded,
    Protocol,
    ProtocolError,
    Resized,
    Typed,
)
from kubectl_joblab.practice.api.http.requests import Query
from kubectl_joblab.practice.api.streaming import (
    Begin,
    Ended,
    NodeError,
    Session,
    StreamError,
    Streaming,
    StreamOptions,
)

MESSAGE_BYTES = 8 * 1024 * 1024  # the largest message of a client; golang.org/x/net takes 32 MiB
IDLE_SECONDS = 4 * 3600.0  # without a message; defaultIdleConnectionTimeout
ASK_SECONDS = 10.0  # between two questions whether a client is there whose input nobody reads
CLOSE_SECONDS = 2.0  # for the client to take leave too
_CHANNELS = {streaming.STDOUT: channels.STDOUT, streaming.STDERR: channels.STDERR}


class Connections:
    """The connections to containers, so that it is known whether there are any.

    node: makes them.
    """

    def __init__(self, node: Streaming) -> None:
        self._node = node
        self._open = 0

    def __len__(self) -> int:
        return self._open

    async def serve(
        self, request: web.BaseRequest, pod: Object, query: Query, subresource: str
    ) -> Answer | web.StreamResponse:
        """Carry the streams until the program or the client ends them; or say why not.

        Raises StatusError where the API server itself refuses.
        """
        options = _options(query)
        container = logs.container(pod, options.container)
        if not objects.spec(pod).get("nodeName"):
            raise errors.bad_request(f"pod {objects.name(pod)} does not have a host assigned")
        if "upgrade" not in request.headers.get("Connection", "").lower():
            raise errors.bad_request("Upgrade request required")
        try:
            begin = self._found(pod, options, container, subresource)
        except NodeError as error:
            return answers.of_text(error.code, error.text)
        if request.headers.get("Upgrade", "").lower() != "websocket":
            raise _only_websocket()
        protocol = channels.negotiated(request.headers.get("Sec-WebSocket-Protocol"))
        if protocol is None:
            return Answer(403, b"")
        self._open += 1
        try:
            return await _Connection(request, protocol, options).serve(begin)
        finally:
            self._open -= 1

    def _found(
        self, pod: Object, options: StreamOptions, container: str, subresource: str
    ) -> Begin:
        if not (options.stdin or options.stdout or options.stderr):
            raise NodeError(400, "you must specify at least 1 of stdin, stdout, stderr")
        find = self._node.execute if subresource == "exec" else self._node.attach
        return find(pod, container, options)


def refused(pod: Object) -> StatusError:
    """Why no port of a Pod is forwarded."""
    if not objects.spec(pod).get("nodeName"):
        return errors.bad_request(f"pod {objects.name(pod)} does not have a host assigned")
    message = (
        "the practice cluster has no pods/portforward: "
        "its Pods share this machine's network, where their ports are open already"
    )
    return StatusError(501, "NotImplemented", message, {})


def _only_websocket() -> StatusError:
    message = "the practice cluster speaks WebSocket, not SPDY/3.1: use kubectl 1.31 or newer"
    return StatusError(501, "NotImplemented", message, {})


def _options(query: Query) -> StreamOptions:
    tty = bool(query.flag("tty"))
    return StreamOptions(
        container=query.text("container"),
        command=tuple(query.all("command")),
        stdin=bool(query.flag("stdin")),
        stdout=bool(query.flag("stdout")),
        # who wants a terminal has no stderr of its own, and is not told so
        stderr=bool(query.flag("stderr")) and not tty,
        tty=tty,
    )


class _Connection:
    """One connection, from the upgrade to the end."""

    def __init__(
        self, request: web.BaseRequest, protocol: Protocol, options: StreamOptions
    ) -> None:
        self._request = request
        self._protocol = protocol
        self._options = options
        self._socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS,
            protocols=(protocol.name,) if protocol.name else (),
            compress=False,
            max_msg_size=MESSAGE_BYTES,
        )
        self._idle: asyncio.TimerHandle | None = None

    async def serve(self, begin: Begin) -> web.StreamResponse:
        await self._socket.prepare(self._request)
        self._touch()
        try:
            await self._send(self._lowest(), b"")
            ending = await self._ending(begin)
            if ending is not None:
                if ending:
                    await self._send(channels.ERROR, ending)
                await self._socket.close()
        finally:
            if self._idle is not None:
                self._idle.cancel()
        return self._socket

    def _lowest(self) -> int:
        """The channel on which the client is told that the connection is made."""
        if self._options.stdout:
            return channels.STDOUT
        return channels.STDERR if self._options.stderr else channels.ERROR

    async def _ending(self, begin: Begin) -> bytes | None:
        """How it has ended, as the error channel tells it; None where the client has left."""
        try:
            async with _held(begin) as session:
                if not await self._carry(session):
                    return None
                await session.wait()
        except Ended as error:
            return channels.exited(self._protocol, error.code, error.command)
        except StreamError as error:
            return channels.failed(self._protocol, str(error))
        return channels.success(self._protocol)

    async def _carry(self, session: Session) -> bool:
        """Carry streams both ways until those of the program end; False where the client left.

        Nothing waits for a stream afterwards: its descriptor may soon be another connection's.
        """
        typing = asyncio.ensure_future(self._type(session))
        prints = [asyncio.ensure_future(self._print(session, one)) for one in session.outputs]
        printing = asyncio.gather(*prints)
        try:
            both: list[asyncio.Future[Any]] = [typing, printing]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if printing.done():
                await printing
                return True
            await typing
            return False
        finally:
            for task in (typing, *prints):  # gather leaves the others alone where one has failed
                task.cancel()
            await asyncio.gather(typing, printing, *prints, return_exceptions=True)

    async def _type(self, session: Session) -> None:
        """Hand on what the client sends, until it leaves or sends what makes no sense."""
        reads = self._options.stdin
        async for message in self._socket:
            if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
                return
            self._touch()
            try:
                said = channels.received(self._protocol, message.data)
            except ProtocolError:
                await self._socket.close()
                return
            if isinstance(said, Resized):
                session.resize(said.width, said.height)
            elif isinstance(said, InputEnded) and self._options.stdin:
                session.end_input()
            elif isinstance(said, Typed) and reads:
                reads = await self._written(session, said.data)
            await asyncio.sleep(0)  # others are served between

    async def _written(self, session: Session, data: bytes) -> bool:
        """Have the program read this; whether it reads at all.

        Meanwhile nothing of the client is read, not even that it has gone: it is asked.
        """
        writing = asyncio.ensure_future(session.write(data))
        try:
            while not (await asyncio.wait([writing], timeout=ASK_SECONDS))[0]:
                await self._socket.ping()
            await writing
        except BrokenPipeError:
            return False
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        return True

    async def _print(self, session: Session, stream: str) -> None:
        """Send what the program prints to a stream, until the stream ends."""
        wanted = {streaming.STDOUT: self._options.stdout, streaming.STDERR: self._options.stderr}
        while data := await session.read(stream):
            if wanted[stream]:
                await self._send(_CHANNELS[stream], data)
            await asyncio.sleep(0)  # others are served between

    async def _send(self, channel: int, data: bytes) -> None:
        """Send a message; a client that does not take what came before it is cut off."""
        message = channels.message(self._protocol, channel, data)
        self._touch()
        with limits.patience(self._request, limits.STALLED_SECONDS):
            if isinstance(message, str):
                await self._socket.send_str(message)
            else:
                await self._socket.send_bytes(message)

    def _touch(self) -> None:
        """Begin anew to count how long nothing is said."""
        if self._idle is not None:
            self._idle.cancel()
        transport = self._request.transport
        if transport is not None:
            connected = transport.get_extra_info("socket")
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(IDLE_SECONDS, limits.cut, connected)


@contextlib.asynccontextmanager
async def _held(begin: Begin) -> AsyncIterator[Session]:
    session = await begin()
    try:
        yield session
    finally:
        session.close()
