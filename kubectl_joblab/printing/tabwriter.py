"""Columns as kubectl aligns them: Go's text/tabwriter, with the width of wide characters.

Tables, describe and the live screen use it. tabulate's layouts are not kubectl's: it pads the
last column and it counts a Hangul syllable as one column unless a further package is installed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# k8s.io/cli-runtime/pkg/printers/tabwriter.go: minimal width, padding
TABLE = (6, 3)
# k8s.io/kubectl/pkg/describe/describe.go (tabbedString)
DESCRIBE = (0, 2)


def width(text: str) -> int:
    """The terminal columns a text takes: 2 for wide and full-width characters, 0 for marks."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in unicodedata.normalize("NFC", text)
    )


def pad(text: str, columns: int) -> str:
    """The text, filled with spaces up to this many terminal columns."""
    return text + " " * (columns - width(text))


def align(lines: Sequence[Sequence[str]], style: tuple[int, int]) -> list[str]:
    """One string for each line of cells; `style` is a minimal width and a padding.

    All cells but the last of a line belong to a column: a run of adjacent lines that have such a
    cell there. The last cell is printed as it is.
    """
    widths: list[list[int]] = [[] for _ in lines]
    for column in range(max((len(line) - 1 for line in lines), default=0)):
        start = 0
        for end in range(len(lines) + 1):
            if end == len(lines) or len(lines[end]) - 1 <= column:
                block = column_width([line[column] for line in lines[start:end]], style)
                for row in widths[start:end]:
                    row.append(block)
                start = end + 1
    return ["".join(map(pad, line, [*row, 0])) for line, row in zip(lines, widths, strict=True)]


def column_width(cells: Sequence[str], style: tuple[int, int]) -> int:
    """How wide a column of these cells is, padding included."""
    minimal, padding = style
    return max([minimal, *(width(cell) + padding for cell in cells)])


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table as `kubectl get` prints it: no header where there are no rows."""
    return align([header, *rows], TABLE) if rows else []
