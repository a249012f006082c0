"""Verdicts: each kind of assertion while the Job runs, at its end, with evidence gone, recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from kubectl_joblab.errors import ExitCode, JoblabError
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import CLUSTER, START, Snapshot
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, checks
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.language import Language
from kubectl_joblab.objects import Object
from tests.labs import builders as b
from tests.labs.judge import test_course, test_scheduled, test_traces
from tests.labs.judge.cases import (
    FAIL,
    PASS,
    PENDING,
    UNKNOWN,
    Case,
    count,
    judge,
    judge_one,
    shown,
)

# ---- the Jobs that are judged

# lab 6: two waves of three
SPEC = {"completions": 6, "parallelism": 3}
WAVE_1 = [b.ran(f"demo-{letter}", 1, 11) for letter in "abc"]
WAVE_2 = [b.ran(f"demo-{letter}", 15, 25, created=14) for letter in "xyz"]
SIX = b.complete(27, 6, spec=SPEC)
NOT_STARTED = b.seen(None)
BARE_POD = b.seen(None, bare_pod=True)
NO_POD_YET = b.seen(b.job(spec=SPEC), now=1)
RUNNING = b.seen(b.job(spec=SPEC), *(b.runs(f"demo-{letter}", 1) for letter in "abc"), now=5)
ONE_RUNS = b.seen(b.job(spec=SPEC), b.runs("demo-a", 1), now=5)
FINISHED = b.seen(SIX, *WAVE_1, *WAVE_2, now=27)
GONE = b.seen(SIX, *WAVE_2, now=99)
RECORDED = snapshot.merge(GONE, [b.record(pod) for pod in WAVE_1], logs=False)
ALL_GONE = b.seen(SIX, now=99)

# lab 5: one after another, and two at once
SPEC_3 = {"completions": 3, "parallelism": 1}
THREE = b.complete(17, 3, spec=SPEC_3)
IN_TURN = [b.ran(f"demo-{n}", s, s + 3, created=s - 1) for n, s in (("a", 1), ("b", 6), ("c", 12))]
IN_TURN_DONE = b.seen(THREE, *IN_TURN, now=20)

# lab 4, Never: three Pods, 10 s and 20 s apart
NEVER = [
    b.ran("demo-a", 2, 4, 3),
    b.ran("demo-b", 14, 16, 3, created=14),
    b.ran("demo-c", 36, 38, 3, created=36),
]
NEVER_RUNS = b.seen(b.job(status={"failed": 2}), *NEVER[:2], now=20)
NEVER_DONE = b.seen(b.failed(41, 3), *NEVER, now=41)
NEVER_GONE = b.seen(b.failed(41, 3), *NEVER[1:], now=90)
NEVER_RECORDED = snapshot.merge(NEVER_GONE, [b.record(NEVER[0])], logs=False)

# lab 4, OnFailure: one Pod, started three times; recover ends with a success
ONCE_MORE = b.container(b.running(3), last=b.ended(1, 3, 3), restarts=1)
RESTARTED = b.seen(b.job(), b.pod("demo-a", ONCE_MORE, restart_policy="OnFailure"), now=4)
TWICE_MORE = b.container(b.ended(18, 20, 0), last=b.ended(3, 5, 3), restarts=2)
RECOVERED_POD = b.pod("demo-a", TWICE_MORE, restart_policy="OnFailure")
RECOVERED = b.seen(b.complete(21), RECOVERED_POD, now=21)
THREE_TRIES = [b.attempt(1, 3, 3), b.attempt(3, 5, 3, number=2), b.attempt(18, 20, 0, number=3)]
RECOVERED_RECORDED = snapshot.merge(RECOVERED, [b.record(RECOVERED_POD, *THREE_TRIES)], logs=False)
LIMIT_GONE = b.seen(b.failed(21), now=60)
LIMIT_POD = b.pod(
    "demo-a",
    b.container(b.ended(18, 20, 3), last=b.ended(3, 5, 3), restarts=2),
    phase="Failed",
    restart_policy="OnFailure",
)
FAILED_TRIES = [*THREE_TRIES[:2], b.attempt(18, 20, 3, number=3)]
LIMIT_RECORDED = snapshot.merge(LIMIT_GONE, [b.record(LIMIT_POD, *FAILED_TRIES)], logs=False)

# logs
LOG_POD = b.ran("demo-a", 1, 3)
LOG_RUNS = b.seen(b.job(), b.record(b.runs("demo-a", 1), logs="2 + 3 = 5"), now=2)
LOG_RUNS_SILENT = b.seen(b.job(), b.record(b.runs("demo-a", 1), logs="start"), now=2)
LOG_DONE = b.seen(b.complete(5), b.record(LOG_POD, logs="start\n2 + 3 = 5\ndone"), now=5)
LOG_SILENT = b.seen(b.complete(5), b.record(LOG_POD, b.attempt(1, 3, log=[])), now=5)
LOG_UNREAD = b.seen(b.complete(5), LOG_POD, now=5)
LOG_CUT = b.seen(b.complete(5), b.record(LOG_POD, b.attempt(1, 3, log=["start"], cut=True)), now=5)
LOG_RECORDED = snapshot.merge(
    b.seen(b.complete(5), now=90), [b.record(LOG_POD, logs="2 + 3 = 5")], logs=True
)
TOKENS = [
    b.attempt(1, 3, 3, log=["token 1"]),
    b.attempt(3, 5, 3, number=2, log=["token 2"]),
    b.attempt(18, 20, 3, number=3, log=["token 3"]),
]
TOKENS_RECORDED = snapshot.merge(LIMIT_GONE, [b.record(LIMIT_POD, *TOKENS)], logs=True)
EACH_LOG = b.seen(SIX, *(b.record(pod, logs="done") for pod in (*WAVE_1, *WAVE_2)), now=27)
ONE_SILENT = b.seen(
    SIX,
    *(b.record(pod, logs="done") for pod in (*WAVE_1, *WAVE_2[1:])),
    b.record(WAVE_2[0], b.attempt(15, 25, log=[])),
    now=27,
)

# events
CREATED_6 = b.event("SuccessfulCreate", count=6)
COMPLETED = b.event("Completed", seconds=27)
EVENTS_RUN = b.seen(b.job(), events=[b.event("SuccessfulCreate", count=2)], now=5)
EVENTS_DONE = b.seen(SIX, *WAVE_1, *WAVE_2, events=[CREATED_6, COMPLETED], now=27)
SERIES = {**b.event("SuccessfulCreate"), "count": None, "series": {"count": 6}}
EVENTS_SERIES = b.seen(SIX, events=[SERIES], now=27)
EVENTS_EXPIRED = b.seen(SIX, *WAVE_1, *WAVE_2, events=[], now=7200)
EVENTS_HALF_EXPIRED = b.seen(SIX, *WAVE_1, *WAVE_2, events=[COMPLETED], now=3610)

INDEXED = b.complete(27, 6, spec=SPEC, status={"completedIndexes": "0-5"})
FOREIGN = b.pod("demo-f", b.container(b.ended(1, 3)), owner="another")
EARLY = b.complete(10, 2, spec={"completions": 2})
SHORT = [b.ran("demo-a", 1, 3), b.ran("demo-b", 6, 8, created=5)]


JOB, POD = {"kind": "Job"}, {"kind": "Pod"}
PARALLEL = count("==", 3, path="spec.parallelism")
SUCCEEDED = count("==", 6, path="status.succeeded")
ARGUMENT = "spec.template.spec.containers[0].command[1]"
SLEEPS = b.seen(
    b.job(spec={"template": {"spec": {"containers": [{"command": ["sleep", "10"]}]}}}), now=2
)
SIX_OF_SIX = {"type": "Complete", "succeeded": 6}
LIMIT = {"type": "Failed", "reason": "BackoffLimitExceeded"}
ALL_3, LAST_0 = count("!=", 0), count("==", 0, which="last")
AT_MOST, AT_ONCE, IN_ORDER = count("<=", 3), count(">=", 3), count("<=", 1)
TEN_S, FASTER = count(">=", 10, of="run"), count("<", "work", of="elapsed")
JOB_TIME = count("<", 60, of="job")
NO_START = count("!=", 0, which="any", reason="StartError")
STARTED_NOT = b.seen(
    b.job(),
    b.ran("demo-a", 1, 2, 3),
    b.pod("demo-b", b.container(b.ended(5, 5, 128, "StartError")), created=4),
    now=9,
)
KILLED = b.container(b.ended(1, 5, 137))
CUT_OFF = b.record(b.pod("demo-a", KILLED, deleted=4), gone=True)
DELETED = b.record(b.pod("demo-a", KILLED, deleted=7), gone=True)
LOST = b.pod("demo-a", b.container(b.ended(1, 5, 255, "Unknown")))
LONG = b.ran("demo-b", 60, 80)
GAPS = {"base": 10, "factor": 2}
SUM, PER_POD = count(">=", 1, contains="2 + 3 = 5"), count("==", 1, contains="done", perPod=True)
TRIES = count("==", 3, contains="token")
CREATED = count(">=", 6, reason="SuccessfulCreate")

CASES = {
    # exists
    "a running Job exists": Case("exists", JOB, RUNNING, PASS, "Job demo", "Job demo"),
    "a finished Job exists": Case("exists", JOB, FINISHED, PASS, "Job demo", "Job demo"),
    "a Job whose Pods are gone exists": Case("exists", JOB, ALL_GONE, PASS, "Job demo", "Job demo"),
    "a recorded Job exists": Case("exists", JOB, RECORDED, PASS, "Job demo", "Job demo"),
    "no Job is still to come": Case("exists", JOB, NOT_STARTED, PENDING, "Job demo", "not found"),
    "a bare Pod is no Job": Case("exists", JOB, BARE_POD, FAIL, "Job demo", "Pod demo, no Job"),
    "a first Pod is still to come": Case(
        "exists", POD, NO_POD_YET, PENDING, "at least 1 Pod", "0 Pods"
    ),
    "a Pod that runs exists": Case("exists", POD, ONE_RUNS, PASS, "at least 1 Pod", "1 Pod"),
    "a Pod that is gone may have existed": Case(
        "exists", POD, ALL_GONE, UNKNOWN, "at least 1 Pod", "<unknown>"
    ),
    "a recorded Pod existed": Case("exists", POD, LIMIT_RECORDED, PASS, "at least 1 Pod", "1 Pod"),
    # absent
    "a Pod that runs may still go": Case("absent", POD, ONE_RUNS, PENDING, "no Pod left", "1 Pod"),
    "Pods left at the end are left": Case("absent", POD, FINISHED, FAIL, "no Pod left", "6 Pods"),
    "no Pod left at the end": Case("absent", POD, LIMIT_GONE, PASS, "no Pod left", "no Pod left"),
    "a recorded Pod is not left": Case(
        "absent", POD, LIMIT_RECORDED, PASS, "no Pod left", "no Pod left"
    ),
    "a running Job may still go": Case("absent", JOB, RUNNING, PENDING, "no Job left", "Job demo"),
    "a Job that stays is left": Case("absent", JOB, FINISHED, FAIL, "no Job left", "Job demo"),
    # field
    "a right spec is right at once": Case(
        "field", PARALLEL, RUNNING, PASS, "parallelism 3", "parallelism 3"
    ),
    "a wrong spec is wrong at once": Case(
        "field", PARALLEL, SLEEPS, FAIL, "parallelism 3", "parallelism 1"
    ),
    "a spec needs no Pods": Case(
        "field", PARALLEL, ALL_GONE, PASS, "parallelism 3", "parallelism 3"
    ),
    "a spec is not recorded": Case(
        "field", PARALLEL, RECORDED, PASS, "parallelism 3", "parallelism 3"
    ),
    "a field that is not there is <unset>": Case(
        "field",
        count("==", True, path="spec.suspend"),
        RUNNING,
        FAIL,
        "suspend true",
        "suspend <unset>",
    ),
    "a field that is to be left out": Case(
        "field",
        count("==", None, path="spec.suspend"),
        RUNNING,
        PASS,
        "no suspend",
        "suspend <unset>",
    ),
    "a field that is to be left out, and is there": Case(
        "field",
        count("==", None, path="spec.parallelism"),
        SLEEPS,
        FAIL,
        "no parallelism",
        "parallelism 1",
    ),
    "a field that may have any value": Case(
        "field",
        count("!=", None, path="spec.parallelism"),
        SLEEPS,
        PASS,
        "any parallelism",
        "parallelism 1",
    ),
    "a status may still change": Case(
        "field", SUCCEEDED, RUNNING, PENDING, "succeeded 6", "succeeded <unset>"
    ),
    "a status is final at the end": Case(
        "field", SUCCEEDED, FINISHED, PASS, "succeeded 6", "succeeded 6"
    ),
    "a string of digits is compared as a number": Case(
        "field", count("==", 10, path=ARGUMENT), SLEEPS, PASS, "command[1] 10", "command[1] 10"
    ),
    "a field of no Job is still to come": Case(
        "field", PARALLEL, NOT_STARTED, PENDING, "parallelism 3", "<none>"
    ),
    # condition
    "a condition may still come": Case(
        "condition", SIX_OF_SIX, RUNNING, PENDING, "Complete, 6/6", "Running, 0/6"
    ),
    "the condition came": Case(
        "condition", SIX_OF_SIX, FINISHED, PASS, "Complete, 6/6", "Complete, 6/6"
    ),
    "Complete with too few successes": Case(
        "condition", SIX_OF_SIX, b.seen(THREE), FAIL, "Complete, 6/6", "Complete, 3/3"
    ),
    "none of what the Job asks for may have succeeded": Case(
        "condition",
        {"type": "Failed", "succeeded": 0},
        NEVER_DONE,
        PASS,
        "Failed, 0/1",
        "Failed, 0/1",
    ),
    "a condition needs no Pods": Case(
        "condition", SIX_OF_SIX, ALL_GONE, PASS, "Complete, 6/6", "Complete, 6/6"
    ),
    "a condition is the cluster's though Pods are recorded": Case(
        "condition", SIX_OF_SIX, RECORDED, PASS, "Complete, 6/6", "Complete, 6/6"
    ),
    "the Job Failed as it should": Case(
        "condition", LIMIT, NEVER_DONE, PASS, "BackoffLimitExceeded", "BackoffLimitExceeded"
    ),
    "the Job is not Failed yet": Case(
        "condition", LIMIT, NEVER_RUNS, PENDING, "BackoffLimitExceeded", "Running"
    ),
    "the Job succeeded where it should fail": Case(
        "condition", LIMIT, FINISHED, FAIL, "BackoffLimitExceeded", "CompletionsReached"
    ),
    "a condition that must not be True": Case(
        "condition", {"type": "Failed", "status": "False"}, FINISHED, PASS, "Failed", "Complete"
    ),
    # pods
    "more Pods may come": Case("pods", count("==", 3), NEVER_RUNS, PENDING, "3 Pods", "2 Pods"),
    "as many Pods may become more": Case(
        "pods", count("==", 2), NEVER_RUNS, PENDING, "2 Pods", "2 Pods"
    ),
    "the Pods at the end": Case("pods", count("==", 3), NEVER_DONE, PASS, "3 Pods", "3 Pods"),
    "too many Pods are too many at once": Case(
        "pods", count("==", 1), RUNNING, FAIL, "1 Pod", "3 Pods"
    ),
    "a fourth Pod where three are allowed": Case(
        "pods", count("<=", 2), RUNNING, FAIL, "at most 2 Pods", "3 Pods"
    ),
    "enough Pods stay enough": Case(
        "pods", count(">=", 2), RUNNING, PASS, "at least 2 Pods", "3 Pods"
    ),
    "Pods that are gone may have been enough": Case(
        "pods", count("==", 3), NEVER_GONE, UNKNOWN, "3 Pods", "<unknown>"
    ),
    "recorded Pods count": Case("pods", count("==", 3), NEVER_RECORDED, PASS, "3 Pods", "3 Pods"),
    "Pods of a phase may leave it": Case(
        "pods",
        count(">=", 3, phase="Running"),
        RUNNING,
        PENDING,
        "at least 3 Pods Running",
        "3 Pods Running",
    ),
    "Pods that succeeded stay so": Case(
        "pods",
        count(">=", 1, phase="Succeeded"),
        b.seen(b.job(), b.ran("demo-a", 1, 3), now=4),
        PASS,
        "at least 1 Pod Succeeded",
        "1 Pod Succeeded",
    ),
    # attempts
    "more starts may come": Case(
        "attempts", count("==", 3), RESTARTED, PENDING, "3 starts", "2 starts"
    ),
    "starts are counted though one is forgotten": Case(
        "attempts", count("==", 3), RECOVERED, PASS, "3 starts", "3 starts"
    ),
    "starts of a Pod that is gone": Case(
        "attempts", count("==", 3), LIMIT_GONE, UNKNOWN, "3 starts", "<unknown>"
    ),
    "starts that were recorded": Case(
        "attempts", count("==", 3), LIMIT_RECORDED, PASS, "3 starts", "3 starts"
    ),
    # restarts
    "a restart is a restart at once": Case(
        "restarts", count(">=", 1), RESTARTED, PASS, "at least 1 restart", "1 restart"
    ),
    "a restart may still come": Case(
        "restarts", count(">=", 1), ONE_RUNS, PENDING, "at least 1 restart", "0 restarts"
    ),
    "no restart at the end": Case(
        "restarts", count(">=", 1), FINISHED, FAIL, "at least 1 restart", "0 restarts"
    ),
    "restarts of a Pod that is gone": Case(
        "restarts", count("==", 2), LIMIT_GONE, UNKNOWN, "2 restarts", "<unknown>"
    ),
    "restarts that were recorded": Case(
        "restarts", count("==", 2), LIMIT_RECORDED, PASS, "2 restarts", "2 restarts"
    ),
    # exitCodes
    "each exit code so far, more may come": Case(
        "exitCodes", ALL_3, NEVER_RUNS, PENDING, "not 0", "3, 3"
    ),
    "each exit code at the end": Case("exitCodes", ALL_3, NEVER_DONE, PASS, "not 0", "3, 3, 3"),
    "one wrong exit code is wrong at once": Case(
        "exitCodes", count("==", 0), NEVER_RUNS, FAIL, "0", "3, 3"
    ),
    "exit codes of Pods that are gone": Case(
        "exitCodes", ALL_3, NEVER_GONE, UNKNOWN, "not 0", "<unknown>"
    ),
    "exit codes that were recorded": Case(
        "exitCodes", ALL_3, NEVER_RECORDED, PASS, "not 0", "3, 3, 3"
    ),
    "a run that could not be started": Case(
        "exitCodes", NO_START, STARTED_NOT, PASS, "once not 0 StartError", "3, 128"
    ),
    "no run that could not be started": Case(
        "exitCodes", NO_START, NEVER_DONE, FAIL, "once not 0 StartError", "3, 3, 3"
    ),
    "no exit code yet": Case("exitCodes", ALL_3, ONE_RUNS, PENDING, "not 0", "<none>"),
    "the last exit code may not be the last": Case(
        "exitCodes", LAST_0, RESTARTED, PENDING, "0 at last", "3"
    ),
    "the last exit code, all tries recorded": Case(
        "exitCodes", LAST_0, RECOVERED_RECORDED, PASS, "0 at last", "3, 3, 0"
    ),
    "the first exit code is settled by the first try": Case(
        "exitCodes", count("==", 3, which="first"), RESTARTED, PASS, "3 at first", "3"
    ),
    "the first exit code, where the first try is forgotten": Case(
        "exitCodes", count("==", 3, which="first"), RECOVERED, UNKNOWN, "3 at first", "<unknown>"
    ),
    "the first exit code, where it is recorded": Case(
        "exitCodes",
        count("==", 3, which="first"),
        RECOVERED_RECORDED,
        PASS,
        "3 at first",
        "3, 3, 0",
    ),
    "one exit code among all": Case(
        "exitCodes", count("==", 3, which="any"), RESTARTED, PASS, "once 3", "3"
    ),
    # concurrency
    "three at once are enough at once": Case(
        "concurrency", AT_ONCE, RUNNING, PASS, "at least 3 at once", "3 at once"
    ),
    "one at once may become three": Case(
        "concurrency", AT_ONCE, ONE_RUNS, PENDING, "at least 3 at once", "1 at once"
    ),
    "three at once may become four": Case(
        "concurrency", AT_MOST, RUNNING, PENDING, "at most 3 at once", "3 at once"
    ),
    "three at once at the end": Case(
        "concurrency", AT_MOST, FINISHED, PASS, "at most 3 at once", "3 at once"
    ),
    "two at once where one is allowed": Case(
        "concurrency", IN_ORDER, RUNNING, FAIL, "at most 1 at once", "3 at once"
    ),
    "one after another": Case(
        "concurrency", IN_ORDER, IN_TURN_DONE, PASS, "at most 1 at once", "1 at once"
    ),
    "never three at once": Case(
        "concurrency", AT_ONCE, IN_TURN_DONE, FAIL, "at least 3 at once", "1 at once"
    ),
    "Pods that are gone may have run beside": Case(
        "concurrency", AT_MOST, GONE, UNKNOWN, "at most 3 at once", "<unknown>"
    ),
    "Pods that are gone ran beside": Case(
        "concurrency", AT_MOST, RECORDED, PASS, "at most 3 at once", "3 at once"
    ),
    # completedIndexes
    "indexes may still come": Case(
        "completedIndexes", {"value": "0-5"}, RUNNING, PENDING, "0-5", "<none>"
    ),
    "all indexes": Case("completedIndexes", {"value": "0-5"}, b.seen(INDEXED), PASS, "0-5", "0-5"),
    "other indexes": Case(
        "completedIndexes", {"value": "0,2"}, b.seen(INDEXED), FAIL, "0,2", "0-5"
    ),
    # duration
    "no run has ended": Case("duration", TEN_S, RUNNING, PENDING, "at least 10s", "<none>"),
    "each run long enough": Case("duration", TEN_S, FINISHED, PASS, "at least 10s", "10s"),
    "the shortest run is too short": Case(
        "duration", TEN_S, IN_TURN_DONE, FAIL, "at least 10s", "3s"
    ),
    "runs of Pods that are gone": Case(
        "duration", TEN_S, GONE, UNKNOWN, "at least 10s", "<unknown>"
    ),
    "runs that were recorded": Case("duration", TEN_S, RECORDED, PASS, "at least 10s", "10s"),
    "a run that was cut off by the end of the record": Case(
        "duration",
        TEN_S,
        b.seen(b.complete(20), b.record(b.runs("demo-a", 1), gone=True)),
        UNKNOWN,
        "at least 10s",
        "<unknown>",
    ),
    "a run that a suspension cut off": Case(
        "duration", TEN_S, b.seen(b.complete(90), CUT_OFF, LONG), PASS, "at least 10s", "20s"
    ),
    "a run that was lost with its node": Case(
        "duration", TEN_S, b.seen(b.complete(90), LOST, LONG), PASS, "at least 10s", "20s"
    ),
    "a run that the end of its Job cut off": Case(
        "duration", TEN_S, b.seen(b.failed(4), CUT_OFF, LONG), FAIL, "at least 10s", "4s"
    ),
    "a run that had failed before its Pod was deleted": Case(
        "duration", TEN_S, b.seen(b.complete(90), DELETED, LONG), FAIL, "at least 10s", "4s"
    ),
    "sooner than one by one": Case(
        "duration", FASTER, FINISHED, PASS, "under 60s (one by one)", "24s"
    ),
    "sooner than runs of which none has ended": Case(
        "duration", FASTER, RUNNING, PENDING, "under the time one by one takes", "<none>"
    ),
    "one by one is not sooner": Case(
        "duration", FASTER, IN_TURN_DONE, FAIL, "under 9s (one by one)", "14s"
    ),
    "a Job's own time": Case("duration", JOB_TIME, FINISHED, PASS, "under 60s", "27s"),
    "a Job's own time needs no Pods": Case(
        "duration", JOB_TIME, ALL_GONE, PASS, "under 60s", "27s"
    ),
    "a Job's own time is not over": Case(
        "duration", JOB_TIME, RUNNING, PENDING, "under 60s", "<none>"
    ),
    # gaps
    "a first gap, the next may come": Case(
        "gaps", GAPS, NEVER_RUNS, PENDING, "at least 10s", "10s"
    ),
    "gaps that double": Case("gaps", GAPS, NEVER_DONE, PASS, "at least 10s, 20s", "10s, 20s"),
    "a gap too short": Case(
        "gaps",
        GAPS,
        b.seen(b.failed(30, 2), NEVER[0], b.ran("demo-b", 13, 15, 3, created=13)),
        FAIL,
        "at least 10s",
        "9s",
    ),
    "no gap yet": Case("gaps", GAPS, ONE_RUNS, PENDING, "at least 10s", "<none>"),
    "gaps between Pods that are gone": Case(
        "gaps", GAPS, NEVER_GONE, UNKNOWN, "at least 10s", "<unknown>"
    ),
    "gaps that were recorded": Case(
        "gaps", GAPS, NEVER_RECORDED, PASS, "at least 10s, 20s", "10s, 20s"
    ),
    # log
    "a log that says it": Case("log", SUM, LOG_RUNS, PASS, '"2 + 3 = 5" in the log', "1 line"),
    "a log that may still say it": Case(
        "log", SUM, LOG_RUNS_SILENT, PENDING, '"2 + 3 = 5" in the log', "0 lines"
    ),
    "a log that said it": Case("log", SUM, LOG_DONE, PASS, '"2 + 3 = 5" in the log', "1 line"),
    "a log that never said it": Case(
        "log", SUM, LOG_SILENT, FAIL, '"2 + 3 = 5" in the log', "0 lines"
    ),
    "a log that is gone": Case(
        "log", SUM, LOG_UNREAD, UNKNOWN, '"2 + 3 = 5" in the log', "<unknown>"
    ),
    "a log too long to be read whole": Case(
        "log", SUM, LOG_CUT, UNKNOWN, '"2 + 3 = 5" in the log', "<unknown>"
    ),
    "a log that was recorded": Case(
        "log", SUM, LOG_RECORDED, PASS, '"2 + 3 = 5" in the log', "1 line"
    ),
    "the logs of each try, recorded": Case(
        "log", TRIES, TOKENS_RECORDED, PASS, '"token" in the log', "3 lines"
    ),
    "the logs of a Pod the Job removed": Case(
        "log", TRIES, LIMIT_GONE, UNKNOWN, '"token" in the log', "<unknown>"
    ),
    "each Pod's log": Case("log", PER_POD, EACH_LOG, PASS, '"done" in each log', "in 6 of 6"),
    "one Pod's log is silent": Case(
        "log", PER_POD, ONE_SILENT, FAIL, '"done" in each log', "in 5 of 6"
    ),
    # event
    "an event may still happen": Case(
        "event", CREATED, EVENTS_RUN, PENDING, "at least 6 SuccessfulCreate", "2 SuccessfulCreate"
    ),
    "an event that repeated is counted": Case(
        "event", CREATED, EVENTS_DONE, PASS, "at least 6 SuccessfulCreate", "6 SuccessfulCreate"
    ),
    "an event series is counted": Case(
        "event", CREATED, EVENTS_SERIES, PASS, "at least 6 SuccessfulCreate", "6 SuccessfulCreate"
    ),
    "an event that never happened": Case(
        "event",
        count(">=", 1, reason="BackoffLimitExceeded"),
        EVENTS_DONE,
        FAIL,
        "at least 1 BackoffLimitExceeded",
        "0 BackoffLimitExceeded",
    ),
    "events that expired": Case(
        "event",
        CREATED,
        EVENTS_EXPIRED,
        UNKNOWN,
        "at least 6 SuccessfulCreate",
        "<unknown>",
    ),
    "events of which the first expired after an hour": Case(
        "event",
        CREATED,
        EVENTS_HALF_EXPIRED,
        UNKNOWN,
        "at least 6 SuccessfulCreate",
        "<unknown>",
    ),
    # owner
    "owned so far, more may come": Case(
        "owner", JOB, RUNNING, PENDING, "owned by Job demo", "3 of 3 Pods"
    ),
    "owned at the end": Case("owner", JOB, FINISHED, PASS, "owned by Job demo", "6 of 6 Pods"),
    "a Pod of somebody else": Case(
        "owner", JOB, b.seen(b.job(), FOREIGN), FAIL, "owned by Job demo", "0 of 1 Pods"
    ),
    "owners of Pods that are gone": Case(
        "owner", JOB, GONE, UNKNOWN, "owned by Job demo", "<unknown>"
    ),
    "owners that were recorded": Case(
        "owner", JOB, RECORDED, PASS, "owned by Job demo", "6 of 6 Pods"
    ),
    # completedAfter
    "not Complete yet": Case(
        "completedAfter", {"value": 3}, ONE_RUNS, PENDING, "after 3 successes", "not Complete"
    ),
    "Complete after all successes": Case(
        "completedAfter", {"value": 3}, IN_TURN_DONE, PASS, "after 3 successes", "after 3 successes"
    ),
    "Complete one success early": Case(
        "completedAfter",
        {"value": 3},
        b.seen(EARLY, *SHORT),
        FAIL,
        "after 3 successes",
        "after 2 successes",
    ),
    "successes of Pods that are gone": Case(
        "completedAfter",
        {"value": 3},
        b.seen(THREE, *IN_TURN[1:], now=90),
        UNKNOWN,
        "after 3 successes",
        "<unknown>",
    ),
    "successes that were recorded": Case(
        "completedAfter",
        {"value": 3},
        snapshot.merge(b.seen(THREE, *IN_TURN[1:]), [b.record(IN_TURN[0])], logs=False),
        PASS,
        "after 3 successes",
        "after 3 successes",
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_verdict(case: Case) -> None:
    assert shown(case) == (case.result, case.expected, case.observed)


def test_every_kind_of_assertion_is_in_the_table() -> None:
    tables = (CASES, test_course.CASES, test_scheduled.CASES, test_traces.CASES)
    kinds = {case.kind for table in tables for case in table.values()}
    assert kinds == set(assertions.KINDS)


# ---- operators


@pytest.mark.parametrize(
    ("observed", "symbol", "expected", "holds"),
    [
        pytest.param("10", ">=", 9, True, id="10 is more than 9 though its text sorts before"),
        pytest.param("9", "<", 10, True, id="9 is less than 10 though its text sorts after"),
        pytest.param("03", "==", 3, True, id="digits are a number, however written"),
        pytest.param("-1", "<", 0, True, id="a negative number"),
        pytest.param("ten", ">=", 9, False, id="a word is no number"),
        pytest.param("ten", "!=", 9, True, id="a word is another value than a number"),
        pytest.param("²", ">=", 1, False, id="a superscript digit is no number"),
        pytest.param(None, ">=", 1, False, id="an unset field is not at least anything"),
        pytest.param(3, "==", 3, True, id="a number equals itself"),
        pytest.param("Never", "==", "Never", True, id="text equals itself"),
        pytest.param("Never", "!=", "OnFailure", True, id="text differs"),
        pytest.param(True, "==", True, True, id="true equals itself"),
    ],
)
def test_numbers_are_compared_as_numbers(
    observed: object, symbol: str, expected: object, holds: bool
) -> None:
    job = b.job(spec={"field": observed})
    check = b.check("field", count(symbol, expected, path="spec.field"))
    assert judge_one(check, b.seen(job)).result is (PASS if holds else FAIL)


# ---- what is decided before the Job is


def test_a_spec_that_is_wrong_is_not_said_to_be_late() -> None:
    check = b.check("field", {"path": "spec.backoffLimit", "operator": "==", "value": 2}, within=10)
    seen = b.seen(b.job(), now=2)
    assert str(judge_one(check, seen).because) == "spec.backoffLimit is 6"
    unset = b.check("field", {"path": "spec.suspend", "operator": "==", "value": True}, within=10)
    assert str(judge_one(unset, seen).because) == "spec.suspend is not set"
    assert str(judge_one(check, seen._replace(now=b.at(60))).because) == "spec.backoffLimit is 6"


RIGHT = b.check("field", {"path": "spec.backoffLimit", "operator": "==", "value": 6}, within=10)
WRONG = b.check("field", {"path": "spec.backoffLimit", "operator": "==", "value": 2}, within=10)
OPEN = b.check("condition", {"type": "Complete"}, within=100)
LATER = b.check("pods", {"operator": "==", "value": 1}, within=200)


@pytest.mark.parametrize(
    ("asked", "now", "lost", "decided"),
    [
        pytest.param([RIGHT, OPEN], 1, False, False, id="a check is open"),
        pytest.param([RIGHT, OPEN], 100, False, False, id="a check is open to its last second"),
        pytest.param([RIGHT, OPEN], 101, False, True, id="its time is over"),
        pytest.param([OPEN, LATER], 101, False, False, id="a later one is open"),
        pytest.param([OPEN, LATER], 201, False, True, id="what holds so far is open no longer"),
        pytest.param([RIGHT], 1, False, True, id="all are settled"),
        pytest.param([WRONG, OPEN], 1, True, False, id="one has failed for good"),
    ],
)
def test_whether_there_is_anything_to_wait_for(
    asked: Sequence[model.Check], now: float, lost: bool, decided: bool
) -> None:
    seen = b.seen(b.job(), b.runs("demo-a", 1), now=now)
    verdicts = judge(b.lab(*asked), "", seen, {})
    assert checks.is_lost(verdicts) is lost
    assert checks.is_decided(verdicts, seen) is decided


# ---- within, when


@pytest.mark.parametrize(
    ("now", "result"),
    [
        pytest.param(5, PENDING, id="long before the time is up it is PENDING"),
        pytest.param(100, PENDING, id="in the last second it is PENDING"),
        pytest.param(101, FAIL, id="after that it FAILs though the Job tries again"),
    ],
)
def test_a_check_must_hold_within_its_time(now: float, result: Result) -> None:
    seen = b.seen(b.job(spec=SPEC), b.ran("demo-a", 1, 3, 1), b.runs("demo-b", 14), now=now)
    verdict = judge_one(b.check("condition", SIX_OF_SIX, within=100), seen)
    assert verdict.result is result
    said = None if result is PENDING else "not so within 100s of the Job's start"
    assert (None if verdict.because is None else str(verdict.because)) == said
    assert not verdict.late


def held(**spec: Any) -> Snapshot:
    """A Job that has been held by its spec for longer than any check of these tests allows."""
    return b.seen(b.job(spec=SPEC | spec), now=500)


def waits(reason: str) -> Snapshot:
    """A Job whose Pod waits with this reason, for as long."""
    return b.seen(b.job(spec=SPEC), b.pod("demo-a", b.container(b.waiting(reason))), now=500)


RESUMED = b.job(spec=SPEC, status={"startTime": b.stamp(450)})
FAILED_ONCE = b.ran("demo-a", 1, 3, 3)
IN_100S = {
    "its first try still runs": (b.seen(b.job(), b.runs("demo-a", 1), now=500), PENDING),
    "its second success is still to come": (
        b.seen(b.job(), b.ran("demo-a", 1, 90), b.runs("demo-b", 94), now=500),
        PENDING,
    ),
    "its Pod is still being made": (waits("ContainerCreating"), PENDING),
    "its image cannot be pulled": (waits("ImagePullBackOff"), PENDING),
    "what its container needs is missing": (waits("CreateContainerConfigError"), PENDING),
    "it is suspended": (held(suspend=True), PENDING),
    "it may run no Pod": (held(parallelism=0), PENDING),
    "another manages it": (held(managedBy="example.com/other"), PENDING),
    "its Pods are refused": (b.seen(b.job(), events=[b.refused()], now=500), PENDING),
    "it was resumed less than 100s ago": (b.seen(RESUMED, FAILED_ONCE, now=500), PENDING),
    "it was resumed longer ago": (b.seen(RESUMED, FAILED_ONCE, now=551), FAIL),
    "a try has failed": (b.seen(b.job(), FAILED_ONCE, now=500), FAIL),
    "it failed once and runs again": (
        b.seen(b.job(), FAILED_ONCE, b.runs("demo-b", 14), now=500),
        FAIL,
    ),
    "nothing has come of it": (b.seen(b.job(), now=500, events=[]), FAIL),
    "nothing has come of it, and nobody has asked why": (b.seen(b.job(), now=500), PENDING),
}


@pytest.mark.parametrize(("seen", "result"), IN_100S.values(), ids=IN_100S)
def test_what_is_late_has_failed_only_where_it_will_not_come(
    seen: Snapshot, result: Result
) -> None:
    verdict = judge_one(b.check("condition", {"type": "Complete"}, within=100), seen)
    assert verdict.result is result
    in_time = seen.job is RESUMED and seen.now < b.at(550)
    assert verdict.late is (result is PENDING and not in_time)


def test_a_failure_that_the_lab_is_about_may_be_late() -> None:
    seen = b.seen(b.job(), FAILED_ONCE, now=500)
    check = b.check("condition", {"type": "Failed"}, within=100)
    assert judge_one(check, seen).result is PENDING
    first = b.check("exitCodes", count("==", 3, which="first"), id="first")
    last = b.check("exitCodes", LAST_0, id="last", within=100)
    assert [one.result for one in judge(b.lab(first, last), "", seen, {})] == [PASS, PENDING]


def test_what_the_lab_knows_to_be_wrong_is_no_longer_waited_for() -> None:
    wrong = model.Reason((model.Assertion("field", PARALLEL),), b.text("three at once"))
    check = b.check("condition", {"type": "Complete"}, within=100, because=[wrong])
    assert judge_one(check, b.seen(b.job(spec=SPEC), b.runs("demo-a", 1), now=500)).result is FAIL


@pytest.mark.parametrize(
    ("seen", "since", "decided"),
    [
        pytest.param(b.seen(b.job(), b.runs("demo-a", 1), now=500), 450, False, id="it runs"),
        pytest.param(b.seen(b.job(), b.runs("demo-a", 1), now=500), 399, True, id="for too long"),
        pytest.param(held(suspend=True), 450, False, id="it may be released"),
        pytest.param(held(suspend=True), 399, True, id="it is not released"),
        pytest.param(waits("ImagePullBackOff"), 450, True, id="it never goes on"),
    ],
)
def test_a_job_that_may_go_on_is_waited_for_once_more(
    seen: Snapshot, since: float, decided: bool
) -> None:
    check = b.check("condition", {"type": "Complete"}, within=100)
    verdicts = judge(b.lab(check), "", seen, {})
    assert checks.is_decided(verdicts, seen, b.at(since)) is decided


def test_what_holds_after_its_time_waits_for_the_end() -> None:
    seen = b.seen(b.job(spec=SPEC), b.runs("demo-a", 1), now=500)
    assert judge_one(b.check("concurrency", AT_MOST, within=100), seen).result is PENDING


@pytest.mark.parametrize(
    ("policy", "left_out"),
    [
        pytest.param("Never", False, id="it applies where its condition holds"),
        pytest.param("OnFailure", True, id="it is left out where it does not"),
    ],
)
def test_a_check_applies_when_it_says(policy: str, left_out: bool) -> None:
    when = model.Assertion("field", count("==", "Never", path="spec.restartPolicy"))
    lab = b.lab(b.check("pods", count("==", 1), when=[when]))
    seen = b.seen(b.job(spec={"restartPolicy": policy}))
    (verdict,) = judge(lab, "", seen, {})
    assert (verdict.result, verdict.left_out) == (PENDING, left_out)


# what a check is left out for, as it is shown; "" where it is not known, as the evidence is gone
LEFT_OUT = {
    "a field's value": (
        model.Assertion("field", count(">=", 1, path="spec.backoffLimit")),
        b.seen(b.job(spec={"backoffLimit": 0})),
        "not judged: backoffLimit 0",
    ),
    "a field that is not set": (
        model.Assertion("field", count(">=", 1, path="spec.activeDeadlineSeconds")),
        b.seen(b.job()),
        "not judged: activeDeadlineSeconds <none>",
    ),
    "how the Job has ended": (
        model.Assertion("condition", {"type": "Failed", "reason": "BackoffLimitExceeded"}),
        b.seen(b.failed(9, reason="DeadlineExceeded"), b.ran("demo-a", 1, 3, 1)),
        "not judged: DeadlineExceeded",
    ),
    "too few Pods": (
        model.Assertion("pods", count(">=", 2)),
        b.seen(b.failed(9), b.ran("demo-a", 1, 3, 1)),
        "not judged: 1 Pod",
    ),
    "Pods that are gone": (model.Assertion("pods", count(">=", 2)), b.seen(b.failed(9, 3)), ""),
}


@pytest.mark.parametrize(("when", "seen", "said"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_check_that_is_left_out_says_why(
    when: model.Assertion, seen: Snapshot, said: str
) -> None:
    verdict = judge_one(b.check("exitCodes", count("<", 9), when=[when]), seen)
    assert verdict.left_out
    if said:
        told = Language("en")(verdict.measure.observed_text)
        assert (verdict.result, told) == (PENDING, said)
    else:
        assert verdict.result is UNKNOWN


TWO_PODS = (b.ran("demo-a", 1, 3, 1), b.ran("demo-b", 13, 15, 1))


@pytest.mark.parametrize(
    ("assertion", "result"),
    [
        pytest.param(("pods", count("==", 1)), FAIL, id="a count that only grows"),
        pytest.param(("pods", count("<=", 1)), FAIL, id="a bound of it"),
        pytest.param(("exitCodes", count("==", 0, which="all")), FAIL, id="what has happened"),
        pytest.param(("pods", count("==", 3)), PENDING, id="a count that may come"),
        pytest.param(("pods", count("==", 1, phase="Running")), PENDING, id="one that may shrink"),
        pytest.param(
            ("field", count("==", 1, path="spec.backoffLimit")), PENDING, id="a field by hand"
        ),
    ],
)
def test_what_can_no_longer_hold_fails_before_it_is_known_to_apply(
    assertion: tuple[str, dict[str, Any]], result: Result
) -> None:
    at_its_end = model.Assertion("condition", {"type": "Failed"})
    seen = b.seen(b.job(spec={"backoffLimit": 6}), *TWO_PODS)
    assert judge_one(b.check(*assertion, when=[at_its_end]), seen).result is result


OWN_LIMIT = model.Parameter(
    "backoffLimit", "--backoff-limit", "integer", "spec.backoffLimit", b.text("how often")
)
OF_TWO = model.Assertion("field", count(">=", 2, path="spec.backoffLimit"))
OF_LESS = model.Assertion("field", count("<", "=backoffLimit", path="spec.backoffLimit"))
OF_ENDS = model.Assertion("condition", {"type": "Failed"})


@pytest.mark.parametrize(
    ("when", "seen", "judged"),
    [
        pytest.param([OF_TWO], NOT_STARTED, [PENDING], id="the lab's own value would have it"),
        pytest.param([OF_LESS], NOT_STARTED, [], id="the lab's own value would not"),
        pytest.param([OF_ENDS], NOT_STARTED, [PENDING], id="what only a Job will show"),
        pytest.param([OF_ENDS], RUNNING, [PENDING], id="what its end will show"),
        pytest.param([OF_ENDS], FINISHED, [PENDING], id="what its end did not show"),
        pytest.param(
            [OF_TWO], b.seen(b.job(spec={"backoffLimit": 1})), [PENDING], id="this Job's value"
        ),
        pytest.param(
            [OF_LESS], b.seen(b.job(spec={"backoffLimit": 2})), [], id="as the lab's own value"
        ),
        pytest.param([OF_TWO, OF_ENDS], NOT_STARTED, [PENDING], id="two, that may both hold"),
        pytest.param([OF_LESS, OF_ENDS], NOT_STARTED, [], id="two, and the lab's own fails one"),
        pytest.param([OF_TWO, OF_ENDS], RUNNING, [PENDING], id="two, and one is still open"),
        pytest.param(
            [OF_ENDS, OF_TWO],
            b.seen(b.job(spec={"backoffLimit": 1})),
            [PENDING],
            id="two, and one cannot hold any more",
        ),
        pytest.param(
            [OF_TWO, OF_ENDS],
            b.seen(b.failed(9, spec={"backoffLimit": 2}), b.ran("demo-a", 1, 3, 1)),
            [PASS],
            id="two that hold",
        ),
    ],
)
def test_a_check_counts_from_the_start_where_it_is_to_be_expected(
    when: Sequence[model.Assertion], seen: Snapshot, judged: Sequence[Result]
) -> None:
    check = b.check("pods", count(">=", 1), when=when, within=1)
    lab = b.lab(check)._replace(parameters=(OWN_LIMIT,))
    found = judge(lab, "", seen, {"backoffLimit": 2})
    assert [verdict.result for verdict in found] == judged


def test_a_check_of_another_variant_does_not_apply() -> None:
    lab = b.lab(
        b.check("exists", JOB, id="both"),
        b.check("exists", JOB, id="never-only", variant="never"),
        b.check("exists", JOB, id="onfailure-only", variant="onfailure"),
        variants=("never", "onfailure"),
    )
    verdicts = judge(lab, "onfailure", FINISHED, {})
    assert [verdict.check.id for verdict in verdicts] == ["both", "onfailure-only"]


def test_a_verdict_is_called_by_the_job_of_its_variant() -> None:
    lab = b.lab(b.check("exists", JOB), variants=("never", "onfailure"))
    names = [judge(lab, variant.name, FINISHED, {})[0].name for variant in lab.variants]
    assert names == ["demo/it", "demo-onfailure/it"]


# ---- why it failed

DEFAULT_ONE = model.Reason(
    (model.Assertion("field", count("==", 1, path="spec.parallelism")),),
    b.text("spec.parallelism is 1, the default when it is left out"),
)
ANY_JOB = model.Reason((model.Assertion("exists", JOB),), b.text("a later reason"))
TWO_AT_ONCE = [
    *(b.ran(f"demo-{letter}", 1, 11) for letter in "ab"),
    *(b.ran(f"demo-{letter}", 15, 25, created=14) for letter in "xy"),
    *(b.ran(f"demo-{letter}", 29, 39, created=28) for letter in "mn"),
]
UNDER_QUOTA = b.seen(
    b.complete(41, 6, name="parallelism", spec=SPEC),
    *TWO_AT_ONCE,
    events=[b.event("SuccessfulCreate", count=6), b.refused()],
    now=41,
    name="parallelism",
)


def because(verdict: Verdict) -> str | None:
    """Why, in English."""
    return None if verdict.because is None else Language("en")(verdict.because)


@pytest.mark.parametrize(
    ("reasons", "seen", "said"),
    [
        pytest.param(
            [DEFAULT_ONE, ANY_JOB],
            IN_TURN_DONE,
            "spec.parallelism is 1, the default when it is left out",
            id="the lab's first reason that holds",
        ),
        pytest.param(
            [DEFAULT_ONE, ANY_JOB],
            UNDER_QUOTA,
            "a later reason",
            id="the lab's next reason where the first does not hold",
        ),
        pytest.param(
            [DEFAULT_ONE],
            b.seen(SIX, *TWO_AT_ONCE),
            "expected at least 3 at once, observed 2 at once",
            id="what was observed where no more is known",
        ),
    ],
)
def test_why_a_check_failed(
    reasons: Sequence[model.Reason], seen: Snapshot, said: str | None
) -> None:
    verdict = judge_one(b.check("concurrency", AT_ONCE, because=reasons), seen)
    assert (verdict.result, because(verdict)) == (FAIL, said)


def test_two_of_three_at_once_under_a_quota_fails_for_the_right_reason() -> None:
    lab = loader.load(loader.built_in() / "06-parallelism")
    values = {"completions": 6, "parallelism": 3}
    found = judge(lab, "", UNDER_QUOTA, values)
    failed = {verdict.check.id: verdict for verdict in found if verdict.result is not PASS}
    assert list(failed) == ["at-once"]
    assert str(failed["at-once"].measure.observed_text) == "2 at once"
    said = because(failed["at-once"])
    assert said is not None
    assert said.endswith(b.QUOTA)
    assert not said.startswith("Error creating")
    assert failed["at-once"].run == "kubectl describe quota pods"


REFUSALS = {
    "a quota that leaves nothing": (
        "exceeded quota: pods, requested: pods=1, used: pods=0, limited: pods=0",
        "The quota allows this namespace no Pod at all: have whoever manages the namespace raise"
        " it. The Job controller tries again by itself.",
        "kubectl describe quota pods",
    ),
    "a quota": (
        b.QUOTA,
        "Have the quota raised, or ask for no more than it leaves.",
        "kubectl describe quota pods",
    ),
    "Pod Security": (
        'violates PodSecurity "restricted:latest": runAsNonRoot != true',
        "Write what Pod Security asks for into the Pod template, as the lab's own manifest does.",
        "kubectl joblab scaffold demo -d -",
    ),
    "something else": (
        "error looking up service account labs/demo: serviceaccount not found",
        "Make it possible for the Job controller to create Pods; it tries again by itself.",
        "kubectl describe job demo",
    ),
}


@pytest.mark.parametrize(("reason", "fix", "run"), REFUSALS.values(), ids=REFUSALS)
def test_what_keeps_pods_from_being_created_has_a_way_on_of_its_own(
    reason: str, fix: str, run: str
) -> None:
    ended = b.failed(200, 0, reason="DeadlineExceeded", spec=SPEC)
    seen = b.seen(ended, events=[b.refused(reason)], now=200)
    verdict = judge_one(b.check("concurrency", AT_ONCE), seen)
    assert (verdict.result, str(verdict.fix), verdict.run) == (FAIL, fix, run)


def test_a_reason_may_have_a_way_on_of_its_own() -> None:
    reason = ANY_JOB._replace(fix=b.text("do this"), run="kubectl get pod {job}")
    verdict = judge_one(b.check("concurrency", AT_ONCE, because=[reason]), IN_TURN_DONE)
    assert (verdict.fix, verdict.run) == (b.text("do this"), "kubectl get pod demo")


def test_a_reason_without_a_way_on_has_that_of_its_check() -> None:
    verdict = judge_one(b.check("concurrency", AT_ONCE, because=[ANY_JOB]), IN_TURN_DONE)
    assert (verdict.fix, verdict.run) == (b.text("make it so"), "kubectl get job demo")


# lab 6 with Pods that wait long for each other: its spec is right or not, a quota may be in the way
SLOW = [b.ran(f"demo-{n}", s, s + 5) for n, s in enumerate((1, 2, 30, 31, 60, 61))]
ALONE = [b.ran(f"demo-{n}", s, s + 5) for n, s in enumerate((1, 10, 20, 30, 40, 50))]
SLOWER = {
    "the Job asks for one at a time": (
        b.seen(b.complete(60, 6, spec={**SPEC, "parallelism": 1}), *ALONE, now=70),
        "one Pod ran at a time, with a pause after each",
        "Set spec.parallelism to the number asked for, 3 if you chose no other. A Job that is"
        " finished has to be deleted and created again.",
        "kubectl describe job demo",
    ),
    "the quota allows one at a time": (
        b.seen(b.complete(60, 6, spec=SPEC), *ALONE, events=[b.refused()], now=70),
        f'pods "demo-qhxd8" is forbidden: {b.QUOTA}',
        "Have the quota raised, or ask for no more than it leaves.",
        "kubectl describe quota pods",
    ),
    "the cluster is busy": (
        b.seen(b.complete(70, 6, spec=SPEC), *SLOW, now=80),
        "Pods ran side by side, but to start them took longer than that saved",
        "Run it again when the cluster has less to do, or let each Pod work longer.",
        "kubectl describe pod -l batch.kubernetes.io/job-name=demo",
    ),
    "the cluster is so busy that no two Pods met": (
        b.seen(b.complete(60, 6, spec=SPEC), *ALONE, now=70),
        "expected under 30s (one by one), observed 54s",
        "Run it again when the cluster has less to do, or let each Pod work longer.",
        "kubectl describe pod -l batch.kubernetes.io/job-name=demo",
    ),
}


@pytest.mark.parametrize(("seen", "said", "fix", "run"), SLOWER.values(), ids=SLOWER)
def test_a_job_that_was_not_faster_is_told_why(
    seen: Snapshot, said: str | None, fix: str, run: str
) -> None:
    lab = loader.load(loader.built_in() / "06-parallelism")
    found = judge(lab, "", seen, {"completions": 6, "parallelism": 3})
    (verdict,) = [verdict for verdict in found if verdict.check.id == "faster"]
    shown = (verdict.result, because(verdict), Language("en")(verdict.fix), verdict.run)
    assert shown == (FAIL, said, fix, run)
    assert verdict.refused == (said is not None and "quota" in said)


def log_of(*logs: Sequence[str]) -> Snapshot:
    """A Complete Job of one Pod for each of these logs."""
    pods = [
        b.record(b.ran(f"demo-{n}", n, n + 1), b.attempt(n, n + 1, 0, log=tuple(log)))
        for n, log in enumerate(logs)
    ]
    return snapshot.merge(b.seen(b.complete(9), now=9), pods, logs=True)


PRINTED = {
    "another line": (log_of(["hi"]), 'the log says "hi"'),
    "nothing": (log_of([]), "the log is empty"),
    "several lines": (
        log_of(["one", "", "two", "three"]),
        'the log says "one" and 2 lines more',
    ),
    "two lines": (log_of(["one", "two"]), 'the log says "one" and 1 line more'),
    "a long line": (log_of(["x" * 99]), f'the log says "{"x" * 57}..."'),
    "what is no text": (log_of(["a\x1b[31mb"]), 'the log says "a?[31mb"'),
    "several Pods": (log_of(["one"], ["two"]), 'the log says "one" and 1 line more'),
}


@pytest.mark.parametrize(("seen", "said"), PRINTED.values(), ids=PRINTED)
def test_a_line_that_was_not_printed_is_told_by_what_was(seen: Snapshot, said: str) -> None:
    check = b.check("log", count(">=", 1, contains="2 + 3 = 5"))
    assert because(judge_one(check, seen)) == said


def test_a_passed_check_has_no_reason() -> None:
    passed = judge_one(b.check("concurrency", AT_ONCE, because=[ANY_JOB]), FINISHED)
    assert (passed.result, passed.because) == (PASS, None)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param(
            NEVER_GONE,
            "1 Pod of the Job is gone, and nothing is left that shows what it did",
            id="one Pod gone",
        ),
        pytest.param(
            GONE,
            "3 Pods of the Job are gone, and nothing is left that shows what they did",
            id="three Pods gone",
        ),
        pytest.param(
            RECOVERED, "the cluster no longer has what would show it", id="a try forgotten"
        ),
    ],
)
def test_an_unknown_says_what_is_missing(seen: Snapshot, said: str) -> None:
    verdict = judge_one(b.check("exitCodes", count("<", 9)), seen)
    assert (verdict.result, because(verdict)) == (UNKNOWN, said)


def test_what_to_run_names_the_job_that_was_judged() -> None:
    verdict = judge_one(b.check("exists", JOB), b.seen(b.job("<unknown>"), name="mine"))
    told = verdict.run, verdict.exercise.job, verdict.uid
    assert told == ("kubectl get job mine", "mine", b.JOB_UID)


# ---- the labs' own checks


def onfailure(limit: int, starts: int, reason: str = "BackoffLimitExceeded") -> Snapshot:
    """Lab 4's Job under OnFailure: its one Pod failed so often and was removed."""
    tries = [b.attempt(3 * n, 3 * n + 1, 3, number=n) for n in range(1, starts + 1)]
    last = b.container(b.ended(3 * starts, 3 * starts + 1, 3), restarts=starts - 1)
    pod = b.pod("demo-a", last, phase="Failed", restart_policy="OnFailure")
    spec = {"backoffLimit": limit, "template": {"spec": {"restartPolicy": "OnFailure"}}}
    gone = b.seen(b.failed(60, spec=spec, reason=reason), now=90)
    return snapshot.merge(gone, [b.record(pod, *tries)], logs=False)


