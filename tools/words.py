"""Write words.tsv and words.ko.tsv in kubectl_joblab/cli/syntax, of what the commands declare.

    python -m tools.words

tests/cli/syntax/test_words.py compares the two. A new command has its words by its file alone.
words.py says what stands in each line. This knows no command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from kubectl_joblab import PROGRAM, cli
from kubectl_joblab.cli import program
from kubectl_joblab.cli.syntax import flags, pages, words
from kubectl_joblab.cli.syntax.declare import Command, Flag, Group
from kubectl_joblab.language import Language

COMMANDS = Path(cli.__file__).with_name("commands")


def text() -> str:
    """All of words.tsv."""
    return _joined(_lines(Language("en")))


def korean() -> str:
    """All of words.ko.tsv."""
    of_pages = (fields[:2] for fields in _lines(Language("ko")) if fields[0] != "flag")
    return _joined(of_pages)


def _joined(lines: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(fields) + "\n" for fields in lines)


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


def sentences() -> Iterator[str]:
    """All that the commands say of themselves and of their flags, which has a Korean twin each."""
    yield from _said(program.GROUP)
    yield from (flag.help for flag in flags.COMMON if flag.to in flags.OURS)
    for _, one in declared().values():
        yield from _said(one)
        if isinstance(one, Group):
            for command in one.commands.values():
                yield from _said(command)


def _said(one: Command | Group) -> Iterator[str]:
    yield from (one.help, *(comment for comment, _ in one.examples))
    if one.short_help:  # the program itself has none
        yield one.short_help
    if isinstance(one, Command):
        yield from (flag.help for flag in one.flags)


def _lines(language: Language) -> Iterator[Sequence[str]]:
    yield from map(_flag, flags.COMMON)
    found = declared()
    summaries = {name: one.short_help for name, (_, one) in found.items()}
    yield "command", "", "", "", "", ""
    yield _flag(words.VERSION)
    yield from _page(pages.of_group(PROGRAM, program.GROUP, summaries, language))
    for name, (module, one) in found.items():
        if isinstance(one, Command):
            yield from _command(name, module, one, language)
            continue
        yield "command", name, one.short_help, module, "", ""
        below = {command.name: command.short_help for command in one.commands.values()}
        yield from _page(pages.of_group(f"{PROGRAM} {name}", one, below, language))
        for command in one.commands.values():
            yield from _command(f"{name} {command.name}", "", command, language)


def _command(
    path: str, module: str, command: Command, language: Language
) -> Iterator[Sequence[str]]:
    arguments = " ".join(one.name + ("..." if one.many else "") for one in command.arguments)
    lab_flags = "lab_flags" if command.lab_flags else ""
    yield "command", path, command.short_help, module, arguments, lab_flags
    yield from map(_flag, command.flags)
    yield from _page(pages.of_command(f"{PROGRAM} {path}", command, command.flags, language))


def _flag(flag: Flag) -> Sequence[str]:
    many = "many" if flag.many else ""
    values = " ".join(flag.values)
    return "flag", " ".join(flag.names), flag.to, flag.takes, values, many, flag.help


def _page(page: str) -> Iterator[Sequence[str]]:
    return (("page", line) for line in page.split("\n"))


if __name__ == "__main__":
    Path(words.FILE).write_text(text(), "utf-8", newline="\n")
    Path(words.KOREAN).write_text(korean(), "utf-8", newline="\n")
