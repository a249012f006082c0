"""Verdicts about what a learner has left by hand: a message in a container, a note on the Job."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.objects import Object
from tests.labs import builders as b
from tests.labs.judge.cases import FAIL, PASS, PENDING, UNKNOWN, Case, judge, shown

INSIDE = {"contains": "I was inside"}
REFUSED = {"annotation": "exec", "contains": "completed pod"}
SAID = "error: cannot exec into a container in a completed pod; current phase is Succeeded"


def ended(message: str, *, before: bool = False) -> Object:
    """A Pod whose container has ended with this message. before: and was started once more."""
    pod = b.ran("demo-a", 1, 11)
    state = {"terminated": {"exitCode": 0, "message": message}}
    entry = {"name": "main", "lastState": state} if before else {"name": "main", "state": state}
    return {**pod, "status": {**objects.status(pod), "containerStatuses": [entry]}}


def noting(job: Object, **annotations: str) -> Object:
    """The Job with these annotations."""
    metadata = {**job["metadata"], "annotations": annotations}
    return {**job, "metadata": metadata}


def noted(job: Object, text: str) -> Snapshot:
    return b.seen(noting(job, exec=text), b.ran("demo-a", 1, 11), now=15)


RUNNING = b.seen(b.job(), b.runs("demo-a", 1), now=5)
DONE = b.seen(b.complete(12), b.ran("demo-a", 1, 11), now=15)
MESSAGE, NOTE = 'message "I was inside"', '"completed pod" noted'
CASES = {
    "no message while it runs": Case("message", INSIDE, RUNNING, PENDING, MESSAGE, "<none>"),
    "no message at the end": Case("message", INSIDE, DONE, FAIL, MESSAGE, "<none>"),
    "a message": Case(
        "message", INSIDE, b.seen(b.job(), ended("I was inside\n")), PASS, MESSAGE, MESSAGE
    ),
    "a message of the run before": Case(
        "message",
        INSIDE,
        b.seen(b.job(), ended("I was inside", before=True)),
        PASS,
        MESSAGE,
        MESSAGE,
    ),
    "another message": Case(
        "message", INSIDE, b.seen(b.complete(12), ended("bye")), FAIL, MESSAGE, 'message "bye"'
    ),
    "a message that is gone with its Pod": Case(
        "message", INSIDE, b.seen(b.complete(12)), UNKNOWN, MESSAGE, "<unknown>"
    ),
    "no note": Case("noted", REFUSED, RUNNING, PENDING, NOTE, "<none>"),
    "no note after the end": Case("noted", REFUSED, DONE, PENDING, NOTE, "<none>"),
    "a note": Case("noted", REFUSED, noted(b.complete(12), SAID), PASS, NOTE, "noted"),
    "a note before the end": Case("noted", REFUSED, noted(b.job(), SAID), PASS, NOTE, "noted"),
    "another note, which may be changed": Case(
        "noted", REFUSED, noted(b.complete(12), "Tue Dec"), PENDING, NOTE, '"Tue Dec"'
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_verdict(case: Case) -> None:
    assert shown(case) == (case.result, case.expected, case.observed)


@pytest.mark.parametrize(
    ("kind", "options", "seen", "results"),
    [
        pytest.param("message", INSIDE, RUNNING, [], id="nothing is left yet"),
        pytest.param("message", INSIDE, DONE, [], id="nothing was left"),
        pytest.param("noted", REFUSED, DONE, [], id="nothing is noted"),
        pytest.param("noted", REFUSED, b.seen(None), [], id="there is no Job"),
        pytest.param("noted", REFUSED, noted(b.complete(12), SAID), [PASS], id="it is so"),
        pytest.param("noted", REFUSED, noted(b.job(), "date"), [PENDING], id="it is not so yet"),
        pytest.param(
            "message", INSIDE, b.seen(b.complete(12), ended("bye")), [FAIL], id="it is wrong"
        ),
    ],
)
def test_an_optional_check_is_judged_once_there_is_something_of_it(
    kind: str, options: dict[str, Any], seen: Snapshot, results: list[Any]
) -> None:
    check = b.check(kind, options)._replace(optional=True)
    assert [one.result for one in judge(b.lab(check), "", seen, {})] == results
