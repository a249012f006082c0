"""The program: finds its commands, and carries out command lines with click or without."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import plain, words
from kubectl_joblab.cli.syntax.declare import Command, Group

PACKAGE = "kubectl_joblab.cli.commands"
GROUP = Group(
    PROGRAM,
    short_help="",
    help="Learn Kubernetes Jobs by running them, in labs on your own cluster.\n"
    "See all labs, chapter by chapter: kubectl joblab list",
    examples=[
        ("Run lab 6, watch its Pods, see it checked", "kubectl joblab start parallelism"),
        (
            "Write the Job yourself, create it with kubectl, have it judged",
            "kubectl joblab scaffold retry\n"
            "kubectl apply -f 04-retry/job-retry.yaml\n"
            "kubectl joblab check retry --wait",
        ),
    ],
)
# the commands that take less time than click takes to import: `make bench`
QUICK = ("check", "list", "scaffold", "show")


def run(session: Session, args: Sequence[str]) -> int:
    """Carry out a command line and return its exit code. Raises JoblabError."""
    code = run_plain(session, args)
    return run_with_click(session, args) if code is None else code


def run_plain(session: Session, args: Sequence[str]) -> int | None:
    """Carry out a line of a quick command without click.

    Returns None, and has done nothing, where the line is not plain or the command is another.
    """
    name = args[0] if args else ""
    if name not in QUICK:
        return None
    command = find(name)
    assert isinstance(command, Command)
    read = plain.read(command, args[1:])
    if read is None:
        return None
    given, flags = read
    session.command = f"{PROGRAM} {name}"
    session.flags.update(flags)
    if command.lab_flags:
        given["lab"] = session.find_lab(given["lab"])
    return command.function(session, **given)


def run_with_click(session: Session, args: Sequence[str]) -> int:
    """Carry out any command line by click."""
    from kubectl_joblab.cli.syntax import command

    return command.run(command.ClickProgram(GROUP, _summaries(), find), session, args)


def complaint(session: Session, args: Sequence[str]) -> str:
    """What would be said of a command line that cannot be read, "" where it can be."""
    from kubectl_joblab.cli.syntax import command

    return command.complaint(command.ClickProgram(GROUP, _summaries(), find), session, args)


def _summaries() -> dict[str, str]:
    commands = words.COMMANDS
    return {name: commands[name].summary for name in commands[""].commands}


def find(name: str) -> Command | Group:
    """The command of this name, which is declared in the file of its name."""
    module = import_module(f"{PACKAGE}.{words.COMMANDS[name].module}")
    return declared_in(module, name)


def declared_in(module: object, name: str) -> Command | Group:
    """The command of this name among all that a module declares."""
    for one in vars(module).values():
        if isinstance(one, Command | Group) and one.name == name:
            return one
    raise LookupError(f"{module} declares no command {name}")
