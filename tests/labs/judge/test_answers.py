"""Answers to questions: read as a learner writes them, compared with what the run shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kubectl_joblab.evidence.snapshot import Snapshot, Transition
from kubectl_joblab.labs.definition import model, questions
from kubectl_joblab.labs.judge import answers
from kubectl_joblab.language import Language
from tests.labs import builders as b

NEVER = [
    b.ran("demo-a", 2, 4, 3),
    b.ran("demo-b", 14, 16, 3, created=14),
    b.ran("demo-c", 36, 38, 1, created=36),
]
FAILED = b.seen(b.failed(41, 3), *NEVER, now=41)
RUNS = b.seen(b.job(status={"failed": 2}), *NEVER[:2], now=20)
PODS_GONE = b.seen(b.failed(41, 3), now=90)
STATUS = {"completedIndexes": "0-2,5", "failedIndexes": "3"}
INDEXED = b.seen(
    b.complete(30, 3, status=STATUS),
    *(b.pod(f"demo-{n}", b.container(b.ended(1, end)), index=n) for n, end in enumerate((5, 9, 9))),
)
LOGGED = b.seen(b.complete(5), b.record(b.ran("demo-a", 1, 3), logs="sum=12\ndone"), now=5)
TWICE = b.seen(
    b.complete(5, 2), *(b.record(b.ran(f"demo-{n}", 1, 3), logs="done") for n in "ab"), now=5
)
HELD = b.seen(
    b.job(
        conditions=[
            b.condition("Suspended", 30, "JobResumed", "False"),
            b.condition("Complete", 50, "CompletionsReached"),
        ]
    )
)._replace(history=(Transition("Suspended", "True", "JobSuspended", b.at(0)),))
STOPPED = b.pod("demo-a", b.container(b.ended(1, 15, 143)), deleted=5, phase="Failed")
REPLACED = b.seen(b.complete(30), STOPPED, b.ran("demo-b", 17, 20, created=16))
GONE = b.seen(b.complete(12), b.record(b.ran("demo-a", 1, 11), gone=True))._replace(gone=True)
CREATED = (b.event("SuccessfulCreate", count=3),)


@dataclass(frozen=True)
class Said:
    """A question's measure, what was said, and whether it is right; observed: as it is shown."""

    kind: str
    options: Mapping[str, Any]
    said: str
    seen: Snapshot
    right: bool | None
    observed: str


