"""Long sentences as lines of a given width, counted in terminal columns."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.language import MARK
from kubectl_joblab.printing import tabwriter

COLUMNS = 80  # of a usual terminal
_HELD = "\x0f"  # stands for a blank at which no line may end


def fits(lines: Sequence[str]) -> bool:
    """Whether none of these lines is wider than a usual terminal."""
    return all(tabwriter.width(line) <= COLUMNS for line in lines)


def fold(
    text: str, *, first: str = "", rest: str | None = None, columns: int = COLUMNS
) -> list[str]:
    """The lines of a text that is folded at its spaces, but not at those of a command in MARKs.

    first: what the first line begins with. rest: what each further line begins with; None stands
    for as many spaces as `first` is wide. A word that is too long for a line has a line of its own.
    """
    indent = " " * tabwriter.width(first) if rest is None else rest
    lines, line, empty = [], first, True
    for word in _words(text):
        candidate = line + ("" if empty else " ") + word
        if not empty and tabwriter.width(candidate) > columns:
            lines.append(line)
            candidate = indent + word
        line, empty = candidate, False
    return [*lines, line]


def _words(text: str) -> list[str]:
    """What stands on one line: words, commands, Korean words with their English in brackets."""
    parts = text.split(MARK)
    parts[1::2] = [command.replace(" ", _HELD) for command in parts[1::2]]
    words: list[str] = []
    for word in "".join(parts).split():
        before, bracket, gloss = words[-1].rpartition("(") if words else ("", "", "")
        if (
            bracket
            and gloss.isascii()
            and gloss.islower()
            and gloss.isalpha()
            and before[-1:] >= "가"
        ):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return [word.replace(_HELD, " ") for word in words]
