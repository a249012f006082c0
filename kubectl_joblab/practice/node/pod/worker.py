"""One Pod's life on the node: from its binding to its last status.

The kubelet has a worker for each Pod, tells it of changes and waits for its end. Follows SyncPod,
SyncTerminatingPod and SyncTerminatedPod in pkg/kubelet/kubelet.go: first the API is told how the
Pod is, then something is done about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.clock import GATHERED, Running, Timer, Wait
from kubectl_joblab.practice.node import attempts, eviction
from kubectl_joblab.practice.node import usage as usages
from kubectl_joblab.practice.node.attempts import Observed, Sandbox
from kubectl_joblab.practice.node.container import hosts
from kubectl_joblab.practice.node.container.create import PodContext
from kubectl_joblab.practice.node.eviction import Usage
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.pod import phase, plan, reporting, status, termination
from kubectl_joblab.practice.node.pod.containers import Containers
from kubectl_joblab.practice.node.pod.plan import LIVENESS, STARTUP, Plan
from kubectl_joblab.practice.node.pod.status import Moment
from kubectl_joblab.practice.node.process.runtime import Process
from kubectl_joblab.practice.node.shared import Due, NodeContext
from kubectl_joblab.practice.node.volumes.manager import VolumeManager

# Between a container's end and the Pod's terminal phase. A real kubelet takes about a second, just
# longer than the Job controller's batches, which is why a Job is seen with a Pod active but not
# ready; it is as much longer than the batches here (controllers/job/controller.py, BATCH_PERIOD).
ENDING_SECONDS = 0.08


class Worker:
    """Runs one Pod."""

    def __init__(self, node: NodeContext, pod: Object) -> None:
        self._node = node
        self._pod = pod
        self._wake = asyncio.Event()
        self._gone = False
        self._stopping = False
        self._begun = False
        self._evicted = ""  # what for
        self._folder = Folder(node.pods / objects.uid(pod))
        self._volumes = VolumeManager(node, self._folder)
        self._containers = Containers(node, self._folder, self._wake.set)

    # ---- what the kubelet tells the worker

    def changed(self, pod: Object) -> None:
        """Take over the Pod as the API has it now."""
        if _version(pod) <= _version(self._pod):
            return  # the kubelet hears of this worker's own writes, too
        self._adopt(pod)
        self._wake.set()

    def gone(self) -> None:
        """Note that the Pod is not in the API any more, so that its containers are ended."""
        self._gone = True
        self._wake.set()
        self._hurry(0)

    def usage(self) -> Callable[[], Usage]:
        """A function that measures what the Pod uses of the disk now."""
        return partial(usages.measure, self._pod, self._folder, self._containers.written())

    def evict(self, message: str) -> None:
        """End the Pod, which has failed for what the message says."""
        if self._stopping or self._evicted:
            return
        self._evicted = message
        self._node.pod_event(self._pod, "Warning", eviction.REASON, message)
        self._wake.set()

    @property
    def pod(self) -> Object:
        """The Pod as the API has it."""
        return self._pod

    def _adopt(self, pod: Object) -> None:
        """Take over a Pod that was read or written, and see to its deletion.

        A deletion may give the containers less time than an earlier one did.
        """
        old, self._pod = self._pod, pod
        if _grace(pod) < _grace(old):
            self._wake.set()
            self._hurry(_grace(pod))

    def _hurry(self, seconds: float) -> None:
        """Kill the containers after this many seconds, if they are being ended already."""
        if self._stopping:
            patience = max(seconds, termination.SHORTEST_GRACE)
            asyncio.get_running_loop().call_later(patience, self._containers.kill_all)

    def running(self) -> list[Running]:
        """The containers of the Pod that run, or are being started."""
        namespace, name = objects.metadata(self._pod)["namespace"], objects.name(self._pod)
        return [Running(namespace, name, one) for one in sorted(self._containers.running())]

    def process_of(self, name: str) -> Process | None:
        """A container that runs; None where it does not."""
        return self._containers.process_of(name)

    # ---- the Pod's life

    async def run(self) -> None:
        """Run the Pod until it has ended. After an exception this may be called again."""
        if not self._begun:
            self._begun = True
            self._folder.make()
            self._containers.recall(self._pod)
        try:
            await self._live()
            await self._terminate()
            self._finish()
        finally:
            self._containers.stop_probes()

    async def _live(self) -> None:
        while not (self._gone or self._evicted or objects.is_deleted(self._pod)):
            self._wake.clear()
            if self._report() in phase.TERMINAL:
                await self._node.clock.sleep(ENDING_SECONDS, self.wait("status", GATHERED))
                return
            times = await self._sync()
            await self._pause(times)

    async def _pause(self, times: list[Due]) -> None:
        """Wait until the worker is woken.

        It is woken, too, at each of these times and when the Pod's deadline has come.
        """
        if deadline := status.deadline(self._pod):
            times.append(Due(deadline, "failed", "deadline"))
        timers = [self._wake_at(due) for due in times]
        try:
            await self._wake.wait()
        finally:
            for timer in timers:
                timer.cancel()

    def _wake_at(self, due: Due) -> Timer:
        clock = self._node.clock
        seconds = max(0.0, (due.at - clock.now()).total_seconds())
        wait = self.wait(due.what, due.why) if due.what else None
        return clock.call_later(seconds, self._wake.set, wait=wait)

    def wait(self, what: str, why: str) -> Wait:
        """What the Pod waits for, and why, for a timer of the clock."""
        namespace = objects.metadata(self._pod)["namespace"]
        return Wait("Pod", namespace, objects.name(self._pod), what, why)

    async def _sync(self) -> list[Due]:
        """Carry out the plan for the Pod.

        Returns the times at which to try again what could not be done now.
        """
        observed = self._containers.observed()
        todo = plan.plan(self._pod, observed)
        if todo.over:
            if observed.running():
                await self._containers.end_all(self._pod)
                self._containers.end_sandbox()
                self._wake.set()
            return []
        if todo.is_empty:
            return self._volumes.refresh(self._pod, observed.sandbox)
        if not self._volumes.set_up(self._pod, observed.sandbox):
            return [Due(self._volumes.due, "mount", "retry")]
        if todo.new_sandbox:
            self._new_sandbox()
        await self._containers.kill(self._pod, todo.kills)
        return await self._start(todo, observed)

    async def _start(self, todo: Plan, before: Observed) -> list[Due]:
        """Start the containers that are due; the times at which the others are.

        An init container that does not start keeps those behind it from being started.
        """
        assert self._containers.sandbox is not None
        sandbox, folders = self._containers.sandbox, self._volumes.folders
        context = PodContext(self._node, self._folder, sandbox, folders)
        times = []
        for container in [*todo.ephemerals, *todo.inits, *todo.mains]:
            started, due = False, self._containers.due(container["name"])
            if due is None:
                started = await self._containers.start(context, self._pod, container, before)
                self._wake.set()  # the API is to be told, whether it has started or not
            else:
                times.append(due)
            if not started and container in todo.inits and not attempts.is_sidecar(container):
                break
        return times

    def _new_sandbox(self) -> None:
        old = self._containers.sandbox
        if old is not None:
            text = "Pod sandbox changed, it will be killed and re-created."
            self._node.pod_event(self._pod, "Normal", "SandboxChanged", text)
        number = old.number + 1 if old is not None else 0
        # As the kubelet, which tells of the new sandbox before the sandbox has an address.
        self._containers.sandbox = Sandbox("", number=number)
        self._report()
        ip = self._node.addresses.new()
        self._containers.sandbox = Sandbox(ip, number=number)
        hosts.write(self._folder.etc, self._pod, ip)

    async def _terminate(self) -> None:
        self._stopping = True
        self._report()
        self._containers.stop_probes(LIVENESS, STARTUP)
        seconds = eviction.GRACE_SECONDS if self._evicted else None
        await self._containers.end_all(self._pod, seconds)
        self._containers.stop_probes()
        self._containers.end_sandbox()
        self._report(over=True)

    def _finish(self) -> None:
        self._report(over=True)
        pod = reporting.current(self._node.registry, self._pod)
        if pod is not None:
            self._adopt(reporting.write(self._node.registry, pod, status.terminated(pod)))
            if objects.is_deleted(self._pod):
                reporting.remove(self._node.registry, self._pod)

    def _report(self, *, over: bool = False) -> str:
        """Write the Pod's status; the phase as it would be with nothing held back.

        over: whether no container runs, and none will be started again.
        """
        pod = reporting.current(self._node.registry, self._pod)
        if pod is None:
            self._gone = True
            return ""
        moment = Moment(self._node.clock.now(), self._node.host_ip, over, self._evicted)
        if status.is_past_deadline(pod, moment.now):
            text = status.DEADLINE_MESSAGE
            self._node.pod_event(pod, "Normal", status.DEADLINE_REASON, text)
        generated = status.generate(pod, self._containers.observed(), moment)
        told = status.merged(pod, generated, may_run=not over)
        self._adopt(reporting.write(self._node.registry, pod, told))
        return str(generated["phase"])


def _version(pod: Object) -> int:
    return int(objects.metadata(pod)["resourceVersion"])


def _grace(pod: Object) -> float:
    found = objects.metadata(pod).get("deletionGracePeriodSeconds")
    return float("inf") if found is None else float(found)