ANSWERS = {
    # numbers
    "as many Pods": Said("pods", {}, "3", FAILED, True, "3"),
    "fewer Pods": Said("pods", {}, "2", FAILED, False, "3"),
    "blanks around an answer": Said("pods", {}, " 3 ", FAILED, True, "3"),
    "no number": Said("pods", {}, "three", FAILED, False, "3"),
    "before the end nothing is known": Said("pods", {}, "3", RUNS, None, "<unknown>"),
    "not even what is too few already": Said("pods", {}, "1", RUNS, None, "<unknown>"),
    "where there is no Job nothing is known": Said(
        "pods", {}, "3", b.seen(None), None, "<unknown>"
    ),
    "where Pods are gone unseen nothing is known": Said(
        "attempts", {}, "3", PODS_GONE, None, "<unknown>"
    ),
    "Pods of a phase": Said("pods", {"phase": "Failed"}, "3", FAILED, True, "3"),
    "starts": Said("attempts", {}, "4", FAILED, False, "3"),
    "restarts": Said("restarts", {}, "0", FAILED, True, "0"),
    "at once": Said("concurrency", {}, "1", FAILED, True, "1"),
    "lines of a log": Said("log", {"contains": "done"}, "1", LOGGED, True, "1"),
    "lines in each log": Said(
        "log", {"contains": "done", "perPod": True}, "1", TWICE, True, "1, 1"
    ),
    "lines in all logs are not those in each": Said(
        "log", {"contains": "done", "perPod": True}, "2", TWICE, False, "1, 1"
    ),
    "a sum": Said("sum", {"after": "sum="}, "12", LOGGED, True, "12"),
    "a sum of nothing": Said("sum", {"after": "total="}, "0", LOGGED, False, "<none>"),
    "events": Said(
        "event", {"reason": "SuccessfulCreate"}, "3", FAILED._replace(events=CREATED), True, "3"
    ),
    "successes until the end": Said("completedAfter", {}, "2", TWICE, True, "2"),
    "more successes than it took": Said("completedAfter", {}, "1", TWICE, False, "2"),
    # exit codes
    "the last exit code": Said("exitCodes", {"which": "last"}, "1", FAILED, True, "3, 3, 1"),
    "not the last exit code": Said("exitCodes", {"which": "last"}, "3", FAILED, False, "3, 3, 1"),
    "the first exit code": Said("exitCodes", {"which": "first"}, "3", FAILED, True, "3, 3, 1"),
    "any exit code": Said("exitCodes", {"which": "any"}, "1", FAILED, True, "3, 3, 1"),
    "all exit codes": Said("exitCodes", {}, "3", FAILED, False, "3, 3, 1"),
    # seconds
    "seconds as they were": Said("duration", {"of": "elapsed"}, "36", FAILED, True, "36s"),
    "seconds within a fifth": Said("duration", {"of": "elapsed"}, "43", FAILED, True, "36s"),
    "seconds beyond a fifth": Said("duration", {"of": "elapsed"}, "44", FAILED, False, "36s"),
    "few seconds within one": Said("duration", {"of": "run"}, "3", FAILED, True, "2s"),
    "few seconds beyond one": Said("duration", {"of": "run"}, "4", FAILED, False, "2s"),
    "seconds with their unit": Said("duration", {"of": "elapsed"}, "36s", FAILED, True, "36s"),
    "seconds as Koreans write them": Said(
        "duration", {"of": "elapsed"}, "36초", FAILED, True, "36s"
    ),
    "minutes": Said("duration", {"of": "elapsed"}, "1m30s", FAILED, False, "36s"),
    "a time that never was": Said("duration", {"of": "job"}, "36", FAILED, False, "<none>"),
    "how long it was suspended": Said("suspended", {}, "33", HELD, True, "30s"),
    "the first gap": Said("gaps", {}, "10", FAILED, True, "10s, 20s"),
    "both gaps": Said("gaps", {}, "10, 20s", FAILED, True, "10s, 20s"),
    "the second gap is another": Said("gaps", {}, "10 10", FAILED, False, "10s, 20s"),
    "more gaps than there were": Said("gaps", {}, "10 20 40", FAILED, False, "10s, 20s"),
    # words
    "the reason": Said(
        "condition",
        {"type": "Failed"},
        "backofflimitexceeded",
        FAILED,
        True,
        "BackoffLimitExceeded",
    ),
    "another reason": Said(
        "condition",
        {"type": "Failed"},
        "DeadlineExceeded",
        FAILED,
        False,
        "BackoffLimitExceeded",
    ),
    "a field's number": Said("field", {"path": "status.failed"}, "3", FAILED, True, "3"),
    "a field's word": Said(
        "field", {"path": "spec.podReplacementPolicy"}, "Failed", FAILED, False, "<none>"
    ),
    "a field that is true": Said(
        "field",
        {"path": "spec.suspend"},
        "True",
        b.seen(b.complete(9, spec={"suspend": True})),
        True,
        "true",
    ),
    "when the new Pod came": Said("replaced", {}, "After", REPLACED, True, "after"),
    "not when the new Pod came": Said("replaced", {}, "before", REPLACED, False, "after"),
    "a count of the status": Said("field", {"path": "status.failed"}, "2", FAILED, False, "3"),
    "a count that is left out is none": Said(
        "field", {"path": "status.failed"}, "0", b.seen(b.complete(9)), True, "0"
    ),
    # indexes
    "the indexes": Said("completedIndexes", {}, "0-2,5", INDEXED, True, "0-2,5"),
    "the indexes one by one": Said("completedIndexes", {}, "5, 0, 1, 2", INDEXED, True, "0-2,5"),
    "other indexes": Said("completedIndexes", {}, "0-5", INDEXED, False, "0-2,5"),
    "no failed index": Said("failedIndexes", {}, "none", FAILED, True, "<none>"),
    "a failed index": Said("failedIndexes", {}, "3", INDEXED, True, "3"),
    "one of those that ended last": Said("lastIndex", {}, "2", INDEXED, True, "1, 2"),
    "none of those that ended last": Said("lastIndex", {}, "0", INDEXED, False, "1, 2"),
    # yes or no
    "Pods are left": Said("absent", {"kind": "Pod"}, "no", FAILED, True, "no"),
    "no Pod is left": Said("absent", {"kind": "Pod"}, "네", PODS_GONE, True, "yes"),
    "there is a Job": Said("exists", {"kind": "Job"}, "y", FAILED, True, "yes"),
    "the Job is deleted": Said("deleted", {"kind": "Job"}, "yes", GONE, True, "yes"),
    "its Pods are, too": Said("deleted", {"kind": "Pod"}, "yes", GONE, True, "yes"),
    "a finished Job may yet be deleted": Said(
        "deleted", {"kind": "Job"}, "no", FAILED, None, "<unknown>"
    ),
    "a word that is neither yes nor no": Said(
        "exists", {"kind": "Job"}, "perhaps", FAILED, False, "yes"
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in ANSWERS.items()])
def test_an_answer(case: Said) -> None:
    found = answers.answer(model.Assertion(case.kind, case.options), case.said, case.seen, {})
    assert (found.right, Language("en")(found.observed)) == (case.right, case.observed)


