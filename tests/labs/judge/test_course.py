"""Verdicts about a Job's course: its conditions, what is gone, what came instead, its indexes.

Each kind of assertion while the Job runs, at its end, with evidence gone, recorded.
"""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import START, Snapshot, Transition
from kubectl_joblab.language import Language
from kubectl_joblab.objects import Object
from tests.labs import builders as b
from tests.labs.judge.cases import (
    FAIL,
    PASS,
    PENDING,
    UNKNOWN,
    Case,
    count,
    judge_one,
    shown,
)

JOB, POD = {"kind": "Job"}, {"kind": "Pod"}
NOT_STARTED = b.seen(None)
RUNNING = b.seen(b.job(), b.runs("demo-a", 1), now=5)
DONE = b.seen(b.complete(12), b.ran("demo-a", 1, 11), now=15)


def gone(seen: Snapshot, at: float | None = None) -> Snapshot:
    """The same, when the Job is gone; at: when it was seen to go."""
    return seen._replace(gone=True, gone_at=None if at is None else b.at(at))


# ---- suspended

HOLDS = b.condition("Suspended", 0, "JobSuspended")
RESUMED = b.condition("Suspended", 7, "JobResumed", "False")
WAS_HELD = (Transition("Suspended", "True", "JobSuspended", b.at(0)),)
AGAIN = (
    *WAS_HELD,
    Transition("Suspended", "False", "JobResumed", b.at(7)),
    Transition("Suspended", "True", "JobSuspended", b.at(20)),
)
RESUMED_AGAIN = b.condition("Suspended", 23, "JobResumed", "False")


def held(
    *conditions: Object, now: float = 60, events: list[Object] | None = None, **more: Any
) -> Snapshot:
    """A Job with these conditions, for the rest as a Snapshot has it."""
    return b.seen(b.job(conditions=conditions), now=now, events=events)._replace(**more)


def completed(*conditions: Object, events: list[Object] | None = None, **more: Any) -> Snapshot:
    """The same when it is Complete, 50 seconds after its creation."""
    ends = [
        b.condition(kind, 50, "CompletionsReached") for kind in ("SuccessCriteriaMet", "Complete")
    ]
    return held(*conditions, *ends, events=events, **more)


HELD_ONCE = [b.event("Suspended", seconds=0), b.event("Resumed", seconds=8)]
HELD_TWICE = [
    {**b.event("Suspended", count=2, seconds=20), "firstTimestamp": b.stamp(0)},
    {**b.event("Resumed", count=2, seconds=23), "firstTimestamp": b.stamp(7)},
]
FIVE_S = count(">=", 5)


def told(reason: str, first: float, last: float, *, times: int = 1) -> Object:
    """The event that tells of what was so many times, with its first time and its last."""
    event = b.event(reason, count=times, seconds=last)
    return {**event, "firstTimestamp": b.stamp(first)}


RESUMED_LATE = b.condition("Suspended", 30, "JobResumed", "False")
HELD_AT_ONCE = [told("Suspended", 0, 5, times=2), told("Resumed", 5, 30, times=2)]
ONE_BETWEEN = (
    Transition("Suspended", "True", "JobSuspended", b.at(10)),
    Transition("Suspended", "False", "JobResumed", b.at(12)),
)

