"""next: the one thing to do next in the course."""

from __future__ import annotations

from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.screens import progress
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import LabError
from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.judge import next_step


@declare.command(
    "next",
    short_help="Name the one thing to do next",
    help="Name the one thing to do next: the first lab that you have not done, and the command to\n"
    "begin it or to go on with it.",
    examples=[("Go on where you were", "kubectl joblab next")],
)
def next_lab(session: Session, /) -> int:
    """Print the lab to go on with, and the command that does it."""
    broken: list[LabError] = []
    labs = loader.load_all(session.lab_paths, broken)
    no_cluster = fallback.missing(session)
    judged = progress.of_none(session, labs) if no_cluster else progress.look(session, labs)
    following = next_step.first_open(judged)
    if following is None:
        progress.say_following(session, judged)
        return session.fail_each(broken)
    session.out(following.exercise.lab.heading)
    if no_cluster:
        fallback.say_missing(session)
        session.next(no_cluster.next or "")
    else:
        progress.say_following(session, judged)
    return session.fail_each(broken)
