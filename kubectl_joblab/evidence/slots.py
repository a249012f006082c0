"""The slots of a CronJob's schedule: the next ones, and of the last ones why each ran or did not.

Pure, over the CronJob, its Jobs that are left and the events about it. What the CronJob controller
has decided is kept nowhere but in these, so of many slots it is not known any more; that is said.
Follows pkg/controller/cronjob/cronjob_controllerv2.go.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.formats import cron, golocation
from kubectl_joblab.formats.cron import ConstantDelay, Schedule
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

SCHEDULED_AT = objects.SCHEDULED_ANNOTATION
# how far back slots are looked for, one window after the other
_WINDOWS = tuple(timedelta(days=days) for days in (0.1, 2, 40, 400, 5 * 366))
_AT_ONCE = timedelta(seconds=15)  # so soon after a slot its Job may still be on its way
_LATE = timedelta(seconds=60)  # from so much later on it is told that a Job was created late
_STEPS = 5000  # slots of one window that are looked at

_MANY = 100  # slots from which on the controller says that too many were missed

RAN, GONE, REPLACED, SUSPENDED, FORBID, DEADLINE, MANY, DUE, SKIPPED, UNKNOWN = (
    *("ran", "gone", "replaced", "suspended", "forbid", "startingDeadline", "manyMissed"),
    *("due", "skipped", "unknown"),
)


class Slot(NamedTuple):
    """A time of the schedule that is over.

    job: the Job that ran then, as far as it is left. why: one of the words above. says: the same as
    a sentence, "" for a Job that ran in time. holder: the earlier Job that was in the way.
    """

    time: datetime
    job: Object | None
    why: str
    says: Sentence = ""
    holder: Object | None = None


class Plan(NamedTuple):
    """The times of a CronJob.

    zone: the name of its time zone. next: what is to come. last: what is over, the last one first.
    never: why nothing is to come, "" where something is.
    """

    zone: str
    next: Sequence[datetime]
    last: Sequence[Slot]
    never: Sentence = ""


def schedule_of(cron_job: Object) -> Schedule:
    """The schedule in the CronJob's zone. Raises CronError; a zone may raise LocationError."""
    spec = objects.spec(cron_job)
    return cron.parse_in(str(spec.get("schedule") or ""), spec.get("timeZone"))


def plan(
    cron_job: Object, jobs: Sequence[Object], events: Sequence[Object], now: datetime, number: int
) -> Plan:
    """The next slots and the last ones, so many of each.

    jobs: those that the CronJob has made. events: those about the CronJob. Raises CronError.
    """
    zone = str(objects.spec(cron_job).get("timeZone") or _zone_in(cron_job) or "UTC")
    seen = _Evidence(cron_job, jobs, events, now)
    try:
        when = schedule_of(cron_job)
    except golocation.LocationError:
        return Plan(zone, (), seen.ran(number), _unknown_zone(cron_job, events))
    seen.when = when
    last = [seen.slot(one) for one in reversed(_past(when, seen, number))]
    following = tuple(islice(_after(when, _from(when, seen), now), number))
    return Plan(zone, following, last, _never(cron_job, following))


def _unknown_zone(cron_job: Object, events: Sequence[Object]) -> Sentence:
    """What follows where this machine has no such time zone: its controller may well have it."""
    if _held(cron_job):
        return _held(cron_job)
    for event in events:
        if event.get("reason") == "UnknownTimeZone":
            said = str(event.get("message") or "")
            return phrase("none runs, as its controller says: {message}", message=said)
    return phrase(
        "spec.timeZone is not known on this machine, so its times cannot be told here; its"
        " controller says nothing against it"
    )


def _held(cron_job: Object) -> Sentence:
    """Why none of the times to come runs, whatever the schedule; "" where they do."""
    if objects.is_deleted(cron_job):
        return phrase("it is being deleted, so none of these runs")
    if objects.spec(cron_job).get("suspend"):
        return phrase("spec.suspend is true, so none of these runs until it is false")
    return ""


def _never(cron_job: Object, following: Sequence[datetime]) -> Sentence:
    suspended = objects.spec(cron_job).get("suspend")
    if not following and suspended and not objects.is_deleted(cron_job):
        return phrase("the schedule has no time in the next five years, and spec.suspend is true")
    if said := _held(cron_job):
        return said
    return "" if following else phrase("the schedule has no time in the next five years")


def is_never_due(cron_job: Object, now: datetime) -> bool:
    """Whether no time fits the CronJob's schedule; False where the schedule cannot be read."""
    try:
        return schedule_of(cron_job).next(now) is None
    except (cron.CronError, golocation.LocationError):
        return False


def _zone_in(cron_job: Object) -> str:
    """The zone that stands in the schedule itself, as in CRON_TZ=Asia/Seoul 0 3 * * *."""
    first = str(objects.spec(cron_job).get("schedule") or "").partition(" ")[0]
    return first.partition("=")[2] if "TZ=" in first else ""


