"""A kubelet for tests: it moves bound Pods through their phases, as a behaviour says.

Where the Job controller can tell, the times are those of a real kubelet: the end of a container is
told a moment before the Pod's phase says so, and a Pod that is deleted goes when its grace period
is over.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from copy import deepcopy

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import GATHERED, Clock, Running, Wait
from kubectl_joblab.practice.controllers.informer import Informer

NODE = "node1"
# The Job controller gathers changes for 0.05 seconds, upstream for one. A real node starts a
# container in less than that and tells of the Pod's end a little more after the container's.
STARTING = 0.03
ENDING = 0.06
KILLED = 137

# a Pod -> {runs: seconds, exits: code, after: how many restarts until it succeeds}
Behaviour = Callable[[Object], Object]


def node(**allocatable: str) -> Object:
    """A Node as its kubelet registers it."""
    resources = {"cpu": "2", "memory": "8Gi", "pods": "250"} | allocatable
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": {"kubernetes.io/hostname": NODE}},
        "status": {"allocatable": resources, "capacity": resources},
    }


class FakeKubelet:
    """The kubelet of one node; a test runs `run` beside the controllers."""

    def __init__(self, registry: Registry, clock: Clock, behaviour: Behaviour) -> None:
        self._registry = registry
        self._clock = clock
        self._behaviour = behaviour
        self._pods: dict[str, asyncio.Task[None]] = {}
        self._running: dict[str, Running] = {}  # by uid

    async def run(self) -> None:
        """Act as the kubelet, until cancelled."""
        try:
            await Informer(self._registry, kinds.PODS, self._changed).run()
        finally:
            for task in self._pods.values():
                task.cancel()

    def running(self) -> list[Running]:
        """The containers that run, or are being started."""
        return list(self._running.values())

    def _changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            assert old is not None
            if task := self._pods.pop(old["metadata"]["uid"], None):
                task.cancel()
        elif new["spec"].get("nodeName") == NODE:
            uid = new["metadata"]["uid"]
            deleted = "deletionTimestamp" in new["metadata"]
            if uid not in self._pods:
                self._pods[uid] = asyncio.ensure_future(self._live(new))
            elif deleted and old is not None and "deletionTimestamp" not in old["metadata"]:
                self._pods[uid].cancel()
                self._pods[uid] = asyncio.ensure_future(self._stop(new))

    async def _live(self, pod: Object) -> None:
        does, restarts = self._behaviour(pod), 0
        policy = pod["spec"]["restartPolicy"]
        meta = pod["metadata"]
        while True:
            self._running[meta["uid"]] = Running(meta["namespace"], meta["name"], "main")
            code = 0 if restarts >= does.get("after", math.inf) else does["exits"]
            await asyncio.sleep(STARTING)
            self._write(pod, "Running", {"running": {"startedAt": self._now()}}, restarts)
            await asyncio.sleep(does["runs"])
            ended = {"terminated": {"exitCode": code, "finishedAt": self._now()}}
            self._write(pod, "Running", ended, restarts)
            del self._running[meta["uid"]]
            if policy == "Never" or (policy == "OnFailure" and not code):
                break
            wait = self._wait(pod, "next try of main", "back-off")
            await self._clock.sleep(10 * 2 ** (restarts - 1) if restarts else 0, wait)
            restarts += 1
        await self._clock.sleep(ENDING, self._wait(pod, "status", GATHERED))
        self._write(pod, "Failed" if code else "Succeeded", ended, restarts)

    async def _stop(self, pod: Object) -> None:
        meta = pod["metadata"]
        if pod["status"]["phase"] not in ("Succeeded", "Failed"):
            if meta["uid"] in self._running:
                await asyncio.sleep(meta.get("deletionGracePeriodSeconds", 0))
            ended = {"terminated": {"exitCode": KILLED, "finishedAt": self._now()}}
            self._write(pod, "Failed", ended, _restarts(pod))
            self._running.pop(meta["uid"], None)
            await self._clock.sleep(0.02, self._wait(pod, "status", GATHERED))
        self._registry.delete(
            kinds.PODS, meta["name"], meta["namespace"], DeleteOptions(grace_period_seconds=0)
        )

    def _wait(self, pod: Object, what: str, why: str) -> Wait:
        return Wait("Pod", pod["metadata"]["namespace"], pod["metadata"]["name"], what, why)

    def _now(self) -> str:
        return clocks.rfc3339(self._clock.now())

    def _write(self, pod: Object, phase: str, state: Object, restarts: int) -> None:
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        try:
            current = self._registry.get(kinds.PODS, name, namespace)
        except StatusError:
            return
        status = deepcopy(current["status"])
        ready = "running" in state
        others = [one for one in status.get("conditions", ()) if one["type"] != "Ready"]
        condition: Object = {
            "type": "Ready",
            "status": str(ready),
            "lastTransitionTime": self._now(),
        }
        container = {
            "name": pod["spec"]["containers"][0]["name"],
            "image": pod["spec"]["containers"][0]["image"],
            "imageID": "",
            "restartCount": restarts,
            "ready": ready,
            "started": ready,
            "state": state,
            "lastState": {},
        }
        status |= {
            "phase": phase,
            "conditions": [*others, condition],
            "containerStatuses": [container],
        }
        new = {**current, "status": status}
        self._registry.update(kinds.PODS, name, new, namespace, subresource="status")


def _restarts(pod: Object) -> int:
    containers = pod["status"].get("containerStatuses") or [{"restartCount": 0}]
    return int(containers[0]["restartCount"])
