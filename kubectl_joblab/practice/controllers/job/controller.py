"""The Job controller: which Job needs a sync, and when.

A new or changed spec is synced at once; changes of Pods and of the status are gathered for a
moment, so that a burst of them becomes one sync. Follows the event handlers of
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.job import orphans, pods, spec
from kubectl_joblab.practice.controllers.job.orphans import OrphanQuery, OrphanSync
from kubectl_joblab.practice.controllers.job.reconcile import Reconciler
from kubectl_joblab.practice.controllers.pod_control import PodControl
from kubectl_joblab.practice.controllers.workqueue import WorkQueue
from kubectl_joblab.practice.events import Recorder

# SyncJobBatchPeriod. Upstream gathers for a second, to spare an API server that is far away. So
# does a Job here whose last sync failed: else its own changes would make it try again too soon.
BATCH_PERIOD = 0.05
BATCH_PERIOD_OF_FAILED = 1.0

Key = tuple[str, str]  # namespace and name of a Job


class JobController:
    """Runs Jobs to completion."""

    name = "job-controller"

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._reconciler = Reconciler(registry, clock, recorder)
        self._orphans = OrphanSync(registry, PodControl(registry, recorder))

    async def run(self) -> None:
        """Control Jobs, until cancelled."""
        self._queue: WorkQueue[Key] = WorkQueue(self._clock, lambda key: ("Job", *key))
        self._orphan_queue: WorkQueue[OrphanQuery] = WorkQueue(
            self._clock, lambda query: ("Pod", query.namespace, query.name)
        )
        await tasks.together(
            Informer(self._registry, kinds.JOBS, self._job_changed).run(),
            Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            self._queue.work(self._sync),
            self._orphan_queue.work(self._orphans.sync),
        )

    def _sync(self, key: Key) -> None:
        def later(wait: timedelta, what: str, why: str) -> None:
            self._queue.add_after(key, max(wait.total_seconds(), BATCH_PERIOD), what, why)

        self._reconciler.sync(*key, later)

    # ---- Jobs

    def _job_changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            assert old is not None
            self._job_gone(old)
        elif old is None:
            self._queue.add(_key(new))
        else:
            self._job_updated(old, new)

    def _job_updated(self, old: Object, new: Object) -> None:
        if objects.is_finished(new):
            # By now no Pod of the Job should have the finalizer. This makes sure of it.
            self._orphan_queue.add(orphans.of_job(new))
            self._queue.cancel(_key(new))
        elif _generation(old) == _generation(new):
            self._gather(new)
        else:
            self._queue.add(_key(new))

    def _job_gone(self, job: Object) -> None:
        self._reconciler.forget(*_key(job))
        self._queue.add(_key(job))
        self._orphan_queue.add(orphans.of_job(job))

    # ---- Pods

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        pod = new or old
        assert pod is not None
        job = self._controller(pod)
        if new is None or objects.is_deleted(new):
            self._pod_deleted(pod, job)
            return
        before = old and self._controller(old)
        if before is not None and before is not job:
            self._gather(before)
        if job is not None:
            self._gather(job)
        elif objects.controller(new) is None:
            self._orphan_changed(old, new)

    def _pod_deleted(self, pod: Object, job: Object | None) -> None:
        if job is not None and not objects.is_finished(job):
            self._gather(job)
        elif pods.is_tracked(pod):
            self._orphan_queue.add(orphans.of_pod(pod))

    def _orphan_changed(self, old: Object | None, new: Object) -> None:
        """See to a Pod without a controller: some Job may want to adopt it now."""
        if pods.is_tracked(new):
            self._orphan_queue.add(orphans.of_pod(new))
        same_owner = old is not None and objects.controller(old) is None
        if old is None or not same_owner or objects.labels(old) != objects.labels(new):
            for job in self._matching(new):
                self._gather(job)

    def _controller(self, pod: Object) -> Object | None:
        reference = objects.controller(pod)
        if reference is None:
            return None
        return orphans.controller_of(self._registry, pod["metadata"]["namespace"], reference)

    def _matching(self, pod: Object) -> Iterator[Object]:
        for job in self._registry.awake(kinds.JOBS, pod["metadata"]["namespace"]):
            if selectors.of(spec.selector(job)).matches(objects.labels(pod)):
                yield job

    def _gather(self, job: Object) -> None:
        failed = self._queue.has_failed(_key(job))
        period = BATCH_PERIOD_OF_FAILED if failed else BATCH_PERIOD
        self._queue.add_after(_key(job), period)


def _key(job: Object) -> Key:
    return job["metadata"]["namespace"], objects.name(job)


def _generation(job: Object) -> int:
    return int(job["metadata"].get("generation") or 0)