SUSPENDED = {
    "no Job was suspended": Case(
        "suspended", FIVE_S, NOT_STARTED, PENDING, "at least 5s suspended", "0s suspended"
    ),
    "a Job that may yet be suspended": Case(
        "suspended", FIVE_S, RUNNING, PENDING, "at least 5s suspended", "0s suspended"
    ),
    "a Job that never was suspended": Case(
        "suspended", FIVE_S, DONE, FAIL, "at least 5s suspended", "0s suspended"
    ),
    "a suspension that goes on": Case(
        "suspended", FIVE_S, held(HOLDS, now=4), PENDING, "at least 5s suspended", "4s suspended"
    ),
    "a suspension that is long enough already": Case(
        "suspended", FIVE_S, held(HOLDS, now=6), PASS, "at least 5s suspended", "6s suspended"
    ),
    "a suspension that is too long already": Case(
        "suspended", count("<", 5), held(HOLDS, now=6), FAIL, "under 5s suspended", "6s suspended"
    ),
    "a suspension that was seen": Case(
        "suspended",
        count("==", 7),
        completed(RESUMED, history=WAS_HELD),
        PASS,
        "7s suspended",
        "7s suspended",
    ),
    "two suspensions that were seen": Case(
        "suspended",
        count("==", 10),
        completed(RESUMED_AGAIN, history=AGAIN),
        PASS,
        "10s suspended",
        "10s suspended",
    ),
    "a suspension of which only the end is known": Case(
        "suspended",
        count("==", 7),
        completed(RESUMED),
        UNKNOWN,
        "7s suspended",
        "<unknown>",
    ),
    "a suspension that the events tell of": Case(
        "suspended",
        count("==", 7),
        completed(RESUMED, events=HELD_ONCE),
        PASS,
        "7s suspended",
        "7s suspended",
    ),
    "two suspensions that the events tell of": Case(
        "suspended",
        count("==", 10),
        completed(RESUMED_AGAIN, events=HELD_TWICE),
        PASS,
        "10s suspended",
        "10s suspended",
    ),
    "two suspensions of which only the first beginning was seen": Case(
        "suspended",
        count("==", 10),
        completed(RESUMED_AGAIN, events=HELD_TWICE, history=WAS_HELD),
        PASS,
        "10s suspended",
        "10s suspended",
    ),
    "a suspension that ends in the second in which the next begins": Case(
        "suspended",
        count("==", 30),
        completed(RESUMED_LATE, events=HELD_AT_ONCE),
        PASS,
        "30s suspended",
        "30s suspended",
    ),
    "whichever of the two events of that second comes first": Case(
        "suspended",
        count("==", 30),
        completed(RESUMED_LATE, events=HELD_AT_ONCE[::-1]),
        PASS,
        "30s suspended",
        "30s suspended",
    ),
    "a Job that was held again in the second in which it was first": Case(
        "suspended",
        count("==", 30),
        completed(
            RESUMED_LATE, events=[told("Suspended", 0, 0, times=2), told("Resumed", 0, 30, times=2)]
        ),
        PASS,
        "30s suspended",
        "30s suspended",
    ),
    "three suspensions, of whose events only the first and the last are left": Case(
        "suspended",
        count(">=", 25),
        completed(
            RESUMED_LATE,
            events=[told("Suspended", 0, 25, times=3), told("Resumed", 5, 30, times=3)],
        ),
        UNKNOWN,
        "at least 25s suspended",
        "<unknown>",
    ),
    "what is left of three is enough": Case(
        "suspended",
        count(">=", 10),
        completed(
            RESUMED_LATE,
            events=[told("Suspended", 0, 25, times=3), told("Resumed", 5, 30, times=3)],
        ),
        PASS,
        "at least 10s suspended",
        "10s suspended",
    ),
    "three suspensions, with what was seen of the one between": Case(
        "suspended",
        count("==", 12),
        completed(
            RESUMED_LATE,
            events=[told("Suspended", 0, 25, times=3), told("Resumed", 5, 30, times=3)],
            history=ONE_BETWEEN,
        ),
        PASS,
        "12s suspended",
        "12s suspended",
    ),
    "a Job of which the events tell that it was resumed twice, and held once": Case(
        "suspended",
        count(">=", 25),
        completed(RESUMED_LATE, events=[told("Suspended", 0, 0), told("Resumed", 5, 30, times=2)]),
        UNKNOWN,
        "at least 25s suspended",
        "<unknown>",
    ),
    "a Job that was deleted while it was suspended": Case(
        "suspended",
        count("==", 9),
        gone(held(HOLDS), at=9),
        PASS,
        "9s suspended",
        "9s suspended",
    ),
}

# ---- conditionOrder

ORDER = {"types": ["FailureTarget", "Failed"]}
HELD_FIRST = {"types": ["Suspended", "Complete"]}
TARGET = b.condition("FailureTarget", 40, "BackoffLimitExceeded")
FAILED = b.condition("Failed", 40, "BackoffLimitExceeded")

