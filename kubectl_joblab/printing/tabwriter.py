"""Columns as kubectl aligns them: as Go's text/tabwriter does, but with wide characters counted.

Tables, describe and the live screen are laid out with it. The package tabulate does not lay out as
kubectl does: it pads the last column, and counts a Hangul syllable as one column unless a further
package is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Style(NamedTuple):
    """How columns are laid out.

    minimal: the least width of a column, with its padding. padding: the spaces behind the longest
    cell. remembers: whether a column that is broken by a line without it goes on at least as wide
    below that line.
    """

    minimal: int
    padding: int
    remembers: bool = False


# as in k8s.io/cli-runtime/pkg/printers/tabwriter.go
TABLE = Style(6, 3, remembers=True)
# as in k8s.io/kubectl/pkg/describe/describe.go (tabbedString)
DESCRIBE = Style(0, 2)
# for a terminal that takes a table no other way
TIGHT = Style(0, 1)


def width(text: str) -> int:
    """How many terminal columns a text takes: 2 for a wide character, 0 for a combining mark."""
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
    """The text without its characters beyond this many terminal columns."""
    if width(text) <= columns:
        return text
    while width(text) > columns:
        text = text[:-1]
    return text


def pad(text: str, columns: int) -> str:
    """The text with spaces behind it, so that it takes this many terminal columns."""
    return text + " " * (columns - width(text))


def align(lines: Sequence[Sequence[str]], style: Style) -> list[str]:
    """A string for each line of cells, with the cells of a column below each other.

    As in Go's text/tabwriter, a column is a run of adjacent lines that all have a cell there which
    is not the line's last. The last cell of a line belongs to no column and is not padded.
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
    """The lines of a table as `kubectl get` prints it; none, not even a header, without rows."""
    return align([header, *rows], TABLE) if rows else []
