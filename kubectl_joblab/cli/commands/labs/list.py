"""list: the labs that there are, and where the learner stands with each.

With --client no cluster is asked; so what asks one is imported only where one is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import ConfigError, ExitCode, LabError, UnreachableError
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.printing import dump

if TYPE_CHECKING:
    from kubectl_joblab.labs.judge.standings import Judged


@declare.command(
    "list",
    short_help="List the labs and your result in each",
    help="List the labs: which you have done, wherever that was, and how each stands in this "
    "namespace now.",
    examples=[
        ("List the labs and your results", "kubectl joblab list"),
        ("List the labs without asking a cluster", "kubectl joblab list --client"),
    ],
)
@declare.option("--client", is_flag=True, help="Ask no cluster: only what labs there are.")
@declare.option("--no-headers", is_flag=True, help="Print no header line.")
@declare.output("wide", "json", "yaml", "name")
def list_labs(session: Session, /, client: bool, no_headers: bool, output: str) -> int:
    """Print a row for each lab, then say which labs are broken."""
    broken: list[LabError] = []
    labs = _by_chapter(loader.load_all(session.lab_paths, broken))
    broken += loader.unfinished(session.lab_paths)
    rows = [row(session, lab) for lab in labs]
    columns = ["lab", "name", "title"]
    judged: Sequence[Judged] | None = None  # where no cluster is asked
    no_cluster: ConfigError | None = None
    unreachable: UnreachableError | None = None
    if client or output == "name":
        columns += ["level", "minutes"]
    else:
        from kubectl_joblab.cli.commands.cluster import fallback
        from kubectl_joblab.cli.screens import progress

        no_cluster = fallback.missing(session)
        judged, unreachable = progress.look_or_none(session, labs, ask=no_cluster is None)
        found = progress.columns(session, judged)
        rows = [before | own for before, own in zip(rows, found, strict=True)]
        columns += ["chapter", "level", "minutes"] if output == "wide" else []
        columns += ["done", "status", "checks", "result"]
    _print(session, rows, columns, output=output, no_headers=no_headers)
    if unreachable:
        raise unreachable
    if broken:
        return session.fail_each(broken)
    if no_cluster:
        fallback.say_missing(session)
    if output not in ("", "wide"):
        return ExitCode.OK
    if no_cluster:
        session.next(no_cluster.next or "")
    elif judged is None:
        session.next(f"kubectl joblab show {labs[0].name}" if labs else "")
    else:
        progress.say_following(session, judged)
    return ExitCode.OK


def _by_chapter(labs: Sequence[model.Lab]) -> list[model.Lab]:
    """The labs of each chapter together, in their order, and those without one at the end.

    A chapter is known by its English name.
    """
    chapters = [lab.chapter.en for lab in labs if lab.chapter]
    last = len(chapters)
    return sorted(labs, key=lambda lab: chapters.index(lab.chapter.en) if lab.chapter else last)


def row(session: Session, lab: model.Lab) -> dict[str, Any]:
    """The fields of a lab, as those of a lab that nobody has started.

    begunAt and doneAt: when its first check passed once, and when all had.
    """
    return {
        "lab": lab.number,
        "name": lab.name,
        "title": session.text(lab.title),
        "chapter": session.text(lab.chapter) if lab.chapter else None,
        "level": lab.level,
        "minutes": lab.minutes,
        "done": False,
        "begunAt": None,
        "doneAt": None,
        "status": "<none>",
        "checks": "0/0",
        "result": "PENDING",
    }


def _print(
    session: Session,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str],
    *,
    output: str,
    no_headers: bool,
) -> None:
    """Print the rows as a table of these columns, as names, or with all fields as json or yaml."""
    if output == "name":
        session.out(*(str(one["name"]) for one in rows))
    elif output in ("json", "yaml"):
        document = {"apiVersion": model.LIST_FORMAT, "kind": "LabList", "items": list(rows)}
        session.out(dump.dump(document, output))
    else:
        chapters = [one["chapter"] for one in rows]
        headed = output != "wide" and not no_headers and any(chapters)
        if headed and session.plain:  # each line says all of it
            columns = ["chapter", *columns]
        cells = [[_cell(one[column]) for column in columns] for one in rows]
        header = [column.upper() for column in columns]
        # as many labs as there are have to fit into 80 columns in a pipe too
        lines = session.table(header, cells, headers=not no_headers, close=True)
        session.out(*(_headed(lines, chapters) if headed and not session.plain else lines))


def _headed(lines: Sequence[str], chapters: Sequence[str | None]) -> Iterator[Sentence]:
    """The lines of a table, with the chapter above the rows of its labs."""
    yield lines[0]
    for number, (chapter, line) in enumerate(zip(chapters, lines[1:], strict=True)):
        if number == 0 or chapter != chapters[number - 1]:
            yield from ["", chapter or phrase("other labs")][number == 0 :]
        yield line


def _cell(value: object) -> str:
    """A value as it stands in the table."""
    if value is None:
        return "<none>"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
