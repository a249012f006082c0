"""The API on a port of loopback, in a thread of its own, over a registry in memory.

Tests of the HTTP surface talk to it over real TLS, as any client. There is no node and no
controller: Pods and their logs are what a test puts there.
"""

from __future__ import annotations

import asyncio
import functools
import http.client
import json
import select
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import identity
from kubectl_joblab.practice.api.access.tokens import Tokens
from kubectl_joblab.practice.api.documents import paths
from kubectl_joblab.practice.api.documents.cache import Documents
from kubectl_joblab.practice.api.http import listener
from kubectl_joblab.practice.api.http.answers import Moment
from kubectl_joblab.practice.api.http.authenticator import Authenticator
from kubectl_joblab.practice.api.http.router import Api
from kubectl_joblab.practice.api.http.verbs import Verbs
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import PodLogOptions
from kubectl_joblab.practice.api.registry import bootstrap, kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage import timekeeping
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.clock import RandomIds, Running, SystemClock
from kubectl_joblab.practice.controllers import role_aggregation
from kubectl_joblab.practice.node import logs as node_logs
from kubectl_joblab.practice.skipping.endpoint import ClockEndpoint
from kubectl_joblab.practice.skipping.engine import Engine
from kubectl_joblab.practice.skipping.quiet import QuietLoop
from tests.practice.api.programs import Programs

T = TypeVar("T")
PATIENCE = 20.0  # seconds after which a request counts as hung


