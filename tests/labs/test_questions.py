"""The questions of the labs: what a run answers is what was worked out by hand.

Each lab runs on a practice cluster in virtual time (tests/inprocess), where containers do what
tests/inprocess/containers.py says.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, standings
from tests.inprocess.cluster import Cluster

LABS = {lab.name: lab for lab in loader.load_all([])}
# lab, variant, question -> the answer
ANSWERS: dict[tuple[str, str, str], int | str] = {
    # The first Pod works for 12s, the second is created 10s later, and the deadline ends it.
    ("deadline", "job", "pods"): 2,
    # Two Pods run out of their time: the Job has backoffLimit 1, and no deadline.
    ("deadline", "pod", "reason"): "BackoffLimitExceeded",
    # The TTL controller and the garbage collector write no events.
    ("ttl", "complete", "events"): 0,
    ("ttl", "failed", "events"): 0,
    # All three containers are in one Pod, and there is no retry.
    ("exit-codes", "program", "failed-pods"): 1,
    # containerd's number for what it could not start
    ("exit-codes", "start", "code"): 128,
    # One try and two retries, with a line each.
    ("attempts", "never", "logs"): 3,
    # The one Pod ends as Succeeded.
    ("attempts", "onfailure", "failed-pods"): 0,
}
TTL = 60  # seconds after the end of a lab's Job in which it is deleted, where it is to be


def run(cluster: Cluster, exercise: Exercise) -> Snapshot:
    """The snapshot of a lab's Job when it has been run, and deleted where that is asked for."""
    line = ["start", exercise.lab.name, f"--variant={exercise.variant.name}"]
    screen = cluster.run(*line)
    assert screen.code in (0, 3), screen
    wanted = standings.wanted(exercise)._replace(logs=True, events=True)
    cluster.sleep(TTL)
    gatherer = cluster.session(io.StringIO(), io.StringIO()).gatherer
    return gatherer.named("default", exercise.job, wanted)


def answered(question: model.Question, answer: int | str) -> model.Assertion:
    """What a question measures, with an answer in it as a learner gives it."""
    kind, options = question.measure
    said = {"reason": answer} if kind == "condition" else {"operator": "==", "value": answer}
    return model.Assertion(kind, {**options, **said})


@pytest.mark.parametrize("row", ANSWERS, ids=" ".join)
def test_the_run_gives_the_answer_that_was_worked_out_by_hand(
    row: tuple[str, str, str], tmp_path: Path
) -> None:
    lab = LABS[row[0]]
    exercise = Exercise(lab, lab.variant(row[1]))
    question = next(one for one in lab.questions if one.id == row[2])

    with Cluster(tmp_path) as cluster:
        seen = run(cluster, exercise)

    found = assertions.measure(answered(question, ANSWERS[row]), seen, exercise.parameters)
    assert found.complete
    assert found.holds, f"the run says {found.observed}"


def test_each_question_of_each_variant_has_its_answer_here() -> None:
    asked = {
        (lab.name, variant.name, question.id)
        for lab in LABS.values()
        for variant in lab.variants
        for question in lab.questions_of(variant)
    }
    assert asked == set(ANSWERS)
