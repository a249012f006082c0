"""Long sentences as lines of a given width, counted in terminal columns."""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.printing import tabwriter

COLUMNS = 80


def fits(lines: Sequence[str]) -> bool:
    """Whether none of these lines is wider than a usual terminal."""
    return all(tabwriter.width(line) <= COLUMNS for line in lines)


def fold(
    text: str, *, first: str = "", rest: str | None = None, columns: int = COLUMNS
) -> list[str]:
    """The text folded at its spaces.

    `first` begins the first line, `rest` each further one (as many spaces where it is None). A
    word that is too long for a line keeps it for itself.
    """
    indent = " " * tabwriter.width(first) if rest is None else rest
    lines, line, empty = [], first, True
    for word in text.split():
        candidate = line + ("" if empty else " ") + word
        if not empty and tabwriter.width(candidate) > columns:
            lines.append(line)
            candidate = indent + word
        line, empty = candidate, False
    return [*lines, line]
