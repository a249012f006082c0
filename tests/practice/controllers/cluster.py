"""A whole cluster in virtual time: registry, controllers, a node with a fake kubelet."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.controllers import manager, tasks, workqueue
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.skipping.engine import Engine
from tests.practice import kubelet as kubelets
from tests.practice import virtual
from tests.practice.kubelet import Behaviour, FakeKubelet
from tests.practice.scenario import Seen
from tests.practice.virtual import START, CountingIds, VirtualClock

T = TypeVar("T")
MERGE = "application/merge-patch+json"
STEP = 5.0  # seconds between two looks of `wait` where no Job and no Pod changes
PATIENCE = 100_000.0


class Cluster:
    """The cluster of a test. seen: what watches of Jobs and Pods have told since the beginning."""

    def __init__(self, registry: Registry, clock: VirtualClock, ids: CountingIds) -> None:
        self._ids = ids
        self.controlling: asyncio.Future[None] | None = None
        self.engine: Engine
        self.registry = registry
        self.clock = clock
        self.seen = Seen()
        self.news = asyncio.Event()

    async def restart(self) -> None:
        """Start the controllers; where they run already, stop them first."""
        if self.controlling is not None:
            self.stop()
            await asyncio.wait([self.controlling])
        parts = [
            one.run() for one in manager.controllers(self.registry, self.clock, self._ids, "PEM")
        ]
        self.controlling = asyncio.ensure_future(tasks.together(*parts))

    def stop(self) -> None:
        """Stop the controllers."""
        assert self.controlling is not None
        self.controlling.cancel()

    def seconds(self) -> float:
        """The virtual time since the beginning."""
        return (self.clock.now() - START).total_seconds()

    def create(self, kind: Kind, obj: Object) -> Object:
        """Create an object in the namespace default."""
        return self.registry.create(kind, obj, "default")

    def get(self, kind: Kind, name: str) -> Object:
        """An object of the namespace default."""
        return self.registry.get(kind, name, "default")

    def all(self, kind: Kind) -> list[Object]:
        """The objects of the namespace default."""
        return self.registry.list(kind, "default").items

    def patch_job(self, patch: Object, name: str = "j") -> Object:
        """Change a Job."""
        return self.registry.patch(kinds.JOBS, name, MERGE, patch, "default")

    def events(self) -> list[str]:
        """reason and message of the events about Jobs."""
        about_jobs = [
            event for event in self.all(kinds.EVENTS) if event["involvedObject"]["kind"] == "Job"
        ]
        about_jobs.sort(key=lambda event: str(event["metadata"]["name"]))
        return [f"{event['reason']}: {event['message']}" for event in about_jobs]

    def names(self, kind: Kind) -> list[str]:
        """The names of the objects of the namespace default."""
        return [str(obj["metadata"]["name"]) for obj in self.all(kind)]

    async def until(self, wanted: Mapping[str, Any]) -> None:
        """Let time pass until the Job has come to this (scenario.Seen.has_come_to)."""
        await self.wait(lambda: self.seen.has_come_to(wanted))

    async def wait(self, there: Callable[[], bool]) -> None:
        """Let time pass until `there` returns true."""
        end = self.seconds() + PATIENCE
        while not there():
            assert self.seconds() < end, f"never: {self.seen.states[-1:]}"
            self.news.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.news.wait(), STEP)


def run(
    scene: Callable[[Cluster], Awaitable[T]],
    behaviour: Behaviour = lambda _: {"runs": 1, "exits": 0},
    *,
    registry: Callable[[Store, VirtualClock, CountingIds], Registry] = Registry,
    node: Object | None = None,
    jumps: bool = False,
) -> T:
    """What the scene returns, played on a new cluster.

    jumps: whether the clock jumps whenever the cluster is idle.
    """

    async def main(clock: VirtualClock) -> T:
        ids = CountingIds()
        errors = _Errors()
        cluster = Cluster(registry(Store(), clock, ids), clock, ids)
        kubelet = FakeKubelet(cluster.registry, clock, behaviour)
        parts = [kubelet.run(), *_watches(cluster)]
        beside = asyncio.ensure_future(tasks.together(*parts))
        await cluster.restart()
        cluster.registry.create(kinds.NODES, node or kubelets.node())
        await asyncio.sleep(1)
        cluster.engine = Engine(clock, kubelet.running)
        virtual.current().on_quiet(cluster.engine.quiet)
        cluster.engine.auto = jumps
        with errors:
            result = await scene(cluster)
        for part in (beside, cluster.controlling):
            assert part is not None
            assert not part.done(), part
        return result

    return virtual.run(main)


class _Errors(logging.Handler):
    """Raises in the test the errors that a work queue only logs before it tries again."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._found: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self._found.append(record.exc_info[1])

    def __enter__(self) -> None:
        workqueue.log.addHandler(self)

    def __exit__(self, *_: object) -> None:
        workqueue.log.removeHandler(self)
        for error in self._found:
            raise error


def _watches(cluster: Cluster) -> list[Any]:
    def teller(tell: Callable[[str, Object], None]) -> Callable[..., None]:
        def changed(old: Object | None, new: Object | None) -> None:
            kind = "DELETED" if new is None else "MODIFIED"
            tell(kind, new or old or {})
            cluster.news.set()

        return changed

    return [
        Informer(cluster.registry, kinds.JOBS, teller(cluster.seen.job_changed)).run(),
        Informer(cluster.registry, kinds.PODS, teller(cluster.seen.pod_changed)).run(),
    ]
