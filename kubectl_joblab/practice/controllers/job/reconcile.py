"""One sync of a Job: observe it and its Pods, plan, carry the plan out, count what has ended.

controller.py calls it for each Job that may need it. Syncs are plain functions on the event loop's
thread, so nothing changes while one runs. Follows syncJob in pkg/controller/job/job_controller.go;
its expectations are not needed here, because what is read is never older than what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import TimeSource
from kubectl_joblab.practice.controllers import pod_control
from kubectl_joblab.practice.controllers.job import (
    backoff,
    claim,
    finish,
    manage,
    pods,
    snapshot,
    spec,
    template,
    tracking,
)
from kubectl_joblab.practice.controllers.job.snapshot import Snapshot
from kubectl_joblab.practice.controllers.pod_control import PodControl
from kubectl_joblab.practice.events import Recorder

# asks for another sync of a Job after that time, and says what is waited for, and why
Later = Callable[[timedelta, str, str], None]


@dataclass
class _Counts:
    """The numbers of Pods while a plan is carried out. error: the first refusal."""

    active: int
    ready: int
    terminating: int
    error: StatusError | None = None

    def removed(self, pod: Object) -> None:
        self.active -= 1
        self.terminating += 1
        self.ready -= pods.is_ready(pod)

    def failed(self, error: StatusError) -> None:
        self.error = self.error or error


class Reconciler:
    """Brings Jobs to what their specs ask for, one sync at a time."""

    def __init__(self, registry: Registry, clock: TimeSource, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder
        self._control = PodControl(registry, recorder)
        self._backoff: dict[tuple[str, str], backoff.Record] = {}

    def forget(self, namespace: str, name: str) -> None:
        """Forget the failures of a Job that is gone or finished."""
        self._backoff.pop((namespace, name), None)

    def sync(self, namespace: str, name: str, later: Later) -> None:
        """Sync a Job. StatusError for what the API has refused, so that the sync is tried again.

        later: asks for another sync of the Job after some time.
        """
        job = self._job(namespace, name)
        if job is None or objects.is_finished(job):
            self.forget(namespace, name)
        elif not spec.is_managed_elsewhere(job):
            self._reconcile(job, later)

    def _job(self, namespace: str, name: str) -> Object | None:
        try:
            return self._registry.get(kinds.JOBS, name, namespace)
        except StatusError as error:
            if error.code != 404:
                raise
            return None

    def _reconcile(self, job: Object, later: Later) -> None:
        # 1. Observe.
        own = claim.claimed(self._registry, self._control, job)
        key = job["metadata"]["namespace"], objects.name(job)
        record = self._backoff.get(key, backoff.Record())
        seen = snapshot.observe(job, own, record, self._clock.now())
        counts = _Counts(len(seen.active), seen.ready, seen.terminating)
        # 2. Plan and carry out: a Job that ends loses its active Pods, another gets what it lacks.
        status = seen.status
        ending = finish.evaluate(seen)
        if ending is not None:
            self._delete_active(seen, counts)
            if counts.active:
                ending = None  # some Pods could not be deleted, so the Job has not ended yet
        else:
            status, ending = self._manage(seen, counts, later)
        # 3. Count.
        self._track(seen, _counted(status, counts), ending)
        if counts.error is not None:
            raise counts.error

    # ---- Pods

    def _delete_active(self, seen: Snapshot, counts: _Counts) -> None:
        """Delete all active Pods, which keep the finalizer until they are counted.

        Follows deleteActivePods.
        """
        for pod in seen.active:
            try:
                self._control.delete(seen.job, pod)
            except StatusError as error:
                counts.failed(error)
            else:
                counts.removed(pod)

    def _manage(
        self, seen: Snapshot, counts: _Counts, later: Later
    ) -> tuple[Object, Object | None]:
        """Create and remove Pods of a Job that goes on.

        Returns the status, with the condition Suspended as it is now, and the condition that ends
        the Job, if it is complete.
        """
        left = finish.deadline(seen)
        if left is not None:
            later(left, "failed", "deadline")
        deleted = objects.is_deleted(seen.job)
        if not deleted:
            plan = manage.plan(seen)
            if plan.wait is not None:
                later(plan.wait, "next Pod", "back-off")
            self._remove(seen.job, plan.remove, counts)
            self._create(seen, plan.create, counts)
        ending = finish.completed(seen, counts.active)
        if ending is not None or deleted:
            return seen.status, ending
        return self._with_suspension(seen), None

    def _remove(self, job: Object, surplus: Iterable[Object], counts: _Counts) -> None:
        """Delete Pods that are not wanted. Without the finalizer they do not count as failures.

        Follows deleteJobPods.
        """
        for pod in surplus:
            try:
                if pods.is_tracked(pod):
                    self._control.remove_finalizer(pod, pods.TRACKING_FINALIZER)
                self._control.delete(job, pod)
            except StatusError as error:
                counts.failed(error)
            else:
                counts.removed(pod)

    def _create(self, seen: Snapshot, indexes: Sequence[int], counts: _Counts) -> None:
        """Create Pods in batches of 1, 2, 4 and so on, until the API refuses one.

        So a quota is not run into once for every Pod that it forbids.
        """
        for batch in _slow_start(indexes):
            for index in batch:
                pod = template.pod(seen.job, index, seen.delayed.get(index))
                try:
                    self._control.create(seen.job, pod)
                except StatusError as error:
                    if not pod_control.namespace_ends(error):
                        counts.failed(error)
                        continue
                counts.active += 1
            if counts.error is not None:
                return

    # ---- status

    def _with_suspension(self, seen: Snapshot) -> Object:
        suspended = spec.is_suspended(seen.job)
        before = seen.status.get("conditions") or []
        reason, message = (
            ("JobSuspended", "Job suspended") if suspended else ("JobResumed", "Job resumed")
        )
        state = "True" if suspended else "False"
        after = finish.ensured(before, "Suspended", state, reason, message, seen.now)
        if after is before:
            return seen.status
        event = "Suspended" if suspended else "Resumed"
        self._recorder.event(seen.job, "Normal", event, message)
        # The deadline does not run while the Job is suspended, and begins anew when it is resumed.
        start = "" if suspended else clocks.rfc3339(seen.now)
        return tracking.with_text({**seen.status, "conditions": after}, "startTime", start)

    def _track(self, seen: Snapshot, status: Object, ending: Object | None) -> None:
        """Count the Pods that have ended (trackJobStatusAndRemoveFinalizers).

        Their uids are written into the status, then the finalizers are removed, then the Pods are
        counted and the status is written again.
        """
        accounts = tracking.account(seen, status, ending)
        status = tracking.interim(accounts.status, ending)
        job = seen.job
        if status != seen.status:
            job = self._write(job, status)
            key = job["metadata"]["namespace"], objects.name(job)
            self._backoff[key] = seen.record
        still_tracked, error = self._remove_finalizers(seen, accounts.release)
        status, changed = tracking.settled(status, still_tracked)
        if error is not None:
            if changed:
                self._write(job, status)
            raise error
        ended = tracking.enacted(status, ending, seen) if accounts.complete else None
        if changed or ended is not None:
            self._write(job, ended or status)
        if ended is not None:
            self._record_end(job, ended)

    def _write(self, job: Object, status: Object) -> Object:
        name, namespace = objects.name(job), job["metadata"]["namespace"]
        new = {**job, "status": status}
        return self._registry.update(kinds.JOBS, name, new, namespace, subresource="status")

    def _remove_finalizers(
        self, seen: Snapshot, release: Iterable[Object]
    ) -> tuple[set[str], StatusError | None]:
        """Remove the finalizer from these Pods.

        Returns the uids of Pods that still have it, and the first refusal.
        """
        tracked = {objects.uid(pod) for pod in seen.pods if pods.is_tracked(pod)}
        first: StatusError | None = None
        for pod in release:
            try:
                self._control.remove_finalizer(pod, pods.TRACKING_FINALIZER)
            except StatusError as error:
                first = first or error
            else:
                tracked.discard(objects.uid(pod))
        return tracked, first

    def _record_end(self, job: Object, status: Object) -> None:
        """Record the event of a Job's end (recordJobFinished)."""
        last = status["conditions"][-1]
        if last["type"] == "Failed":
            self._recorder.event(job, "Warning", last["reason"], last["message"])
            return
        completions = spec.completions(job)
        if completions is not None and status.get("succeeded", 0) > completions:
            text = "Too many succeeded pods running after completion count reached"
            self._recorder.event(job, "Warning", "TooManySucceededPods", text)
        self._recorder.event(job, "Normal", "Completed", "Job completed")


def _slow_start(indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    size, start = 1, 0  # SlowStartInitialBatchSize
    while start < len(indexes):
        yield indexes[start : start + size]
        size, start = size * 2, start + size


def _counted(status: Object, counts: _Counts) -> Object:
    status = tracking.with_count(status, "active", counts.active)
    return {**status, "ready": counts.ready, "terminating": counts.terminating}