def test_each_kind_of_measure_can_be_answered() -> None:
    assert {case.kind for case in ANSWERS.values()} == set(questions.LACKED) == set(answers.FORMS)


def test_the_docs_name_each_kind_of_measure() -> None:
    text = (Path(__file__).parents[3] / "docs" / "lab-format.md").read_text("utf-8")
    told = text.partition("## Questions")[2].partition("## Assertions")[0]
    assert [kind for kind in questions.LACKED if f"`{kind}`" not in told] == []


def test_a_question_may_name_parameters() -> None:
    question = model.Assertion("deleted", {"kind": "Job", "after": "=ttl"})
    seen = GONE._replace(gone_at=b.at(22))
    found = [answers.answer(question, "yes", seen, {"ttl": ttl}).right for ttl in (10, 11)]
    assert found == [True, False]


@pytest.mark.parametrize(
    ("kind", "options", "said", "wanted"),
    [
        pytest.param("pods", {}, "3", None, id="a number"),
        pytest.param("pods", {}, "3 Pods", "a whole number", id="more than a number"),
        pytest.param("pods", {}, "9" * 5000, "a whole number", id="a number without an end"),
        pytest.param("duration", {"of": "job"}, "2m", None, id="minutes"),
        pytest.param(
            "duration", {"of": "job"}, "", "seconds, such as 90 or 1m30s", id="no seconds"
        ),
        pytest.param("gaps", {}, "10,x", "seconds, such as 90 or 1m30s", id="a gap that is none"),
        pytest.param("condition", {"type": "Failed"}, "DeadlineExceeded", None, id="a word"),
        pytest.param(
            "condition", {"type": "Failed"}, " ", "a reason, as Kubernetes writes it", id="no word"
        ),
        pytest.param(
            "field",
            {"path": "status.succeeded"},
            "many",
            "a whole number",
            id="a field that counts",
        ),
        pytest.param(
            "field", {"path": "spec.restartPolicy"}, "many", None, id="a field that may be a word"
        ),
        pytest.param("failedIndexes", {}, "1,3-5", None, id="indexes"),
        pytest.param(
            "failedIndexes", {}, "1;3", "indexes, such as 0-2,5, or none", id="no indexes"
        ),
        pytest.param("replaced", {}, "later", "after or before", id="neither after nor before"),
        pytest.param("absent", {"kind": "Pod"}, "아니요", None, id="no"),
        pytest.param("absent", {"kind": "Pod"}, "0", "yes or no", id="neither yes nor no"),
    ],
)
def test_what_cannot_be_an_answer_is_told_before(
    kind: str, options: Mapping[str, Any], said: str, wanted: str | None
) -> None:
    found = answers.unreadable(model.Assertion(kind, options), said)
    assert (None if found is None else Language("en")(found)) == wanted


@pytest.mark.parametrize(
    ("kind", "options", "said", "shown"),
    [
        pytest.param("duration", {"of": "job"}, "30", "30초", id="seconds have their unit"),
        pytest.param("duration", {"of": "job"}, "1m30s", "90초", id="however they are said"),
        pytest.param("gaps", {}, "10 20", "10s, 20s", id="each of several, too"),
        pytest.param("suspended", {}, "soon", "soon", id="what cannot be read is as it was typed"),
        pytest.param("pods", {}, "3", "3", id="a number has none"),
    ],
)
def test_an_answer_is_shown_as_what_was_observed_is(
    kind: str, options: Mapping[str, Any], said: str, shown: str
) -> None:
    assert Language("ko")(answers.shown(model.Assertion(kind, options), said)) == shown


@pytest.mark.parametrize(
    ("said", "spelt"), [("0-2,5", False), ("0-2, 5", False), ("0,1,2,5", True), ("0-5", False)]
)
def test_indexes_that_are_right_may_be_written_in_another_way(said: str, spelt: bool) -> None:
    found = answers.answer(model.Assertion("completedIndexes", {}), said, INDEXED, {})
    assert found.spelt is spelt


def test_a_measure_may_be_a_kind_alone() -> None:
    kind_alone: Any = None
    assert answers.answer(model.Assertion("pods", kind_alone), "3", FAILED, {}).right


@pytest.mark.parametrize(
    ("kind", "said", "about"),
    [
        ("duration", "36", False),
        ("duration", "43", True),
        ("duration", "44", False),
        ("gaps", "10", False),
        ("gaps", "11", True),
    ],
)
def test_a_time_that_is_right_within_what_it_may_be_off_is_told_so(
    kind: str, said: str, about: bool
) -> None:
    asked = model.Assertion(kind, {"of": "elapsed"} if kind == "duration" else {})
    assert answers.answer(asked, said, FAILED, {}).about is about
