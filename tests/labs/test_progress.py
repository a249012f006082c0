"""What a learner has passed is kept, whatever happens to clusters, Jobs, labs and files."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.labs import progress
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, measures
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.labs.progress import Times
from tests.labs import builders as b

PASS, FAIL, PENDING = Result.PASS, Result.FAIL, Result.PENDING
CLUSTER = "https://127.0.0.1:6443"
A, B, C = (b.check("exists", {"kind": "Job"})._replace(id=name) for name in "abc")


def judged(*results: tuple[model.Check, Result], job: str = "demo") -> Judged:
    """An exercise of a lab of these checks, with such verdicts on its Job."""
    lab = b.lab(*(check for check, _ in results))
    exercise = Exercise(lab, lab.variants[0], job)
    verdicts = [verdict(exercise, check, result) for check, result in results]
    return Judged(exercise, verdicts, True, namespace=b.NAMESPACE)


def verdict(exercise: Exercise, check: model.Check, result: Result) -> Verdict:
    measured = measures.Measure(1, 1, result is PASS, "1", "1")
    return checks.Verdict(
        exercise, check, result, b.NAMESPACE, b.JOB_UID, measured, "cluster", None, check.fix, ""
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "progress.json"


def note(path: Path, one: Judged, seconds: float = 0) -> bool:
    """Keep what passed; whether the exercise is done by then."""
    progress.note(path, [one], CLUSTER, b.at(seconds))
    return progress.load(path).has_done(one.exercise)


def test_an_exercise_whose_checks_have_all_passed_is_done(path: Path) -> None:
    assert note(path, judged((A, PASS), (B, PASS)))


def test_one_whose_checks_have_not_all_passed_is_not(path: Path) -> None:
    one = judged((A, PASS), (B, PENDING))
    assert not note(path, one)
    assert progress.load(path).begun(one.exercise.lab.name)


def test_checks_may_pass_at_different_times(path: Path) -> None:
    assert not note(path, judged((A, PASS), (B, FAIL)))
    assert note(path, judged((A, PENDING), (B, PASS)), 60)


def test_what_fails_later_is_done_all_the_same(path: Path) -> None:
    note(path, judged((A, PASS)))
    assert note(path, judged((A, FAIL)), 60)


def test_a_check_that_is_added_later_undoes_nothing(path: Path) -> None:
    note(path, judged((A, PASS)))
    assert note(path, judged((A, PASS), (B, FAIL)), 60)


def test_where_and_when_a_check_passed_first_is_kept(path: Path) -> None:
    note(path, judged((A, PASS)), 5)
    note(path, judged((A, PASS)), 60)
    passed = json.loads(path.read_text("utf-8"))["labs"]["demo"]["passed"]
    assert list(passed.values()) == [
        {
            "cluster": CLUSTER,
            "namespace": b.NAMESPACE,
            "uid": b.JOB_UID,
            "time": b.stamp(5),
        }
    ]


def test_an_exercise_is_begun_with_the_first_check_and_done_with_the_last(path: Path) -> None:
    one = judged((A, PASS), (B, PENDING))
    note(path, one, 5)
    assert progress.load(path).times(one.exercise) == (b.stamp(5), "")
    note(path, judged((A, PENDING), (B, PASS)), 60)
    note(path, judged((A, PASS), (B, PASS)), 90)
    times = progress.load(path).times(one.exercise)
    assert (times.begun, times.done, times.seconds) == (b.stamp(5), b.stamp(60), 55)


# the times of exercises, and those of the whole
TOGETHER = {
    "no exercise": ([], Times()),
    "the first begin and the last end": (
        [Times(b.stamp(5), b.stamp(60)), Times(b.stamp(2), b.stamp(30))],
        Times(b.stamp(2), b.stamp(60)),
    ),
    "without an end where one has none": (
        [Times(b.stamp(5), b.stamp(60)), Times(b.stamp(9))],
        Times(b.stamp(5)),
    ),
    "one that was never begun": ([Times(), Times(b.stamp(9), b.stamp(10))], Times(b.stamp(9))),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_times_of_several_exercises(name: str) -> None:
    several, whole = TOGETHER[name]
    assert progress.together(several) == whole


@pytest.mark.parametrize("times", [Times(), Times("x", "y"), Times(b.stamp(1)), Times("", "2026")])
def test_a_time_that_is_none_takes_no_time(times: Times) -> None:
    assert times.seconds is None


def test_nothing_is_written_where_nothing_passed(path: Path) -> None:
    note(path, judged((A, PENDING), (B, FAIL)))
    assert not path.exists()


def test_what_is_forgotten_is_not_done(path: Path) -> None:
    one = judged((A, PASS))
    note(path, one)
    progress.forget(path, one.exercise.lab.name)
    assert not progress.load(path).has_done(one.exercise)
    progress.forget(path, "another")


def test_a_file_that_is_no_progress_is_moved_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{", "utf-8")
    assert note(path, judged((A, PASS)))
    assert path.with_name("progress.json.damaged").read_text("utf-8") == "{"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@b.PROPERTY
@given(st.dictionaries(st.sampled_from(["demo", "x"]), JSON), JSON)
def test_whatever_is_in_the_file_is_read(
    tmp_path_factory: pytest.TempPathFactory, labs: object, kept: object
) -> None:
    path = tmp_path_factory.mktemp("progress") / "progress.json"
    for found in (labs, {"demo": {"passed": kept, "done": kept}}):
        path.write_text(json.dumps({"format": progress.FORMAT, "labs": found}), "utf-8")
        one = judged((A, PASS), (B, FAIL))
        progress.load(path).has_done(one.exercise)
        progress.note(path, [one], CLUSTER, b.at(0))
        assert progress.load(path).begun("demo")


def _note_many(path: Path, name: str) -> None:
    for number in range(20):
        check = A._replace(id=f"{name}{number}")
        progress.note(path, [judged((check, PASS), (B, FAIL))], CLUSTER, b.at(0))


def test_two_programs_lose_nothing_of_each_others(path: Path) -> None:
    start = multiprocessing.get_context("spawn")
    both = [start.Process(target=_note_many, args=(path, name)) for name in "xy"]
    for one in both:
        one.start()
    for one in both:
        one.join()
    passed = json.loads(path.read_text("utf-8"))["labs"]["demo"]["passed"]
    assert len(passed) == 40
