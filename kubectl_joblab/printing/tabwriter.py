"""Columns as kubectl aligns them: Go's text/tabwriter, with the width of wide characters.

Tables, describe and the live screen use it. tabulate's layouts are not kubectl's: it pads the
last column and it counts a Hangul syllable as one column unless a further package is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Style(NamedTuple):
    """How wide a column is at least, how far it is from the next, whether it never gets narrower.

    In a table it never does: below a line that breaks a column, it goes on as wide as it was.
    """

    minimal: int
    padding: int
    remembers: bool = False


# k8s.io/cli-runtime/pkg/printers/tabwriter.go, which remembers widths
TABLE = Style(6, 3, remembers=True)
# k8s.io/kubectl/pkg/describe/describe.go (tabbedString)
DESCRIBE = Style(0, 2)


def width(text: str) -> int:
    """The terminal columns a text takes: 2 for wide and full-width characters, 0 for marks."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in unicodedata.normalize("NFC", text)
    )


def cut(text: str, columns: int) -> str:
    """The text, without what goes beyond this many terminal columns."""
    if width(text) <= columns:
        return text
    while width(text) > columns:
        text = text[:-1]
    return text


def pad(text: str, columns: int) -> str:
    """The text, filled with spaces up to this many terminal columns."""
    return text + " " * (columns - width(text))


def align(lines: Sequence[Sequence[str]], style: Style) -> list[str]:
    """One string for each line of cells.

    All cells but the last of a line belong to a column: a run of adjacent lines that have such a
    cell there. The last cell is printed as it is.
    """
    widths: list[list[int]] = [[] for _ in lines]
    for column in range(max((len(line) - 1 for line in lines), default=0)):
        start = widest = 0
        for end in range(len(lines) + 1):
            if end == len(lines) or len(lines[end]) - 1 <= column:
                block = max(
                    widest, column_width([line[column] for line in lines[start:end]], style)
                )
                widest = block if style.remembers else 0
                for row in widths[start:end]:
                    row.append(block)
                start = end + 1
    return ["".join(map(pad, line, [*row, 0])) for line, row in zip(lines, widths, strict=True)]


def column_width(cells: Sequence[str], style: Style) -> int:
    """How wide a column of these cells is, padding included."""
    return max([style.minimal, *(width(cell) + style.padding for cell in cells)])


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table as `kubectl get` prints it: no header where there are no rows."""
    return align([header, *rows], TABLE) if rows else []
