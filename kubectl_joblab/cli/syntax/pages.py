"""The pages of help, laid out as kubectl's are, from what is declared.

command.py prints the pages; tools/words.py keeps them, so that --help needs no click.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kubectl_joblab.cli.syntax.declare import Command, Flag, Group
from kubectl_joblab.language import Language, phrase
from kubectl_joblab.printing import fold

_OPTIONS = phrase('Use "kubectl joblab options" for the kubectl flags that apply to all commands.')


def of_command(path: str, command: Command, flags: Iterable[Flag], text: Language) -> str:
    """The page of a command that is typed as `path`: description, examples, options, usage."""
    shown = [line for flag in flags for line in of_flag(flag, text)]
    words = [path, *(argument.metavar for argument in command.arguments), "[options]"]
    return "\n".join(
        [
            *_paragraphs(text.declared(command.help)),
            "",
            *_examples(command.examples, text),
            *([text(phrase("Options:")), *shown] if shown else []),
            text(phrase("Usage:")),
            f"  {' '.join(words)}",
            "",
            text(_OPTIONS),
        ]
    )


def of_group(path: str, group: Group, summaries: Mapping[str, str], text: Language) -> str:
    """The page of a group: description, examples, commands with their summaries, usage."""
    width = max(*map(len, summaries), 9) + 3
    return "\n".join(
        [
            *_paragraphs(text.declared(group.help)),
            "",
            *_examples(group.examples, text),
            text(phrase("Available Commands:")),
            *(
                f"  {name:<{width}}{text.declared(summary)}"
                for name, summary in sorted(summaries.items())
            ),
            "",
            text(phrase("Usage:")),
            f"  {path} [flags] [options]",
            "",
            text(
                phrase(
                    'Use "{path} <command> --help" for more information about a command.', path=path
                )
            ),
            text(_OPTIONS),
        ]
    )


def of_flag(flag: Flag, text: Language) -> list[str]:
    """The lines of a flag: its names with the default, then what the flag does."""
    if flag.many:
        shown = "[]"
    elif not flag.takes:
        shown = str(bool(flag.default)).lower()
    elif isinstance(flag.default, int):
        shown = str(flag.default)
    else:
        shown = f"'{flag.default or ''}'"
    return [f"    {names(flag.names)}={shown}:", f"\t{text.declared(flag.help)}", ""]


def names(of: Sequence[str]) -> str:
    """The names of a flag as kubectl shows them, the short one first."""
    return ", ".join(sorted(of, key=lambda name: name.startswith("--")))


def _paragraphs(text: str) -> list[str]:
    """The lines of a description, folded. A line that ends no sentence goes on in the next."""
    joined = re.sub(r"(?<![.:)])\n", " ", text.strip())
    return [folded for line in joined.splitlines() for folded in fold.fold(line)]


def _examples(examples: Sequence[tuple[str, str]], text: Language) -> list[str]:
    lines = [text(phrase("Examples:"))]
    for index, (comment, command) in enumerate(examples):
        lines += ["  "] if index else []
        lines.append(f"  # {text.declared(comment)}")
        lines += [f"  {line}" for line in command.splitlines()]
    return [*lines, ""]
