"""The pages of help, laid out as kubectl's are, from what is declared.

command.py prints the pages; tools/words.py keeps them, so that --help needs no click.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kubectl_joblab import PROGRAM
from kubectl_joblab.cli.syntax.declare import Command, Flag, Group
from kubectl_joblab.printing import fold


def of_command(path: str, command: Command, flags: Iterable[Flag]) -> str:
    """The page of a command that is typed as `path`: description, examples, options, usage."""
    shown = [line for flag in flags for line in of_flag(flag)]
    words = [path, *(argument.metavar for argument in command.arguments), "[options]"]
    return "\n".join(
        [
            *_paragraphs(command.help),
            "",
            *_examples(command.examples),
            *(["Options:", *shown] if shown else []),
            "Usage:",
            f"  {' '.join(words)}",
            "",
            f'Use "{PROGRAM} options" for the kubectl flags that apply to all commands.',
        ]
    )


def of_group(path: str, group: Group, summaries: Mapping[str, str]) -> str:
    """The page of a group: description, examples, commands with their summaries, usage."""
    width = max(*map(len, summaries), 9) + 3
    return "\n".join(
        [
            *_paragraphs(group.help),
            "",
            *_examples(group.examples),
            "Available Commands:",
            *(f"  {name:<{width}}{summary}" for name, summary in sorted(summaries.items())),
            "",
            "Usage:",
            f"  {path} [flags] [options]",
            "",
            f'Use "{path} <command> --help" for more information about a command.',
            f'Use "{PROGRAM} options" for the kubectl flags that apply to all commands.',
        ]
    )


def of_flag(flag: Flag) -> list[str]:
    """The lines of a flag: its names with the default, then what the flag does."""
    if flag.many:
        shown = "[]"
    elif not flag.takes:
        shown = str(bool(flag.default)).lower()
    elif isinstance(flag.default, int):
        shown = str(flag.default)
    else:
        shown = f"'{flag.default or ''}'"
    return [f"    {names(flag.names)}={shown}:", f"\t{flag.help}", ""]


def names(of: Sequence[str]) -> str:
    """The names of a flag as kubectl shows them, the short one first."""
    return ", ".join(sorted(of, key=lambda name: name.startswith("--")))


def _paragraphs(text: str) -> list[str]:
    return [folded for line in text.strip().splitlines() for folded in fold.fold(line)]


def _examples(examples: Sequence[tuple[str, str]]) -> list[str]:
    lines = ["Examples:"]
    for index, (comment, command) in enumerate(examples):
        lines += ["  "] if index else []
        lines.append(f"  # {comment}")
        lines += [f"  {line}" for line in command.splitlines()]
    return [*lines, ""]
