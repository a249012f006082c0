"""The words that start-up reads are what the commands are."""

from __future__ import annotations

import importlib
import pprint
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli import program
from kubectl_joblab.cli.syntax import command, parameters, wordlist
from tests.golden import REWRITES

HEAD = '''"""The words of all commands, made of them by tests/cli/syntax/test_words.py."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.words import Command, Flag

'''


def groups_and_commands(
    entry: click.Command, path: str = "", summary: str = ""
) -> Iterator[tuple[str, str, click.Command]]:
    """The program, its commands and theirs: words, one line of help, command."""
    # a command that has run in this process has got the flags of a lab
    entry.params = [p for p in entry.params if not isinstance(p, parameters.ParameterFlag)]
    yield path, summary, entry
    if isinstance(entry, command.Group):
        for name, (_, _, help_) in sorted(entry.lazy.items()):
            below = entry.get_command(click.Context(entry), name)
            assert below is not None
            yield from groups_and_commands(below, f"{path} {name}".strip(), help_)


def described(summary: str, path: str, entry: click.Command) -> dict[str, Any]:
    """What the list says of a command."""
    ctx = click.Context(entry, info_name=f"{PROGRAM} {path}".strip())
    arguments = [param for param in entry.params if isinstance(param, click.Argument)]
    return {
        "summary": summary,
        "commands": tuple(sorted(entry.lazy)) if isinstance(entry, command.Group) else (),
        "arguments": tuple(
            (param.name or "") + ("..." if param.nargs < 0 else "") for param in arguments
        ),
        "flags": tuple(flag(param) for param in entry.params if is_own(param)),
        "lab_flags": isinstance(entry, parameters.LabCommand),
        "page": entry.get_help(ctx) + "\n",
    }


def is_own(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and not param.hidden


def flag(param: click.Parameter) -> dict[str, Any]:
    """What the list says of a flag."""
    assert isinstance(param, click.Option)
    return {
        "names": tuple(param.opts),
        "to": param.name,
        "takes": "" if param.is_flag else taken(param.type),
        "help": param.help or "",
        "values": tuple(getattr(param.type, "choices", getattr(param.type, "formats", ()))),
        "many": param.multiple,
    }


def taken(kind: click.ParamType[Any]) -> str:
    if isinstance(kind, click.types.StringParamType):
        return "text"
    return "choice" if isinstance(kind, click.Choice) or hasattr(kind, "formats") else kind.name


def made() -> dict[str, Any]:
    """What the list has to hold."""
    commands = {
        path: described(summary, path, entry)
        for path, summary, entry in groups_and_commands(program.program)
    }
    return {
        "COMMANDS": commands,
        "OPTIONS": tuple(flag(param) for param in command.global_flags()),
    }


def test_the_words_are_those_of_the_commands() -> None:
    if REWRITES:
        types = {"COMMANDS": "dict[str, Command]", "OPTIONS": "tuple[Flag, ...]"}
        parts = [
            f"{name}: {types[name]} = {pprint.pformat(value, width=98, sort_dicts=False)}\n"
            for name, value in made().items()
        ]
        Path(wordlist.__file__).write_text(HEAD + "".join(parts), "utf-8")
        importlib.reload(wordlist)
    assert made() == {"COMMANDS": wordlist.COMMANDS, "OPTIONS": wordlist.OPTIONS}
