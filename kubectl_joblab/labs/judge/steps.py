"""What of that which a lab does to its Job and Pods is done, as the Job itself shows.

checks.py asks it, as no time runs against a learner whose turn it is, and due.py, which names the
command; actions.py does these things.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import expressions, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import assertions


def await_learner(exercise: Exercise, seen: Snapshot, values: Mapping[str, Any]) -> bool:
    """Whether the next change of the Job, or deletion of a Pod, can be made and is not made yet.

    What is done to objects beside the Job, the Job does not show.
    """
    if seen.job is None or seen.over:
        return False
    do = [one for one in exercise.rounds[exercise.round].do if not one.is_beside]
    changed, deleted = changes(seen.job, do, values), deleted_pods(seen)
    for action in do:
        if action.changes_job:
            done, changed = changed > 0, changed - 1
        else:
            done, deleted = deleted > 0, deleted - 1
        if not done:
            return not action.deletes_job and assertions.hold(action.when, seen, values)
    return False


def patch(action: model.Action, values: Mapping[str, Any]) -> Any:
    """The JSON merge patch that an action is: of kind patch, or scale."""
    options = action.options
    body = options["patch"] if action.kind == "patch" else {"spec": options}
    return expressions.evaluated(body, values)


def changes(job: objects.Object, do: Sequence[model.Action], values: Mapping[str, Any]) -> int:
    """How many of the changes to the Job, the first ones, are done.

    The API server counts the changes of the spec in metadata.generation, from 1 on. So a Job that
    is suspended again is not taken for one that was not resumed yet.
    """
    made = int(objects.metadata(job).get("generation") or 1) - 1
    bodies = [patch(one, values) for one in do if one.changes_job]
    for number in range(min(made, len(bodies)), 0, -1):
        if has(job, _together(bodies[:number])):
            return number
    return 0


def _together(patches: Sequence[Any]) -> Any:
    """What several merge patches come to, one after the other."""
    whole: Any = {}
    for one in patches:
        if not isinstance(one, Mapping) or not isinstance(whole, Mapping):
            whole = one
            continue
        whole = {
            **whole,
            **{key: _together([whole.get(key, {}), inner]) for key, inner in one.items()},
        }
    return whole


def has(found: Any, wanted: Any) -> bool:
    """Whether what was found has the values of a merge patch; what it takes out is not there."""
    if isinstance(wanted, Mapping):
        there = found if isinstance(found, Mapping) else {}
        return all(has(there.get(key), inner) for key, inner in wanted.items())
    return bool(found == wanted or (not found and not wanted))


def deleted_pods(seen: Snapshot) -> int:
    """How many Pods of the Job are deleted, or asked to go; also those that nobody saw."""
    ended = sum(one.gone or objects.has_ended(one.pod) for one in seen.pods)
    unseen = max(objects.ended_pods(seen.job or {}) - ended, 0)
    return unseen + sum(one.gone or objects.is_deleted(one.pod) for one in seen.pods)
