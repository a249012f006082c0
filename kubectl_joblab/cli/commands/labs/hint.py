"""hint: the next hint for what the cluster shows, one stage at a time."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import files
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.judge import next_step, standings
from kubectl_joblab.labs.judge.checks import Verdict
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase
from kubectl_joblab.printing import fold


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
    exercises = exercise.of_flags(found, variant, name, session.command)
    standing = standings.in_namespace(session.gatherer, session.namespace, exercises)
    judged = standings.relevant(standing)
    if cause := next_step.cause(judged):
        session.out(*verdicts.explained(session, [cause]))
        session.next(cause.run)
        return 0
    verdict = next_step.worst_verdict(judged)
    if verdict is None and all(one.started for one in judged):
        _say_done(session, standing)
        return 0
    if verdict is not None and verdict.refused:
        session.out(*verdicts.details(session, [verdict]))
        session.next(verdict.run)
        return 0
    chosen = _fitting(found, verdict)
    stage = _advance(session, found, chosen)
    session.out(*_lines(session, found, chosen, stage, verdict))
    about = verdict.exercise if verdict else exercises[0]
    session.next(next_step.after_hint(about, more=stage + 1 < len(chosen.stages)))
    return 0


def _say_done(session: Session, standing: Sequence[Judged]) -> None:
    """Say that every check of what was run has passed, and what is left to run."""
    lab = standing[0].exercise.lab
    left = [one.exercise.job for one in standing if not one.started]
    if left:
        session.out(
            phrase("Every check passed so far; still to run: {jobs}.", jobs=", ".join(left))
        )
    elif len(standing) < len(lab.variants):
        session.out(phrase("Every check of {job} passed.", job=standing[0].exercise.job))
        whole = standings.all_of(lab)
        standing = standings.in_namespace(session.gatherer, session.namespace, whole)
    else:
        session.out(phrase("Nothing is left to do in lab {lab}: every check passed.", lab=lab.name))
    session.next(next_step.next_step(After.HINT, standing))


def _fitting(lab: model.Lab, verdict: Verdict | None) -> model.Hint:
    """The hints for the check of this verdict; a check without any gets the lab's general hints."""
    wanted = verdict.check.id if verdict else ""
    hints = {one.check: one for one in lab.hints}
    return hints.get(wanted) or hints.get("") or lab.hints[0]


def _advance(session: Session, lab: model.Lab, chosen: model.Hint) -> int:
    """The stage to show, counted from 0, which is recorded as shown; the last stage stays."""
    path = session.state / "hints.json"
    shown = files.read_json(path)
    key = f"{session.target.context}/{session.namespace}/{lab.name}/{chosen.check}"
    stage = min(int(shown.get(key, 0)), len(chosen.stages) - 1)
    try:
        files.write_json(path, {**shown, key: stage + 1})
    except OSError as error:  # the same stage is shown again then
        session.say_unkept(error)
    return stage


def _lines(
    session: Session, lab: model.Lab, chosen: model.Hint, stage: int, verdict: Verdict | None
) -> list[str]:
    text = session.text
    about = lab.name
    if verdict and chosen.check == verdict.check.id:
        seen = text(verdict.measure.observed_text)
        about = f"{verdict.name} ({verdict.result.value}, {seen})"
    head = phrase(
        "Hint {stage} of {total}, for {about}:",
        stage=stage + 1,
        total=len(chosen.stages),
        about=about,
    )
    return [text(head), *fold.fold(text(chosen.stages[stage]), first="  ", rest="  ")]
