"""Which of a CronJob's runs is due, how many were missed before it, and when the next one is. Pure.

Follows mostRecentScheduleTime, nextScheduleTime and nextScheduleTimeDuration in
pkg/controller/cronjob/utils.go, and formatSchedule in cronjob_controllerv2.go.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.formats import cron, golocation
from kubectl_joblab.formats.cron import Schedule
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks

# nextScheduleDelta: so much later than it is due a run is looked for, so that it is due by then
DELTA = timedelta(milliseconds=100)
MANY = 100  # from more missed runs on an event says that something is wrong


class ScheduleError(ValueError):
    """A schedule can be read, and yet is none; the message is upstream's."""


class Due(NamedTuple):
    """What a CronJob has not run yet.

    since: what was counted from. time: the latest run that is due, None where none is. missed: how
    many are, by a rough count: those between two distant runs are not told apart.
    """

    since: datetime
    time: datetime | None
    missed: int


def schedule(cronjob: Object) -> Schedule:
    """The schedule, in the time zone that the CronJob names; raises CronError (formatSchedule)."""
    text, zone = cronjob["spec"]["schedule"], cronjob["spec"].get("timeZone")
    try:
        return cron.parse_in(text, zone)
    except golocation.LocationError:
        return cron.parse(text)


def due(cronjob: Object, when: Schedule, now: datetime, *, deadline: bool = True) -> Due:
    """The latest run that is due; raises ScheduleError (mostRecentScheduleTime).

    deadline: whether runs that are too late to start, by startingDeadlineSeconds, are left out.
    """
    since = _since(cronjob, now, deadline=deadline)
    first = when.next(since)
    second = when.next(first) if first else None
    if now <= since or (first is not None and now < first):
        return Due(since, None, 0)
    if first is not None and second is not None and now < second:
        return Due(since, first, 0)
    if first is None or second is None or second - first < timedelta(seconds=1):
        raise ScheduleError("time difference between two schedules is less than 1 second")
    interval = int((second - first).total_seconds())
    missed = int((now - first).total_seconds()) // interval + 1
    # By the interval, go to shortly before now: @every counts from there.
    start = first + (missed - 2) * timedelta(seconds=interval)
    return Due(since, when.last(start, now), missed)


def _since(cronjob: Object, now: datetime, *, deadline: bool) -> datetime:
    last = objects.time(objects.status(cronjob).get("lastScheduleTime"))
    since = last or objects.created(cronjob) or now
    seconds = cronjob["spec"].get("startingDeadlineSeconds")
    if deadline and seconds is not None:
        since = max(since, clocks.after(now, -clocks.span(seconds)))
    return since


def until_next(cronjob: Object, when: Schedule, now: datetime) -> timedelta | None:
    """How long to wait for the next run; None where it never comes (nextScheduleTimeDuration)."""
    try:
        found = due(cronjob, when, now, deadline=False)
    except ScheduleError:
        latest = now
    else:
        latest = found.time or (now if found.missed else found.since)
    following = when.next(latest)
    return None if following is None else following + DELTA - now
