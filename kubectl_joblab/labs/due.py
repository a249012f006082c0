"""What is due of that which a lab does while its Job runs, for a learner who does it by hand.

judge/standings.py asks, for check, hint, next, list and status. start and lab test do these things
themselves (actions.py); of what a learner has done nothing tells but the cluster: the Job has its
new values, a Pod has gone, an object says what it is to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import actions, setup
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions
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
    changed = _changes(seen.job, [one for stage in stages for one in stage.do], values)
    deleted = _deleted_pods(seen)
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


def _changes(job: objects.Object, do: Sequence[model.Action], values: Mapping[str, Any]) -> int:
    """How many of the changes to the Job, the first ones, are done.

    The API server counts the changes of the spec in metadata.generation, from 1 on. So a Job that
    is suspended again is not taken for one that was not resumed yet.
    """
    made = int(objects.metadata(job).get("generation") or 1) - 1
    bodies = [actions.patch(one, values) for one in do if one.changes_job]
    for number in range(min(made, len(bodies)), 0, -1):
        if _has(job, _together(bodies[:number])):
            return number
    return 0


def _together(patches: Sequence[Any]) -> Any:
    """What several merge patches come to, one after the other."""
    whole: Any = {}
    for patch in patches:
        if not isinstance(patch, Mapping) or not isinstance(whole, Mapping):
            whole = patch
            continue
        whole = {
            **whole,
            **{key: _together([whole.get(key, {}), inner]) for key, inner in patch.items()},
        }
    return whole


def _has(found: Any, wanted: Any) -> bool:
    """Whether what was found has the values of a merge patch; what it takes out is not there."""
    if isinstance(wanted, Mapping):
        there = found if isinstance(found, Mapping) else {}
        return all(_has(there.get(key), inner) for key, inner in wanted.items())
    return bool(found == wanted or (not found and not wanted))


def _deleted_pods(seen: Snapshot) -> int:
    """How many Pods of the Job are deleted, or asked to go; also those that nobody saw."""
    ended = sum(one.gone or objects.has_ended(one.pod) for one in seen.pods)
    unseen = max(objects.ended_pods(seen.job or {}) - ended, 0)
    return unseen + sum(one.gone or objects.is_deleted(one.pod) for one in seen.pods)


def _is_set_up(client: Client, exercise: Exercise, action: model.Action, namespace: str) -> bool:
    """Whether the objects beside the Job are as the action has them."""
    options = action.options
    if action.kind == "apply":
        for one in setup.of_files(exercise.lab, [str(options["file"])]):
            found = _get(client, str(one["kind"]), objects.name(one), namespace)
            if not found or setup.change(one, found):
                return False
        return True
    patch = setup.encoded(actions.patch(action, exercise.values))
    return _has(_get(client, str(options["kind"]), str(options["name"]), namespace), patch)


def _get(client: Client, kind: str, name: str, namespace: str) -> objects.Object:
    """An object that the lab sets up; {} where it is not there, or not for the user to see."""
    try:
        return client.find(setup.KINDS[kind], name, namespace) or {}
    except ApiError as error:
        if error.code != 403:
            raise
        return {}
