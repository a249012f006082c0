"""A node in virtual time: registry, kubelet, and a fake runtime. No controllers."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.access.tokens import Tokens
from kubectl_joblab.practice.api.http.answers import Moment
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.events import Recorder
from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.kubelet import Kubelet
from kubectl_joblab.practice.node.machine import Machine
from kubectl_joblab.practice.node.volumes.tokens import TokenManager
from kubectl_joblab.practice.skipping.engine import Engine
from tests.practice import virtual
from tests.practice.node.build import NODE
from tests.practice.node.fake import FakeRuntime, Program
from tests.practice.virtual import START, CountingIds, VirtualClock

T = TypeVar("T")

Programs = Mapping[str, Program | Callable[[int], Program]]

MACHINE = Machine(
    NODE,
    "192.0.2.2",
    {"cpu": "2", "memory": "8Gi", "pods": "110"},
    {"cpu": "2", "memory": "8Gi", "ephemeral-storage": "100Gi", "pods": "110"},
    {"operatingSystem": "linux"},
)


class Node:
    """What a test does and sees."""

    def __init__(
        self,
        registry: Registry,
        clock: VirtualClock,
        runtime: FakeRuntime,
        home: Path,
    ) -> None:
        self.registry = registry
        self.clock = clock
        self.runtime = runtime
        self.home = home
        self.kubelet = kubelet(self.registry, self.clock, self.runtime, self.home)
        self._task = asyncio.ensure_future(self.kubelet.run())
        # the statuses of each Pod, as they were written
        self.told: dict[str, list[Object]] = {}
        self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        async for event in self.registry.watch(kinds.PODS):
            if event.type != "DELETED":
                told = self.told.setdefault(objects.name(event.object), [])
                told.append(event.object)

    async def restart(self, runtime: FakeRuntime) -> None:
        """Begin anew, as after the server's kill -9: no container has survived."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.runtime = runtime
        self.kubelet = kubelet(self.registry, self.clock, self.runtime, self.home)
        self._task = asyncio.ensure_future(self.kubelet.run())

    def seconds(self) -> float:
        """The time since the beginning."""
        return (self.clock.now() - START).total_seconds()

    def create(self, pod: Object) -> Object:
        """Create a Pod that is bound already."""
        body = {**pod, "metadata": {**pod["metadata"]}}
        for key in ("uid", "resourceVersion", "generation"):
            body["metadata"].pop(key, None)
        return self.registry.create(kinds.PODS, body, "default")

    def pod(self, name: str = "p") -> Object:
        """A Pod as it is now."""
        return self.registry.get(kinds.PODS, name, "default")

    def exists(self, name: str = "p") -> bool:
        """Whether there is such a Pod."""
        try:
            self.pod(name)
        except errors.StatusError:
            return False
        return True

    def delete(self, name: str = "p", grace_seconds: int | None = None) -> None:
        """Delete a Pod."""
        self.registry.delete(
            kinds.PODS, name, "default", DeleteOptions(grace_period_seconds=grace_seconds)
        )

    def events(self, name: str = "p") -> list[str]:
        """Reason and message of the events of a Pod, and how often."""
        found = [
            event
            for event in self.registry.list(kinds.EVENTS, "default").items
            if event["involvedObject"]["name"] == name
        ]
        found.sort(key=lambda event: str(event["metadata"]["name"]))
        return [f"{one['reason']}: {one['message']} x{one['count']}" for one in found]

    async def until(self, there: Callable[[Object], bool], name: str = "p") -> Object:
        """Let time pass until the Pod is so."""
        end = self.seconds() + 10_000
        while not there(self.pod(name)):
            assert self.seconds() < end, f"never: {self.pod(name)['status']}"
            await asyncio.sleep(0.05)
        return self.pod(name)

    async def until_ended(self, name: str = "p") -> Object:
        """Let time pass until the Pod has ended."""
        return await self.until(lambda pod: pod["status"]["phase"] in ("Succeeded", "Failed"), name)

    async def until_running(self, name: str = "p") -> Object:
        """Let time pass until the Pod runs."""
        return await self.until(lambda pod: pod["status"]["phase"] == "Running", name)

    async def until_gone(self, name: str = "p") -> None:
        """Let time pass until there is no such Pod."""
        end = self.seconds() + 10_000
        while self.exists(name):
            assert self.seconds() < end, f"never: {self.pod(name)}"
            await asyncio.sleep(0.05)


def kubelet(registry: Registry, clock: MovableClock, runtime: FakeRuntime, home: Path) -> Kubelet:
    """A kubelet of MACHINE, which keeps what it has in this folder."""
    registry = registry.by("kubelet")
    recorder = Recorder(registry, _Later(clock), CountingIds(), "kubelet", NODE)
    tools = Tools(str(_busybox(home)), "/bin/bash", "", "")
    return Kubelet(
        registry,
        recorder,
        runtime,
        clock,
        home,
        service=("10.96.0.1", 443),
        tokens=TokenManager(registry, tokens(registry, clock, home), clock),
        tools=tools,
        machine=MACHINE,
    )


def tokens(registry: Registry, clock: MovableClock, home: Path) -> Tokens:
    """What issues tokens of service accounts, by a key in a folder."""
    now = lambda: Moment.of(clock).now  # noqa: E731
    return Tokens(home / "service-accounts.key", registry.find, now, lambda: str(uuid.uuid4()))


class _Later:
    """A clock a moment behind: events are named by their time, and the scheduler names some too."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """The time, and a microsecond."""
        return self._clock.now() + timedelta(microseconds=1)


def _busybox(home: Path) -> Path:
    """What stands for busybox, laid out already as Roots would, who would run it for that."""
    path, folder = home / "busybox", home / "images" / "busybox"
    if not folder.exists():  # else it is there since before a restart
        path.write_text("busybox\n")
        folder.mkdir(parents=True)
        shutil.copy2(path, folder / "busybox")
        (folder / "sh").symlink_to("busybox")
    return path


def programs(given: Programs) -> Mapping[str, Callable[[int], Program]]:
    """What each start of a container does."""

    def each(program: Program | Callable[[int], Program]) -> Callable[[int], Program]:
        return (lambda _: program) if isinstance(program, Program) else program

    return {name: each(program) for name, program in given.items()}


def run(
    scene: Callable[[Node], Awaitable[T]], given: Programs | None = None, *, jumps: bool = False
) -> T:
    """What the scene returns, played on a new node.

    given: programs by container. jumps: whether the clock jumps whenever the node is idle.
    """

    async def main(clock: VirtualClock) -> T:
        ids, store = CountingIds(), Store()
        registry = Registry(store, clock, ids)
        _prepare(registry)
        runtime = FakeRuntime(programs(given or {}))
        with tempfile.TemporaryDirectory() as home, contextlib.closing(store):
            node = Node(registry, clock, runtime, Path(home))
            await asyncio.sleep(1)
            engine = Engine(clock, lambda: node.kubelet.running())
            virtual.current().on_quiet(engine.quiet)
            engine.auto = jumps
            return await scene(node)

    return virtual.run(main)


def _prepare(registry: Registry) -> None:
    """What the controllers would have made."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    registry.create(kinds.NAMESPACES, namespace)
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    registry.create(kinds.SERVICE_ACCOUNTS, account, "default")
    ca = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt"}}
    registry.create(kinds.CONFIG_MAPS, {**ca, "data": {"ca.crt": "PEM"}}, "default")
