"""options: the flags that apply to all commands."""

from __future__ import annotations

import click

from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.syntax import command


@click.command(
    cls=command.Command,
    help="List the flags that apply to all commands.",
    examples=[("List them", "kubectl joblab options")],
)
@click.pass_obj
def options(session: Session, /) -> int:
    """The command."""
    session.out("The following options can be passed to any command:", "")
    flags = sorted(command.global_flags(), key=lambda flag: max(flag.opts, key=len))
    lines = [line for flag in flags for line in command.option_lines(flag)]
    session.out(*lines[:-1])
    return 0