RESTARTS = {
    "as many starts as the limit allows": (onfailure(2, 3), {"limit": PASS, "restarted": PASS}),
    "one start more, as when the Job controller was away": (
        onfailure(2, 4),
        {"limit": PASS, "restarted": PASS},
    ),
    "a higher limit than asked for": (onfailure(3, 4), {"limit": FAIL, "restarted": PASS}),
    "a lower limit than asked for": (onfailure(1, 2), {"limit": FAIL, "restarted": FAIL}),
    "something else ended the Job": (
        onfailure(2, 2, "DeadlineExceeded"),
        {"limit": PASS, "restarted": PENDING},
    ),
}


@pytest.mark.parametrize(("seen", "results"), RESTARTS.values(), ids=RESTARTS)
def test_under_onfailure_a_job_is_started_at_least_once_more_than_its_limit(
    seen: Snapshot, results: Mapping[str, Result]
) -> None:
    lab = loader.load(loader.built_in() / "04-retry")
    values = {"backoffLimit": 2, "restartPolicy": "OnFailure"}
    found = judge(lab, "onfailure", seen, values)
    about = {one.check.id: one.result for one in found if one.check.id in ("limit", "restarted")}
    assert about == results


# ---- hints, and what to do where the lab's own advice is not so

THREE_RAN = b.seen(b.complete(12, 3, spec=SPEC), *WAVE_1, now=27)
LATE_RUN = b.seen(b.job(spec=SPEC), b.ran("demo-a", 1, 9, 1), now=500)
RAN_3 = (model.Assertion("exitCodes", count("==", 3, which="any")),)
RAN_0 = (model.Assertion("exitCodes", count("==", 0, which="any")),)
IS_3_OF_6 = (
    model.Assertion("field", count("==", 6, path="spec.completions")),
    model.Assertion("field", count("==", 3, path="spec.parallelism")),
)
IS_9_OF_6 = (IS_3_OF_6[0], model.Assertion("field", count("==", 9, path="spec.parallelism")))


