"""solution: a manifest that passes every check of a lab, for who has done the lab."""

from __future__ import annotations

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.labs import exercise, progress
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase


@declare.command(
    "solution",
    short_help="Print a solution of a lab that you have done",
    help="Print a manifest that passes every check of a lab, with its comments, once you have\n"
    "done the lab; before that only with --now.",
    examples=[
        ("Compare yours with it", "kubectl joblab solution yaml | diff 03-yaml/job.yaml -"),
        ("See it before", "kubectl joblab solution yaml --now"),
    ],
)
@declare.lab_argument()
@declare.option("--variant", help="The variant of the lab.")
@declare.option("--now", is_flag=True, help="Print it though the lab is not done, which spoils it.")
def solution(session: Session, /, lab: str, variant: str, now: bool) -> int:
    """Print the solution of one exercise. Raises JoblabError where it would spoil the exercise."""
    found = session.find_lab(lab)
    one = Exercise(found, exercise.variant_of(found, variant, session.command))
    done = progress.load(session.progress).has_done(one)
    if not done and not now:
        raise JoblabError(
            phrase("error: {job} is not done yet; --now prints its solution anyway", job=one.job),
            next=one.command("hint"),
        )
    if not done:
        session.err(phrase("You have not done {job} yet: this spoils it.", job=one.job))
    session.out(found.read(one.solution).rstrip("\n"))
    session.next("kubectl joblab next" if done else one.begin())
    return 0
