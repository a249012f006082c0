"""Plain command lines of list --client, show, scaffold and check.

They are carried out without click, which takes longer to import than they take to run. A line
that is in any way out of the ordinary is left to click, which reads it and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.syntax import words

if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.words import Command, Flag

Given = dict[str, Any]

_UNSAID = {"": False, "duration": None}  # what a flag is that is not given, else ""


def run(session: Session, args: Sequence[str]) -> int | None:
    """Carry out a command line; its exit code, or None where it is left to click."""
    name = args[0] if args else ""
    if name not in COMMANDS or (parsed := parse(words.COMMANDS[name], args[1:])) is None:
        return None
    given, flags = parsed
    if name == "list" and not given["client"]:
        return None
    session.command = f"{PROGRAM} {name}"
    session.flags.update(flags)
    return COMMANDS[name](session, given)


def parse(command: Command, args: Sequence[str]) -> tuple[Given, Given] | None:
    """What a line gives the command, and which flags of all commands; None if it is not plain.

    Plain is a word for each argument, and flags by their whole names with values they take.
    """
    own = {name: flag for flag in command["flags"] for name in flag["names"]}
    common = {name: flag for flag in words.OPTIONS for name in flag["names"]}
    given: Given = {flag["to"]: _UNSAID.get(flag["takes"], "") for flag in command["flags"]}
    flags: Given = {}
    said: list[str] = []
    rest = iter(args)
    for arg in rest:
        if not arg.startswith("-") or arg == "-":
            said.append(arg)
            continue
        name, equals, value = arg.partition("=")
        flag = own.get(name) or common.get(name)
        if flag is None or (equals and not (flag["takes"] and name.startswith("--"))):
            return None
        if flag["takes"] and not equals:
            value = next(rest, "--")
        if flag["takes"] and not _is_plain(flag, value):
            return None
        (given if name in own else flags)[flag["to"]] = value if flag["takes"] else True
    names = command["arguments"]
    if names and names[-1].endswith("..."):
        return given | {names[-1].removesuffix("..."): said}, flags
    if len(said) != len(names):
        return None
    return given | dict(zip(names, said, strict=True)), flags


def _is_plain(flag: Flag, value: str) -> bool:
    """Whether a value is one that needs no reading; what begins like a flag may be one."""
    if flag["many"] or (value.startswith("-") and value != "-"):
        return False
    return flag["takes"] == "text" or value in flag["values"]


# ---- the commands, called as the functions that click calls do


def _list(session: Session, given: Given) -> int:
    from kubectl_joblab.cli.commands.labs import show as catalog

    return catalog.list_labs(session, output=given["output"], no_headers=given["no_headers"])


def _show(session: Session, given: Given) -> int:
    from kubectl_joblab.cli.commands.labs import show as catalog

    return catalog.show(session, **given)


def _scaffold(session: Session, given: Given) -> int:
    from kubectl_joblab.cli.commands.labs import show as catalog
    from kubectl_joblab.labs import exercise
    from kubectl_joblab.labs.definition import loader

    lab = loader.find(given.pop("lab"), session.lab_paths)
    chosen = exercise.pick(lab, given.pop("variant"), given.pop("name"), {}, session.command)
    return catalog.scaffold(session, chosen, **given)


def _check(session: Session, given: Given) -> int:
    from kubectl_joblab.cli.commands.labs import check

    return check.check(session, **given)


COMMANDS: dict[str, Callable[[Session, Given], int]] = {
    "list": _list,
    "show": _show,
    "scaffold": _scaffold,
    "check": _check,
}
