"""check -A: a class at a glance, a row for each namespace and lab that has a Job there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_joblab.cli import judging
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.screens.verdicts import Judged
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.language import phrase, plural

HEADER = ("NAMESPACE", "LAB", "STATUS", "CHECKS", "RESULT")
OPEN = "OPEN"  # the column of -o wide: the checks that have not passed


class Row(NamedTuple):
    """A lab in a namespace. standing: each of its variants, started or not."""

    namespace: str
    lab: str
    standing: list[Judged]

    @property
    def status(self) -> str:
        """That of its first Job there, as in list."""
        return next(one.status for one in self.standing if one.started)

    @property
    def found(self) -> list[Verdict]:
        """The verdicts of all its variants."""
        return [verdict for one in self.standing for verdict in one.verdicts]

    @property
    def result(self) -> Result:
        """What its checks come to."""
        return verdicts.worst(verdict.result for verdict in self.found)


def check(
    session: Session,
    wanted: Sequence[tuple[model.Lab, Sequence[model.Variant]]],
    name: str,
    *,
    output: str,
    no_headers: bool,
) -> int:
    """Judge these variants in all namespaces and print what was found; the exit code."""
    session.flags.pop("namespace", None)  # as kubectl: -A wins
    machine = output not in ("", "wide")
    judged = judging.judge_everywhere(session, wanted, name, explain=machine)
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
    session.next(_next(rows))
    return checks.exit_code(verdict.result for row in rows for verdict in row.found)


def _rows(judged: Sequence[Judged]) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for one in judged:
        new = Row(one.namespace, one.lab.name, [])
        rows.setdefault((one.namespace, one.lab.name), new).standing.append(one)
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


def _next(rows: Sequence[Row]) -> str:
    """To the first lab that is not done, the failed ones first."""
    if not rows:
        return "kubectl joblab list"
    for result in (Result.FAIL, Result.PENDING, Result.UNKNOWN):
        for row in rows:
            if row.result is result:
                return f"{_way_on(row, result)} -n {row.namespace}"
    return ""


def _way_on(row: Row, result: Result) -> str:
    """The command for the first of its Jobs with such a verdict."""
    standing = next(one for one in row.standing if result in [v.result for v in one.verdicts])
    first = standing.verdicts[0]
    if not standing.started:
        return exercise.begin(standing.lab, first.variant)
    waits = " --wait" if result is Result.PENDING else ""
    name = "" if first.job == first.variant.job else f" --name={first.job}"
    return f"kubectl joblab check {row.lab}{name}{waits}"
