"""Deletes objects whose time to live is over: Events, an hour after their last write.

The cluster runs it beside the controllers. Follows kube-apiserver's --event-ttl and etcd's leases,
which end at most a minute late so that many end at once.
"""

from __future__ import annotations

from kubectl_joblab.practice.api.registry.kinds import KINDS
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock

# seconds; nothing that is written while it sleeps expires sooner
LONGEST = max(kind.strategy.ttl for kind in KINDS)
SHORTEST = 60  # seconds; leaseReuseDurationSeconds


class Expiry:
    """One timer, set to the time when there will be something to delete."""

    name = "expiry"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Delete what expires, until cancelled."""
        while True:
            left = self._registry.expire()
            await self._clock.sleep(LONGEST if left is None else max(left, SHORTEST))
