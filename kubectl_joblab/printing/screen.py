"""A few lines of a terminal that are redrawn in place, never on the alternate screen."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TextIO

from kubectl_joblab.printing import tabwriter
from kubectl_joblab.printing.visible import visible

SMALLEST = (60, 12)  # columns and rows; on a smaller terminal the stream is printed
_UP, _CLEAR_DOWN = "\x1b[{}A", "\x1b[J"
# No line may wrap while it is drawn, though the terminal may be narrower by then.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def fits(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream is a terminal that is large enough and can redraw lines."""
    if not stream.isatty() or environ.get("TERM", "dumb") == "dumb":
        return False
    columns, rows = shutil.get_terminal_size()
    return columns >= SMALLEST[0] and rows >= SMALLEST[1]


def reflows(environ: Mapping[str, str]) -> bool:
    """Whether a terminal wraps the lines it shows when it becomes narrower; xterm does not."""
    return not ("XTERM_VERSION" in environ or "STY" in environ)


class Screen:
    """Draws lines over those it drew before; at the end of its context it erases the last ones.

    Inside the context what is typed is not shown: it would move the lines. reflows: whether the
    terminal wraps the lines that are too long when it becomes narrower.
    """

    def __init__(self, stream: TextIO, *, reflows: bool = True) -> None:
        self._stream = stream
        self._reflows = reflows
        self._drawn: list[int] = []  # how wide each line is that was drawn
        self._before: list[Any] = []  # how the terminal was set

    def __enter__(self) -> Screen:
        self._silence()
        self._stream.write(_HIDE_CURSOR)
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()
        self._stream.write(_SHOW_CURSOR)
        self._stream.flush()
        if self._before:
            import termios

            with suppress(termios.error):  # the terminal is gone
                # what was typed meanwhile was meant for nobody
                termios.tcsetattr(self._stream.fileno(), termios.TCSAFLUSH, self._before)
            self._before = []

    def _silence(self) -> None:
        """Have the terminal not show what is typed, where it can be told so; Ctrl-C still works."""
        try:
            import termios  # no Windows has it
        except ImportError:
            return
        with suppress(OSError, ValueError, termios.error):  # no terminal of this system's
            self._before = termios.tcgetattr(self._stream.fileno())
            silent = list(self._before)
            silent[3] &= ~termios.ECHO
            termios.tcsetattr(self._stream.fileno(), termios.TCSANOW, silent)

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines in the place of the last ones; what the terminal has no room for is cut.

        That is lines below the last row, and the ends of lines that are too wide.
        """
        shown = (visible(line) for line in lines[: self.rows()])
        lines = [tabwriter.cut(line, self.columns()) for line in shown]
        body = "".join(f"{line}\n" for line in lines)
        drawn = self._home() + _NO_WRAP + body + _WRAP
        # Ctrl-C that comes while the terminal takes the lines finds them drawn
        self._drawn = [tabwriter.width(line) for line in lines]
        self._stream.write(drawn)
        self._stream.flush()

    def erase(self) -> None:
        """Erase the lines that were drawn."""
        self._stream.write(self._home())
        self._stream.flush()
        self._drawn = []

    def columns(self) -> int:
        """How wide a line may be."""
        return shutil.get_terminal_size().columns

    def rows(self) -> int:
        """How many lines can be drawn: the cursor stays in the row below them."""
        return shutil.get_terminal_size().lines - 1

    def _home(self) -> str:
        """The escape sequences that go to the first drawn line and clear from there."""
        columns = self.columns() if self._reflows else max(self._drawn, default=1)
        rows = sum(max(-(-width // columns), 1) for width in self._drawn)
        return "\r" + (_UP.format(rows) if rows else "") + _CLEAR_DOWN
