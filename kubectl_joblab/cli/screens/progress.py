"""Where the learner stands with each lab, as list shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import LabError, UnreachableError
from kubectl_joblab.labs import progress
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import next_step, standings
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.labs.progress import Times
from kubectl_joblab.language import phrase


def known(session: Session, exercises: Sequence[Exercise]) -> list[Exercise]:
    """The exercises with what has passed of them once and what was predicted, where that counts.

    What has passed counts for one of several rounds.
    """
    if all(len(one.rounds) == 1 and not one.questions for one in exercises):
        return list(exercises)
    kept = progress.load(session.progress)
    return [kept.of(one) for one in exercises]


def look(session: Session, labs: Sequence[model.Lab]) -> list[Judged]:
    """Judge all exercises of these labs, started or not.

    Raises kubectl's NotFound where nothing is started because the namespace is not there.
    """
    exercises = known(session, [one for lab in labs for one in standings.all_of(lab)])
    judged = standings.in_namespace(session.gatherer, session.namespace, exercises)
    if not any(one.started for one in judged):
        standings.require_namespace(session.client, session.namespace)
    return with_progress(session, judged)


def look_or_none(
    session: Session, labs: Sequence[model.Lab], *, ask: bool
) -> tuple[list[Judged], UnreachableError | None]:
    """The same where the cluster answers; else as where there is none, and the error, if any.

    ask: whether there is a cluster to ask. What has been done is known without one.
    """
    if not ask:
        return of_none(session, labs), None
    try:
        return look(session, labs), None
    except UnreachableError as error:
        return of_none(session, labs), error


def of_none(session: Session, labs: Sequence[model.Lab]) -> list[Judged]:
    """All exercises of these labs as they stand where there is no cluster: none is started."""
    now = datetime.fromtimestamp(session.clock.time(), timezone.utc)
    exercises = known(session, [one for lab in labs for one in standings.all_of(lab)])
    return with_progress(session, [standings.not_there(one, "", now) for one in exercises])


def with_progress(session: Session, judged: Sequence[Judged]) -> list[Judged]:
    """The same, with whether the learner has done each exercise once."""
    kept = progress.load(session.progress)
    return [one._replace(done=kept.has_done(one.exercise)) for one in judged]


def note(session: Session, judged: Sequence[Judged]) -> None:
    """Keep what the learner has passed by now; warn where it cannot be kept."""
    now = session.client.now()
    try:
        progress.note(session.progress, judged, session.client.host, now)
    except OSError as error:
        session.say_unkept(error)


def columns(session: Session, judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """The columns of each lab; its STATUS is that of its first exercise that is started."""
    kept = progress.load(session.progress)
    return [_columns(kept, standing) for standing in standings.by_lab(judged)]


def _columns(kept: progress.Progress, standing: Sequence[Judged]) -> dict[str, Any]:
    results = [result for one in standing for result in one.results]
    times = _times(kept, standing)
    return {
        "done": all(one.done for one in standing),
        "begunAt": times.begun or None,
        "doneAt": times.done or None,
        "status": next((one.status for one in standing if one.started), "<none>"),
        "checks": f"{results.count(Result.PASS)}/{len(results)}",
        "result": next_step.worst(results).value if results else Result.PENDING.value,
    }


def times(session: Session, judged: Sequence[Judged]) -> Times:
    """When the learner began the first of these exercises, and was done with the last."""
    return _times(progress.load(session.progress), judged)


def _times(kept: progress.Progress, judged: Sequence[Judged]) -> Times:
    return progress.together(kept.times(one.exercise) for one in judged)


def way_on(session: Session, after: After, judged: Sequence[Judged]) -> str:
    """The command to go on with after Jobs of one lab were judged.

    Where they have passed it goes by the whole lab, and is the same after all commands.
    """
    begun = [one for one in judged if one.started]
    if not begun or any(set(one.results) != {Result.PASS} for one in begun):
        return next_step.next_step(after, judged)
    step = next_step.next_step(After.CHECK, whole(session, judged))
    return _beyond(session, judged[0].exercise.lab, step)


def whole(session: Session, judged: Sequence[Judged]) -> list[Judged]:
    """All exercises of a lab in their order: these, and the others as they stand, with progress."""
    lab = judged[0].exercise.lab
    own = {one.exercise.variant.name for one in judged}
    others = [one for one in standings.all_of(lab) if one.variant.name not in own]
    found = standings.in_namespace(session.gatherer, session.namespace, known(session, others))
    order = [one.name for one in lab.variants]
    both = sorted((*judged, *found), key=lambda one: order.index(one.exercise.variant.name))
    return with_progress(session, both)


def _beyond(session: Session, lab: model.Lab, step: str) -> str:
    """The command line to go on with after a lab that has passed: to none that is done already.

    step: where the lab itself leads; where that is done, or has been run, it is what `next` names.
    """
    if not _leads_back(session, lab, step):
        return step
    kept = progress.load(session.progress)
    labs = loader.load_all(session.lab_paths, [])
    for one in known(session, [one for lab in labs for one in standings.all_of(lab)]):
        if not kept.has_done(one):
            judged = standings.in_namespace(session.gatherer, session.namespace, [one])
            if next_step.first_open(judged):
                return next_step.next_step(After.LIST, judged)
    return "kubectl joblab next"


def _leads_back(session: Session, lab: model.Lab, step: str) -> bool:
    """Whether a command line is about another lab, which is done, or about none."""
    words = step.split()
    if words[:2] != ["kubectl", "joblab"] or words[2:] == ["next"]:
        return False
    if len(words) == 3:
        return words[2] == "list"
    kept = progress.load(session.progress)
    if words[3] == lab.name or not kept.begun(words[3]):  # it is not read in vain
        return False
    try:
        found = loader.find(words[3], session.lab_paths)
    except LabError:
        return False
    return all(map(kept.has_done, standings.all_of(found)))


def say_following(session: Session, judged: Sequence[Judged]) -> None:
    """Print the command to go on with; where every lab is done, say so and what may follow."""
    if next_step.all_done(judged):
        session.err(
            phrase("All labs are done."),
            phrase(
                "Flags vary a lab (kubectl joblab start LAB -h); clean --all deletes their Jobs."
            ),
        )
    session.next(next_step.next_step(After.LIST, judged))
