"""hint: the next hint for what the cluster shows, one stage at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kubectl_joblab import files
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.screens import progress, verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import UnreachableError
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import near, next_step, standings
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase


@declare.command(
    "hint",
    short_help="Give the next hint",
    help="Give the next hint: the one that fits what the cluster shows, a stage further each time.",
    examples=[("A hint for lab 6", "kubectl joblab hint parallelism")],
)
@declare.lab_argument()
@declare.option("--variant", help="The variant of the lab.")
@declare.option("--name", help="The Job's name, where it is not the lab's.")
def hint(session: Session, /, lab: str, variant: str, name: str) -> int:
    """Print the next hint for the check that needs one most, or what comes next where none does."""
    found = loader.find(lab, session.lab_paths)
    exercises = progress.known(session, exercise.of_flags(found, variant, name, session.command))
    if fallback.missing(session):
        fallback.say_missing(session)
        _show_way_in(session, found, exercises[0])
        return 0
    try:
        standing = standings.in_namespace(session.gatherer, session.namespace, exercises)
    except UnreachableError:
        if general := _general(found):
            session.out(*_staged(session, exercises[0], general, found.name))
        raise
    judged = standings.relevant(standing)
    verdict = next_step.worst_verdict(judged)
    if cause := next_step.cause(judged):
        session.out(*verdicts.explained(session, [cause]), *verdicts.next_tries(judged))
        if verdict and verdict.result is Result.FAIL and (helped := _helped(judged, Result.FAIL)):
            session.out("")
            _show(session, *helped)
        else:
            session.next(cause.run)
        return 0
    if verdict is None and all(one.started for one in judged):
        _say_done(session, standing)
        return 0
    if verdict is not None and verdict.refused:
        session.out(*verdicts.details(session, [verdict]))
        session.next(verdict.run)
        return 0
    if between := next((one for one in judged if one.between), None):
        session.out(*verdicts.stage(between), verdicts.to_create(between))
        session.next(next_step.next_step(After.HINT, judged))
    elif verdict is None and (missed := standings.missed(session.gatherer, judged)):
        session.err(verdicts.unseen(missed))
        session.next(missed.command("watch"))
    elif verdict is None:
        standings.require_namespace(session.client, session.namespace)
        meant = near.find(session.client, session.namespace, exercises, "hint")
        _show_way_in(session, found, judged[0].exercise, meant)
    elif helped := _helped(judged, verdict.result):
        _show(session, *helped)
    elif verdict.result is Result.FAIL:
        session.out(*verdicts.details(session, [verdict]))
        session.next(next_step.after_hint(verdict.exercise, more=False))
    elif verdict.result is Result.PENDING:
        _say_nothing_is_wrong(session, judged)
    else:
        _say_what_is_gone(session, judged)
    return 0


def _say_done(session: Session, standing: Sequence[Judged]) -> None:
    """Say that every check of what was run has passed, and what is left to run."""
    lab = standing[0].exercise.lab
    whole = progress.whole(session, standing)
    left = [one.exercise.job for one in whole if not (one.started or one.done)]
    if len(standing) < len(whole):
        session.out(phrase("Every check of {job} passed.", job=standing[0].exercise.job))
    elif left:
        said = phrase("Every check passed so far; still to run: {jobs}.", jobs=", ".join(left))
        session.out(*session.fold(said, rest="  "))
    else:
        session.out(phrase("Nothing is left to do in lab {lab}: every check passed.", lab=lab.name))
    session.next(next_step.next_step(After.HINT, whole))


def _helped(judged: Sequence[Judged], result: Result) -> tuple[Verdict, model.Hint, str] | None:
    """The first verdict of this result that has a hint, the hint, and what is due where it is open.

    None where no verdict has a hint.
    """
    for one in judged:
        for verdict in one.verdicts if one.started else ():
            if verdict.result is result and verdict.hint:
                return verdict, verdict.hint, one.due if result is Result.PENDING else ""
    return None


def _show_way_in(
    session: Session, lab: model.Lab, exercise: Exercise, meant: near.Meant | None = None
) -> None:
    """Print the next of the hints that are for no check, for a lab that was not started.

    meant: what there is in place of its Job; what leads to it takes the place of the hint.
    """
    general = _general(lab)
    if meant is not None and not meant.elsewhere:
        session.err(*session.fold(meant.said, rest="  "))
        session.next(meant.way)
        return
    if general is None:
        session.out(phrase("Lab {lab} is not started; its tasks say how to begin.", lab=lab.name))
        way = f"kubectl joblab show {lab.name}"
    else:
        stage = _advance(session, lab, general, uid="")
        session.out(*_lines(session, exercise, general, stage, lab.name))
        way = next_step.after_hint(exercise, more=stage + 1 < len(general.stages))
    if meant is not None:
        session.err(*session.fold(meant.said, rest="  "))
    session.next(way)


def _general(lab: model.Lab) -> model.Hint | None:
    """The first of the hints that are for no check; None where the lab has none."""
    return next((hint for hint in lab.hints if not hint.check), None)


def _show(session: Session, verdict: Verdict, hint: model.Hint, due: str) -> None:
    """Print the next stage of the hint that a verdict has. due: what is to be done then."""
    seen = session.text(verdict.measure.observed_text)
    about = f"{verdict.name} ({verdict.result.value}, {seen})"
    stage = _advance(session, verdict.exercise.lab, hint, verdict.uid or "")
    session.out(*_lines(session, verdict.exercise, hint, stage, about))
    more = stage + 1 < len(hint.stages)
    session.next(due or next_step.after_hint(verdict.exercise, more=more))


def _staged(session: Session, exercise: Exercise, hint: model.Hint, about: str) -> list[str]:
    """The lines of the next stage of a hint, which is recorded as shown."""
    stage = _advance(session, exercise.lab, hint, uid="")
    return _lines(session, exercise, hint, stage, about)


def _say_nothing_is_wrong(session: Session, judged: Sequence[Judged]) -> None:
    """Say that no check has failed, and which are still open."""
    for one in judged:
        still_open = [verdict for verdict in one.verdicts if verdict.result is Result.PENDING]
        if not one.started or not still_open:
            continue
        job = f"job.batch/{one.exercise.job}"
        said = phrase(
            "Nothing is wrong so far: {job} is {status}. Still open:", job=job, status=one.status
        )
        if one.following:
            said = phrase(
                "{job} is {status}, and all checks on it have passed. Open in the next stage:",
                job=job,
                status=one.status,
            )
        if one.leaves_another_run:
            said = phrase("{job} is not what these checks are about; another has to be:", job=job)
        session.out(said)
        for verdict in still_open:
            line = f"{verdict.name}: {session.text.marked(verdict.check.ask)}"
            if verdict.left_out:
                line += f" ({session.text(verdict.measure.observed_text)})"
            session.out(*session.fold(line, first="  ", rest="    "))
    session.next(next_step.next_step(After.HINT, judged))


def _say_what_is_gone(session: Session, judged: Sequence[Judged]) -> None:
    """Say which checks cannot be judged any more, and how to get the evidence again."""
    unknown = [
        verdict
        for one in judged
        if one.started
        for verdict in one.verdicts
        if verdict.result is Result.UNKNOWN
    ]
    session.out(*verdicts.details(session, unknown))
    session.out(phrase("Run it again: start keeps what it sees."))
    session.next(next_step.next_step(After.HINT, judged))


def forget(session: Session, lab: model.Lab) -> None:
    """Forget which hints of the lab were shown, wherever that was. Raises OSError."""
    shown = files.read_json(_shown(session))
    # what `_advance` writes, where a context may have slashes of its own
    left = {key: stage for key, stage in shown.items() if key.split("/")[-3:-2] != [_key(lab)]}
    if left != shown:
        files.write_json(_shown(session), left)


def _shown(session: Session) -> Path:
    """The file that says which stage of each hint comes next."""
    return session.state / "hints.json"


def _advance(session: Session, lab: model.Lab, hint: model.Hint, uid: str) -> int:
    """The stage to show, counted from 0, which is recorded as shown; the last stage stays.

    Each hint has stages of its own, which begin anew for another Job. uid: the Job's.
    """
    shown = files.read_json(_shown(session))
    place = "" if fallback.missing(session) else f"{session.target.context}/{session.namespace}"
    key = f"{place}/{_key(lab)}/{hint.check}/{lab.hints.index(hint)}"
    stage = min(_next_stage(shown.get(key), uid), len(hint.stages) - 1)
    try:
        files.write_json(_shown(session), {**shown, key: {"uid": uid, "stage": stage + 1}})
    except OSError as error:  # the same stage is shown again then
        session.say_unkept(error)
    return stage


def _key(lab: model.Lab) -> str:
    """The lab's name as a part of a key, which its own slash would break in two."""
    return lab.name.replace("/", "%2F")


def _next_stage(kept: object, uid: str) -> int:
    """The stage that comes next by what is kept of a hint: the Job's uid, and that stage.

    What the version before has kept is a number alone, and counts for any Job.
    """
    if isinstance(kept, dict):
        kept = kept.get("stage") if kept.get("uid") == uid else 0
    return kept if isinstance(kept, int) and kept > 0 else 0


def _lines(
    session: Session, exercise: Exercise, hint: model.Hint, stage: int, about: str
) -> list[str]:
    """A stage of a hint under its heading. about: what it is for."""
    head = phrase(
        "Hint {stage} of {total}, for {about}:",
        stage=stage + 1,
        total=len(hint.stages),
        about=about,
    )
    said = session.text.marked(hint.stages[stage]).replace("{job}", exercise.job)
    return [session.text(head), *session.fold(said, first="  ", rest="  ")]
