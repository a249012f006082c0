"""The program: its commands."""

from __future__ import annotations

from collections.abc import Sequence

import click

from kubectl_joblab import PROGRAM, __version__
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.syntax import command
from kubectl_joblab.errors import ExitCode, UsageError

COMMANDS = {
    "check": ("check", "check", "Judge what the cluster shows: PASS, FAIL, PENDING or UNKNOWN"),
    "clean": ("commands.labs.clean", "clean", "Delete what the labs made"),
    "completion": (
        "commands.program.completion",
        "completion",
        "Have the words of joblab completed on TAB",
    ),
    "describe": (
        "commands.jobs.describe",
        "describe",
        "Show details of the Job, and what kubectl describe leaves out",
    ),
    "doctor": (
        "commands.cluster.doctor",
        "doctor",
        "Check that this cluster and user can run the labs",
    ),
    "events": ("commands.jobs.events", "events", "List events of the Job and its Pods"),
    "hint": ("commands.labs.hint", "hint", "Give the next hint"),
    "lab": ("commands.authors.lab", "lab", "Lint and test lab definitions"),
    "list": ("commands.labs.list", "list_labs", "List the labs and your result in each"),
    "logs": ("commands.jobs.logs", "logs", "Print the logs of all Pods and tries of the Job"),
    "options": ("commands.program.options", "options", "List the flags that apply to all commands"),
    "practice": (
        "commands.cluster.practice",
        "practice",
        "Start and stop a cluster to practise on",
    ),
    "scaffold": ("commands.labs.list", "scaffold", "Write the manifest of a lab, with comments"),
    "show": (
        "commands.labs.list",
        "show",
        "Show a lab: goal, tasks, what to observe, commands to try",
    ),
    "start": ("commands.labs.start", "start", "Create the Job of a lab, follow it, check it"),
    "status": ("commands.jobs.status", "status", "Show the Job and its Pods"),
    "version": ("commands.program.version", "version", "Print the version information"),
}


@click.command(
    cls=command.Group,
    lazy=COMMANDS,
    help="Learn Kubernetes Jobs by running them: seven labs on your own cluster.",
    examples=[
        ("Run lab 6, watch its Pods, see it checked", "kubectl joblab start parallelism"),
        (
            "Write the Job yourself, create it with kubectl, have it judged",
            "kubectl joblab scaffold retry\n"
            "kubectl apply -f 04-retry/job-retry.yaml\n"
            "kubectl joblab check retry --wait",
        ),
    ],
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.version_option(__version__, message=f"{PROGRAM} v%(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Print the help where no command is given, as kubectl does."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(session: Session, args: Sequence[str]) -> int:
    """Run a command line and return its exit code. Raises JoblabError, or KeyboardInterrupt."""
    try:
        code = program.main(args=list(args), prog_name=PROGRAM, standalone_mode=False, obj=session)
    except click.UsageError as error:
        raise UsageError(f"error: {error.format_message()}", see="") from error
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return int(code or ExitCode.OK)
