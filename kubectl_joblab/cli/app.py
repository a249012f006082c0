"""The program: its commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from kubectl_joblab import __version__
from kubectl_joblab.cli import command
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import ExitCode, JoblabError, UsageError

COMMANDS = {
    "check": ("check", "check", "Judge what the cluster shows: PASS, FAIL, PENDING or UNKNOWN"),
    "clean": ("clean", "clean", "Delete what the labs made"),
    "describe": (
        "inspect",
        "describe",
        "Show details of the Job, and what kubectl describe leaves out",
    ),
    "doctor": ("doctor", "doctor", "Check that this cluster and user can run the labs"),
    "events": ("inspect", "events", "List events of the Job and its Pods"),
    "hint": ("hint", "hint", "Give the next hint"),
    "lab": ("lab", "lab", "Lint and test lab definitions"),
    "list": ("labs", "list_labs", "List the labs and your result in each"),
    "logs": ("logs", "logs", "Print the logs of all Pods and tries of the Job"),
    "options": ("version", "options", "List the flags that apply to all commands"),
    "practice": ("practice", "practice", "Start and stop a cluster to practise on"),
    "scaffold": ("labs", "scaffold", "Write the manifest of a lab, with comments"),
    "show": ("labs", "show", "Show a lab: goal, tasks, what to observe, commands to try"),
    "start": ("start", "start", "Create the Job of a lab, follow it, check it"),
    "status": ("inspect", "status", "Show the Job and its Pods"),
    "version": ("version", "version", "Print the version information"),
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
@click.version_option(__version__, message=f"{command.PROGRAM} v%(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Print the help where no command is given, as kubectl does."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    session = Session.of_process()
    try:
        code = program.main(
            args=None if args is None else list(args),
            prog_name=command.PROGRAM,
            standalone_mode=False,
            obj=session,
        )
        session.stdout.flush()
        return int(code or ExitCode.OK)
    except UsageError as error:
        see = [f"See '{error.see} --help' for usage."] if error.see else []
        session.err(error.message, *see)
        return ExitCode.ERROR
    except JoblabError as error:
        session.fail(error)
        return error.exit_code
    except click.UsageError as error:
        session.err(f"error: {error.format_message()}")
        return ExitCode.ERROR
    except (KeyboardInterrupt, click.Abort):
        session.err("")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # the reader has gone; nothing may be flushed to it when Python ends
        _drop_output(session)
        return ExitCode.ERROR
    except OSError as error:
        _drop_output(session)
        name = f"{error.filename}: " if error.filename else ""
        session.stderr.write(f"error: {name}{error.strerror or error}\n")
        return ExitCode.ERROR


def _drop_output(session: Session) -> None:
    """Let nothing be flushed any more to a reader, or a disk, that does not take it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), session.stdout.fileno())
