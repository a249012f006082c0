"""Reads plain command lines without click, which takes longer to import than they take to run.

A line is plain when it has a word for each argument, and flags by their whole names with values of
the kind that they take. Any other line is left to click, which also says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubectl_joblab.cli.syntax import flags
from kubectl_joblab.cli.syntax.declare import Command, Flag

Given = dict[str, Any]


def read(command: Command, args: Sequence[str]) -> tuple[Given, Given] | None:
    """What a plain line gives to the command, and its flags of all commands; else None."""
    own = {name: flag for flag in command.flags for name in flag.names}
    common = {name: flag for flag in flags.COMMON for name in flag.names}
    given: Given = {flag.to: flag.default for flag in command.flags}
    common_given: Given = {}
    said: list[str] = []
    rest = iter(args)
    for arg in rest:
        if not arg.startswith("-") or arg == "-":
            said.append(arg)
            continue
        name, equals, value = arg.partition("=")
        flag = own.get(name) or common.get(name)
        if flag is None or (equals and not (flag.takes and name.startswith("--"))):
            return None
        if flag.takes and not equals:
            value = next(rest, "--")
        if flag.takes and not _is_plain(flag, value):
            return None
        (given if name in own else common_given)[flag.to] = value if flag.takes else True
    names = [argument.name for argument in command.arguments]
    if names and command.arguments[-1].many:
        return given | {names[-1]: said}, common_given
    if len(said) != len(names):
        return None
    return given | dict(zip(names, said, strict=True)), common_given


def _is_plain(flag: Flag, value: str) -> bool:
    """Whether a value can be taken as it is typed; one that begins like a flag may be a flag."""
    if flag.many or (value.startswith("-") and value != "-"):
        return False
    return flag.takes == "text" or value in flag.values
