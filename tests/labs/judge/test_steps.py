"""Whose turn it is in a lab that does something to its Job: nobody fails who is still to do it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, steps
from tests.labs.judge import states

DOING = [one for one in states.EXERCISES if one.rounds[one.round].do]


@pytest.mark.parametrize("exercise", DOING, ids=states.called)
def test_time_alone_fails_no_check_while_it_is_the_learners_turn(exercise: Exercise) -> None:
    for name, seen in states.states(exercise):
        if not steps.await_learner(exercise, seen, exercise.values):
            continue
        later = seen._replace(now=seen.now + timedelta(days=1))
        failed = [
            [(one.name, one.result) for one in checks.judge(exercise, when) if one.measure.settled]
            for when in (seen, later)
        ]
        assert failed[0] == failed[1], name
        late = [one for one in checks.judge(exercise, later) if not one.measure.settled]
        assert not [one.name for one in late if one.result is checks.Result.FAIL], name


def test_a_job_that_is_created_suspended_waits_for_the_learner() -> None:
    (exercise,) = (one for one in DOING if states.called(one) == "suspend")
    held = dict(states.states(exercise))["still held"]
    assert steps.await_learner(exercise, held, exercise.values)
    assert "FAIL" not in {one.result.value for one in checks.judge(exercise, held)}