def hint(name: str, when: model.When = (), check: str = "it") -> model.Hint:
    """A hint of one stage, for the check of a lab of these tests."""
    return model.Hint(check, (b.text(name),), when)


HINTED = {
    "a hint without when, of what failed": (FINISHED, [hint("a")], "a"),
    "a hint without when, of what is pending": (RUNNING, [hint("a")], ""),
    "a hint that is so, of what failed": (FINISHED, [hint("a", RAN_0)], "a"),
    "a hint that is so, of what is pending": (RUNNING, [hint("a", IS_3_OF_6)], "a"),
    "a hint that is not so": (FINISHED, [hint("a", RAN_3)], ""),
    "a hint of which one condition does not hold": (RUNNING, [hint("a", IS_9_OF_6)], ""),
    "the first that is so": (FINISHED, [hint("a", RAN_3), hint("b", RAN_0), hint("c")], "b"),
    "a hint of another check": (FINISHED, [hint("a", check="other"), hint("b", check="")], ""),
    "a hint of what has passed": (THREE_RAN, [hint("a"), hint("b", RAN_0)], ""),
    "a hint of what is not known any more": (ALL_GONE, [hint("a"), hint("b", IS_3_OF_6)], ""),
    "a hint of a Job that is not there": (NOT_STARTED, [hint("a", IS_3_OF_6)], ""),
    "a hint of a bare Pod": (BARE_POD, [hint("a", (model.Assertion("absent", JOB),))], "a"),
}