# ---- which slots there are


def _after(when: Schedule, since: datetime, now: datetime | None = None) -> Iterator[datetime]:
    """The slots after a time; of those, where `now` is given, the ones that are to come."""
    found = when.next(since)
    while found is not None:
        if now is None or found > now:
            yield found
        found = when.next(found)


def _from(when: Schedule, seen: _Evidence) -> datetime:
    """A time after which the next slots are looked for: @every counts from the last one."""
    if not isinstance(when, ConstantDelay):
        return seen.now
    step = timedelta(seconds=when.seconds)
    passed = max(math.floor((seen.now - seen.anchor) / step), 0)
    return seen.anchor + passed * step


def _past(when: Schedule, seen: _Evidence, number: int) -> list[datetime]:
    """The last slots since the CronJob was created, in the order of time."""
    if isinstance(when, ConstantDelay):
        step = timedelta(seconds=when.seconds)
        start = max(_from(when, seen) - number * step, _first(step, seen))
        found = [start + place * step for place in range(number + 1)]
        return [one for one in found if seen.created < one <= seen.now][-number:]
    for window in _WINDOWS:
        since = max(seen.now - window, seen.created)
        slots = islice(_until(_after(when, since), seen.now), _STEPS)
        last = deque(slots, maxlen=number)
        if len(last) == number or since == seen.created:
            return list(last)
    return list(last)


def _first(step: timedelta, seen: _Evidence) -> datetime:
    """The first slot of @every that is not before the CronJob."""
    return seen.anchor - math.floor((seen.anchor - seen.created) / step) * step


def _until(slots: Iterator[datetime], now: datetime) -> Iterator[datetime]:
    for one in slots:
        if one > now:
            return
        yield one


# ---- what became of a slot