CONDITION_ORDER = {
    "no condition yet": Case(
        "conditionOrder", ORDER, RUNNING, PENDING, "FailureTarget, Failed", "<none>"
    ),
    "the first condition": Case(
        "conditionOrder", ORDER, held(TARGET), PENDING, "FailureTarget, Failed", "FailureTarget"
    ),
    "within one second the place tells the order": Case(
        "conditionOrder",
        ORDER,
        held(TARGET, FAILED),
        PASS,
        "FailureTarget, Failed",
        "FailureTarget, Failed",
    ),
    "the other order": Case(
        "conditionOrder",
        {"types": ["Failed", "FailureTarget"]},
        held(TARGET, FAILED),
        FAIL,
        "Failed, FailureTarget",
        "FailureTarget, Failed",
    ),
    "the time tells the order whatever the place": Case(
        "conditionOrder",
        ORDER,
        held(b.condition("Failed", 41, "BackoffLimitExceeded"), TARGET),
        PASS,
        "FailureTarget, Failed",
        "FailureTarget, Failed",
    ),
    "a condition that was True before": Case(
        "conditionOrder",
        HELD_FIRST,
        completed(RESUMED, history=WAS_HELD),
        PASS,
        "Suspended, Complete",
        "Suspended, Complete",
    ),
    "a condition that was True before and nobody saw it": Case(
        "conditionOrder",
        HELD_FIRST,
        completed(RESUMED),
        UNKNOWN,
        "Suspended, Complete",
        "<unknown>",
    ),
    "a condition that never was": Case(
        "conditionOrder", HELD_FIRST, DONE, FAIL, "Suspended, Complete", "Complete"
    ),
}

# ---- deleted

AFTER = {"kind": "Job", "after": 10}
FAR = b.seen(b.complete(12), b.ran("demo-a", 1, 11), now=101)
DELETED_POD = b.record(b.ran("demo-a", 1, 11), gone=True)
LEFT_POD = b.record(b.ran("demo-b", 1, 11))
WANTED = "10s after its end or later"

DELETED = {
    "no Job was there to be deleted": Case(
        "deleted", JOB, NOT_STARTED, PENDING, "Job deleted", "not found"
    ),
    "a bare Pod is no deleted Job": Case(
        "deleted", JOB, b.seen(None, bare_pod=True), PENDING, "Job deleted", "not found"
    ),
    "a Job that runs is not deleted": Case(
        "deleted", JOB, RUNNING, PENDING, "Job deleted", "Job demo"
    ),
    "a Job that is finished may yet be deleted": Case(
        "deleted", JOB, DONE, PENDING, "Job deleted", "Job demo"
    ),
    "a Job that stays beyond its time": Case("deleted", JOB, FAR, FAIL, "Job deleted", "Job demo"),
    "a Job that is gone": Case("deleted", JOB, gone(DONE), PASS, "Job deleted", "Job deleted"),
    "a Job that is gone though it was not finished": Case(
        "deleted", JOB, gone(RUNNING), PASS, "Job deleted", "Job deleted"
    ),
    "a Job that went when it should": Case(
        "deleted", AFTER, gone(DONE, at=22), PASS, WANTED, "10s after its end"
    ),
    "a Job that went too soon": Case(
        "deleted", AFTER, gone(DONE, at=21), FAIL, WANTED, "9s after its end"
    ),
    "a Job that went before its end": Case(
        "deleted", AFTER, gone(RUNNING, at=9), FAIL, WANTED, "before its end"
    ),
    "a Job that went when nobody looked": Case(
        "deleted", AFTER, gone(DONE), UNKNOWN, WANTED, "<unknown>"
    ),
    "no Pod was there to be deleted": Case(
        "deleted", POD, b.seen(b.job(), now=1), PENDING, "each Pod deleted", "0 of 0 Pods deleted"
    ),
    "a Pod of a finished Job may yet be deleted": Case(
        "deleted", POD, DONE, PENDING, "each Pod deleted", "0 of 1 Pods deleted"
    ),
    "one of two Pods is left": Case(
        "deleted",
        POD,
        gone(b.seen(b.complete(12, 2), DELETED_POD, LEFT_POD)),
        PENDING,
        "each Pod deleted",
        "1 of 2 Pods deleted",
    ),
    "Pods that stay beyond their time": Case(
        "deleted", POD, gone(FAR), FAIL, "each Pod deleted", "0 of 1 Pods deleted"
    ),
    "each Pod is gone while more may come": Case(
        "deleted",
        POD,
        b.seen(b.job(), DELETED_POD, now=20),
        PENDING,
        "each Pod deleted",
        "1 of 1 Pods deleted",
    ),
    "each Pod went with the Job": Case(
        "deleted",
        POD,
        gone(b.seen(b.complete(12), DELETED_POD)),
        PASS,
        "each Pod deleted",
        "1 of 1 Pods deleted",
    ),
    "Pods that the Job has counted are gone though nobody saw them": Case(
        "deleted", POD, b.seen(b.complete(12, 3)), PASS, "each Pod deleted", "3 of 3 Pods deleted"
    ),
    # what is said of a Job that is gone
    "a Job that is gone is absent": Case(
        "absent", JOB, gone(DONE), PASS, "no Job left", "no Job left"
    ),
    "a Job that is gone existed": Case("exists", JOB, gone(DONE), PASS, "Job demo", "Job demo"),
    "a Job that was Complete when it went": Case(
        "condition", {"type": "Complete"}, gone(DONE), PASS, "Complete", "Complete"
    ),
    "a Job that went before it was Complete": Case(
        "condition", {"type": "Complete"}, gone(RUNNING), FAIL, "Complete", "Running"
    ),
    "logs that went with the Job": Case(
        "log",
        count("==", 1, contains="done"),
        gone(DONE),
        UNKNOWN,
        '"done" in the log',
        "<unknown>",
    ),
}