@dataclass(frozen=True)
class Reply:
    """The response to a request. headers: in their order; names as they were sent."""

    code: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The message of the Status in the body."""
        return str(self.json["message"])

    def all(self, name: str) -> list[str]:
        """All values of the header of this name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Logs:
    """The logs of a node, as a test has put them there.

    files: what reads them instead, where a test has put them into files as a node does.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, PodLogOptions]] = []
        self.chunks: list[bytes] = [b"one\n", b"two\n"]
        self.closed = threading.Event()
        self.endless = False
        self.files: node_logs.Logs | None = None

    async def __call__(
        self, pod: Object, container: str, options: PodLogOptions
    ) -> AsyncIterator[bytes]:
        """Give the chunks; an endless one then waits until it is cancelled."""
        self.asked.append((f"{pod['metadata']['name']}/{container}", options))
        if self.files is not None:
            async for data in self.files.read(pod, container, options):
                yield data
            return
        try:
            for chunk in self.chunks:
                yield chunk
            if self.endless:
                await asyncio.get_running_loop().create_future()
        finally:
            self.closed.set()


def path_of(kind: Kind) -> str:
    """The path of all objects of a kind, in the namespace default."""
    space = "/namespaces/default" if kind.namespaced else ""
    return f"/{paths.place(kind)}{space}/{kind.plural}"


class Served:
    """A server of the API in a thread of its own, and a client of it."""

    def __init__(self, folder: Path, store: Callable[[], Store] = Store) -> None:
        self._store = store
        self.identity = identity.ensure(folder / "pki", SystemClock().now())
        self.logs = Logs()
        self.programs = Programs()
        self.running: list[Running] = []
        self.documents = Documents(folder / "openapi")
        self._socket = listener.bound(0)
        self.port = int(self._socket.getsockname()[1])
        self._loop = QuietLoop()
        self._listening: Future[None] = Future()
        self._idle: list[tuple[bool, http.client.HTTPSConnection]] = []
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Served:
        self._thread.start()
        self._listening.result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        for _credential, connection in self._idle:
            connection.close()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self._loop.close()

    async def _run(self) -> None:
        self._over = asyncio.Event()
        store = self._store()
        self.clock = clock = timekeeping.clock(SystemClock(), store)
        self.registry = Registry(store, clock, RandomIds())
        key, ids = self.identity.accounts_key, RandomIds()
        self.tokens = Tokens(key, self.registry.find, lambda: Moment.of(clock).now, ids.uid)
        self.verbs = Verbs(self.registry, clock, self.logs, self.programs, self.tokens)
        self.engine = engine = Engine(
            clock, lambda: self.running, working=lambda: bool(self._loop.threads)
        )
        self._loop.on_quiet(engine.quiet)
        handle = ClockEndpoint(engine, self.registry).handle
        address = f"127.0.0.1:{self.port}"
        api = Api(self.verbs, self.documents, handle, Authenticator(self.tokens), address)
        tls = listener.tls(self.identity.ca, *self.identity.server)
        listening = listener.Listener(api, self._socket, tls)
        try:
            listening.open()
        except BaseException as error:
            self._listening.set_exception(error)
            raise
        self._listening.set_result(None)
        await self._over.wait()
        await listening.close()
        store.close()

    def call(self, function: Callable[[], T]) -> T:
        """Call a function on the server's thread: the registry belongs to it."""
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(function())
            except BaseException as error:
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result(PATIENCE)

    def jump(self, seconds: int) -> None:
        """Set the cluster's clock ahead."""
        self.call(lambda: self.clock.jump(seconds))

    def make(self, kind: Kind, body: Object, namespace: str = "") -> Object:
        """Create an object without HTTP."""
        whole = {"kind": kind.kind, "apiVersion": kind.api_version, **body}
        return self.call(lambda: self.registry.create(kind, whole, namespace))

    def make_namespace(self, name: str) -> None:
        """Create a namespace with what Pods need in it."""
        self.make(kinds.NAMESPACES, {"metadata": {"name": name}})
        self.make(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, name)

    def make_roles(self) -> None:
        """Make the default roles and bindings, those gathered of others too."""

        def make() -> None:
            bootstrap.ensure(self.registry)
            for name in ("view", "edit", "admin"):  # each gathers the one before
                roles = self.registry.list(kinds.CLUSTER_ROLES).items
                role = next(one for one in roles if one["metadata"]["name"] == name)
                rules = role_aggregation.gathered(role, roles)
                self.registry.update(kinds.CLUSTER_ROLES, name, {**role, "rules": rules})

        self.call(make)

    # ---- as a client

    def tls(self, *, credential: bool = True) -> ssl.SSLContext:
        """A client's TLS context: the server's authority, and a certificate with `credential`."""
        return _tls(self.identity, credential)

    def connect(self, *, credential: bool = True, host: str = "127.0.0.1") -> ssl.SSLSocket:
        """A TLS connection on which a test can send any bytes."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        return self.tls(credential=credential).wrap_socket(plain, server_hostname=host)

    def connection(self, *, credential: bool = True) -> http.client.HTTPSConnection:
        """An HTTPS connection for requests."""
        context = self.tls(credential=credential)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, context=context
        )

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        credential: bool = True,
    ) -> Reply:
        """The reply to one request, on a connection that an earlier one may have left open.

        body: bytes are sent as they are, anything else as JSON; None sends no body.
        """
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = self._free(credential) or self.connection(credential=credential)
        try:
            reply = _reply(connection, method, path, body, sent)
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:  # the server has not said that it closes it
            self._idle.append((credential, connection))
        return reply

    def _free(self, credential: bool) -> http.client.HTTPSConnection | None:
        """A connection that is open and that nobody uses; a handshake takes ten requests' time."""
        for index, (has, connection) in enumerate(self._idle):
            if has == credential:
                del self._idle[index]
                if not select.select([connection.sock], [], [], 0)[0]:
                    return connection
                connection.close()  # the server has closed it
                return None
        return None

    def get(self, path: str, accept: str = "application/json") -> Reply:
        """The reply to a GET."""
        return self.request("GET", path, headers={"Accept": accept})

    def is_healthy(self) -> bool:
        """Whether the server still answers a client that comes anew."""
        connection = self.connection()
        try:
            reply = _reply(connection, "GET", "/api/v1/namespaces/default", None, {})
        finally:
            connection.close()
        return reply.code == 200 and bool(reply.json["kind"] == "Namespace")


def _reply(
    connection: http.client.HTTPSConnection,
    method: str,
    path: str,
    body: object,
    headers: Mapping[str, str],
) -> Reply:
    connection.request(method, path, body, headers)  # type: ignore[arg-type]
    response = connection.getresponse()
    return Reply(response.status, response.getheaders(), response.read())


@functools.cache
def _tls(of: identity.Identity, credential: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(of.ca))
    if credential:
        context.load_cert_chain(*of.client)
    return context
