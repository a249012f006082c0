"""predict: say what a run of a lab will show, before it runs."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.cli.screens import predictions
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.labs import exercise, progress
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import answers as answers_of
from kubectl_joblab.language import phrase


@declare.command(
    "predict",
    short_help="Say what a run will show, before it runs",
    help="Show what can be predicted of a lab, or note what you predict. Afterwards\n"
    "start and check say whether it was so. On a terminal, start asks by itself.",
    examples=[
        ("See the questions of lab 7", "kubectl joblab predict deadline"),
        ("Answer one of them", "kubectl joblab predict deadline --answer pods=2"),
    ],
)
@declare.lab_argument()
@declare.option("--variant", help="The variant of the lab.")
@declare.option(
    "--answer", "answers", many=True, default=None, help="What you predict, as in pods=2."
)
def predict(session: Session, /, lab: str, variant: str, answers: Sequence[str] | None) -> int:
    """Print the questions of an exercise with what was said, or keep the answers."""
    found = session.find_lab(lab)
    one = Exercise(found, exercise.variant_of(found, variant, session.command))
    if not one.questions:
        session.out(phrase("Lab {lab} asks nothing.", lab=found.name))
        session.next(one.begin())
        return 0
    if answers:
        predictions.keep(session, one, predictions.given(one, list(answers)))
    said = progress.load(session.progress).of(one).said
    for question in one.questions:
        asked = phrase("{id}: {ask}", id=question.id, ask=question.ask)
        session.out(*session.fold(asked, rest="  "))
        if question.id in said:
            answer = answers_of.shown(question.measure, said[question.id])
            session.out(phrase("  you said {said}", said=answer))
    open_ones = [question.id for question in one.questions if question.id not in said]
    if open_ones:
        flag = f"--answer {open_ones[0]}=..."
        session.err(phrase("Answer with {flag}, or let start ask.", flag=flag))
    session.next(one.begin())
    return 0