@pytest.mark.parametrize(("seen", "hints", "shown"), HINTED.values(), ids=HINTED)
def test_a_verdict_has_the_hint_that_is_so(
    seen: Snapshot, hints: Sequence[model.Hint], shown: str
) -> None:
    lab = b.lab(b.check("pods", count("==", 3)))._replace(hints=tuple(hints))
    (verdict,) = judge(lab, "", seen, {})
    assert (verdict.hint.stages[0].en if verdict.hint else "") == shown


def test_what_only_missing_evidence_makes_true_is_not_known() -> None:
    when = (model.Assertion("pods", count("==", 0)),)
    check = b.check("absent", JOB, because=[model.Reason(when, b.text("no Pod ran"))])
    not_known = judge_one(check, b.seen(SIX, now=27))
    assert because(not_known) == "expected no Job left, observed Job demo"


@pytest.mark.parametrize(
    ("annotations", "run"),
    [
        pytest.param({}, "kubectl joblab scaffold demo --name=demo -d -", id="as the lab has it"),
        pytest.param(
            {"kubectl-joblab/completions": "4"},
            "kubectl joblab scaffold demo --name=demo --completions=4 -d -",
            id="as the Job asks for",
        ),
        pytest.param(
            {"kubectl-joblab/completions": "99"},
            "kubectl joblab scaffold demo --name=demo -d -",
            id="not beyond what the lab allows",
        ),
    ],
)
def test_a_fix_that_does_not_fit_gives_way_to_the_labs_manifest(
    annotations: Mapping[str, str], run: str
) -> None:
    number = model.Parameter(
        "completions", "--completions", "integer", "spec.completions", b.text(""), 1, 9
    )
    check = b.check("concurrency", AT_ONCE)._replace(fix_when=RAN_3)
    lab = b.lab(check)._replace(parameters=(number,))
    late = LATE_RUN._replace(job=b.job(spec=SPEC, annotations=annotations))
    (verdict,) = judge(lab, "", late, {"completions": 6})
    assert (verdict.result, str(verdict.fix), verdict.run) == (
        FAIL,
        "Compare the Job with the lab's own manifest.",
        run,
    )


