"""Deletes finished Jobs when their spec.ttlSecondsAfterFinished is over.

Follows pkg/controller/ttlafterfinished/ttlafterfinished_controller.go.
"""

from __future__ import annotations

from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock, TimeSource
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import WorkQueue

_FOREGROUND = DeleteOptions(propagation_policy="Foreground")


class TTLController:
    """Deletes each finished Job when its time is over."""

    name = "ttl-after-finished-controller"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Delete finished Jobs, until cancelled."""
        self._queue: WorkQueue[tuple[str, str]] = WorkQueue(self._clock, lambda key: ("Job", *key))
        await tasks.together(
            Informer(self._registry, kinds.JOBS, self._job_changed).run(),
            self._queue.work(self._sync),
        )

    def _job_changed(self, old: Object | None, new: Object | None) -> None:
        job = new or old or {}
        key = job["metadata"]["namespace"], objects.name(job)
        self._queue.cancel(key)
        self._await(key, None if new is None else remaining(new, self._clock))

    def _await(self, key: tuple[str, str], left: timedelta | None) -> None:
        if left is not None:
            self._queue.add_after(key, left.total_seconds(), "deleted", "TTL")

    def _sync(self, key: tuple[str, str]) -> None:
        namespace, name = key
        try:
            job = self._registry.get(kinds.JOBS, name, namespace)
            left = remaining(job, self._clock)
            if left is not None and left > timedelta():
                # the Job was given more time meanwhile, or another Job has its name
                self._await(key, left)
            elif left is not None:
                self._registry.delete(kinds.JOBS, name, namespace, _FOREGROUND)
        except StatusError as error:
            if error.code != 404:
                raise


def remaining(job: Object, clock: TimeSource) -> timedelta | None:
    """How long a Job is to be kept still; None where it is not to be deleted."""
    ttl = objects.spec(job).get("ttlSecondsAfterFinished")
    finished = objects.finished_at(job)
    if ttl is None or finished is None or objects.is_deleted(job):
        return None
    return clocks.after(finished, clocks.span(ttl)) - clock.now()
