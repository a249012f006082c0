"""A few lines of a terminal that are redrawn in place, never on the alternate screen."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import TextIO

from kubectl_joblab.printing import tabwriter

SMALLEST = (60, 12)  # columns and rows; on a smaller terminal the stream is printed
_UP, _CLEAR_DOWN = "\x1b[{}A", "\x1b[J"
# While the terminal becomes narrower no line may wrap: _home counts on one row for each line.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def fits(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream is a terminal that is large enough and can redraw lines."""
    if not stream.isatty() or environ.get("TERM", "dumb") == "dumb":
        return False
    columns, rows = shutil.get_terminal_size()
    return columns >= SMALLEST[0] and rows >= SMALLEST[1]


class Screen:
    """Draws lines over those it drew before; at the end of its context it erases the last ones."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._drawn = 0

    def __enter__(self) -> Screen:
        self._stream.write(_HIDE_CURSOR)
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()
        self._stream.write(_SHOW_CURSOR)
        self._stream.flush()

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines in the place of the last ones; what the terminal has no room for is cut.

        That is lines below the last row, and the ends of lines that are too wide.
        """
        lines = [tabwriter.cut(line, self.columns()) for line in lines[: self.rows()]]
        body = "".join(f"{line}\n" for line in lines)
        self._stream.write(self._home() + _NO_WRAP + body + _WRAP)
        self._stream.flush()
        self._drawn = len(lines)

    def erase(self) -> None:
        """Erase the lines that were drawn."""
        self._stream.write(self._home())
        self._stream.flush()
        self._drawn = 0

    def columns(self) -> int:
        """How wide a line may be."""
        return shutil.get_terminal_size().columns

    def rows(self) -> int:
        """How many lines can be drawn: the cursor stays in the row below them."""
        return shutil.get_terminal_size().lines - 1

    def _home(self) -> str:
        """The escape sequences that go to the first drawn line and clear from there."""
        return "\r" + (_UP.format(self._drawn) if self._drawn else "") + _CLEAR_DOWN