def test_a_starter_is_compared_with_what_its_lab_asks_for() -> None:
    check = b.check("concurrency", AT_ONCE)._replace(fix_when=RAN_3)
    lab = b.lab(check)
    lab = lab._replace(variants=(lab.variants[0]._replace(starter=True),))
    (verdict,) = judge(lab, "", LATE_RUN, {})
    assert (str(verdict.fix), verdict.run) == (
        "Compare the Job with what the lab asks for.",
        "kubectl joblab show demo",
    )


def test_a_fix_that_fits_is_shown() -> None:
    check = b.check("concurrency", AT_ONCE)._replace(fix_when=IS_3_OF_6)
    verdict = judge_one(check, LATE_RUN)
    assert (verdict.fix, verdict.run) == (b.text("make it so"), "kubectl get job demo")


# ---- where the evidence is from


@pytest.mark.parametrize(
    ("kind", "options", "source"),
    [
        pytest.param("pods", count("==", 6), START, id="a recorded Pod was counted"),
        pytest.param("concurrency", AT_ONCE, START, id="a recorded run was counted"),
        pytest.param("exists", JOB, CLUSTER, id="the Job is in the cluster"),
        pytest.param("condition", SIX_OF_SIX, CLUSTER, id="the Job's own condition"),
        pytest.param("field", PARALLEL, CLUSTER, id="the Job's own field"),
    ],
)
def test_a_verdict_names_its_source(kind: str, options: Mapping[str, Any], source: str) -> None:
    assert judge_one(b.check(kind, options), RECORDED).source == source