# ---- replaced

CREATED_AFTER, CREATED_BEFORE = {"created": "after"}, {"created": "before"}
END = b.container(b.ended(1, 15, 143))
STOPPED = b.pod("demo-a", END, deleted=5, phase="Failed")
STOPS = b.pod("demo-a", b.container(b.running(1)), deleted=5)
SOON, LATE = b.runs("demo-b", 7, created=6), b.runs("demo-b", 17, created=16)
AT_ITS_END = b.runs("demo-b", 17, created=15)
LOST = b.record(STOPS, gone=True)
AFTER_IT, BEFORE_IT = "after the old Pod's end", "before the old Pod's end"
INDEXES = [
    b.pod("demo-0-a", END, deleted=5, phase="Failed", index=0),
    b.pod("demo-1-a", b.container(b.ended(1, 9, 1)), created=0, index=1),
    b.pod("demo-1-b", b.container(b.running(7)), created=6, index=1),
    b.pod("demo-0-b", b.container(b.running(17)), created=16, index=0),
]
TWO = [
    b.pod("demo-a", END, deleted=5, phase="Failed"),
    b.pod("demo-b", END, deleted=5, phase="Failed"),
    b.runs("demo-c", 7, created=6),
    b.runs("demo-d", 17, created=16),
]

REPLACED = {
    "no Pod was replaced yet": Case(
        "replaced", CREATED_AFTER, RUNNING, PENDING, AFTER_IT, "no Pod replaced"
    ),
    "no Pod was replaced": Case("replaced", CREATED_AFTER, DONE, FAIL, AFTER_IT, "no Pod replaced"),
    "a Pod that failed by itself was not replaced": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.job(), b.ran("demo-a", 1, 3, 1), b.runs("demo-b", 14, created=13), now=20),
        PENDING,
        AFTER_IT,
        "no Pod replaced",
    ),
    "a Pod that stops has no successor yet": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.job(), STOPS, now=9),
        PENDING,
        AFTER_IT,
        "no Pod replaced",
    ),
    "a successor while the old one stops is too soon": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.job(), STOPS, SOON, now=9),
        FAIL,
        AFTER_IT,
        "0 of 1 Pods",
    ),
    "a successor while the old one stops may not be the last": Case(
        "replaced",
        CREATED_BEFORE,
        b.seen(b.job(), STOPS, SOON, now=9),
        PENDING,
        BEFORE_IT,
        "1 of 1 Pods",
    ),
    "a successor before the old one's end": Case(
        "replaced",
        CREATED_BEFORE,
        b.seen(b.complete(20), STOPPED, SOON),
        PASS,
        BEFORE_IT,
        "1 of 1 Pods",
    ),
    "a successor after the old one's end": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.complete(20), STOPPED, LATE),
        PASS,
        AFTER_IT,
        "1 of 1 Pods",
    ),
    "a successor in the second of the old one's end": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.complete(20), STOPPED, AT_ITS_END),
        PASS,
        AFTER_IT,
        "1 of 1 Pods",
    ),
    "an old one whose end nobody saw": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.complete(20), LOST, LATE),
        UNKNOWN,
        AFTER_IT,
        "<unknown>",
    ),
    "one of two came too soon": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.complete(20), *TWO),
        FAIL,
        AFTER_IT,
        "1 of 2 Pods",
    ),
    "the successor has the same index": Case(
        "replaced",
        CREATED_AFTER,
        b.seen(b.complete(20), *INDEXES),
        PASS,
        AFTER_IT,
        "1 of 1 Pods",
    ),
}

