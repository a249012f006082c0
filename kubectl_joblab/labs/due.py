"""What is due of that which a lab does while its Job runs, for a learner who does it by hand.

judge/standings.py asks, for check, hint, next, list and status. start and lab test do these things
themselves (actions.py); of what a learner has done nothing tells but the cluster: the Job has its
new values, a Pod has gone, an object says what it is to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import actions, setup
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions, steps
from kubectl_joblab.labs.judge.checks import Result, Verdict


def command(client: Client, exercise: Exercise, verdicts: Sequence[Verdict], seen: Snapshot) -> str:
    """The kubectl line of the first thing that is not done yet; "" where its time has not come.

    exercise: in the round of the Job that is seen. Nothing is due in a stage whose checks are all
    decided, nor after the deletion of the Job. That deletion itself is said elsewhere. Raises
    ApiError.
    """
    if seen.job is None or seen.gone:
        return ""
    stages, values = exercise.rounds[exercise.round].stages, exercise.values
    changed = steps.changes(seen.job, [one for stage in stages for one in stage.do], values)
    deleted = steps.deleted_pods(seen)
    for stage in stages:
        first = exercise.rounds[0].name
        its = [one for one in verdicts if (one.check.stage or first) == stage.name]
        results = {one.result for one in its if not one.left_out}
        for action in stage.do:
            if action.changes_job:
                done, changed = changed > 0, changed - 1
            elif action.takes_pod or action.deletes_job:
                done, deleted = deleted > 0, deleted - 1
            else:
                done = False
            if done or results == {Result.PASS}:
                continue
            if Result.PENDING not in results or action.deletes_job:
                return ""
            if action.is_beside and _is_set_up(client, exercise, action, seen.namespace):
                continue
            return _line(action, exercise, seen)
    return ""


def _line(action: model.Action, exercise: Exercise, seen: Snapshot) -> str:
    """The kubectl line of an action, "" where its `when` does not hold, or its Pod is not there."""
    if not assertions.hold(action.when, seen, exercise.values):
        return ""
    target = actions.target(action, seen) if action.takes_pod else None
    if action.takes_pod and target is None:
        return ""
    return actions.command(action, exercise, target.name if target else "", seen.namespace)


def _is_set_up(client: Client, exercise: Exercise, action: model.Action, namespace: str) -> bool:
    """Whether the objects beside the Job are as the action has them."""
    options = action.options
    if action.kind == "apply":
        for one in setup.of_files(exercise.lab, [str(options["file"])]):
            found = _get(client, str(one["kind"]), objects.name(one), namespace)
            if not found or setup.change(one, found):
                return False
        return True
    patch = setup.encoded(steps.patch(action, exercise.values))
    return steps.has(_get(client, str(options["kind"]), str(options["name"]), namespace), patch)


def _get(client: Client, kind: str, name: str, namespace: str) -> objects.Object:
    """An object that the lab sets up; {} where it is not there, or not for the user to see."""
    try:
        return client.find(setup.KINDS[kind], name, namespace) or {}
    except ApiError as error:
        if error.code != 403:
            raise
        return {}
