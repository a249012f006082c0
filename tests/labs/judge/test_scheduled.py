"""Verdicts about the CronJob that a Job is of, and about the Jobs that its schedule has made."""

from __future__ import annotations

import pytest

from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks
from tests.labs import builders as b
from tests.labs.judge.cases import FAIL, PASS, PENDING, Case, count, shown
from tests.labs.judge.scheduled import of

SUSPENDED = {"path": "spec.suspend", "operator": "==", "value": True}
MINUTELY = {"path": "spec.schedule", "operator": "==", "value": "* * * * *"}
ONE = count(">=", 1)
RUNNING = b.seen(b.job(), b.runs("demo-a", 1), now=5)
DONE = b.seen(b.complete(12), b.ran("demo-a", 1, 11), now=15)
LATE = DONE._replace(now=b.at(1000))

CASES = {
    "no Job yet": Case("cronJob", SUSPENDED, b.seen(None), PENDING, "suspend true", "no CronJob"),
    "a Job of no CronJob": Case("cronJob", SUSPENDED, RUNNING, FAIL, "suspend true", "no CronJob"),
    "a CronJob that is suspended": Case(
        "cronJob", SUSPENDED, of(RUNNING, 0, suspend=True), PASS, "suspend true", "suspend true"
    ),
    "a CronJob that may be suspended when its Job is finished": Case(
        "cronJob", SUSPENDED, of(DONE, 0), PENDING, "suspend true", "suspend false"
    ),
    "a CronJob that was not suspended in time": Case(
        "cronJob", SUSPENDED, of(LATE, 0), FAIL, "suspend true", "suspend false"
    ),
    "a CronJob's schedule": Case(
        "cronJob", MINUTELY, of(DONE, 0), PASS, "schedule * * * * *", "* * * * *"
    ),
    "another schedule is wrong at once": Case(
        "cronJob",
        {**MINUTELY, "value": "*/5 * * * *"},
        of(RUNNING, 0),
        FAIL,
        "schedule */5 * * * *",
        "* * * * *",
    ),
    "a CronJob that is gone, or not to be read": Case(
        "cronJob",
        SUSPENDED,
        of(DONE, 0)._replace(schedule=None),
        PENDING,
        "suspend true",
        "no CronJob",
    ),
    "no schedule for a Job of no CronJob": Case(
        "scheduled", ONE, DONE, FAIL, "at least 1 scheduled Job", "no CronJob"
    ),
    "the Job that was taken by hand is not scheduled": Case(
        "scheduled", ONE, of(DONE, 0), PENDING, "at least 1 scheduled Job", "0 scheduled Jobs"
    ),
    "no run in time": Case(
        "scheduled", ONE, of(LATE, 0), FAIL, "at least 1 scheduled Job", "0 scheduled Jobs"
    ),
    "a run": Case(
        "scheduled", ONE, of(RUNNING, 1), PASS, "at least 1 scheduled Job", "1 scheduled Job"
    ),
    "a run whose Job is gone": Case(
        "scheduled",
        ONE,
        of(DONE, 0, status={"lastScheduleTime": "2026-01-01T00:01:00Z"}),
        PASS,
        "at least 1 scheduled Job",
        "1 scheduled Job",
    ),
    "more runs than asked for": Case(
        "scheduled",
        count("<=", 1),
        of(DONE, 2),
        FAIL,
        "at most 1 scheduled Job",
        "2 scheduled Jobs",
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_verdict(case: Case) -> None:
    assert shown(case) == (case.result, case.expected, case.observed)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(of(DONE, 0), True, id="no run yet"),
        pytest.param(of(DONE, 1), False, id="a run"),
        pytest.param(of(LATE, 0), False, id="too late"),
        pytest.param(DONE, False, id="of no CronJob"),
    ],
)
def test_a_finished_job_is_followed_while_its_schedule_may_bring_what_is_asked(
    seen: Snapshot, expected: bool
) -> None:
    lab = b.lab(b.check("scheduled", ONE))
    assert checks.awaits_more(Exercise(lab, lab.variants[0]), seen) is expected