# ---- indexes

FAILED_INDEXES = {"value": "1,3"}
PARTLY = b.failed(30, 2, status={"completedIndexes": "0,2", "failedIndexes": "1,3"})
LAST = {"value": 2}


def indexed(*ends: float, now: float = 60, job: Object | None = None) -> Snapshot:
    """A Job whose indexes ended so many seconds after noon."""
    pods = [b.pod(f"demo-{n}", b.container(b.ended(1, end)), index=n) for n, end in enumerate(ends)]
    return b.seen(job or b.complete(30, len(ends)), *pods, now=now)


OF_INDEXES = {
    "no index has failed yet": Case(
        "failedIndexes", FAILED_INDEXES, RUNNING, PENDING, "1,3", "<none>"
    ),
    "some indexes have failed": Case(
        "failedIndexes",
        FAILED_INDEXES,
        b.seen(b.job(status={"failedIndexes": "1"})),
        PENDING,
        "1,3",
        "1",
    ),
    "those indexes have failed": Case(
        "failedIndexes", FAILED_INDEXES, b.seen(PARTLY), PASS, "1,3", "1,3"
    ),
    "no index has failed": Case("failedIndexes", FAILED_INDEXES, DONE, FAIL, "1,3", "<none>"),
    "no index has ended": Case("lastIndex", LAST, RUNNING, PENDING, "index 2 at last", "<none>"),
    "an index that ended last so far": Case(
        "lastIndex", LAST, indexed(5, 6, 7, job=b.job()), PENDING, "index 2 at last", "2"
    ),
    "the index that ended last": Case(
        "lastIndex", LAST, indexed(5, 6, 7), PASS, "index 2 at last", "2"
    ),
    "another index ended last": Case(
        "lastIndex", LAST, indexed(5, 9, 7), FAIL, "index 2 at last", "1"
    ),
    "two indexes ended last": Case(
        "lastIndex", LAST, indexed(5, 7, 7), PASS, "index 2 at last", "1, 2"
    ),
    "an index that is gone may have ended last": Case(
        "lastIndex",
        LAST,
        indexed(5, 6, 7, job=b.complete(30, 4)),
        UNKNOWN,
        "index 2 at last",
        "<unknown>",
    ),
    "Pods without an index": Case("lastIndex", LAST, DONE, FAIL, "index 2 at last", "<none>"),
}

# ---- sum, answered

SUM = count("==", 5050, after="sum=")


def logs(*texts: str, ended: bool = True) -> Snapshot:
    """A Job of one Pod for each of these logs."""
    pods = [b.record(b.ran(f"demo-{n}", 1, 3), logs=text) for n, text in enumerate(texts)]
    return b.seen(b.complete(5, len(texts)) if ended else b.job(), *pods, now=5)


UNREAD = b.seen(b.complete(5), b.ran("demo-a", 1, 3), now=5)
ANSWERED = {"question": "pods"}

