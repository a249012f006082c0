"""The kubelet: the Node object, a worker for each Pod that is bound to it, and their logs.

The server runs it beside the controllers. Follows pkg/kubelet/kubelet.go and pod_workers.go.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import home as homes
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Running
from kubectl_joblab.practice.events import Recorder
from kubectl_joblab.practice.movable import MovableClock
from kubectl_joblab.practice.node import admission, cleanup
from kubectl_joblab.practice.node.container import environment
from kubectl_joblab.practice.node.eviction import EvictionManager
from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.images.pull import Images
from kubectl_joblab.practice.node.images.roots import Roots
from kubectl_joblab.practice.node.logs import Logs
from kubectl_joblab.practice.node.machine import Machine
from kubectl_joblab.practice.node.pod import reporting, status
from kubectl_joblab.practice.node.pod.phase import TERMINAL
from kubectl_joblab.practice.node.pod.worker import Worker
from kubectl_joblab.practice.node.process.runtime import Process, Runtime
from kubectl_joblab.practice.node.registration import Registration
from kubectl_joblab.practice.node.shared import NodeContext
from kubectl_joblab.practice.node.streaming import NodeStreaming
from kubectl_joblab.practice.node.volumes.tokens import PodTokens

LOG = logging.getLogger("joblab")

RETRY_SECONDS = 10.0  # before a worker that broke is run again


class Kubelet:
    """The node agent of this machine.

    home: the folder that keeps what Pods write. service: host and port of the API, for the
    environment of containers. tokens: those of service accounts.
    """

    name = "kubelet"

    def __init__(
        self,
        registry: Registry,
        recorder: Recorder,
        runtime: Runtime,
        clock: MovableClock,
        home: Path,
        *,
        service: tuple[str, int],
        tokens: PodTokens,
        tools: Tools | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._registry = registry
        self._pods = home / "pods"
        self._pods.mkdir(mode=0o700, parents=True, exist_ok=True)
        tools = tools or Tools.of_machine()
        machine = machine or Machine.this(home)
        self._node_name = machine.name
        self._registration = Registration(
            registry, clock, machine, tools, runtime.why_no_namespaces
        )
        self._node = NodeContext(
            registry,
            recorder,
            runtime,
            clock,
            Images(tools),
            Roots(home / "images", tools),
            self._pods,
            home / "host",
            machine.ip,
            machine.allocatable,
            environment.of_api(*service),
            tokens,
        )
        # The API reads the logs of containers with it.
        self.logs = Logs(self._pods, clock, self._exit_of).read
        # The API reaches into containers with it.
        self.streaming = NodeStreaming(self._process_of)
        self._workers: dict[str, Worker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._seen: set[str] = set()

    async def run(self) -> None:
        """Keep the node known and within its limits, and run its Pods, until cancelled."""
        heart = asyncio.ensure_future(self._registration.keep())
        manager = EvictionManager(self._node.clock, self._workers.values)
        eviction = asyncio.ensure_future(manager.run())
        try:
            await self._run_pods()
        finally:
            heart.cancel()
            eviction.cancel()

    async def run_unattended(self) -> None:
        """Run the Pods of a node that is written once and measured never, until cancelled.

        A simulation has nobody who would miss its heartbeat, and no disk to watch: of hours in
        which a Job only waits, these would be all the work.
        """
        self._registration.write()
        await self._run_pods()

    async def _run_pods(self) -> None:
        """Run the Pods that are bound to this node, until cancelled."""
        cleanup.end(self._pods)
        self._node.roots.prepare()
        try:
            while True:
                try:
                    await self._watch()
                except errors.StatusError as error:
                    if error.code != 410:
                        raise
        except asyncio.CancelledError:
            for task in self._tasks.values():
                task.cancel()
            raise

    async def _watch(self) -> None:
        """Look at the Pods that do not rest, then watch all.

        What has gone since an earlier look is found by comparing.
        """
        mine = ListOptions(field_selector=f"spec.nodeName={self._node_name}")
        reached = self._registry.list(kinds.PODS, options=ListOptions(limit=1)).resource_version
        there = self._registry.uids(kinds.PODS)
        for uid in self._seen - there:
            self._gone(uid)
        cleanup.sweep(self._pods, there | set(self._workers))
        for pod in sorted(self._registry.awake(kinds.PODS), key=_created):
            if objects.spec(pod).get("nodeName") == self._node_name:
                self._changed(pod)
        since = replace(mine, resource_version=reached)
        async for event in self._registry.watch(kinds.PODS, options=since):
            if event.type == "DELETED":
                self._gone(objects.uid(event.object))
            elif event.type in ("ADDED", "MODIFIED"):
                self._changed(event.object)

    def _changed(self, pod: Object) -> None:
        uid = objects.uid(pod)
        self._seen.add(uid)
        if ip := objects.status(pod).get("podIP"):
            self._node.addresses.note(ip)
        if uid in self._workers:
            self._workers[uid].changed(pod)
        elif objects.status(pod).get("phase") not in TERMINAL:
            if objects.is_deleted(pod) or self._admit(pod):
                worker = self._workers[uid] = Worker(self._node, pod)
                self._tasks[uid] = asyncio.ensure_future(self._work(uid, worker))
        elif objects.is_deleted(pod):
            reporting.remove(self._registry, pod)

    def _admit(self, pod: Object) -> bool:
        """Whether the node takes a Pod; one that it does not take has failed."""
        others = [one.pod for one in self._workers.values() if not objects.has_ended(one.pod)]
        try:
            node = self._registry.get(kinds.NODES, self._node_name)
        except errors.StatusError:
            return True  # somebody has deleted the Node: there is nothing to go by
        why = admission.rejection(pod, node, others)
        if why is None:
            return True
        self._node.pod_event(pod, "Warning", why.reason, why.message)
        current = reporting.current(self._registry, pod)
        if current is not None:
            generated = admission.rejected(current, why, self._node.clock.now())
            told = status.merged(current, generated, may_run=False)
            reporting.write(self._registry, current, told)
        return False

    async def _work(self, uid: str, worker: Worker) -> None:
        while True:
            try:
                await worker.run()
            except Exception:
                LOG.exception("the worker of Pod %s broke", uid)
                await self._node.clock.sleep(RETRY_SECONDS, worker.wait("sync", "retry"))
            else:
                break
        del self._workers[uid], self._tasks[uid]
        if uid not in self._seen:
            self._forget(uid)

    def _gone(self, uid: str) -> None:
        self._seen.discard(uid)
        if uid in self._workers:
            self._workers[uid].gone()
        else:
            self._forget(uid)

    def _forget(self, uid: str) -> None:
        """Delete what is left of a Pod that does not run and is not in the API."""
        self._node.images.forget(uid)
        self._node.tokens.forget(uid)
        homes.remove_tree(self._pods / uid)

    def running(self) -> list[Running]:
        """The containers of this node that run, or are being started."""
        return [one for worker in self._workers.values() for one in worker.running()]

    def _exit_of(self, uid: str, container: str) -> asyncio.Future[int] | None:
        process = self._process_of(uid, container)
        return process.exited if process is not None else None

    def _process_of(self, uid: str, container: str) -> Process | None:
        worker = self._workers.get(uid)
        return worker.process_of(container) if worker is not None else None


def _created(pod: Object) -> str:
    """When a Pod was created, to sort by: those that came first are taken first."""
    return str(objects.metadata(pod).get("creationTimestamp") or "")
