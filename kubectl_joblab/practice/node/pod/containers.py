"""The containers of one Pod: starts and ends them, and keeps what is known of each start.

The Pod's worker calls it, and is woken when a container ends or a probe changes its mind. Follows
startContainer and doBackOff in pkg/kubelet/kuberuntime.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.events import Tell
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.attempts import EARLIER, Attempt, Observed, Sandbox, Waiting
from kubectl_joblab.practice.node.backoff import Backoff
from kubectl_joblab.practice.node.container import create, security, termination_message
from kubectl_joblab.practice.node.container.create import PodContext
from kubectl_joblab.practice.node.container.launch import ConfigError
from kubectl_joblab.practice.node.folder import Folder
from kubectl_joblab.practice.node.images.pull import NotThereError
from kubectl_joblab.practice.node.pod import handlers, termination
from kubectl_joblab.practice.node.pod.handlers import Target, UnknownResultError
from kubectl_joblab.practice.node.pod.plan import Kill
from kubectl_joblab.practice.node.pod.probes import Probes
from kubectl_joblab.practice.node.pod.sharing import Sharing
from kubectl_joblab.practice.node.process.messages import Launch
from kubectl_joblab.practice.node.process.runtime import LostError, Process, StartError
from kubectl_joblab.practice.node.shared import Due, NodeContext

FIRST_BACKOFF = timedelta(seconds=10)  # initialNodeBackoff
LONGEST_BACKOFF = timedelta(seconds=300)  # MaxContainerBackOff
RESYNC = timedelta(seconds=60)  # syncFrequency: a container that waits longer is looked at again
NOT_STARTED = 128  # the exit code of a container whose program could not be started
# by the reason of a state: why a container waits for its next start
_WHY = {
    "CrashLoopBackOff": "back-off",
    "ErrImagePull": "image back-off",
    "ImagePullBackOff": "image back-off",
}
_RUNTIME_SAYS = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
    "runc create failed: unable to start container process: "
)


class Containers:
    """Starts and ends the containers of one Pod.

    changed: called when a container has ended or a probe's result is another. sandbox: the Pod's,
    None before its first one; the Pod worker sets it.
    """

    def __init__(self, node: NodeContext, folder: Folder, changed: Callable[[], None]) -> None:
        self._node = node
        self._folder = folder
        self._changed = changed
        self._backoff = Backoff(FIRST_BACKOFF, LONGEST_BACKOFF)
        self._attempts: dict[str, list[Attempt]] = {}
        self._waiting: dict[str, Waiting] = {}
        self._due: dict[str, datetime] = {}  # when a start that has failed is tried again
        self._running: dict[str, Target] = {}  # by the id of the attempt
        self._starting: set[str] = set()  # names
        self._probes: dict[str, Probes] = {}
        self._sharing = Sharing(node.runtime, folder)
        self.sandbox: Sandbox | None = None

    def recall(self, pod: Object) -> None:
        """Take over what an earlier server has told the API of the Pod's containers."""
        self._attempts = attempts.recalled(pod, self._node.clock.now())
        if ip := objects.status(pod).get("podIP"):
            self.sandbox = Sandbox(ip, ready=False, number=EARLIER)

    def observed(self) -> Observed:
        """All that is known of the containers now."""
        probes = self._probes.items()
        return Observed(
            {name: tuple(found) for name, found in self._attempts.items()},
            self.sandbox,
            dict(self._waiting),
            frozenset(identity for identity, one in probes if one.started),
            frozenset(identity for identity, one in probes if one.ready),
            {identity: one.failed for identity, one in probes if one.failed},
        )

    def stop_probes(self, *kinds: str) -> None:
        """Stop the probes of these kinds in all containers; without kinds, all probes."""
        for one in self._probes.values():
            one.stop(*kinds)

    def end_sandbox(self) -> None:
        """Note that the sandbox is not ready any more, and end what is left of it."""
        self._sharing.end()
        if self.sandbox is not None:
            self.sandbox = replace(self.sandbox, ready=False)

    def running(self) -> set[str]:
        """The names of the containers that run, or are being started."""
        return self._starting | {one.container["name"] for one in self._running.values()}

    def written(self) -> dict[str, Callable[[], int]]:
        """By container that runs, what tells how many bytes it has written outside of volumes."""
        running = self._running.values()
        return {one.container["name"]: one.process.written for one in running}

    def process_of(self, name: str) -> Process | None:
        """A container that runs; None where it does not."""
        found = self._attempts.get(name)
        running = self._running.get(found[0].id) if found else None
        return running.process if running else None

    # ---- starting

    def due(self, name: str) -> Due | None:
        """When a container may be started again; None where that is now."""
        due = self._due.get(name)
        if due is None or due <= self._node.clock.now():
            return None
        return Due(due, f"next try of {name}", _WHY.get(self._waiting[name].reason, "retry"))

    async def start(
        self, context: PodContext, pod: Object, container: Object, before: Observed
    ) -> bool:
        """Start a container; whether it has started.

        before: what was known before containers were killed to be started again: one that was
        killed now does not wait for its back-off.
        """
        tell = partial(self._node.container_event, pod, container)
        name, now = container["name"], self._node.clock.now()
        if self._backs_off(pod, container, before, tell):
            return False
        found = self._attempts.get(name)
        number = found[0].number + 1 if found else 0
        try:
            image = self._node.images.ensure(objects.uid(pod), container, now, tell)
            made = create.make(context, pod, container, image, number, self.observed())
            attempt, order = made
        except NotThereError as error:
            tell("Warning", "Failed", f"Error: {error.reason}")
            return self._put_off(name, error.reason, error.message, error.again)
        except ConfigError as error:
            tell("Warning", "Failed", f"Error: {error}")
            return self._put_off(name, error.reason, str(error))
        tell("Normal", "Created", "Container created")
        return await self._run(pod, container, attempt, order, tell)

    def _put_off(
        self, name: str, reason: str, message: str, again: timedelta = FIRST_BACKOFF
    ) -> bool:
        self._waiting[name] = Waiting(reason, message)
        self._due[name] = self._node.clock.now() + min(again, RESYNC)
        return False

    def _backs_off(self, pod: Object, container: Object, before: Observed, tell: Tell) -> bool:
        """Whether too little time has passed since the container's last end (doBackOff)."""
        name, now = container["name"], self._node.clock.now()
        ends = [one.finished for one in before.attempts.get(name) or () if not one.is_running]
        if not ends or ends[0] is None:
            return False
        until = self._backoff.until(name, ends[0], now)
        if until is None:
            self._backoff.next(name, ends[0], now)
            return False
        where = security.described(pod)
        tell("Warning", "BackOff", f"Back-off restarting failed container {name} in pod {where}")
        delay = _go_duration(self._backoff.delay(name))
        message = f"back-off {delay} restarting failed container={name} pod={where}"
        self._put_off(name, "CrashLoopBackOff", message, until - now)
        return True

    async def _run(
        self, pod: Object, container: Object, attempt: Attempt, order: Launch, tell: Tell
    ) -> bool:
        try:
            self._starting.add(attempt.name)
            order = await self._sharing.among(pod, order)
            process = await self._node.runtime.start(order)
        except (StartError, LostError) as error:
            now, message = self._node.clock.now(), _RUNTIME_SAYS + str(error)
            self._remember(attempt.ended(now, NOT_STARTED, "StartError", message))
            tell("Warning", "Failed", f"Error: {message}")
            return self._put_off(attempt.name, "RunContainerError", message, timedelta(0))
        finally:
            self._starting.discard(attempt.name)
        self._remember(replace(attempt, started=self._node.clock.now()))
        self._waiting.pop(attempt.name, None)
        self._due.pop(attempt.name, None)
        ip = self.sandbox.ip if self.sandbox is not None else ""
        target = self._running[attempt.id] = Target(container, process, ip)
        self._probes[attempt.id] = Probes(target, tell, self._changed)
        process.exited.add_done_callback(partial(self._exited, container, attempt.id))
        tell("Normal", "Started", "Container started")
        return await self._post_start(pod, target, tell)

    def _remember(self, attempt: Attempt) -> None:
        kept = self._attempts.get(attempt.name, [])[:1]
        self._attempts[attempt.name] = [attempt, *kept]

    async def _post_start(self, pod: Object, target: Target, tell: Tell) -> bool:
        hook = (target.container.get("lifecycle") or {}).get("postStart")
        if not hook:
            return True
        try:
            result = await handlers.perform(hook, target, None)
            good, output = result.good, result.output
        except UnknownResultError as error:
            good, output = False, str(error)
        if good:
            return True
        tell("Warning", "FailedPostStartHook", "PostStartHook failed")
        seconds = termination.grace(pod, target.container)
        await termination.end(target, tell, seconds, "FailedPostStartHook")
        return self._put_off(target.container["name"], "PostStartHookError", output)

    # ---- ending

    async def kill(self, pod: Object, kills: Sequence[Kill]) -> None:
        """End the containers that the plan says to kill."""
        await asyncio.gather(
            *(
                termination.end(
                    self._running[kill.attempt.id],
                    partial(self._node.container_event, pod, kill.container),
                    termination.grace(pod, kill.container, kill.probe),
                    kill.message,
                )
                for kill in kills
                if kill.attempt.id in self._running
            )
        )

    async def end_all(self, pod: Object, seconds: int | None = None) -> None:
        """End all containers that run.

        The main ones come first, then the sidecars from the last to the first. seconds: the grace
        period, where it is not the Pod's own.
        """
        running = {target.container["name"]: target for target in self._running.values()}
        inits = [one["name"] for one in attempts.init_containers(pod) if attempts.is_sidecar(one)]
        names = [one["name"] for one in attempts.containers(pod)]
        mains = [running[name].process.exited for name in running if name in names]
        tasks, later = [], list(mains)
        for name in [*(set(running) - set(inits)), *(one for one in inits[::-1] if one in running)]:
            target = running[name]
            tell = partial(self._node.container_event, pod, target.container)
            after = tuple(later) if name in inits else ()
            grace = termination.grace(pod, target.container) if seconds is None else seconds
            tasks.append(termination.end(target, tell, grace, "", after))
            if name in inits:
                later.append(target.process.exited)
        await asyncio.gather(*tasks)

    def kill_all(self) -> None:
        """Send SIGKILL to all containers that run."""
        for target in self._running.values():
            target.process.signal(signal.SIGKILL)
        self._sharing.end()

    def _exited(self, container: Object, identity: str, exited: asyncio.Future[int]) -> None:
        target, found = self._running.pop(identity), self._attempts[container["name"]]
        for index, attempt in enumerate(found):
            if attempt.id == identity:
                found[index] = self._ended(target, attempt, exited.result())
        self._probes.pop(identity).stop()
        self._changed()

    def _ended(self, target: Target, attempt: Attempt, code: int) -> Attempt:
        message = self._folder.message(attempt.name, attempt.number)
        log = self._folder.log(attempt.name, attempt.number)
        words = termination_message.last_words(target.container, code, message, log)
        reason = "Error" if code else "Completed"
        if target.process.oom_killed:
            reason = "OOMKilled"
        return attempt.ended(self._node.clock.now(), code, reason, words)


def _go_duration(delay: timedelta) -> str:
    """A duration as Go prints it: 10s, 1m20s, 5m0s."""
    minutes, seconds = divmod(int(delay.total_seconds()), 60)
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
