"""check: judge Jobs by what the cluster shows, whoever made them and with whatever tool."""

from __future__ import annotations

import click

from kubectl_joblab.cli.commands.labs import check as checking
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.syntax.command import SECONDS, Command, output


@click.command(
    cls=Command,
    help="Judge what the cluster shows of a lab: PASS, FAIL, PENDING or UNKNOWN for each check.\n"
    "Without LAB: every lab whose Job exists here. It does not matter who made the Job.\n"
    "Exit status: 0 all passed, 1 an error, 2 something failed, 3 something is pending, "
    "unknown or not started.",
    examples=[
        ("Judge lab 6", "kubectl joblab check parallelism"),
        ("Wait until the Job is finished, then judge it", "kubectl joblab check retry --wait"),
        ("Judge every lab whose Job exists, for a CI system", "kubectl joblab check -o junit"),
        ("See where a class stands", "kubectl joblab check -A"),
    ],
)
@click.argument("labs", metavar="[LAB...]", nargs=-1)
@click.option(
    "-A",
    "--all-namespaces",
    is_flag=True,
    help="Judge in all namespaces: a row for each namespace and lab.",
)
@click.option("--variant", default="", help="Judge only this variant of the lab.")
@click.option("--name", default="", help="The Job's name, where it is not the lab's.")
@click.option("--wait", is_flag=True, help="Wait until the Jobs are finished.")
@click.option("--timeout", type=SECONDS, help="How long to wait; else as long as the checks allow.")
@click.option("--no-headers", is_flag=True, help="Print no header line.")
@output(*verdicts.FORMATS)
@click.pass_obj
def check(
    session: Session,
    /,
    labs: tuple[str, ...],
    all_namespaces: bool,
    variant: str,
    name: str,
    wait: bool,
    timeout: float | None,
    no_headers: bool,
    output: str,
) -> int:
    """The command; its exit code says what was found."""
    return checking.check(
        session,
        labs=labs,
        all_namespaces=all_namespaces,
        variant=variant,
        name=name,
        wait=wait,
        timeout=timeout,
        no_headers=no_headers,
        output=output,
    )