class _Evidence:
    """What is left of what the controller has done.

    now: the server's time. when: the schedule, None where it is not known yet.
    """

    def __init__(
        self,
        cron_job: Object,
        jobs: Sequence[Object],
        events: Sequence[Object],
        now: datetime,
    ) -> None:
        self.now = now
        self.when: Schedule | None = None
        self.created = objects.created(cron_job) or now
        self._spec = objects.spec(cron_job)
        self._last = objects.time(objects.status(cron_job).get("lastScheduleTime"))
        self.anchor = self._last or self.created
        self._jobs = jobs
        self._by_slot = {slot: job for job in jobs if (slot := _scheduled(job))}
        self._events = events
        self._suspended = _suspended_since(cron_job)
        self._name = objects.name(cron_job)

    def slot(self, time: datetime) -> Slot:
        """What became of a slot."""
        if job := self._by_slot.get(time):
            return self._ran(time, job)
        if self._was_created(time) or time == self._last:
            return self._gone(time)
        if self._spec.get("suspend") and self._is_since_suspended(time):
            return Slot(time, None, SUSPENDED, phrase("spec.suspend is true"))
        if holder := self._holder(time):
            return Slot(time, None, FORBID, phrase("Forbid: it was still active"), holder)
        if self._was_said(time, "JobAlreadyActive"):
            return Slot(time, None, FORBID, phrase("Forbid: an earlier Job was still active"))
        return self._not_run(time)

    def _ran(self, time: datetime, job: Object) -> Slot:
        created = objects.created(job) or time
        if created - time < _LATE:
            return Slot(time, job, RAN)
        late = objects.human_duration((created - time).total_seconds())
        return Slot(time, job, RAN, phrase("started {late} late", late=late))

    def _gone(self, time: datetime) -> Slot:
        name = self._job_name(time)
        replaces = self._spec.get("concurrencyPolicy") == "Replace"
        if replaces and self._was_deleted(name):
            return Slot(time, None, REPLACED, phrase("Replace: the next run has ended it"))
        return Slot(time, None, GONE, phrase("it ran; its Job is gone"))

    def ran(self, number: int) -> list[Slot]:
        """The last slots whose Jobs are there, so many, whatever the schedule."""
        found = sorted(self._by_slot.items(), key=lambda one: one[0], reverse=True)
        return [self._ran(time, job) for time, job in found[:number]]

    def _not_run(self, time: datetime) -> Slot:
        """A slot without a Job and without a reason that is known for sure."""
        seconds = self._spec.get("startingDeadlineSeconds")
        is_over = self._last is not None and time < self._last
        if self.now - time < _AT_ONCE and not is_over:
            return Slot(time, None, DUE, phrase("it is due"))
        too_late = seconds is not None and self.now - time > timedelta(seconds=min(seconds, 1e9))
        if self._was_missed(time) or (too_late and (not self._last or time > self._last)):
            text = phrase("later than startingDeadlineSeconds {seconds}", seconds=seconds)
            return Slot(time, None, DEADLINE, text)
        if self._is_of_many(time):
            text = phrase("too many were missed: the last one alone was run")
            return Slot(time, None, MANY, text)
        if is_over and self._made_up_for(time):
            text = phrase("missed; the last missed one was run")
            return Slot(time, None, SKIPPED, text)
        if not self._last or time > self._last:
            return Slot(time, None, SKIPPED, phrase("not started, and nothing says why"))
        return Slot(time, None, UNKNOWN, phrase("not known any more: no traces left"))

    def _made_up_for(self, time: datetime) -> bool:
        """Whether the controller was away in a slot: the one that ran next has started late.

        An older Job has to be there still, so that no history limit has deleted this slot's.
        """
        later = min((slot for slot in self._by_slot if slot > time), default=None)
        if later is None or not any(slot < time for slot in self._by_slot):
            return False
        return (objects.created(self._by_slot[later]) or later) - later >= _LATE

    def _holder(self, time: datetime) -> Object | None:
        """The Job that was active at a slot, where the policy forbids a second one."""
        if self._spec.get("concurrencyPolicy") != "Forbid":
            return None
        for job in self._jobs:
            begun, ended = objects.created(job), objects.finished_at(job)
            if not _scheduled(job):
                continue  # made by hand, which the controller does not count
            if begun and begun <= time and (ended is None or ended > time):
                return job
        return None

    def _is_since_suspended(self, time: datetime) -> bool:
        if self._suspended is not None:
            return time >= self._suspended
        return self._last is None or time > self._last

    def _is_of_many(self, time: datetime) -> bool:
        """Whether a slot is among those of which the controller has said that too many were missed.

        It says so when it runs the last of them: at least the hundred before were missed.
        """
        if self.when is None:
            return False
        for one in self._events:
            said = objects.time(one.get("firstTimestamp") or one.get("eventTime"))
            if one.get("reason") != "TooManyMissedTimes" or said is None or time > said:
                continue
            after = list(islice(_until(_after(self.when, time), said), _MANY + 1))
            if 0 < len(after) <= _MANY and not any(slot in self._by_slot for slot in after[:-1]):
                return True
        return False

    def _job_name(self, time: datetime) -> str:
        """The name of the Job of a slot, which ends in its minutes since 1970."""
        return f"{self._name}-{int(time.timestamp()) // 60}"

    def _was_created(self, time: datetime) -> bool:
        """Whether an event tells that the Job of a slot was created.

        Slots of one minute have one name for their Jobs, so that it does not tell which.
        """
        if isinstance(self.when, ConstantDelay) and self.when.seconds < 60:
            return False
        return self._was_told("SuccessfulCreate", f"Created job {self._job_name(time)}")

    def _was_deleted(self, name: str) -> bool:
        """Whether events tell that a Job was deleted, and not that it had ended before."""
        ended = f"Saw completed job: {name},"
        return self._was_told("SuccessfulDelete", f"Deleted job {name}") and not any(
            str(one.get("message")).startswith(ended) for one in self._events
        )

    def _was_told(self, reason: str, message: str) -> bool:
        return any(
            one.get("reason") == reason and str(one.get("message")) == message
            for one in self._events
        )

    def _was_missed(self, time: datetime) -> bool:
        """Whether an event says that a slot was missed; it has the slot's time."""
        for one in self._events:
            if one.get("reason") == "MissSchedule":
                said = str(one.get("message")).rpartition("a job: ")[2]
                if _rfc1123(said) == time:
                    return True
        return False

    def _was_said(self, time: datetime, reason: str) -> bool:
        """Whether an event of this reason was seen when a slot was due.

        A controller says so within seconds of the slot; an event that came again counts with its
        first time and its last.
        """
        for one in self._events:
            moments = (one.get("firstTimestamp"), one.get("lastTimestamp"), one.get("eventTime"))
            if one.get("reason") == reason:
                known = [at for at in map(objects.time, moments) if at]
                if any(timedelta() <= at - time < _AT_ONCE for at in known):
                    return True
        return False


def _scheduled(job: Object) -> datetime | None:
    """The slot that a Job was created for, which the controller notes in the CronJob's zone."""
    noted = objects.annotation(job, SCHEDULED_AT) or ""
    try:
        return datetime.fromisoformat(noted.replace("Z", "+00:00")).astimezone(timezone.utc)
    except ValueError:
        return None


def _suspended_since(cron_job: Object) -> datetime | None:
    """When a field manager has last written spec.suspend, None where none is known."""
    found = [
        objects.time(entry.get("time"))
        for entry in objects.metadata(cron_job).get("managedFields") or ()
        if "f:suspend" in _fields(entry).get("f:spec", {})
    ]
    return max(filter(None, found), default=None)


def _fields(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = entry.get("fieldsV1") or {}
    return found


def _rfc1123(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
