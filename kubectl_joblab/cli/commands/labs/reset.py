"""reset: begin a lab anew, as if it had never been done."""

from __future__ import annotations

from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.commands.labs import clean, hint
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.evidence import records
from kubectl_joblab.labs import progress
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase


@declare.command(
    "reset",
    short_help="Forget what was done in a lab, and delete what it made",
    help="Forget what you have passed in a lab and which hints you have seen, anywhere,\n"
    "and delete the Jobs that the lab made in this namespace.",
    examples=[("Do lab 4 again from its beginning", "kubectl joblab reset retry")],
)
@declare.lab_argument()
def reset(session: Session, /, lab: str) -> int:
    """Forget a lab's progress and hints, and delete its Jobs where there is a cluster."""
    found = session.find_lab(lab)
    progress.forget(session.progress, found.name)
    hint.forget(session, found)
    records.forget(session.records, [variant.job for variant in found.variants])
    session.out(phrase("Lab {lab} is as if you had never done it.", lab=found.name))
    if fallback.missing(session):
        session.err(phrase("No cluster is chosen, so no Job was deleted."))
        in_the_way = ""
    else:
        in_the_way = clean.remove(session, [found], of=found)
    session.next(in_the_way or Exercise(found, found.variants[0]).begin())
    return 0
