"""How containers are made to end: by their hooks, in order, by signals, within their grace period.

`pod/containers.py` calls it. Follows killContainer in
pkg/kubelet/kuberuntime/kuberuntime_container.go and kuberuntime_termination_order.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Collection
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.events import Tell
from kubectl_joblab.practice.node.pod import handlers
from kubectl_joblab.practice.node.pod.handlers import Target, UnknownResultError

SHORTEST_GRACE = 2  # minimumGracePeriodInSeconds
DEFAULT_GRACE = 30


def grace(pod: Object, container: Object, probe: str = "") -> int:
    """The seconds that a container gets to end (setTerminationGracePeriod).

    probe: the kind of the probe whose failure ends it, as probes may have a period of their own.
    """
    deletion = objects.metadata(pod).get("deletionGracePeriodSeconds")
    if deletion is not None:
        return int(deletion)
    own = (container.get(f"{probe}Probe") or {}).get("terminationGracePeriodSeconds")
    if own is not None:
        return int(own)
    return int(objects.spec(pod).get("terminationGracePeriodSeconds", DEFAULT_GRACE))


async def end(
    target: Target,
    tell: Tell,
    seconds: int,
    message: str = "",
    after: Collection[asyncio.Future[int]] = (),
) -> None:
    """End a container, and return when it has ended.

    seconds: its grace period. message: of the event, where it is not the usual one. after: the
    exits of containers that have to end before this one is sent a signal.
    """
    tell("Normal", "Killing", message or f"Stopping container {target.container['name']}")
    loop = asyncio.get_running_loop()
    # 1. The preStop hook, which takes its time from the grace period.
    began = loop.time()
    hook = (target.container.get("lifecycle") or {}).get("preStop")
    if hook and seconds > 0:
        await _pre_stop(hook, target, tell, seconds)
        seconds -= _seconds_since(began)
    # 2. The containers that have to end before.
    began = loop.time()
    waited_for = [one for one in after if not one.done()]
    if waited_for and seconds > 0:
        await asyncio.wait(waited_for, timeout=seconds)
        seconds -= _seconds_since(began)
    # 3. The stop signal, then SIGKILL.
    if not target.process.exited.done():
        target.process.signal(_stop_signal(target.container))
        await asyncio.wait([target.process.exited], timeout=max(seconds, SHORTEST_GRACE))
    if not target.process.exited.done():
        target.process.signal(signal.SIGKILL)
        await target.process.exited


def _seconds_since(began: float) -> int:
    """The whole seconds since this time of the loop, after rounding to milliseconds."""
    return int(round(asyncio.get_running_loop().time() - began, 3))


async def _pre_stop(hook: Object, target: Target, tell: Tell, seconds: int) -> None:
    running = asyncio.ensure_future(handlers.perform(hook, target, None))
    ends: list[asyncio.Future[Any]] = [running, target.process.exited]
    await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        running.cancel()
        return
    good = False
    with contextlib.suppress(UnknownResultError):
        good = running.result().good
    if not good:
        tell("Warning", "FailedPreStopHook", "PreStopHook failed")


def _stop_signal(container: Object) -> int:
    name = (container.get("lifecycle") or {}).get("stopSignal") or "SIGTERM"
    return int(getattr(signal, name, signal.SIGTERM))
