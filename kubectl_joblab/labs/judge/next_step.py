"""What to do next: the one command to go on with, from what was judged.

All commands that judge call its pure functions; tests have a table of the cases. Which command has
asked decides how close the next look is: from a list to a check, from a check to a hint.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.labs.judge.standings import Judged

SEVERITY = (Result.FAIL, Result.PENDING, Result.UNKNOWN)  # first what has to be seen to first


class After(Enum):
    """The command that has judged, and after which the learner goes on."""

    LIST = "list"
    EVERYWHERE = "check -A"
    STATUS = "status"
    CHECK = "check"
    START = "start"
    HINT = "hint"


def next_step(after: After, judged: Sequence[Judged]) -> str:
    """The command line to go on with; "" where there is none.

    judged: all exercises that were looked at, started or not, in the order of the labs.
    """
    if after is After.LIST:
        if one := first_open(judged):
            return _open(after, [one])
        left = any(one.started and not (one.gone or one.between) for one in judged)
        return "kubectl joblab clean --all" if left else ""
    if step := _open(after, judged):
        return step
    if after is After.STATUS:
        seen = judged[0].seen
        verb = "check" if seen and not seen.has_tries else "logs"
        return judged[0].exercise.command(verb)
    labs = {one.exercise.lab.name: one.exercise.lab for one in judged}
    if len(labs) != 1 or after is After.EVERYWHERE:
        return ""
    (lab,) = labs.values()
    if after is After.HINT:
        return f"kubectl joblab show {lab.name} --debrief"
    # where the lab goes on with other values, they may have been run already
    ran = [one.exercise._replace(name="").start() for one in judged]
    return "kubectl joblab list" if lab.next in ran else lab.next


def first_open(judged: Sequence[Judged]) -> Judged | None:
    """The exercise to go on with, in the order of the labs; None where each is done.

    What was done once is done, whatever there is of it now.
    """
    return next((one for one in judged if not one.done and _open(After.LIST, [one])), None)


def worst(results: Sequence[Result]) -> Result:
    """What several results come to: the first of SEVERITY that is among them, else PASS."""
    return next((result for result in SEVERITY if result in results), Result.PASS)


def all_done(judged: Sequence[Judged]) -> bool:
    """Whether every one of these exercises was done once, or has passed all its checks now."""
    return first_open(judged) is None


def worst_verdict(judged: Sequence[Judged]) -> Verdict | None:
    """The first of the worst verdicts on what was started; None where all passed."""
    found = [verdict for one in judged if one.started for verdict in one.verdicts]
    worst_of_all = worst([verdict.result for verdict in found])
    if worst_of_all is Result.PASS:
        return None
    return next(verdict for verdict in found if verdict.result is worst_of_all)


def cause(judged: Sequence[Judged]) -> Cause | None:
    """The first reason why a Job of these does not succeed, None where nothing is known of any."""
    return next((cause for one in judged for cause in one.causes), None)


def after_hint(exercise: Exercise, *, more: bool) -> str:
    """The command line to go on with from a hint. more: whether there is a further hint."""
    if more:
        return exercise.command("hint")
    return exercise.begin() if exercise.variant.starter else exercise.own_manifest()


def _open(after: After, judged: Sequence[Judged]) -> str:
    """The command line about the worst result, else to begin what was not started, else ""."""
    begun = [one for one in judged if one.started]
    for result in SEVERITY:
        found = cause(begun) if result is Result.PENDING and after is After.CHECK else None
        if found is not None and found.kind != "lost":  # which is for nobody to mend
            return found.run
        for one in judged if after is After.EVERYWHERE else begun:
            if result in one.results:
                return _about(after, one, result)
    # what was done once is done; where nothing was begun, the lab is to be done anew
    left = [one for one in judged if not one.started and not (begun and one.done)]
    return next((one.exercise.begin() for one in left), "")


def _about(after: After, one: Judged, result: Result) -> str:
    """The command line about an exercise that has this result, the worst there is."""
    exercise = one.exercise
    if one.between and after is not After.EVERYWHERE:
        return exercise.scaffold()
    if result is Result.PENDING and (following := one.following):
        return following.begin()
    if result is Result.PENDING and one.due and after is not After.EVERYWHERE:
        return one.due
    if one.leaves_deletion and after is not After.EVERYWHERE:
        return exercise.deletion
    if after is After.EVERYWHERE:
        if not one.started:
            return f"{exercise.begin()} -n {one.namespace}"
        waits = " --wait" if result is Result.PENDING and not one.leaves_another_run else ""
        return f"{exercise.command('check')}{waits} -n {one.namespace}"
    if after in (After.LIST, After.STATUS):
        return exercise.command("check")
    if result is Result.PENDING and one.leaves_another_run and after is After.HINT:
        return after_hint(exercise, more=False)
    if after is After.START or result is Result.FAIL or one.leaves_another_run:
        return exercise.command("hint")
    if result is Result.PENDING:
        return f"{exercise.command('check')} --wait"
    return next(verdict.run for verdict in one.verdicts if verdict.result is result)
