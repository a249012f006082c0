"""Write kubectl_joblab/cli/syntax/words.tsv, of what the files of the commands declare.

    python -m tools.words

tests/cli/syntax/test_words.py compares the two. A new command has its words by its file alone.
words.py says what stands in each line. This knows no command.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from kubectl_joblab import PROGRAM, cli
from kubectl_joblab.cli import program
from kubectl_joblab.cli.syntax import flags, pages, words
from kubectl_joblab.cli.syntax.declare import Command, Flag, Group

COMMANDS = Path(cli.__file__).with_name("commands")


def text() -> str:
    """All of words.tsv."""
    return "".join("\t".join(fields) + "\n" for fields in _lines())


def declared() -> dict[str, tuple[str, Command | Group]]:
    """The commands of the program by name, each with the module below cli/commands it is in."""
    found = {}
    for file in sorted(COMMANDS.glob("*/*.py"), key=lambda file: file.stem):
        module = f"{file.parent.name}.{file.stem}"
        try:
            one = program.declared_in(import_module(f"{program.PACKAGE}.{module}"), file.stem)
        except LookupError:
            continue  # what several commands share
        found[file.stem] = module, one
    return found


def _lines() -> Iterator[Sequence[str]]:
    yield from map(_flag, flags.COMMON)
    found = declared()
    summaries = {name: one.short_help for name, (_, one) in found.items()}
    yield "command", "", "", "", "", ""
    yield _flag(words.VERSION)
    yield from _page(pages.of_group(PROGRAM, program.GROUP, summaries))
    for name, (module, one) in found.items():
        if isinstance(one, Command):
            yield from _command(name, module, one)
            continue
        yield "command", name, one.short_help, module, "", ""
        below = {command.name: command.short_help for command in one.commands.values()}
        yield from _page(pages.of_group(f"{PROGRAM} {name}", one, below))
        for command in one.commands.values():
            yield from _command(f"{name} {command.name}", "", command)


def _command(path: str, module: str, command: Command) -> Iterator[Sequence[str]]:
    arguments = " ".join(one.name + ("..." if one.many else "") for one in command.arguments)
    lab_flags = "lab_flags" if command.lab_flags else ""
    yield "command", path, command.short_help, module, arguments, lab_flags
    yield from map(_flag, command.flags)
    yield from _page(pages.of_command(f"{PROGRAM} {path}", command, command.flags))


def _flag(flag: Flag) -> Sequence[str]:
    many = "many" if flag.many else ""
    values = " ".join(flag.values)
    return "flag", " ".join(flag.names), flag.to, flag.takes, values, many, flag.help


def _page(page: str) -> Iterator[Sequence[str]]:
    return (("page", line) for line in page.split("\n"))


if __name__ == "__main__":
    Path(words.FILE).write_text(text(), "utf-8", newline="\n")
