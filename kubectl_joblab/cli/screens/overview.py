"""check -A: where a class stands, in a row for each namespace and lab that has a Job there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.session import Session
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, next_step, standings
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase, plural

HEADER = ("NAMESPACE", "LAB", "STATUS", "CHECKS", "RESULT")
OPEN = "OPEN"  # the column of -o wide: the checks that have not passed


class Row(NamedTuple):
    """A lab in a namespace. standing: each exercise of the lab, started or not."""

    namespace: str
    lab: str
    standing: list[Judged]

    @property
    def status(self) -> str:
        """The STATUS of the lab's first Job there, as in list."""
        return next(one.status for one in self.standing if one.started)

    @property
    def found(self) -> list[Verdict]:
        """The verdicts on all exercises of the lab."""
        return [verdict for one in self.standing for verdict in one.verdicts]

    @property
    def result(self) -> Result:
        """What the lab's checks come to."""
        return next_step.worst([verdict.result for verdict in self.found])


def check(session: Session, exercises: Sequence[Exercise], *, output: str, no_headers: bool) -> int:
    """Judge these exercises in all namespaces and print the rows; returns the exit code."""
    session.flags.pop("namespace", None)  # as kubectl: -A wins
    machine = output not in ("", "wide")
    judged = standings.everywhere(session.gatherer, exercises, explain=machine)
    rows = _rows(judged)
    if machine:
        verdicts.print_as(session, judged, output, everywhere=True)
    elif rows:
        wide = output == "wide"
        header = [*HEADER, OPEN] if wide else HEADER
        session.out(*session.table(header, _cells(rows, wide=wide), headers=not no_headers))
        session.out(_summary(session, rows))
    else:
        session.err("No resources found")
    step = next_step.next_step(After.EVERYWHERE, judged)
    session.next(step if rows else "kubectl joblab list")
    return checks.exit_code(verdict.result for row in rows for verdict in row.found)


def _rows(judged: Sequence[Judged]) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for one in judged:
        lab = one.exercise.lab.name
        new = Row(one.namespace, lab, [])
        rows.setdefault((one.namespace, lab), new).standing.append(one)
    return list(rows.values())


def _cells(rows: Sequence[Row], *, wide: bool) -> list[list[str]]:
    cells = []
    for row in rows:
        left = [verdict.check.id for verdict in row.found if verdict.result is not Result.PASS]
        passed = f"{len(row.found) - len(left)}/{len(row.found)}"
        line = [row.namespace, row.lab, row.status, passed, row.result.value]
        cells.append([*line, ",".join(left) or "<none>"] if wide else line)
    return cells


def _summary(session: Session, rows: Sequence[Row]) -> str:
    namespaces = len({row.namespace for row in rows})
    return session.text(
        phrase(
            "{labs} in {namespaces}: {results}.",
            labs=plural(len(rows), "{n} lab", "{n} labs"),
            namespaces=plural(namespaces, "{n} namespace", "{n} namespaces"),
            results=", ".join(verdicts.counted(session, (row.result for row in rows))),
        )
    )