SAID = {
    "the sum so far": Case(
        "sum", SUM, logs("sum=5050", ended=False), PENDING, "5050 in all", "5050 in all"
    ),
    "the sum of all logs": Case(
        "sum", SUM, logs("start\nsum=325", "sum= 4725 done"), PASS, "5050 in all", "5050 in all"
    ),
    "numbers below zero count": Case(
        "sum", count("==", 1, after="n:"), logs("n:3\nn:-2"), PASS, "1 in all", "1 in all"
    ),
    "a sum of other numbers": Case("sum", SUM, logs("sum=1"), FAIL, "5050 in all", "1 in all"),
    "what follows is no number": Case(
        "sum", SUM, logs("sum=x 5050"), FAIL, "5050 in all", "<none>"
    ),
    "what is no number counts not as 0": Case(
        "sum", count("==", 0, after="sum="), logs("done"), FAIL, "0 in all", "<none>"
    ),
    "a number too long to be meant": Case(
        "sum", SUM, logs("sum=" + "9" * 5000), FAIL, "5050 in all", "<none>"
    ),
    "logs that nobody has read": Case("sum", SUM, UNREAD, UNKNOWN, "5050 in all", "<unknown>"),
    "a text with signs of its own": Case(
        "sum", count("==", 7, after="a.(b)"), logs("a.(b)7\naxb7"), PASS, "7 in all", "7 in all"
    ),
    "no answer yet": Case("answered", ANSWERED, RUNNING, PENDING, "a right answer", "no answer"),
    "no answer before the end": Case(
        "answered", ANSWERED, DONE, FAIL, "a right answer", "no answer"
    ),
    "an answer that the run does not tell of yet": Case(
        "answered",
        ANSWERED,
        RUNNING._replace(answers={"pods": None}),
        PENDING,
        "a right answer",
        "<unknown>",
    ),
    "an answer that nothing tells of any more": Case(
        "answered",
        ANSWERED,
        DONE._replace(answers={"pods": None}),
        UNKNOWN,
        "a right answer",
        "<unknown>",
    ),
    "a right answer": Case(
        "answered",
        ANSWERED,
        DONE._replace(answers={"pods": True}),
        PASS,
        "a right answer",
        "a right answer",
    ),
    "a wrong answer": Case(
        "answered",
        ANSWERED,
        DONE._replace(answers={"pods": False, "other": True}),
        FAIL,
        "a right answer",
        "a wrong answer",
    ),
}

CASES = {**SUSPENDED, **CONDITION_ORDER, **DELETED, **REPLACED, **OF_INDEXES, **SAID}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_verdict(case: Case) -> None:
    assert shown(case) == (case.result, case.expected, case.observed)


# ---- what belongs to a verdict


@pytest.mark.parametrize(
    "seen", [pytest.param(FAR, id="finished"), pytest.param(gone(FAR), id="gone")]
)
def test_what_is_not_deleted_in_its_time_is_said_to_be_late(seen: Snapshot) -> None:
    check = b.check("deleted", POD, within=100)
    said = judge_one(check, seen).because
    assert said is not None
    assert Language("en")(said) == "not so within 100s of the Job's start"


def test_a_sum_that_is_wrong_is_told_by_what_was_printed() -> None:
    said = judge_one(b.check("sum", SUM), logs("total=5050")).because
    assert said is not None
    assert Language("en")(said) == 'the log says "total=5050"'


@pytest.mark.parametrize("kind", ["exists", "condition", "pods"])
def test_of_a_job_that_is_gone_all_is_recorded(kind: str) -> None:
    options = {"exists": JOB, "condition": {"type": "Complete"}, "pods": count("==", 1)}[kind]
    assert judge_one(b.check(kind, options), gone(DONE)).source == START


def test_a_hint_of_a_job_that_is_gone_goes_by_what_was_seen() -> None:
    record = b.seen(b.complete(12), b.record(b.ran("demo-a", 1, 11), logs="done"))
    seen = gone(snapshot.with_record(b.seen(b.complete(12)), record, logs=True))
    assert judge_one(b.check("log", count("==", 1, contains="done")), seen).result is PASS