def test_without_a_record_the_source_is_the_cluster() -> None:
    assert judge_one(b.check("pods", count("==", 6)), FINISHED).source == CLUSTER


# ---- parameters


@pytest.mark.parametrize(
    ("annotations", "values"),
    [
        pytest.param({}, {"completions": 6, "image": "busybox:1.36"}, id="none: the lab's values"),
        pytest.param(
            {"kubectl-joblab/completions": "4"},
            {"completions": 4, "image": "busybox:1.36"},
            id="a number is a number again",
        ),
        pytest.param(
            {"kubectl-joblab/image": "busybox:1.37"},
            {"completions": 6, "image": "busybox:1.37"},
            id="text stays text",
        ),
        pytest.param(
            {"kubectl-joblab/image": "4"}, {"completions": 6, "image": "4"}, id="text of digits"
        ),
        pytest.param(
            {"kubectl-joblab/other": "4", "completions": "5"},
            {"completions": 6, "image": "busybox:1.36"},
            id="what is no parameter is ignored",
        ),
        pytest.param(
            {"kubectl-joblab/completions": "many"},
            {"completions": 6, "image": "busybox:1.36"},
            id="a word where a number belongs is ignored",
        ),
        pytest.param(
            {"kubectl-joblab/completions": "²"},
            {"completions": 6, "image": "busybox:1.36"},
            id="a superscript digit is ignored",
        ),
    ],
)
def test_a_jobs_annotations_say_its_parameters(
    annotations: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    lab_values = {"completions": 6, "image": "busybox:1.36"}
    found = checks.overrides(b.job(annotations=annotations), lab_values)
    assert {**lab_values, **found} == values


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        pytest.param({}, "at least 3 at once", id="the lab's own values"),
        pytest.param(
            {"kubectl-joblab/parallelism": "2"}, "at least 2 at once", id="the Job's annotation"
        ),
        pytest.param(
            {"kubectl-joblab/parallelism": "lots"}, "at least 3 at once", id="not a broken one"
        ),
    ],
)
def test_a_check_uses_the_parameters_of_the_job(
    annotations: Mapping[str, str], expected: str
) -> None:
    check = b.check("concurrency", count(">=", "=min(parallelism, completions)"))
    seen = b.seen(b.job(spec=SPEC, annotations=annotations))
    verdict = judge_one(check, seen, {"completions": 6, "parallelism": 3})
    assert str(verdict.measure.expected_text) == expected


