"""Takes DisruptionTarget from Pods that were to be deleted, and were not.

An eviction marks a Pod before it deletes it; where the deletion fails the mark would stay. Follows
syncStalePodDisruption in pkg/controller/disruption/disruption.go.
"""

from __future__ import annotations

from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import conditions
from kubectl_joblab.practice.api.conditions import DISRUPTION_TARGET
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock, TimeSource
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue

STALE_AFTER = timedelta(minutes=2)  # stalePodDisruptionTimeout
BY_KUBELET = "TerminationByKubelet"


class StaleDisruptions:
    """Clears what is stale. The disruption controller tells it of Pods, and runs it."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._queue: WorkQueue[tuple[str, str]] = WorkQueue(
            clock, lambda key: ("Pod", *key), *CONTROLLER_RETRIES
        )

    async def run(self) -> None:
        """Clear conditions when their time has come, until cancelled."""
        await self._queue.work(self._sync)

    def pod_changed(self, pod: Object, *, gone: bool) -> None:
        """See when the condition of a Pod has to go, if it has one."""
        key = pod["metadata"]["namespace"], objects.name(pod)
        self._queue.cancel(key)
        left = None if gone else remaining(pod, self._clock)
        if left is not None:
            self._later(key, left)

    def _later(self, key: tuple[str, str], left: timedelta) -> None:
        self._queue.add_after(key, left.total_seconds(), "not disrupted", "eviction timeout")

    def _sync(self, key: tuple[str, str]) -> None:
        try:
            pod = self._registry.get(kinds.PODS, key[1], key[0])
            left = remaining(pod, self._clock)
            if left is not None and left > timedelta():
                self._later(key, left)
            elif left is not None:
                self._clear(key, pod)
        except StatusError as error:
            if error.code != 404:
                raise

    def _clear(self, key: tuple[str, str], pod: Object) -> None:
        generation = objects.metadata(pod).get("generation")
        condition = conditions.of_pod(DISRUPTION_TARGET, "False", generation=generation)
        now = self._clock.now()
        status = conditions.with_pod_condition(dict(objects.status(pod)), condition, now)
        changed = {**pod, "status": status}
        self._registry.update(kinds.PODS, key[1], changed, key[0], subresource="status")


def remaining(pod: Object, clock: TimeSource) -> timedelta | None:
    """How long the condition of a Pod stays still; None where it is none that becomes stale."""
    condition = objects.condition(pod, DISRUPTION_TARGET)
    if condition is None or condition["status"] != "True" or objects.is_deleted(pod):
        return None
    if condition.get("reason") == BY_KUBELET or objects.has_ended(pod):
        return None
    since = objects.time(condition.get("lastTransitionTime"))
    return max(STALE_AFTER - (clock.now() - (since or objects.FIRST)), timedelta())
