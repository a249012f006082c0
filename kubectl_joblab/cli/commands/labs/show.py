"""What there is to do: labs listed, shown and written as manifests, without asking any cluster.

cli/commands/labs/list.py declares the commands; cli/quick.py calls this module for plain command
lines, without waiting for click.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kubectl_joblab.cli.console import Session
from kubectl_joblab.errors import JoblabError, LabError
from kubectl_joblab.labs.definition import loader, model, values
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Sentence, Text, phrase
from kubectl_joblab.printing import dump, fold

# ---- list


def list_labs(session: Session, *, output: str, no_headers: bool) -> int:
    """list --client: the labs alone."""
    broken: list[LabError] = []
    labs = loader.load_all(session.lab_paths, broken)
    rows = [row(session, lab) for lab in labs]
    columns = ("lab", "name", "title", "level", "minutes")
    print_rows(session, rows, columns, output=output, no_headers=no_headers)
    if broken:
        return tell_broken(session, broken)
    if output in ("", "wide"):
        session.next(f"kubectl joblab show {labs[0].name}")
    return 0


def tell_broken(session: Session, broken: Sequence[LabError]) -> int:
    """Say which labs are not in the list, and why; the exit code."""
    for error in broken:
        session.fail(error)
    return 1


def row(session: Session, lab: model.Lab) -> dict[str, Any]:
    """What a list says of a lab that nobody has started."""
    return {
        "lab": lab.number,
        "name": lab.name,
        "title": session.text(lab.title),
        "level": lab.level,
        "minutes": lab.minutes,
        "status": "<none>",
        "checks": "0/0",
        "result": "PENDING",
    }


def print_rows(
    session: Session,
    rows: Sequence[dict[str, Any]],
    columns: Sequence[str],
    *,
    output: str,
    no_headers: bool,
) -> None:
    """The rows as a table of these columns, as names, or whole as json or yaml."""
    if output == "name":
        session.out(*(str(row["name"]) for row in rows))
    elif output in ("json", "yaml"):
        document = {"apiVersion": model.FORMAT, "kind": "LabList", "items": list(rows)}
        session.out(dump.dump(document, output))
    else:
        cells = [[str(row[column]) for column in columns] for row in rows]
        header = [column.upper() for column in columns]
        session.out(*session.table(header, cells, headers=not no_headers))


# ---- show


def show(session: Session, *, lab: str, debrief: bool) -> int:
    """show: a lab's page, or why it behaves so."""
    found = loader.find(lab, session.lab_paths)
    if debrief:
        session.out(*_paragraphs(session, found.debrief))
    else:
        session.out(*_page(session, found))
    session.next(Exercise(found, found.variants[0]).begin())
    return 0


def _page(session: Session, lab: model.Lab) -> list[str]:
    text = session.text
    head: Sentence = phrase(
        "Lab {number}, {name}: {title} ({minutes}m)",
        number=lab.number,
        name=lab.name,
        title=lab.title,
        minutes=lab.minutes,
    )
    if lab.requires:
        head = phrase(
            "Lab {number}, {name}: {title} ({minutes}m, after {requires})",
            number=lab.number,
            name=lab.name,
            title=lab.title,
            minutes=lab.minutes,
            requires=", ".join(lab.requires),
        )
    lines = fold.fold(text(head), rest="  ")
    lines += fold.fold(text(phrase("Goal: {goal}", goal=lab.goal)), rest="  ")
    lines += ["", text(phrase("Tasks:"))]
    for number, task in enumerate(lab.tasks, 1):
        lines += fold.fold(text(task.text), first=f"  {number}. ")
    lines += ["", text(phrase("Observe:"))]
    for entry in lab.observe:
        lines += fold.fold(text(entry), first="  - ")
    if lab.parameters or len(lab.variants) > 1:
        lines += ["", text(phrase("Flags of start and scaffold:")), *_flags(session, lab)]
    lines += ["", text(phrase("Commands to try:"))]
    job = lab.variants[0].job
    lines += [f"  {session.with_flags(one.replace('{job}', job))}" for one in lab.commands]
    return [*lines, ""]


def _flags(session: Session, lab: model.Lab) -> list[str]:
    own = values.defaults(lab, lab.variants[0])
    rows = []
    if len(lab.variants) > 1:
        names = "|".join(variant.name for variant in lab.variants)
        rows.append((f"--variant={names}", session.text(phrase("which of the lab's Jobs"))))
    for parameter in lab.parameters:
        value = own.get(parameter.name, "")
        rows.append((f"{parameter.flag}={value}", session.text(parameter.help)))
    width = max(map(len, dict(rows))) + 2
    return [line for flag, text in rows for line in fold.fold(text, first=f"  {flag:<{width}}")]


def _paragraphs(session: Session, text: Text) -> list[str]:
    lines: list[str] = []
    for paragraph in session.text(text).strip().split("\n"):
        lines += fold.fold(paragraph) if paragraph.strip() else [""]
    return lines


# ---- scaffold


def scaffold(session: Session, exercise: Exercise, *, directory: str, force: bool) -> int:
    """scaffold: a manifest, printed or written."""
    lab, variant = exercise.lab, exercise.variant
    if exercise.name or exercise.changes:
        from kubectl_joblab.labs import manifest  # which reads YAML

        text = manifest.render(lab, variant, exercise.changes, exercise.name).text
    else:
        text = lab.read(variant.file)
    if directory == "-":
        session.out(text.rstrip("\n"))
        return 0
    path = exercise.path(directory)
    _write(path, text, f"{exercise.scaffold()} -d DIR", force=force)
    session.out(phrase("{path} written", path=path))
    session.next(exercise.apply(path))
    return 0


def _write(path: Path, text: str, elsewhere: str, *, force: bool) -> None:
    """Write the file. elsewhere: the command that writes it to another place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        message = phrase("error: {path} is there already; --force overwrites it", path=path)
        if not path.exists():
            message = phrase("error: {path} is a file, not a folder", path=path.parent)
        raise JoblabError(message, next=elsewhere) from error
    except OSError as error:
        message = phrase("error: cannot write {path}: {reason}", path=path, reason=error.strerror)
        raise JoblabError(message, next=elsewhere) from error
