"""next: the one thing to do next in the course; after the last lab, what was done, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.commands.labs import list as listed
from kubectl_joblab.cli.screens import progress
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import LabError
from kubectl_joblab.labs import progress as kept
from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.judge import next_step
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase, plural
from kubectl_joblab.printing import dump

Row = dict[str, Any]


@declare.command(
    "next",
    short_help="Name the one thing to do next",
    help="Name the one thing to do next: the first lab that you have not done, and the command to\n"
    "begin it or to go on with it. After the last lab: what you have done, and how long it took.",
    examples=[("Go on where you were", "kubectl joblab next")],
)
@declare.output("json", "yaml")
def next_lab(session: Session, /, output: str) -> int:
    """Print the lab to go on with, and the command that does it."""
    broken: list[LabError] = []
    labs = loader.load_all(session.lab_paths, broken)
    no_cluster = fallback.missing(session)
    judged, unreachable = progress.look_or_none(session, labs, ask=no_cluster is None)
    found = progress.columns(session, judged)
    rows = [listed.row(session, lab) | own for lab, own in zip(labs, found, strict=True)]
    following = next_step.first_open(judged)
    if output:
        command = no_cluster.next if no_cluster else next_step.next_step(After.LIST, judged)
        document = _document(session, rows, judged, command or "")
        session.out(dump.dump(document, output))
        if unreachable:
            raise unreachable
        return session.fail_each(broken)
    if following is None:
        session.out(*_page(session, rows, judged))
        if unreachable:
            raise unreachable
        progress.say_following(session, judged)
        return session.fail_each(broken)
    session.out(following.exercise.lab.heading)
    if unreachable:
        raise unreachable
    if no_cluster:
        fallback.say_missing(session)
        session.next(no_cluster.next or "")
    else:
        progress.say_following(session, judged)
    return session.fail_each(broken)


def _page(session: Session, rows: Sequence[Row], judged: Sequence[Judged]) -> list[str]:
    """What was learned and when, a line for each lab, and how long it took."""
    cells = [[str(row["lab"]), row["title"], row["doneAt"] or "<unknown>"] for row in rows]
    lines = session.table(["LAB", "TITLE", "DONE"], cells)
    times = progress.times(session, judged)
    if times.seconds is None:
        return lines
    took = phrase(
        "{labs} in {time}, from the first check that passed to the last.",
        labs=plural(len(rows), "{n} lab", "{n} labs"),
        time=objects.human_duration(times.seconds),
    )
    return [*lines, session.text(took)]


def _document(
    session: Session, rows: Sequence[Row], judged: Sequence[Judged], command: str
) -> dict[str, Any]:
    """All of it for programs. command: the one to go on with, "" where there is none."""
    following = next_step.first_open(judged)
    times = progress.times(session, judged)
    return {
        "apiVersion": kept.FORMAT,
        "kind": "Progress",
        "lab": following.exercise.lab.name if following else None,
        "next": session.with_flags(command) if command else None,
        "begunAt": times.begun or None,
        "doneAt": times.done or None,
        "seconds": times.seconds,
        "items": list(rows),
    }
