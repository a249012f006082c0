"""Counts what the namespaces with quotas use, where admission could not know it.

That is when a quota is new or changed, when an object that counts is gone, and when a Pod has
ended. Follows pkg/controller/resourcequota/{resource_quota_controller,resource_quota_monitor}.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.quota import evaluators, usage
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue

RESYNC_PERIOD = 300.0  # ResourceQuotaSyncPeriod
# What goes is gathered for a moment: the Pods of a Job go one after the other, and each count is of
# all that are left.
BATCH_PERIOD = 0.05

_COUNTED = {
    kind.resource: kind
    for kind in kinds.FILLED
    if kind.namespaced and kind.resource not in evaluators.IGNORED
}
# the kinds that a quota may name
_NAMED = tuple(
    kind.resource
    for kind in kinds.KINDS
    if kind.stored
    and kind.namespaced
    and kind.view_of is None
    and kind.resource not in evaluators.IGNORED
)


class ResourceQuotaController:
    """Keeps the status of quotas."""

    name = "resourcequota-controller"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Keep the status of quotas, until cancelled."""
        self._queue: WorkQueue[tuple[str, str]] = WorkQueue(
            self._clock, lambda key: ("ResourceQuota", *key), *CONTROLLER_RETRIES
        )
        counted = [
            Informer(self._registry, kind, partial(self._changed, kind)).run()
            for kind in _COUNTED.values()
        ]
        await tasks.together(*counted, self._resync(), self._queue.work(self._sync))

    async def _resync(self) -> None:
        while True:
            await self._clock.sleep(RESYNC_PERIOD)
            for quota in self._registry.list(kinds.RESOURCE_QUOTAS).items:
                self._queue.add(_key(quota))

    def _changed(self, kind: Kind, old: Object | None, new: Object | None) -> None:
        if kind is kinds.RESOURCE_QUOTAS and new is not None:
            self._quota_changed(old, new)
        evaluator = evaluators.of(kind.resource)
        if old is None:
            return
        if new is not None and not evaluator.released(old, new, self._clock.now()):
            return
        for quota in self._quotas(old["metadata"]["namespace"]):
            if evaluator.matching(objects.status(quota).get("hard") or {}):
                self._queue.add_after(_key(quota), BATCH_PERIOD)

    def _quota_changed(self, old: Object | None, new: Object) -> None:
        if old is None or objects.spec(old) != objects.spec(new):
            self._queue.add(_key(new))

    def _quotas(self, namespace: str) -> Iterable[Object]:
        return self._registry.list(kinds.RESOURCE_QUOTAS, namespace).items

    def _sync(self, key: tuple[str, str]) -> None:
        namespace, name = key
        try:
            quota = self._registry.get(kinds.RESOURCE_QUOTAS, name, namespace)
        except StatusError as error:
            if error.code != 404:
                raise
            return

        def listed(resource: str) -> Iterable[Object]:
            kind = _COUNTED.get(resource)
            return [] if kind is None else self._registry.list(kind, namespace).items

        status = usage.status(quota, _NAMED, listed, self._clock.now())
        if status != quota.get("status"):
            new = {**quota, "status": status}
            self._registry.update(kinds.RESOURCE_QUOTAS, name, new, namespace, subresource="status")


def _key(quota: Object) -> tuple[str, str]:
    return quota["metadata"]["namespace"], objects.name(quota)
