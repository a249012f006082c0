"""Plays a Job: the real Job controller, scheduler and kubelet, in virtual time, under a story.

Nothing listens and nothing is run; hours take milliseconds. The Job is created as a client would
create it, and what watches tell of it, its Pods and events is handed back.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.codec import decode
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import CreateOptions, DeleteOptions
from kubectl_joblab.practice.api.registry import eviction, kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.job.controller import JobController
from kubectl_joblab.practice.controllers.scheduler import NAME as SCHEDULER
from kubectl_joblab.practice.controllers.scheduler import Scheduler
from kubectl_joblab.practice.controllers.series import SeriesRecorder
from kubectl_joblab.practice.events import Recorder
from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.kubelet import Kubelet
from kubectl_joblab.practice.node.machine import Machine
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.volumes.tokens import NoTokens
from kubectl_joblab.practice.simulation import stage, virtual
from kubectl_joblab.practice.simulation.containers import Container, Program, SimulatedRuntime
from kubectl_joblab.practice.simulation.story import Story, Tries
from kubectl_joblab.practice.simulation.virtual import CountingIds, VirtualClock

NODE = "simulated"
ROOM = {"cpu": "1M", "memory": "1Pi", "ephemeral-storage": "1Pi", "pods": "1M"}
SERVICE = ("10.96.0.1", 443)  # where no API is
PREPARING = 1.0  # seconds until the node is there
OVER, IDLE, LATE = "over", "idle", "late"


class News(NamedTuple):
    """What a watch has told. at: when. type: ADDED, MODIFIED or DELETED."""

    at: datetime
    type: str
    object: Object


class Course(NamedTuple):
    """How a Job went.

    job: as it was created, whole. end: OVER where it has ended; IDLE where nothing will ever happen
    any more, LATE where it goes on after the longest time. now: when that was. news: in the order
    in which it was told. warnings: those of its creation.
    """

    job: Object
    end: str
    now: datetime
    news: Sequence[News]
    warnings: Sequence[str]


def play(manifest: Object, story: Story, longest: float) -> Course:
    """Create the Job of a manifest and see how it goes, for `longest` seconds at the most.

    Raises StatusError where the API refuses it.
    """

    async def main(clock: VirtualClock) -> Course:
        with tempfile.TemporaryDirectory(prefix="joblab-") as home:
            return await _Stage(clock, story, Path(home)).play(manifest, longest)

    return virtual.run(main)


class _Stage:
    """The cluster of one Job."""

    def __init__(self, clock: VirtualClock, story: Story, home: Path) -> None:
        self._clock = clock
        self._story = story
        self._tries = Tries(story)
        self._ids = CountingIds()
        self._registry = Registry(Store(), clock, self._ids)
        self._pods: dict[str, Object] = {}  # by uid, as last seen
        self._job: Object | None = None
        self._news: list[News] = []
        self._runtime = _StoryRuntime(self._tries, self._pods)
        self._kubelet = self._made_kubelet(home)
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def _made_kubelet(self, home: Path) -> Kubelet:
        machine = Machine(NODE, "192.0.2.2", ROOM, ROOM, {"operatingSystem": "linux"})
        registry = self._registry.by(Kubelet.name)
        recorder = Recorder(registry, self._clock, self._ids, Kubelet.name, NODE)
        tools = Tools("", sys.executable, "", "")  # what is at hand; no container runs it
        return Kubelet(
            registry,
            recorder,
            self._runtime,
            self._clock,
            home,
            service=SERVICE,
            tokens=NoTokens(),
            tools=tools,
            machine=machine,
        )

    async def play(self, manifest: Object, longest: float) -> Course:
        """Play the Job to its end."""
        namespace = str(objects.metadata(manifest).get("namespace") or "default")
        job, warnings = self._validated(manifest, namespace)
        parts = asyncio.ensure_future(tasks.together(*self._parts()))
        await asyncio.sleep(PREPARING)
        loop = virtual.current()
        loop.on_quiet(self._quiet)
        self._registry.create(kinds.JOBS, stage.staged(manifest), namespace)
        for seconds in self._story.drains:
            wait = clocks.Wait("Node", "", NODE, "drain", "the story")
            self._clock.call_later(seconds, self._drain, wait=wait)
        self._clock.call_later(longest, self._end, LATE)
        parts.add_done_callback(self._break)
        end = await self._ended
        loop.on_quiet(lambda: False)
        parts.remove_done_callback(self._break)
        parts.cancel()
        return Course(job, end, self._clock.now(), self._news, warnings)

    def _validated(self, manifest: Object, namespace: str) -> tuple[Object, list[str]]:
        """The Job as the API takes it, with its defaults, and what a client is warned of."""
        for kind, body in _around(namespace):
            self._registry.create(kind, body, "" if kind is kinds.NAMESPACES else namespace)
        warnings: list[str] = []
        raw = json.dumps(manifest).encode()
        body, _ = decode.decode(kinds.JOBS.type, raw, validation="Strict", yaml=False)
        job = self._registry.create(
            kinds.JOBS, body, namespace, CreateOptions(dry_run=True), warn=warnings.append
        )
        return job, warnings

    def _parts(self) -> list[Coroutine[Any, Any, None]]:
        registry, clock, ids = self._registry, self._clock, self._ids
        return [
            JobController(registry, clock, Recorder(registry, clock, ids, "job-controller")).run(),
            Scheduler(registry, clock, SeriesRecorder(registry, clock, ids, SCHEDULER, NODE)).run(),
            self._kubelet.run_unattended(),
            *(self._watch(kind) for kind in (kinds.JOBS, kinds.PODS, kinds.EVENTS)),
        ]

    async def _watch(self, kind: Kind) -> None:
        async for event in self._registry.watch(kind):
            self._news.append(News(self._clock.now(), event.type, event.object))
            if kind is kinds.PODS:
                self._note(event.type, event.object)
            elif kind is kinds.JOBS:
                self._job = event.object

    def _note(self, type_: str, pod: Object) -> None:
        self._tries.seen(pod)
        if type_ == "DELETED":
            self._pods.pop(objects.uid(pod), None)
        else:
            self._pods[objects.uid(pod)] = pod

    # ---- the end

    def _quiet(self) -> bool:
        """See whether it is over, where time would pass; whether it is now."""
        if self._ended.done() or self._job is None:
            return False
        if objects.is_finished(self._job) and all(map(_rests, self._pods.values())):
            self._end(OVER)
        elif not self._is_busy():
            self._end(IDLE)
        return self._ended.done()

    def _is_busy(self) -> bool:
        """Whether anything is to come: what an object waits for, or the end of a container."""
        if next(self._clock.waits(), None) is not None:
            return True
        if any(objects.is_deleted(pod) for pod in self._pods.values()):
            return True  # its containers have their grace period
        return len(self._kubelet.running()) > self._runtime.endless

    def _break(self, parts: asyncio.Future[None]) -> None:
        """Raise where a part of the cluster does, which no story brings about."""
        if not self._ended.done():
            self._ended.set_exception(parts.exception() or RuntimeError("a part has ended"))

    def _end(self, how: str) -> None:
        if not self._ended.done():
            self._ended.set_result(how)

    # ---- what the story does to the node

    def _drain(self) -> None:
        """Evict each Pod that has not ended, as kubectl drain does; the next ones find a node."""
        for pod in tuple(self._pods.values()):
            if not objects.has_ended(pod) and not objects.is_deleted(pod):
                namespace, name = str(objects.metadata(pod)["namespace"]), objects.name(pod)
                eviction.evict(self._registry, namespace, name, DeleteOptions(), self._clock.now())


class _StoryRuntime(SimulatedRuntime):
    """Starts containers that do what the story says of their Pod.

    pods: by uid. endless: how many containers run that do not end by themselves.
    """

    def __init__(self, tries: Tries, pods: Mapping[str, Object]) -> None:
        self._tries = tries
        self._pods = pods
        self.endless = 0

    def container(self, launch: Launch, program: Program) -> Container:
        """The container that a start makes."""
        made = super().container(launch, program)
        if program.runs == math.inf:
            self.endless += 1
            made.exited.add_done_callback(self._one_has_ended)
        return made

    def _one_has_ended(self, _: object) -> None:
        self.endless -= 1

    def program(self, launch: Launch) -> Program:
        """What a container does; its log says whose it is, and which start of it this is."""
        log = Path(launch.log)
        container, uid = log.parent.name, log.parents[2].name
        return self._tries.program(self._pods[uid], container, int(log.stem))


def _around(namespace: str) -> list[tuple[Kind, Object]]:
    """What the controllers of a cluster would have made for a namespace."""
    return [
        (
            kinds.NAMESPACES,
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        ),
        (
            kinds.SERVICE_ACCOUNTS,
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}},
        ),
    ]


def _rests(pod: Object) -> bool:
    return objects.has_ended(pod) and not objects.is_deleted(pod)
