"""A terminal of 80 columns and 24 rows for a command in this process, and what is seen on it."""

from __future__ import annotations

import io

import pyte

COLUMNS, ROWS = 80, 24
ENVIRON = {"TERM": "xterm-256color", "NO_COLOR": "1"}
_SCROLLED = 1000  # lines above the screen that are kept
_DRAWN = "\x1b[?7h"  # what the live view writes behind its last line


class Terminal(io.StringIO):
    """A stream that is a terminal. frames: the screen each time the live view was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[str] = []
        self._screen = pyte.HistoryScreen(COLUMNS, ROWS, history=_SCROLLED)
        # a new line begins at the left, as the kernel's terminal driver makes it
        self._screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self._screen)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *drawn, rest = text.split(_DRAWN)
        for part in drawn:
            self._stream.feed(part + _DRAWN)
            self.frames.append(_joined(list(self._screen.display)))
        self._stream.feed(rest)
        return len(text)

    def getvalue(self) -> str:
        """All lines that the terminal has, also those that have scrolled away."""
        above = [
            "".join(row[column].data for column in range(COLUMNS))
            for row in self._screen.history.top
        ]
        return _joined([*above, *self._screen.display])


def _joined(lines: list[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines).rstrip("\n") + "\n"
