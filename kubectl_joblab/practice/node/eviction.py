"""Ends Pods that keep more on the disk than their limits allow.

The kubelet runs it. Follows localStorageEviction in pkg/kubelet/eviction/eviction_manager.go; that
the node itself could be short of something, it does not look for. A real eviction manager leaves an
emptyDir in memory to the kernel, which lets no more be written; here it is a folder of the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.pod import requirements

REASON = "Evicted"
GRACE_SECONDS = 1  # immediateEvictionGracePeriodSeconds
MONITORING_PERIOD = 10.0  # evictionMonitoringPeriod, in seconds
_CRITICAL = 2_000_000_000  # SystemCriticalPriority
_STORAGE = "ephemeral-storage"


@dataclass(frozen=True)
class Usage:
    """How many bytes of the disk a Pod uses.

    volumes: by name, emptyDirs alone. containers: by name, what each has written and logged.
    """

    volumes: Mapping[str, int] = field(default_factory=dict)
    containers: Mapping[str, int] = field(default_factory=dict)


class Evictable(Protocol):
    """A Pod on the node."""

    @property
    def pod(self) -> Object:
        """The Pod as the API has it."""

    def usage(self) -> Callable[[], Usage]:
        """A function that measures what the Pod uses now; it may be called in a thread."""

    def evict(self, message: str) -> None:
        """End the Pod, which has failed for this."""


class EvictionManager:
    """Looks from time to time at what the Pods of a node use. pods: those on the node."""

    def __init__(self, clock: Clock, pods: Callable[[], Collection[Evictable]]) -> None:
        self._clock = clock
        self._pods = pods

    async def run(self) -> None:
        """Look, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._clock.sleep(MONITORING_PERIOD)
            for one in [each for each in self._pods() if has_limits(each.pod)]:
                usage = await loop.run_in_executor(None, one.usage())
                if message := exceeded(one.pod, usage):
                    one.evict(message)


def has_limits(pod: Object) -> bool:
    """Whether there is anything that the Pod may not use more of, and it may be evicted for it."""
    if int(objects.spec(pod).get("priority") or 0) >= _CRITICAL:
        return False
    return bool(_pod_limit(pod) or _size_limits(pod))


def exceeded(pod: Object, usage: Usage) -> str:
    """What the Pod uses too much of, in the kubelet's words; "" where it keeps to its limits."""
    for name, size in _size_limits(pod).items():
        most = _number(size)
        if most > 0 and usage.volumes.get(name, 0) > most:
            return f'Usage of EmptyDir volume "{name}" exceeds the limit "{size}". '
    used = sum(usage.containers.values()) + sum(usage.volumes.values())
    total = _pod_limit(pod)
    if total and used > _number(total):
        text = "Pod ephemeral local storage usage exceeds the total limit of containers"
        return f"{text} {total}. "
    for name, size in _container_limits(pod).items():
        if usage.containers.get(name, 0) > _number(size):
            return f'Container {name} exceeded its local ephemeral storage limit "{size}". '
    return ""


def _number(text: str) -> Decimal:
    return quantity.parse(text).number


def _size_limits(pod: Object) -> dict[str, str]:
    """The sizeLimit of each emptyDir that has one."""
    volumes = objects.spec(pod).get("volumes") or ()
    sizes = {one["name"]: (one.get("emptyDir") or {}).get("sizeLimit") for one in volumes}
    return {name: str(size) for name, size in sizes.items() if size is not None}


def _pod_limit(pod: Object) -> str:
    """What all containers may use together; "" where none has a limit."""
    return requirements.total(pod, "limits").get(_STORAGE, "")


def _container_limits(pod: Object) -> dict[str, str]:
    sidecars = [one for one in attempts.init_containers(pod) if attempts.is_sidecar(one)]
    limits = {
        one["name"]: ((one.get("resources") or {}).get("limits") or {}).get(_STORAGE)
        for one in [*attempts.containers(pod), *sidecars]
    }
    return {name: str(size) for name, size in limits.items() if size and _number(str(size))}
