"""The CronJob controller: which CronJob needs a sync and when, and the sync itself.

Follows the event handlers, sync and cleanupFinishedJobs of
pkg/controller/cronjob/cronjob_controllerv2.go. What is read is never older than what was written,
so nothing is read twice to make sure. A run that is due in the future is no reason to set the clock
ahead; see practice/clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.formats import cron
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import events
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import SCHEDULE, Clock
from kubectl_joblab.practice.controllers import pod_control, tasks
from kubectl_joblab.practice.controllers.cronjob import history, missed
from kubectl_joblab.practice.controllers.cronjob import plan as plans
from kubectl_joblab.practice.controllers.cronjob.plan import CronJobPlan, CronJobSnapshot
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue
from kubectl_joblab.practice.events import Recorder

Key = tuple[str, str]  # namespace and name of a CronJob

_BACKGROUND = DeleteOptions(propagation_policy="Background")


class CronJobController:
    """Creates the Jobs of CronJobs when they are due."""

    name = "cronjob-controller"

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder

    async def run(self) -> None:
        """Control CronJobs, until cancelled."""
        self._queue: WorkQueue[Key] = WorkQueue(
            self._clock, lambda key: ("CronJob", *key), *CONTROLLER_RETRIES
        )
        await tasks.together(
            Informer(self._registry, kinds.CRON_JOBS, self._changed).run(),
            Informer(self._registry, kinds.JOBS, self._job_changed).run(),
            self._queue.work(self._sync),
        )

    # ---- who needs a sync

    def _changed(self, old: Object | None, new: Object | None) -> None:
        cronjob = new or old or {}
        if old is None or new is None or not _is_rescheduled(old, new):
            self._queue.add(_key(cronjob))
            return
        try:
            when = missed.schedule(new)
        except cron.CronError:
            told = f"unparseable schedule for cronjob: {new['spec']['schedule']}"
            self._tell(new, "Warning", "UnParseableCronJobSchedule", told)
            return
        wait = missed.until_next(new, when, self._clock.now())
        if wait is not None:
            self._later(_key(new), wait)

    def _job_changed(self, old: Object | None, new: Object | None) -> None:
        for job in filter(None, (old, new)):
            reference = objects.controller(job)
            if reference is not None and reference["kind"] == "CronJob":
                self._queue.add((job["metadata"]["namespace"], reference["name"]))

    def _later(self, key: Key, wait: timedelta) -> None:
        self._queue.add_after(key, wait.total_seconds(), "next Job", SCHEDULE)

    # ---- the sync

    def _sync(self, key: Key) -> None:
        namespace, name = key
        try:
            cronjob = self._registry.get(kinds.CRON_JOBS, name, namespace)
        except StatusError as error:
            if error.code != 404:
                raise
            return
        # 1. Observe, once the Jobs that are too old are gone.
        jobs, status = self._jobs(cronjob), objects.status(cronjob)
        for job in history.surplus(cronjob, jobs):
            if self._delete(cronjob, objects.name(job)):
                status = plans.without(status, objects.uid(job))
        seen = CronJobSnapshot(cronjob, dict(status), jobs, self._gone(namespace, status))
        # 2. Plan.
        plan = plans.plan(seen, self._clock.now())
        # 3. Carry it out.
        for event in plan.events:
            self._recorder.event(cronjob, *event)
        self._carry_out(cronjob, plan)

    def _jobs(self, cronjob: Object) -> list[Object]:
        """The Jobs that the CronJob controls."""
        uid = objects.uid(cronjob)
        return [
            obj
            for kind, obj in self._registry.owned(uid)
            if kind is kinds.JOBS and _controller_uid(obj) == uid
        ]

    def _gone(self, namespace: str, status: Mapping[str, Any]) -> frozenset[str]:
        """The uids of the Jobs that the status calls active and that do not exist."""
        running = plans.active(status)
        return frozenset(
            one.get("uid", "") for one in running if self._job(namespace, one["name"]) is None
        )

    def _job(self, namespace: str, name: str) -> Object | None:
        try:
            return self._registry.get(kinds.JOBS, name, namespace)
        except StatusError as error:
            if error.code != 404:
                raise
            return None

    def _carry_out(self, cronjob: Object, plan: CronJobPlan) -> None:
        """Replace and create Jobs; the status tells of it, also where the API refuses something."""
        status, wait, refused = plan.status, plan.wait, None
        try:
            for reference in plan.replaced:
                status = self._replace(cronjob, reference, status)
            if plan.due is not None:
                status, wait = self._create(cronjob, plan.due, status, wait)
        except StatusError as error:
            refused = error
        if status != objects.status(cronjob):
            namespace, name = _key(cronjob)
            new = {**cronjob, "status": status}
            self._registry.update(kinds.CRON_JOBS, name, new, namespace, subresource="status")
        if refused is not None:
            raise refused
        if wait is not None:
            self._later(_key(cronjob), wait)

    def _replace(self, cronjob: Object, reference: Object, status: Object) -> Object:
        """Delete a Job whose successor is due; the status without it."""
        namespace, name = cronjob["metadata"]["namespace"], reference["name"]
        if not self._delete(cronjob, name):
            raise StatusError(500, "", f"could not replace job {namespace}/{name}")
        return plans.without(status, reference.get("uid", ""))

    def _create(
        self, cronjob: Object, due: datetime, status: Object, wait: timedelta | None
    ) -> tuple[Object, timedelta | None]:
        """Create the Job that is due; the status with it, and how long to wait for the next."""
        job = plans.new_job(cronjob, due)
        namespace, name = cronjob["metadata"]["namespace"], objects.name(job)
        try:
            made = self._registry.create(kinds.JOBS, job, namespace)
        except StatusError as error:
            if error.reason != "AlreadyExists":
                if not pod_control.namespace_ends(error):
                    self._tell(cronjob, "Warning", "FailedCreate", f"Error creating job: {error}")
                raise
            made = self._registry.get(kinds.JOBS, name, namespace)
            if _controller_uid(made) != objects.uid(cronjob):
                return status, None  # somebody else's
        else:
            self._tell(cronjob, "Normal", "SuccessfulCreate", f"Created job {name}")
        return plans.started(status, events.reference(made), due), wait

    def _delete(self, cronjob: Object, name: str) -> bool:
        """Delete a Job with its Pods; whether that was done."""
        try:
            namespace = cronjob["metadata"]["namespace"]
            self._registry.delete(kinds.JOBS, name, namespace, _BACKGROUND)
        except StatusError as error:
            self._tell(cronjob, "Warning", "FailedDelete", f"Deleted job: {error}")
            return False
        self._tell(cronjob, "Normal", "SuccessfulDelete", f"Deleted job {name}")
        return True

    def _tell(self, cronjob: Object, kind: str, reason: str, message: str) -> None:
        self._recorder.event(cronjob, kind, reason, message)


def _key(cronjob: Object) -> Key:
    return cronjob["metadata"]["namespace"], objects.name(cronjob)


def _controller_uid(job: Object) -> str:
    return str((objects.controller(job) or {}).get("uid", ""))


def _is_rescheduled(old: Object, new: Object) -> bool:
    """Whether the schedule is another one, so that nothing is due before its next time."""
    return any(old["spec"].get(key) != new["spec"].get(key) for key in ("schedule", "timeZone"))
