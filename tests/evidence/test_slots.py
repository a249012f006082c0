"""The slots of a CronJob: which there are, and what is known of each that is over."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from kubectl_joblab.evidence import slots
from kubectl_joblab.evidence.slots import (
    DEADLINE,
    DUE,
    FORBID,
    GONE,
    MANY,
    RAN,
    REPLACED,
    SKIPPED,
    SUSPENDED,
    UNKNOWN,
    Plan,
)
from kubectl_joblab.formats.cron import CronError
from kubectl_joblab.objects import Object

NOW = datetime(2026, 12, 1, 10, 2, 30, tzinfo=timezone.utc)


def at(minutes: float) -> datetime:
    """A time, in minutes since 10:00."""
    return NOW.replace(minute=0, second=0) + timedelta(minutes=minutes)


def stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def cron_job(last: float | None = None, **spec: Any) -> Object:
    """A CronJob of every minute, created at 9:00. last: when a Job was started last."""
    status = {} if last is None else {"lastScheduleTime": stamp(at(last))}
    meta = {"name": "c", "uid": "u", "creationTimestamp": stamp(at(-60))}
    return {"metadata": meta, "spec": {"schedule": "* * * * *", **spec}, "status": status}


def job(slot: float, late: float = 0, ended: float | None = None, *, zone: str = "Z") -> Object:
    """A Job of a slot. late: how many seconds after it it was created."""
    noted = stamp(at(slot)) if zone == "Z" else at(slot).astimezone(_offset(zone)).isoformat()
    created = at(slot) + timedelta(seconds=late)
    meta = {
        "name": f"c-{int(at(slot).timestamp()) // 60}",
        "creationTimestamp": stamp(created),
        "annotations": {slots.SCHEDULED_AT: noted},
    }
    done = {"type": "Complete", "status": "True"}
    status = (
        {} if ended is None else {"conditions": [{**done, "lastTransitionTime": stamp(at(ended))}]}
    )
    return {"metadata": meta, "spec": {}, "status": status}


def _offset(text: str) -> timezone:
    return timezone(timedelta(hours=int(text)))


def event(reason: str, message: str, when: float) -> Object:
    return {
        "reason": reason,
        "message": message,
        "firstTimestamp": stamp(at(when)),
        "lastTimestamp": stamp(at(when)),
    }


def whys(made: Plan) -> list[tuple[float, str]]:
    """The minutes of the last slots and what became of them, the oldest first."""
    return [((one.time - at(0)).total_seconds() / 60, one.why) for one in reversed(made.last)]


def plan(cron: Object, *jobs: Object, events: tuple[Object, ...] = (), number: int = 3) -> Plan:
    return slots.plan(cron, jobs, events, NOW, number)


def test_the_next_slots_are_in_the_zone_of_the_cronjob() -> None:
    made = plan(cron_job(schedule="0 3 * * *", timeZone="Asia/Seoul"))
    assert [stamp(one) for one in made.next] == [
        "2026-12-01T18:00:00Z",
        "2026-12-02T18:00:00Z",
        "2026-12-03T18:00:00Z",
    ]
    assert made.zone == "Asia/Seoul"


def test_no_slot_is_from_before_the_cronjob() -> None:
    made = plan(cron_job(schedule="0 * * * *"))
    assert whys(made) == [(0.0, SKIPPED)]


def test_every_counts_from_the_last_run() -> None:
    made = plan(cron_job(1, schedule="@every 90s"), job(1, 0, 1.5))
    assert [stamp(one) for one in made.next][:2] == ["2026-12-01T10:04:00Z", "2026-12-01T10:05:30Z"]
    assert whys(made)[-2:] == [(1.0, RAN), (2.5, DUE)]


def test_a_slot_that_ran_has_its_job_whatever_zone_it_is_noted_in() -> None:
    made = plan(cron_job(2), job(0, 0, 0.5, zone="9"), job(1, 0, 1.5), job(2))
    assert whys(made) == [(0, RAN), (1, RAN), (2, RAN)]
    assert [one.says for one in made.last] == ["", "", ""]


def test_a_slot_that_ran_late_says_how_late() -> None:
    (last, *_) = plan(cron_job(0), job(0, 120, 2.2), number=3).last[2:]
    assert (last.why, str(last.says)) == (RAN, "started 2m late")


def test_where_two_are_forbidden_the_job_in_the_way_is_named() -> None:
    made = plan(cron_job(0, concurrencyPolicy="Forbid"), job(0))
    assert whys(made) == [(0, RAN), (1, FORBID), (2, FORBID)]
    assert [one.holder == job(0) for one in made.last] == [True, True, False]


def test_a_job_that_ended_before_is_in_nobodys_way() -> None:
    made = plan(cron_job(0, concurrencyPolicy="Forbid"), job(0, 0, 0.5))
    assert whys(made)[1:] == [(1, SKIPPED), (2, SKIPPED)]


def test_an_event_tells_what_was_in_the_way_when_that_job_is_gone() -> None:
    told = event("JobAlreadyActive", "Not starting job because prior execution is running", 1)
    made = plan(cron_job(2, concurrencyPolicy="Forbid"), job(2), events=(told,))
    assert whys(made) == [(0, UNKNOWN), (1, FORBID), (2, RAN)]


def test_suspended_since_the_last_run_or_since_somebody_wrote_it() -> None:
    assert whys(plan(cron_job(0, suspend=True), job(0, 0, 0.5)))[1:] == [
        (1, SUSPENDED),
        (2, SUSPENDED),
    ]
    noted = cron_job(0, suspend=True)
    fields: Object = {"f:spec": {"f:suspend": {}}}
    noted["metadata"]["managedFields"] = [{"time": stamp(at(1.5)), "fieldsV1": fields}]
    assert whys(plan(noted, job(0, 0, 0.5)))[1:] == [(1, SKIPPED), (2, SUSPENDED)]


def test_a_suspended_one_has_next_slots_that_do_not_run() -> None:
    made = plan(cron_job(suspend=True))
    assert len(made.next) == 3
    assert "spec.suspend" in str(made.never)


def test_a_job_that_is_gone_is_known_by_its_event_or_by_the_status() -> None:
    name = f"c-{int(at(1).timestamp()) // 60}"
    told = event("SuccessfulCreate", f"Created job {name}", 1)
    assert whys(plan(cron_job(2), events=(told,))) == [(0, UNKNOWN), (1, GONE), (2, GONE)]


def test_what_is_too_late_to_start_is_the_deadlines() -> None:
    made = plan(cron_job(0, startingDeadlineSeconds=20), job(0, 0, 0.1))
    assert whys(made) == [(0, RAN), (1, DEADLINE), (2, DEADLINE)]
    told = event(
        "MissSchedule", "Missed scheduled time to start a job: Tue, 01 Dec 2026 10:01:00 +0000", 1.5
    )
    made = plan(cron_job(2, startingDeadlineSeconds=20), job(2), events=(told,))
    assert whys(made)[1] == (1, DEADLINE)


def test_of_several_missed_slots_the_last_is_made_up_for() -> None:
    made = plan(cron_job(1), job(-2, 0, -1.5), job(1, 80), number=4)
    assert whys(made) == [(-1, SKIPPED), (0, SKIPPED), (1, RAN), (2, SKIPPED)]


def test_a_zone_that_its_controller_does_not_know_has_no_slots() -> None:
    said = 'invalid timeZone: "Mars/Olympus": unknown time zone Mars/Olympus'
    told = event("UnknownTimeZone", said, 1)
    made = plan(cron_job(timeZone="Mars/Olympus"), events=(told,))
    assert (made.next, list(made.last)) == ((), [])
    assert str(made.never) == f"none runs, as its controller says: {said}"


def test_a_zone_that_only_this_machine_does_not_know_is_not_said_to_keep_it_from_running() -> None:
    made = plan(cron_job(1, timeZone="Mars/Olympus"), job(0, 0, 0.5), job(1))
    assert whys(made) == [(0, RAN), (1, RAN)]
    assert "not known on this machine" in str(made.never)
    held = plan(cron_job(timeZone="Mars/Olympus", suspend=True))
    assert "spec.suspend is true" in str(held.never)


def test_a_run_that_the_next_one_has_replaced_is_told_from_one_that_ended() -> None:
    names = [f"c-{int(at(minute).timestamp()) // 60}" for minute in (0, 1)]
    told = [event("SuccessfulCreate", f"Created job {name}", 0) for name in names]
    told += [event("SuccessfulDelete", f"Deleted job {name}", 1) for name in names]
    told += [event("SawCompletedJob", f"Saw completed job: {names[0]}, condition: Complete", 0.5)]
    cron = cron_job(2, concurrencyPolicy="Replace")
    made = plan(cron, job(2), events=tuple(told))
    assert whys(made) == [(0, GONE), (1, REPLACED), (2, RAN)]
    allowed = plan(cron_job(2), job(2), events=tuple(told))
    assert whys(allowed) == [(0, GONE), (1, GONE), (2, RAN)]


def test_of_too_many_missed_slots_the_last_alone_is_run() -> None:
    told = event("TooManyMissedTimes", "too many missed start times.", 1.2)
    cron = cron_job(1)
    cron["metadata"]["creationTimestamp"] = stamp(at(-200))
    made = plan(cron, job(1, 12), events=(told,), number=4)
    assert whys(made) == [(-1, MANY), (0, MANY), (1, RAN), (2, SKIPPED)]


def test_of_slots_of_one_minute_the_name_of_a_job_does_not_tell_which_ran() -> None:
    name = f"c-{int(at(2).timestamp()) // 60}"
    told = event("SuccessfulCreate", f"Created job {name}", 2)
    made = plan(cron_job(2, schedule="@every 10s"), job(2), events=(told,))
    assert RAN not in [why for _, why in whys(made)]
    assert GONE not in [why for _, why in whys(made)]


def test_a_job_made_by_hand_is_in_nobodys_way() -> None:
    by_hand = job(0)
    by_hand["metadata"]["annotations"] = {"cronjob.kubernetes.io/instantiate": "manual"}
    made = plan(cron_job(0, concurrencyPolicy="Forbid"), by_hand)
    assert FORBID not in [why for _, why in whys(made)]


def test_a_schedule_that_is_none_is_an_error() -> None:
    with pytest.raises(CronError):
        plan(cron_job(schedule="61 * * * *"))


def test_a_schedule_that_never_comes_has_no_next() -> None:
    made = plan(cron_job(schedule="0 0 30 2 *"))
    assert made.next == ()
    assert "five years" in str(made.never)
    suspended = plan(cron_job(schedule="0 0 30 2 *", suspend=True))
    assert str(suspended.never).endswith("five years, and spec.suspend is true")
