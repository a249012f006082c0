"""Writes docs/commands/, a page for each command, from what the command's --help prints.

tests/test_docs.py compares the pages with what is made here, and writes them anew with
`REWRITE_GOLDEN=1`. The words of all commands are read from cli/syntax/words.tsv, so that a new
command has its page by itself. This module knows how a page of help is laid out, and no command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli.syntax import words

if TYPE_CHECKING:
    from kubectl_joblab.cli.syntax.declare import Flag

FOLDER = Path(__file__).parent.parent / "docs" / "commands"
INDEX = "README.md"
_HEADS = ("Examples:", "Available Commands:", "Options:", "Usage:")
_MADE = "<!-- Made of the command's --help by tools/command_pages.py. -->"
_OPTION = re.compile(r"^    (?P<names>.+?)=(?P<default>.*):\n\t(?P<help>.*)$", re.MULTILINE)
_COMMON = "The [flags of all commands](options.md) can be given too."


def pages() -> dict[str, str]:
    """The texts of all pages and of the index, by file name."""
    made = {_file(path): "\n".join(_page(path)) for path in words.COMMANDS if path}
    return {INDEX: "\n".join(_index()), **made}


def write() -> None:
    """Write all pages, and delete those whose command is gone."""
    made = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, "utf-8")


def _file(path: str) -> str:
    return f"{path.replace(' ', '-')}.md"


def _index() -> Iterator[str]:
    yield from (_MADE, "", "# Commands", "")
    yield "`kubectl joblab <command> --help` prints what stands on these pages."
    yield from ("", "| command | what it does |", "|---|---|")
    for path, command in words.COMMANDS.items():
        if path:
            yield f"| [{path}]({_file(path)}) | {command.summary} |"
    yield ""


def _page(path: str) -> Iterator[str]:
    command = words.COMMANDS[path]
    parts = _sections(command.page)
    yield from (_MADE, "", f"# {PROGRAM} {path}", "", parts[""], "")
    yield from _code("Usage", parts["Usage:"])
    if examples := parts.get("Examples:"):
        yield from _code("Examples", examples)
    if command.commands:
        yield from ("## Commands", "", "| command | what it does |", "|---|---|")
        for name in command.commands:
            below = f"{path} {name}"
            yield f"| [{name}]({_file(below)}) | {words.COMMANDS[below].summary} |"
        yield ""
    if options := parts.get("Options:"):
        yield from ("## Options", "", *_rows(_OPTION.findall(options)), "")
    if path == "options":
        yield from ("## Flags of all commands", "", *_rows(map(_cells, words.OPTIONS)), "")
    yield from (_COMMON, "") if path != "options" else ()


def _sections(page: str) -> dict[str, str]:
    """The text below each heading of a page of help; the text above the first one is at ""."""
    sections: dict[str, list[str]] = {"": []}
    head = ""
    for line in page.splitlines():
        if line in _HEADS:
            head = line
        elif not line.startswith("Use "):
            sections.setdefault(head, []).append(line.rstrip() if head != "Options:" else line)
    return {head: "\n".join(lines).strip("\n") for head, lines in sections.items()}


def _code(title: str, text: str) -> Iterator[str]:
    lines = (line.removeprefix("  ") for line in text.splitlines())
    yield from (f"## {title}", "", "```", *lines, "```", "")


def _cells(flag: Flag) -> tuple[str, str, str]:
    """A flag as the pages of help print it: its names, its default, what it does."""
    default = "''" if flag.takes else "false"
    return ", ".join(flag.names), "[]" if flag.many else default, flag.help


def _rows(flags: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield from ("| flag | default | what it does |", "|---|---|---|")
    for names, default, text in flags:
        yield f"| `{names}` | `{default}` | {text} |"
