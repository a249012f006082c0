"""Each question of a lab has the answer that one works out by hand, and not a likely wrong one.

The lab's Job is run on the practice cluster in virtual time, and what that showed is measured.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import pytest

from kubectl_joblab.cli import entry
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import loader, model, questions
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions
from tests.inprocess.cluster import Cluster


class Row(NamedTuple):
    """A question, its answer, and an answer that is wrong. variant: "" for the lab's first."""

    lab: str
    variant: str
    question: str
    answer: int | str
    wrong: int | str


ROWS = [
    # three completions are 0, 1 and 2
    Row("indexed", "", "indexes", "0-2", "1-3"),
    # all three start together; 0 sleeps for 10 - 4 * 0 seconds, 2 for 10 - 4 * 2
    Row("indexed", "", "last", 0, 2),
    # 4 indexes with 40 / 4 lines each
    Row("shards", "all", "lines", 40, 10),
    # 3 indexes with 40 / 4 lines each
    Row("shards", "short", "lines", 30, 40),
    # a Pod each for 0 and 2, a first try and one retry each for 1 and 3
    Row("per-index", "alone", "pods", 2 + 2 * 2, 4 + 1),
    # 1 and 3 fail after 1 s, which is one failure more than backoffLimit 1; 0 and 2 need 8 s
    Row("per-index", "both", "succeeded", 0, 2),
    # 1 fails and is tolerated, 2 takes its place and fails: two, which is more than 1
    Row("max-failed", "", "indexes", "1,2", "1"),
    # the Pods of 1 and 2, and that of 0, which the Job ended
    Row("max-failed", "", "failed", 3, 2),
]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A new cluster; commands run in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return Cluster(tmp_path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.lab} {row.variant} {row.question}")
def test_a_question_has_the_answer_that_one_works_out(row: Row, cluster: Cluster) -> None:
    lab = {one.name: one for one in loader.load_all([])}[row.lab]
    exercise = Exercise(lab, lab.variant(row.variant))
    (question,) = (
        one
        for one in lab.questions
        if one.id == row.question and one.variant in ("", exercise.variant.name)
    )
    with cluster:
        seen = run(cluster, exercise)
    assert is_right(question, row.answer, seen)
    assert not is_right(question, row.wrong, seen)


def run(cluster: Cluster, exercise: Exercise) -> Snapshot:
    """Start the exercise's Job, follow it to its end, and read what can be seen of it."""
    session = cluster.session(io.StringIO(), io.StringIO())
    entry.carry_out(session, ["start", *exercise.arguments.split(), "--timeout=5m"])
    session = cluster.session(io.StringIO(), io.StringIO())
    return session.gatherer.named("default", exercise.job, Wanted(logs=True))


def is_right(question: model.Question, said: int | str, seen: Snapshot) -> bool:
    """Whether what was said is what the question measures, with all evidence for it there."""
    kind, options = question.measure.kind, question.measure.options
    asked = model.Assertion(kind, questions.filled(kind, options, said))
    found = assertions.measure(asked, seen, {})
    assert found.complete or kind in ("completedIndexes", "failedIndexes", "field"), found
    return found.holds
