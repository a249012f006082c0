"""A practice cluster and the commands that use it, in one process and in virtual time.

The cluster is the real one, composed as practice/cluster.py does: registry, store in memory,
controllers, kubelet, the API's handler. Only what runs containers is a table (containers.py), and
nothing listens. A command runs in the thread of the test, with a Session of its own.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TextIO, TypeVar

import yaml

from kubectl_joblab import clock as clocks
from kubectl_joblab import objects
from kubectl_joblab.cli import entry
from kubectl_joblab.cli.session import Session
from kubectl_joblab.client import resources
from kubectl_joblab.practice import kubectl_context
from kubectl_joblab.practice.api.documents.cache import Documents
from kubectl_joblab.practice.api.http.authenticator import Authenticator
from kubectl_joblab.practice.api.http.router import Api
from kubectl_joblab.practice.api.http.verbs import Verbs
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.expiry import Expiry
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage import timekeeping
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.controllers import manager
from kubectl_joblab.practice.skipping.endpoint import ClockEndpoint
from kubectl_joblab.practice.skipping.engine import Engine
from tests.golden import Screen
from tests.inprocess import containers
from tests.inprocess.containers import TableRuntime
from tests.inprocess.transport import SERVER, Sent, Transport
from tests.inprocess.turns import Clock, Turns
from tests.practice.node import cluster as nodes
from tests.practice.virtual import CountingIds, VirtualTime

T = TypeVar("T")
_USED = (
    *(kinds.JOBS, kinds.PODS, kinds.CONFIG_MAPS, kinds.CRON_JOBS, kinds.RESOURCE_QUOTAS),
    kinds.SERVICE_ACCOUNTS,
)
KINDS = {kind.kind: kind for kind in _USED}
STARTING = 1.0  # virtual seconds until Pods can run in a new cluster or namespace

KUBECONFIG = f"""\
current-context: {kubectl_context.NAME}
contexts: [{{name: {kubectl_context.NAME}, context: {{cluster: here, user: me}}}}]
clusters: [{{name: here, cluster: {{server: '{SERVER}'}}}}]
users: [{{name: me, user: {{}}}}]
"""


class Cluster:
    """A practice cluster, for the time of a `with`; the thread that makes it runs the commands.

    folder: a new one, for the kubeconfig, the Pods' files and what commands keep; the objects are
    in memory. table: what the containers do.
    """

    def __init__(self, folder: Path, table: containers.Table = containers.TABLE) -> None:
        self._folder = folder
        self._turns = Turns()
        self.clock = Clock(self._turns)
        self._kubeconfig = folder / "kubeconfig"
        self._kubeconfig.write_text(KUBECONFIG, "utf-8")
        self._parts: list[asyncio.Future[None]] = []
        try:
            self.registry = self._turns.call(lambda: self._begin(table))
            self.sleep(STARTING)
        except BaseException:
            self._turns.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._turns.close()
        for part in self._parts:
            assert part.cancelled(), part  # a controller that has ended by itself has failed

    def _begin(self, table: containers.Table) -> Registry:
        store, ids = Store(), CountingIds()
        clock = timekeeping.clock(VirtualTime(self._turns.loop), store)
        registry = Registry(store, clock, ids)
        kubelet = nodes.kubelet(registry, clock, TableRuntime(table), self._folder)
        parts = [
            *manager.controllers(registry, clock, ids, "PEM"),
            Expiry(registry, clock),
            kubelet,
        ]
        self._parts += [asyncio.ensure_future(part.run()) for part in parts]
        documents = Documents(self._folder / "openapi")
        engine = Engine(clock, kubelet.running)
        self._turns.loop.on_quiet(engine.quiet)
        handle = ClockEndpoint(engine, registry).handle
        tokens = nodes.tokens(registry, clock, self._folder)
        verbs = Verbs(registry, clock, kubelet.logs, kubelet.streaming, tokens)
        api = Api(verbs, documents, handle, Authenticator(tokens), SERVER.partition("://")[2])
        self._transport = Transport(self._turns, self.clock, api.handle)
        return registry

    @property
    def transport(self) -> Transport:
        """What requests are sent over."""
        return self._transport

    @property
    def state(self) -> Path:
        """The folder of what commands keep for later commands."""
        return self._folder / "state"

    def make_namespace(self, name: str) -> None:
        """Create a namespace, and let time pass until Pods can run in it."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        self._turns.call(lambda: self.registry.create(kinds.NAMESPACES, body))
        self.sleep(STARTING)

    def create_with_kubectl(self, manifest: str) -> None:
        """Create what is in a manifest. A Job gets no label of a lab so."""
        body = yaml.safe_load(manifest)
        kind = KINDS[body["kind"]]
        by = self.registry.by("kubectl-create")
        self._turns.call(lambda: by.create(kind, body, "default"))

    def names(self, kind: str) -> list[str]:
        """The names of the objects of this kind in the namespace default. kind: one of KINDS."""
        found = self._turns.call(lambda: self.registry.list(KINDS[kind], "default"))
        return [objects.name(one) for one in found.items]

    def delete_with_kubectl(
        self, name: str, kind: str = "Job", propagation: str = "Background"
    ) -> None:
        """Delete the object of this name. kind: one of KINDS.

        propagation: what becomes of what it owns, which stays for Orphan.
        """
        options = DeleteOptions(propagation_policy=propagation)
        self._turns.call(lambda: self.registry.delete(KINDS[kind], name, "default", options))

    def delete_pods_with_kubectl(self, job: str) -> None:
        """Delete the Pods of a Job, and not the Job."""
        client = self.session(io.StringIO(), io.StringIO()).client
        for pod in client.list(resources.PODS, "default").items:
            if objects.name(pod).startswith(f"{job}-"):
                client.delete(resources.PODS, objects.name(pod), "default")

    def meanwhile(self, *steps: tuple[float, Callable[[], object]]) -> None:
        """Have things done while the next command runs, as from another window.

        Each step is done so many virtual seconds after the step before.
        """

        def work() -> None:
            for seconds, do in steps:
                self.sleep(seconds)
                do()

        self.clock.start(work)

    def patch_with_kubectl(self, job: str, spec: Mapping[str, object]) -> None:
        """Change the spec of a Job by a merge patch."""
        kind, body = "application/merge-patch+json", {"spec": spec}
        self._turns.call(lambda: self.registry.patch(kinds.JOBS, job, kind, body, "default"))

    def ungate_with_kubectl(self, job: str) -> None:
        """Remove the scheduling gates of the Pods of a Job."""
        kind, body = "application/merge-patch+json", {"spec": {"schedulingGates": None}}
        for name in self.names("Pod"):
            if name.startswith(f"{job}-"):
                patch = partial(self.registry.patch, kinds.PODS, name, kind, body, "default")
                self._turns.call(patch)

    def configure_with_kubectl(self, name: str, data: Mapping[str, str]) -> None:
        """Change the data of a ConfigMap by a merge patch."""
        kind, body = "application/merge-patch+json", {"data": data}
        self._turns.call(
            lambda: self.registry.patch(kinds.CONFIG_MAPS, name, kind, body, "default")
        )

    def sleep(self, seconds: float) -> None:
        """Let so much virtual time pass."""
        self.clock.event().wait(seconds)

    def cut(self, *, off: bool = True) -> None:
        """Let no client reach the cluster, or let them again."""
        self._transport.cut(off=off)

    @property
    def requests(self) -> list[Sent]:
        """The requests that all commands have sent so far, in order."""
        return self._transport.requests

    def run(self, *args: str, stdin: str = "", environ: Mapping[str, str] | None = None) -> Screen:
        """Run a command line to its end, where neither of its streams is a terminal."""
        out, err = io.StringIO(), io.StringIO()
        code = self.run_on(out, err, args, stdin=stdin, environ=environ)
        return Screen(out.getvalue(), err.getvalue(), code)

    def run_on(
        self,
        out: TextIO,
        err: TextIO,
        args: Sequence[str],
        *,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> int:
        """Run a command line to its end, with these streams; its exit code."""
        return entry.carry_out(self.session(out, err, stdin=stdin, environ=environ), args)

    def session(
        self,
        out: TextIO,
        err: TextIO,
        *,
        stdin: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> Session:
        """What a command works with here."""
        whole = {"KUBECONFIG": str(self._kubeconfig), "LANG": "en_US.UTF-8", **(environ or {})}
        session = _Session(io.StringIO(stdin), out, err, whole)
        session.clock = self.clock
        session.state = self.state
        session.transport = self._transport
        return session


class _Session(Session):
    """A session whose client sends requests over the transport that a test gives it."""

    clock: clocks.Clock
    transport: Transport

    @cached_property
    def client(self) -> resources.Client:
        return resources.Client(self.target, self.warn, clock=self.clock, transport=self.transport)
