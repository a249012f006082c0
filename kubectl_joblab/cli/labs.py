"""list, show and scaffold: what labs there are, what one asks for, a manifest to begin with."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kubectl_joblab.cli import choice, judging, parameters, verdicts
from kubectl_joblab.cli.command import Command, output
from kubectl_joblab.cli.parameters import LabCommand
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.verdicts import Judged
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.labs import loader, manifest, model
from kubectl_joblab.labs.checks import Result
from kubectl_joblab.language import Sentence, Text, phrase
from kubectl_joblab.printing import fold, tabwriter


@click.command(
    "list",
    cls=Command,
    help="List the labs, and where you stand with each in this namespace.",
    examples=[
        ("List the labs and your results", "kubectl joblab list"),
        ("List the labs without asking a cluster", "kubectl joblab list --client"),
    ],
)
@click.option("--client", is_flag=True, help="Ask no cluster: only what labs there are.")
@click.option("--no-headers", is_flag=True, help="Print no header line.")
@output("wide", "json", "yaml", "name")
@click.pass_obj
def list_labs(session: Session, /, client: bool, no_headers: bool, output: str) -> int:
    """The command."""
    labs = loader.load_all(session.lab_paths)
    if output == "name":
        session.out(*(lab.name for lab in labs))
        return 0
    standings = [[] if client else judging.look_at_all(session, lab) for lab in labs]
    if not client and not any(one.started for standing in standings for one in standing):
        judging.require_namespace(session)
    rows = [_row(session, lab, one) for lab, one in zip(labs, standings, strict=True)]
    if output in ("json", "yaml"):
        session.out(verdicts.dump(_document(rows), output))
        return 0
    keys = ["lab", "name", "title"]
    keys += ["level", "minutes"] if client or output == "wide" else []
    keys += [] if client else ["status", "checks", "result"]
    cells = [[str(row[key]) for key in keys] for row in rows]
    lines = tabwriter.table([key.upper() for key in keys], cells)
    session.out(*session.coloured(lines[1:] if no_headers else lines))
    if client:
        session.next(f"kubectl joblab show {labs[0].name}")
    else:
        session.next(_first_open(labs, standings))
    return 0


def _first_open(labs: Sequence[model.Lab], standings: Sequence[Sequence[Judged]]) -> str:
    """The command to go on with: the first variant that has not passed."""
    for lab, standing in zip(labs, standings, strict=True):
        for variant, one in zip(lab.variants, standing, strict=True):
            if not one.started:
                return choice.begin(lab, variant)
            if _worst([verdict.result for verdict in one.verdicts]) is not Result.PASS:
                return f"kubectl joblab check {lab.name}"
    return ""


def _row(session: Session, lab: model.Lab, standing: Sequence[Judged]) -> dict[str, Any]:
    """standing: each variant's, started or not; the STATUS is that of the first started."""
    results = [
        verdict.result if one.started else Result.PENDING
        for one in standing
        for verdict in one.verdicts
    ]
    return {
        "lab": lab.number,
        "name": lab.name,
        "title": session.text(lab.title),
        "level": lab.level,
        "minutes": lab.minutes,
        "status": next((one.status for one in standing if one.started), "<none>"),
        "checks": f"{results.count(Result.PASS)}/{len(results)}",
        "result": _worst(results).value if results else Result.PENDING.value,
    }


def _worst(results: Sequence[Result]) -> Result:
    for result in (Result.FAIL, Result.PENDING, Result.UNKNOWN):
        if result in results:
            return result
    return Result.PASS


def _document(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": model.FORMAT, "kind": "LabList", "items": list(rows)}


# ---- show


@click.command(
    cls=LabCommand,
    help="Show a lab: its goal, its tasks, what to observe, and kubectl commands to try.",
    examples=[
        ("Show lab 4", "kubectl joblab show retry"),
        ("Show it in Korean, with why it behaves so", "kubectl joblab show 4 --lang=ko --debrief"),
    ],
)
@parameters.lab_argument()
@click.option("--debrief", is_flag=True, help="Show why it behaves so; best read afterwards.")
@click.pass_obj
def show(session: Session, /, lab: str, debrief: bool, **_: Any) -> int:
    """The command."""
    found = loader.find(lab, session.lab_paths)
    if debrief:
        session.out(*_paragraphs(session, found.debrief))
    else:
        session.out(*_page(session, found))
    session.next(choice.begin(found, found.variants[0]))
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
    own = manifest.defaults(lab, lab.variants[0])
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


@click.command(
    cls=LabCommand,
    help="Write a lab's manifest into NN-name/, with a comment at each field.\n"
    "The lab's flags change its values.",
    examples=[
        ("Write 04-retry/job-retry.yaml", "kubectl joblab scaffold retry"),
        (
            "Print it with other values",
            "kubectl joblab scaffold 6 --parallelism=2 --name=lanes -d -",
        ),
    ],
)
@parameters.lab_argument()
@click.option("--variant", default="", help="The variant of the lab to write.")
@click.option("--name", default="", help="Another name for the Job.")
@click.option("-d", "--directory", default="", help="Where to write; - prints to stdout.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@click.pass_obj
def scaffold(
    session: Session,
    /,
    lab: str,
    variant: str,
    name: str,
    directory: str,
    force: bool,
    **given: Any,
) -> int:
    """The command."""
    chosen = parameters.choose(session, lab, variant, given)
    made = manifest.render(chosen.lab, chosen.variant, chosen.changes, name)
    if directory == "-":
        session.out(made.text.rstrip("\n"))
        return 0
    path = choice.scaffold_path(chosen.lab, chosen.variant, directory)
    _write(path, made.text, chosen.lab.name, force=force)
    session.out(phrase("{path} written", path=path))
    if chosen.variant.starter:
        session.next(f"kubectl joblab start {chosen.lab.name} -f {shlex.quote(str(path))}")
    else:
        session.next(f"kubectl apply -f {shlex.quote(str(path))}")
    return 0


def _write(path: Path, text: str, lab: str, *, force: bool) -> None:
    elsewhere = f"kubectl joblab scaffold {lab} -d DIR"
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
