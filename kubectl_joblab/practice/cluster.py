"""The cluster, put together: objects, verbs, controllers, the node and the API in one event loop.

server.py runs it, after its fork. The API listens only when the cluster is ready. A part that
breaks is logged and started again; a signal ends the containers first and closes the objects last.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from typing import Protocol

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import identity, programs
from kubectl_joblab.practice.api.access.tokens import Tokens
from kubectl_joblab.practice.api.documents.cache import Documents
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.http import listener
from kubectl_joblab.practice.api.http.answers import Moment
from kubectl_joblab.practice.api.http.authenticator import Authenticator
from kubectl_joblab.practice.api.http.router import Api
from kubectl_joblab.practice.api.http.verbs import Verbs
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import bootstrap, kinds
from kubectl_joblab.practice.api.registry.expiry import Expiry
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage import timekeeping
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.clock import RandomIds, SystemClock
from kubectl_joblab.practice.controllers import manager
from kubectl_joblab.practice.events import Recorder
from kubectl_joblab.practice.home import Home
from kubectl_joblab.practice.node.kubelet import Kubelet
from kubectl_joblab.practice.node.machine import Machine
from kubectl_joblab.practice.node.process.link import Link
from kubectl_joblab.practice.node.process.runtime import ProcessRuntime
from kubectl_joblab.practice.node.volumes.tokens import TokenManager
from kubectl_joblab.practice.skipping import quiet
from kubectl_joblab.practice.skipping.endpoint import ClockEndpoint
from kubectl_joblab.practice.skipping.engine import Engine
from kubectl_joblab.practice.skipping.quiet import QuietLoop

LOG = logging.getLogger("joblab")

LOG_BYTES = 1_000_000  # the largest size of server.log, and of the one kept beside it
RESTART_SECONDS = 1.0  # before a part that broke is started again
FILES = 65_536  # open files: each connection and each log that is read is one


# is told the port, and why containers are plain processes, "" where they are not
Ready = Callable[[int, str], None]


def run(home: Home, containers: Link, port: int, ready: Ready) -> None:
    """Be a cluster until a signal comes. ready: called once clients may connect."""
    _log_to(home)
    _allow_files()
    quiet.run(lambda loop: _Cluster(home, port, loop).run(containers, ready))


class _Cluster:
    def __init__(self, home: Home, port: int, loop: QuietLoop) -> None:
        wall, self._ids = SystemClock(), RandomIds()
        self._loop = loop
        self._home = home
        self._identity = identity.ensure(home.pki, wall.now())
        self._store = Store(home.database)
        self._clock = timekeeping.clock(wall, self._store)
        self._registry = Registry(self._store, self._clock, self._ids)
        self._socket = listener.bound(port)
        self._port = int(self._socket.getsockname()[1])
        self._tokens = Tokens(
            self._identity.accounts_key,
            self._registry.find,
            lambda: Moment.of(self._clock).now,
            self._ids.uid,
        )
        self._stopped = asyncio.Event()
        self._broken = 0  # parts that wait to be started again

    async def run(self, containers: Link, ready: Ready) -> None:
        """Start the parts in the order in which they need each other, await a signal, end them.

        containers: the server's end of the link to the supervisor.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopped.set)
        bootstrap.ensure(self._registry)
        runtime = await ProcessRuntime.connect(containers)
        runtime.lost.add_done_callback(self._lost)
        kubelet = self._kubelet(runtime)
        parts = [asyncio.ensure_future(self._keep(part)) for part in self._parts(kubelet)]
        documents = Documents(self._home.openapi, programs.command(programs.OPENAPI))
        streaming = kubelet.streaming
        verbs = Verbs(self._registry, self._clock, kubelet.logs, streaming, self._tokens)
        engine = self._engine(kubelet, verbs)
        serving = self._listener(verbs, documents, engine)
        await self._until_ready()
        self._loop.on_quiet(engine.quiet)
        serving.open()
        gc.freeze()  # what is loaded by now stays, and need not be searched for garbage
        gc.enable()
        ready(self._port, runtime.why_no_namespaces)
        LOG.info("ready at https://127.0.0.1:%d", self._port)
        parts.append(asyncio.ensure_future(_generate(documents)))
        parts.append(asyncio.ensure_future(asyncio.to_thread(self._tokens.prepare)))
        await self._stopped.wait()
        LOG.info("stopping")
        self._loop.on_quiet(lambda: False)
        engine.close("stopping")
        await serving.close()
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await runtime.close()
        self._store.close()

    def _parts(self, kubelet: Kubelet) -> list[Part]:
        ca = self._identity.ca.read_text("utf-8")
        found = manager.controllers(self._registry, self._clock, self._ids, ca)
        return [*found, Expiry(self._registry, self._clock), kubelet]

    def _kubelet(self, runtime: ProcessRuntime) -> Kubelet:
        machine = Machine.this(self._home.root)
        registry = self._registry.by(Kubelet.name)
        recorder = Recorder(registry, self._clock, self._ids, Kubelet.name, machine.name)
        home = self._home.root
        return Kubelet(
            registry,
            recorder,
            runtime,
            self._clock,
            home,
            service=("127.0.0.1", self._port),
            tokens=TokenManager(self._registry, self._tokens, self._clock),
            machine=machine,
        )

    def _engine(self, kubelet: Kubelet, verbs: Verbs) -> Engine:
        return Engine(
            self._clock,
            kubelet.running,
            # somebody who is connected to a container may be about to do something in it
            working=lambda: bool(self._loop.threads or self._broken or len(verbs.connections)),
            watched=lambda: bool(len(verbs.watches)),
            revision=lambda: self._store.revision,
        )

    def _listener(self, verbs: Verbs, documents: Documents, engine: Engine) -> listener.Listener:
        endpoint = ClockEndpoint(engine, self._registry)
        address = f"127.0.0.1:{self._port}"
        api = Api(verbs, documents, endpoint.handle, Authenticator(self._tokens), address)
        tls = listener.tls(self._identity.ca, *self._identity.server)
        return listener.Listener(api, self._socket, tls)

    async def _keep(self, part: Part) -> None:
        """Run a part, and run it again whenever it breaks, until cancelled."""
        while True:
            try:
                await part.run()
            except Exception:
                LOG.exception("%s broke and is started again", part.name)
            self._broken += 1
            await asyncio.sleep(RESTART_SECONDS)
            self._broken -= 1

    def _lost(self, _: object) -> None:
        if not self._stopped.is_set():
            LOG.error("the supervisor of the containers has died: kubectl joblab practice up")
            self._stopped.set()

    async def _until_ready(self) -> None:
        """Wait until Pods can be created and run. Where that takes too long, `up` gives up."""
        await self._seen(kinds.SERVICE_ACCOUNTS, "default", lambda _: True)
        await self._seen(kinds.NODES, "", lambda node: objects.is_true(node, "Ready"))

    async def _seen(self, kind: Kind, namespace: str, wanted: Callable[[Object], bool]) -> None:
        """Wait until an object of a kind is as wanted."""
        events = self._registry.watch(kind, namespace)
        async for event in events:
            if event.type in ("ADDED", "MODIFIED") and wanted(event.object):
                break
        events.close()


class Part(Protocol):
    """What runs beside the other parts of the cluster. name: what the log calls it."""

    name: str

    async def run(self) -> None:
        """Run until cancelled. After an exception this may be called again."""


async def _generate(documents: Documents) -> None:
    """Have the OpenAPI documents ready before the first client asks for them."""
    try:
        await documents.index()
    except StatusError as error:
        LOG.error("%s", error.message)


def _allow_files() -> None:
    """Raise the limit of open files to what may be needed, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Log(RotatingFileHandler):
    """The log file, which is kept beside a new one when it is full.

    What Python itself prints, such as the traceback of a crash, goes to the new one too.
    """

    def doRollover(self) -> None:  # noqa: N802 -- logging's name
        super().doRollover()
        if self.stream is not None:
            for descriptor in (1, 2):
                os.dup2(self.stream.fileno(), descriptor)


def _log_to(home: Home) -> None:
    handler = _Log(home.log, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for noisy in ("joblab.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
