"""The questions of the labs: what a run answers is what was worked out by hand.

Each lab runs on a practice cluster in virtual time (tests/inprocess), where containers do what
tests/inprocess/containers.py says.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable

import pytest

from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import answers, standings
from tests.inprocess import labs
from tests.inprocess.cluster import Cluster
from tests.labs import ours

# lab, variant, question -> the answer as a learner types it
ANSWERS = {
    # The first Pod works for 12s, the second is created 10s later, and the deadline ends it.
    ("deadline", "job", "pods"): "2",
    # Two Pods run out of their time: the Job has backoffLimit 1, and no deadline.
    ("deadline", "pod", "reason"): "BackoffLimitExceeded",
    # The TTL controller and the garbage collector write no events.
    ("ttl", "complete", "events"): "0",
    # The time counts from the condition Failed as well.
    ("ttl", "failed", "deleted"): "yes",
    # All three containers are in one Pod, and there is no retry.
    ("exit-codes", "program", "failed-pods"): "1",
    # containerd's number for what it could not start
    ("exit-codes", "start", "code"): "128",
    # 10s and 20s of back-off
    ("attempts", "never", "seconds"): "30",
    # The one Pod ends as Succeeded.
    ("attempts", "onfailure", "failed-pods"): "0",
    # The rule ends the second Job with its first Pod.
    ("fail-job", "fail-job", "pods"): "1",
    ("fail-job", "fail-job", "reason"): "PodFailurePolicy",
    # Two failures that are ignored, and a success.
    ("ignore", "ignore", "pods"): "3",
    # Three tries of 1s, 10s after the first and 20s after the second.
    ("ignore", "ignore", "time"): "33",
    # The Pod that was evicted, and the one that came instead.
    ("ignore", "evicted", "evictions"): "2",
    # The Pod that was deleted.
    ("replacement", "failed", "failures"): "1",
    # The Pod that takes 20s to stop, and the one that comes after 10s.
    ("replacement", "terminating", "at-once"): "2",
    # Three completions are the indexes 0, 1 and 2.
    ("indexed", "indexed", "indexes"): "0-2",
    # All start together; 0 works for 10 - 4 * 0 seconds, 2 for 10 - 4 * 2.
    ("indexed", "indexed", "last"): "0",
    # Four indexes read 40 / 4 lines each, then three.
    ("shards", "short", "lines"): "30",
    # A Pod each for 0 and 2; a first try and a retry each for 1 and 3.
    ("per-index", "alone", "pods"): "6",
    # 1 and 3 have failed after a second, once more than backoffLimit allows; 0 and 2 need 8.
    ("per-index", "both", "succeeded"): "0",
    # 1 fails and is tolerated; 2 takes its place and fails.
    ("max-failed", "max-failed", "indexes"): "1,2",
    # The Pods of 1 and 2, and that of 0, which the Job ended.
    ("max-failed", "max-failed", "failed"): "3",
    # One for each of four indexes, and one more for 3, whose exit code no rule names.
    ("fail-index", "fail-index", "pods"): "5",
    # That of 1, and the first one of 3.
    ("fail-index", "fail-index", "failed"): "2",
    # All four run, and 0 is done.
    ("success-policy", "leader", "deleted"): "3",
    ("success-policy", "leader", "succeeded"): "1",
    # The rule says two.
    ("success-policy", "count", "enough"): "2",
    # The first three, 3 and 4.
    ("elastic", "up", "pods"): "5",
    # Two completions are the indexes 0 and 1.
    ("elastic", "down", "indexes"): "0,1",
    # The first success ends nobody.
    ("work-queue", "queue", "succeeded"): "3",
    # Three, and one for the Pod that was deleted before the first success.
    ("work-queue", "lost", "pods"): "4",
    # The Pod that suspending deletes, and the one after that.
    ("suspend", "suspend", "pods"): "2",
    # From the second startTime on there are the 10s of work.
    ("suspend", "suspend", "duration"): "10",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Snapshot]:
    """The snapshot of a lab's Job when it has been run, once for all questions about it."""

    @functools.cache
    def run(lab: str, variant: str) -> Snapshot:
        exercise = Exercise(ours.BY_NAME[lab], ours.BY_NAME[lab].variant(variant))
        with (
            pytest.MonkeyPatch.context() as patch,
            Cluster(tmp_path_factory.mktemp(lab)) as cluster,
        ):
            labs.remember(patch)
            screen = cluster.run("start", lab, f"--variant={variant}", "--timeout=5m")
            assert screen.code == 0, screen
            wanted = standings.wanted(exercise)._replace(logs=True, events=True)
            gatherer = cluster.session(io.StringIO(), io.StringIO()).gatherer
            return gatherer.named("default", exercise.job, wanted)

    return run


@pytest.mark.parametrize("row", ANSWERS, ids=" ".join)
def test_the_run_gives_the_answer_that_was_worked_out_by_hand(
    row: tuple[str, str, str], ran: Callable[[str, str], Snapshot]
) -> None:
    lab = ours.BY_NAME[row[0]]
    exercise = Exercise(lab, lab.variant(row[1]))
    question = next(one for one in lab.questions if one.id == row[2])

    found = answers.answer(question.measure, ANSWERS[row], ran(*row[:2]), exercise.parameters)
    assert found.right, f"the run says {found.observed}"


def test_each_question_of_each_variant_has_its_answer_here() -> None:
    asked = {
        (lab.name, variant.name, question.id)
        for lab in ours.BY_NAME.values()
        for variant in lab.variants
        for question in lab.questions_of(variant)
    }
    assert asked == set(ANSWERS)
