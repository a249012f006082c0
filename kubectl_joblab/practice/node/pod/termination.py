"""How containers are made to end: hooks, order, signals, patience.

The Pod worker calls it. Follows killContainer in pkg/kubelet/kuberuntime/kuberuntime_container.go
and kuberuntime_termination_order.go.
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
    """The seconds that a container gets to end (setTerminationGracePeriod)."""
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
    """End a container. after: others that must have ended before it is asked to."""
    tell("Normal", "Killing", message or f"Stopping container {target.container['name']}")
    loop = asyncio.get_running_loop()
    # 1. Its hook.
    began = loop.time()
    hook = (target.container.get("lifecycle") or {}).get("preStop")
    if hook and seconds > 0:
        await _pre_stop(hook, target, tell, seconds)
        seconds -= _seconds_since(began)
    # 2. Its turn.
    began = loop.time()
    waited_for = [one for one in after if not one.done()]
    if waited_for and seconds > 0:
        await asyncio.wait(waited_for, timeout=seconds)
        seconds -= _seconds_since(began)
    # 3. The signals.
    if not target.process.exited.done():
        target.process.signal(_stop_signal(target.container))
        await asyncio.wait([target.process.exited], timeout=max(seconds, SHORTEST_GRACE))
    if not target.process.exited.done():
        target.process.signal(signal.SIGKILL)
        await target.process.exited


def _seconds_since(began: float) -> int:
    """Whole ones, to the millisecond."""
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