# ---- exit codes


@pytest.mark.parametrize(
    ("results", "code"),
    [
        pytest.param([PASS, PASS], 0, id="all passed"),
        pytest.param([PASS, FAIL], 2, id="something failed"),
        pytest.param([PASS, PENDING], 3, id="something pending"),
        pytest.param([PASS, UNKNOWN], 3, id="something unknown"),
        pytest.param([PENDING, FAIL, UNKNOWN, PASS], 2, id="failed wins over pending and unknown"),
        pytest.param([], 3, id="nothing started"),
    ],
)
def test_the_exit_code_says_the_worst(results: Sequence[Result], code: int) -> None:
    assert checks.exit_code(results) == code


def test_an_error_wins_over_failed_wins_over_pending() -> None:
    assert JoblabError("error: no").exit_code == 1
    assert min(ExitCode.ERROR, ExitCode.FAILED, ExitCode.PENDING) is ExitCode.ERROR
    assert min(ExitCode.FAILED, ExitCode.PENDING) is ExitCode.FAILED


# ---- what has to be asked of the cluster


ASKS_LOG = (model.Assertion("log", SUM),)
NO_LOG = b.check("pods", AT_ONCE)


@pytest.mark.parametrize(
    ("lab", "needed"),
    [
        pytest.param(b.lab(b.check("log", SUM)), True, id="the check asks for it"),
        pytest.param(b.lab(b.check("pods", AT_ONCE, when=ASKS_LOG)), True, id="its when does"),
        pytest.param(
            b.lab(b.check("pods", AT_ONCE, because=[model.Reason(ASKS_LOG, b.text(""))])),
            True,
            id="one of its reasons does",
        ),
        pytest.param(b.lab(NO_LOG._replace(fix_when=ASKS_LOG)), True, id="its fix does"),
        pytest.param(
            b.lab(NO_LOG)._replace(hints=(model.Hint("it", (), ASKS_LOG),)),
            True,
            id="one of its hints does",
        ),
        pytest.param(
            b.lab(NO_LOG)._replace(hints=(model.Hint("another", (), ASKS_LOG),)),
            False,
            id="a hint of another check does",
        ),
        pytest.param(b.lab(NO_LOG), False, id="nothing does"),
    ],
)
def test_logs_are_read_only_where_a_check_needs_them(lab: model.Lab, needed: bool) -> None:
    kinds = checks.assertion_kinds(Exercise(lab, lab.variants[0]))
    assert ("log" in kinds) is needed


