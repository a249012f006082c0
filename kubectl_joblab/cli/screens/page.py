"""The parts of a lab's page that show prints, and start before it creates the Job."""

from __future__ import annotations

from kubectl_joblab.cli.session import Session
from kubectl_joblab.labs.definition import model
from kubectl_joblab.language import Sentence, phrase

_BRIEF = 2  # lines of an entry that is still brief


def head(session: Session, lab: model.Lab, heading: Sentence) -> list[str]:
    """The heading of the lab, and its goal."""
    lines = session.fold(heading, rest="  ")
    return [*lines, *session.fold(phrase("Goal: {goal}", goal=lab.goal), rest="  ")]


def observe(session: Session, lab: model.Lab, *, briefly: bool = False) -> list[str]:
    """What to watch for while the Job runs. briefly: of a long entry the first sentence alone."""
    lines = [session.text(phrase("Observe:"))]
    for entry in lab.observe:
        folded = session.fold(entry, first="  - ")
        if briefly and len(folded) > _BRIEF:
            folded = session.fold(_first_sentence(session.text.marked(entry)), first="  - ")
        lines += folded
    return lines


def before_start(session: Session, lab: model.Lab, *, drawn: bool, skips: bool) -> list[str]:
    """What to look at, as a learner reads it before the Job is created.

    drawn: whether the live view will be. skips: whether a key has it skip what the Job waits for.
    """
    lines = observe(session, lab, briefly=True)
    if drawn:
        marks = phrase(
            "Marks: # succeeded, = running, x failed, . to come, - back-off, + more than 9"
        )
        told = phrase("{marks}; the key s skips waits", marks=marks) if skips else marks
        lines += session.fold(told, rest="  ")
    return [*lines, ""]


def _first_sentence(text: str) -> str:
    first, end, _ = " ".join(text.split()).partition(". ")
    return first + end.rstrip()
