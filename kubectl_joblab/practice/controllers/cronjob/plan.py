"""What to do for a CronJob now, and when to look again. Pure.

Follows syncCronJob in pkg/controller/cronjob/cronjob_controllerv2.go: what it reads comes in a
CronJobSnapshot, and what it writes goes out in a CronJobPlan, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.formats import cron, gojson, golocation
from kubectl_joblab.formats.cron import Schedule
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers import owners
from kubectl_joblab.practice.controllers.cronjob import history, missed

SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"
MANY_MISSED = (
    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
)
NOT_SUPPORTED = (
    "is not officially supported, see "
    "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
)


class Event(NamedTuple):
    """An event about the CronJob. type: Normal or Warning."""

    type: str
    reason: str
    message: str


class CronJobSnapshot(NamedTuple):
    """A CronJob at one moment.

    status: its own, without the Jobs that were just deleted. jobs: those that it controls, the
    deleted ones among them. gone: the uids of those that the status calls active and that do not
    exist, not even uncontrolled.
    """

    cronjob: Object
    status: Object
    jobs: Sequence[Object]
    gone: frozenset[str]


class CronJobPlan(NamedTuple):
    """What to do, in this order.

    events: what to say first. status: the status as it is by now. replaced: the references of Jobs
    to delete. due: the run to create a Job for. wait: how long until the CronJob is to be looked at
    again; None where only a change helps.
    """

    events: Sequence[Event]
    status: Object
    replaced: Sequence[Object] = ()
    due: datetime | None = None
    wait: timedelta | None = None


def plan(seen: CronJobSnapshot, now: datetime) -> CronJobPlan:
    """What to do for a CronJob now."""
    status, events = _counted(seen)
    cronjob = {**seen.cronjob, "status": status}
    if objects.is_deleted(cronjob):
        return CronJobPlan(events, status)
    if unknown := _unknown_zone(cronjob):
        return CronJobPlan([*events, unknown], status)
    if cronjob["spec"].get("suspend"):
        return CronJobPlan(events, status)
    text = cronjob["spec"]["schedule"]
    if "TZ" in text:
        told = f"CRON_TZ or TZ used in schedule {gojson.quote(text)} {NOT_SUPPORTED}"
        events.append(Event("Warning", "UnsupportedSchedule", told))
    try:
        when = missed.schedule(cronjob)
        due = missed.due(cronjob, when, now)
    except cron.CronError as error:
        told = f"unparseable schedule: {gojson.quote(text)} : {error}"
        return CronJobPlan([*events, Event("Warning", "UnparseableSchedule", told)], status)
    except missed.ScheduleError as error:
        told = f"invalid schedule: {text} : {error}"
        return CronJobPlan([*events, Event("Warning", "InvalidSchedule", told)], status)
    if due.time is not None and due.missed > missed.MANY:
        events.append(Event("Warning", "TooManyMissedTimes", MANY_MISSED))
    return _run(cronjob, when, events, due.time, now)


def _run(
    cronjob: Object, when: Schedule, events: list[Event], due: datetime | None, now: datetime
) -> CronJobPlan:
    """Start the run that is due, unless something is against it."""
    status, wait = cronjob["status"], missed.until_next(cronjob, when, now)
    against = [] if due is None else _against(cronjob, due, now)
    if due is None or against is not None:
        return CronJobPlan([*events, *(against or ())], status, wait=wait)
    started = {**cronjob, "status": {**status, "lastScheduleTime": clocks.rfc3339(due)}}
    replaces = cronjob["spec"]["concurrencyPolicy"] == "Replace"
    return CronJobPlan(
        events,
        status,
        replaced=active(status) if replaces else (),
        due=due,
        wait=missed.until_next(started, when, now),
    )


def _against(cronjob: Object, due: datetime, now: datetime) -> list[Event] | None:
    """What is to be said of a run that is not started; None where it is to be started."""
    spec, status = cronjob["spec"], cronjob["status"]
    deadline = spec.get("startingDeadlineSeconds")
    if deadline is not None and clocks.after(due, clocks.span(deadline)) < now:
        told = f"Missed scheduled time to start a job: {format_datetime(due)}"
        return [Event("Warning", "MissSchedule", told)]
    running = active(status)
    name = job_name(cronjob, due)
    if any(one["name"] == name for one in running) or _last(status) == due:
        return []  # it was started already
    if spec["concurrencyPolicy"] == "Forbid" and running:
        told = (
            "Not starting job because prior execution is running and concurrency policy is Forbid"
        )
        return [Event("Normal", "JobAlreadyActive", told)]
    return None


def _last(status: Object) -> datetime | None:
    return objects.time(status.get("lastScheduleTime"))


def _unknown_zone(cronjob: Object) -> Event | None:
    zone = cronjob["spec"].get("timeZone")
    try:
        golocation.location(zone or "")
    except golocation.LocationError as error:
        told = f"invalid timeZone: {gojson.quote(zone)}: {error}"
        return Event("Warning", "UnknownTimeZone", told)
    return None


# ---- the Jobs that there are


def active(status: Mapping[str, Any]) -> Sequence[Object]:
    """The references of the Jobs that run, as far as the status knows."""
    found: Sequence[Object] = status.get("active") or ()
    return found


def without(status: Mapping[str, Any], uid: str) -> Object:
    """The status without a Job that runs no more (deleteFromActiveList)."""
    left = [one for one in active(status) if one.get("uid") != uid]
    rest = {key: value for key, value in status.items() if key != "active"}
    return {**rest, "active": left} if left else rest


def started(status: Object, reference: Object, due: datetime) -> Object:
    """The status with a Job that was created for a run."""
    return {
        **status,
        "active": [*active(status), reference],
        "lastScheduleTime": clocks.rfc3339(due),
    }


def _counted(seen: CronJobSnapshot) -> tuple[Object, list[Event]]:
    """The status with what has become of its Jobs, and what is to be said of them."""
    status, events = seen.status, []
    for job in seen.jobs:
        uid, how = objects.uid(job), history.finished(job)
        known = any(one.get("uid") == uid for one in active(status))
        if not known and not how:
            told = f"Saw a job that the controller did not create or forgot: {objects.name(job)}"
            events.append(Event("Warning", "UnexpectedJob", told))
        elif known and how:
            status = without(status, uid)
            told = f"Saw completed job: {objects.name(job)}, condition: {how}"
            events.append(Event("Normal", "SawCompletedJob", told))
        if how == "Complete":
            status = _with_success(status, job)
    for one in active(status):
        if one.get("uid") in seen.gone:
            status = without(status, one["uid"])
            told = f"Active job went missing: {one['name']}"
            events.append(Event("Normal", "MissingJob", told))
    return status, events


def _with_success(status: Object, job: Object) -> Object:
    """The status with the end of a Job that succeeded, where it is the latest."""
    ended = objects.status(job).get("completionTime")
    last = status.get("lastSuccessfulTime")
    if ended is None or (last is not None and ended <= last):
        return status
    return {**status, "lastSuccessfulTime": ended}


# ---- the next one


def job_name(cronjob: Object, due: datetime) -> str:
    """The name of the Job of a run: the minute that it is due makes it, so there is only one."""
    return f"{objects.name(cronjob)}-{int(due.timestamp()) // 60}"


def new_job(cronjob: Object, due: datetime) -> Object:
    """The Job of a run, as the template has it (getJobFromTemplate2)."""
    template = cronjob["spec"]["jobTemplate"]
    meta = template.get("metadata") or {}
    there = due.astimezone(golocation.location(cronjob["spec"].get("timeZone") or ""))
    stamp = there.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            **{key: meta[key] for key in ("labels",) if meta.get(key)},
            "annotations": {**(meta.get("annotations") or {}), SCHEDULED_AT: stamp},
            "name": job_name(cronjob, due),
            "ownerReferences": [owners.controller_reference(cronjob)],
        },
        "spec": template["spec"],
    }