# ---- properties of time


def final(job: Object) -> Snapshot:
    """The same Job long after its end."""
    return b.seen(job, *WAVE_1, *WAVE_2, now=100_000)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, id=name) for name, case in CASES.items() if case.seen is FINISHED],
)
def test_a_verdict_about_a_finished_job_does_not_age(name: str) -> None:
    case = CASES[name]
    assert judge_one(b.check(case.kind, case.options), final(SIX)).result is case.result


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("event", count(">=", 1, reason="SuccessfulDelete"), "SuccessfulDelete 1회 이상"),
        (
            "field",
            count(">=", 2, path="metadata.generation"),
            "Job이 수정됨(generation 2 이상)",
        ),
        ("field", count("!=", 3, path="status.failed"), "failed가 3이 아님"),
        (
            "field",
            count(">=", 0, path="spec.ttlSecondsAfterFinished"),
            "설정됨",
        ),
        ("field", count("==", 2, path="spec.backoffLimit"), "backoffLimit 2"),
        ("exitCodes", count("==", 0, which="any"), "0 하나"),
        ("exitCodes", count("!=", 0, which="any"), "0이 아닌 것 하나"),
        (
            "exitCodes",
            count("==", 128, which="any", reason="StartError"),
            "128 StartError 하나",
        ),
        ("deleted", {"kind": "Job", "after": 15}, "끝나고 15초 이상 지난 뒤"),
    ],
)
def test_what_is_expected_reads_as_korean(
    kind: str, options: dict[str, Any], expected: str
) -> None:
    found = assertions.measure(model.Assertion(kind, options), b.seen(b.complete(5)), {})
    assert Language("ko")(found.expected_text) == expected
