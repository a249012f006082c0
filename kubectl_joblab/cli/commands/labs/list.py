"""list, show and scaffold: what labs there are, what one asks for, a manifest to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from kubectl_joblab.cli.commands.labs import show as catalog
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.syntax import parameters
from kubectl_joblab.cli.syntax.command import Command, output
from kubectl_joblab.cli.syntax.parameters import LabCommand
from kubectl_joblab.errors import LabError
from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.judge import next_step, standings
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged


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
    if client or output == "name":
        return catalog.list_labs(session, output=output, no_headers=no_headers)
    broken: list[LabError] = []
    labs = loader.load_all(session.lab_paths, broken)
    exercises = [one for lab in labs for one in standings.all_of(lab)]
    judged = standings.in_namespace(session.gatherer, session.namespace, exercises)
    if not any(one.started for one in judged):
        standings.require_namespace(session.client, session.namespace)
    rows = [_row(session, standing) for standing in standings.by_lab(judged)]
    columns = ["lab", "name", "title"]
    columns += ["level", "minutes"] if output == "wide" else []
    columns += ["status", "checks", "result"]
    catalog.print_rows(session, rows, columns, output=output, no_headers=no_headers)
    if broken:
        return catalog.tell_broken(session, broken)
    if output in ("", "wide"):
        session.next(next_step.next_step(After.LIST, judged))
    return 0


def _row(session: Session, standing: Sequence[Judged]) -> dict[str, Any]:
    """standing: each exercise of a lab, started or not; the STATUS is that of the first started."""
    results = [result for one in standing for result in one.results]
    return catalog.row(session, standing[0].exercise.lab) | {
        "status": next((one.status for one in standing if one.started), "<none>"),
        "checks": f"{results.count(Result.PASS)}/{len(results)}",
        "result": next_step.worst(results).value if results else Result.PENDING.value,
    }


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
    return catalog.show(session, lab=lab, debrief=debrief)


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
    exercise = parameters.choose(session, lab, variant, name, given)
    return catalog.scaffold(session, exercise, directory=directory, force=force)
