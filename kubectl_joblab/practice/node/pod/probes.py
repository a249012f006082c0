"""The startup, readiness and liveness probes of a container that runs.

Each attempt has one Probes, which wakes the Pod worker when something changes. Follows
pkg/kubelet/prober.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.events import Tell
from kubectl_joblab.practice.node.container import expansion
from kubectl_joblab.practice.node.pod import handlers
from kubectl_joblab.practice.node.pod.handlers import Target, UnknownResultError
from kubectl_joblab.practice.node.pod.plan import LIVENESS, STARTUP

READINESS = "readiness"
_FIELDS = {STARTUP: "startupProbe", READINESS: "readinessProbe", LIVENESS: "livenessProbe"}


class Probes:
    """The probes of one attempt; they begin when it is made.

    started, ready: whether the startup and the readiness probe have succeeded, True where there is
    no such probe. failed: the kind of the probe that wants the container ended, "" for none.
    changed: called when one of these is another.
    """

    def __init__(self, target: Target, tell: Tell, changed: Callable[[], None]) -> None:
        self._target = target
        self._tell = tell
        self._changed = changed
        probes = {kind: target.container.get(key) for kind, key in _FIELDS.items()}
        self.started = not probes[STARTUP]
        self.ready = not probes[READINESS]
        self.failed = ""
        self._begun = asyncio.Event()
        if self.started:
            self._begun.set()
        self._tasks = {
            kind: asyncio.ensure_future(self._probe(kind, probe))
            for kind, probe in probes.items()
            if probe
        }

    def stop(self, *kinds: str) -> None:
        """Stop the probes of these kinds; without kinds, all."""
        for kind in kinds or tuple(self._tasks):
            if task := self._tasks.pop(kind, None):
                task.cancel()

    async def _probe(self, kind: str, probe: Object) -> None:
        await asyncio.sleep(probe.get("initialDelaySeconds", 0))
        if kind != STARTUP:
            await self._begun.wait()
        good, count = None, 0
        while True:
            result = await self._once(kind, probe)
            if result is not None:
                count = count + 1 if result == good else 1
                good = result
                key = "successThreshold" if good else "failureThreshold"
                enough = count >= probe.get(key, 1 if good else 3)
                if enough and self._conclude(kind, good=good):
                    return
            await asyncio.sleep(probe.get("periodSeconds", 10))

    async def _once(self, kind: str, probe: Object) -> bool | None:
        """Probe once: whether that went well, None where it could not be found out."""
        name = f"{kind.capitalize()} probe"
        handler = {**probe, "exec": self._expanded(probe["exec"])} if probe.get("exec") else probe
        try:
            result = await handlers.perform(handler, self._target, probe.get("timeoutSeconds", 1))
        except UnknownResultError as error:
            if not self._target.process.exited.done():
                text = f"{name} errored and resulted in unknown state: {error}"
                self._tell("Warning", "Unhealthy", text)
            return None
        if not result.good and not self._target.process.exited.done():
            self._tell("Warning", "Unhealthy", f"{name} failed: {result.output}")
        return result.good

    def _expanded(self, action: Object) -> Object:
        """The command of a handler with the values of variables that stand in the Pod itself."""
        env = self._target.container.get("env") or ()
        static = {one["name"]: one["value"] for one in env if one.get("value")}
        return {"command": [expansion.expand(one, static) for one in action.get("command") or ()]}

    def _conclude(self, kind: str, *, good: bool) -> bool:
        """Take over a result that has come often enough; whether this probe is done for good."""
        before = (self.started, self.ready, self.failed)
        if kind == READINESS:
            self.ready = good
        elif not good:
            self.failed = kind
        elif kind == STARTUP:
            self.started = True
            self._begun.set()
        if (self.started, self.ready, self.failed) != before:
            self._changed()
        return kind == STARTUP or (kind == LIVENESS and not good)
