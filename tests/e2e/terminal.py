"""A command on a terminal of 80 columns and 24 rows: what its user sees, moment by moment."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import shlex
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Mapping

import pyte

from tests.e2e.place import PATIENCE, Outcome, Place

COLUMNS, ROWS = 80, 24
_SCROLLED = 1000  # lines above the screen that are kept
_DRAWN = b"\x1b[?7h"  # what the live view writes behind its last line
# a terminal of its own, so that Ctrl-C typed there is a SIGINT here
_LEAD = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """One command on one terminal.

    frames: the screens that the command drew, without empty lines at the end.
    """

    def __init__(self, line: str, place: Place, environ: Mapping[str, str], rows: int) -> None:
        self.line = line
        self.frames: list[list[str]] = []
        self.raw = b""
        self._screen = pyte.HistoryScreen(COLUMNS, rows, history=_SCROLLED)
        self._stream = pyte.ByteStream(self._screen)
        self._news = threading.Condition()
        self._ended = self._closed = False
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LEAD, *shlex.split(line)],
            cwd=place.home,
            env=dict(environ),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # EIO: the last process has closed the terminal
            while chunk := os.read(self._master, 65536):
                with self._news:
                    self._feed(chunk)
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _feed(self, chunk: bytes) -> None:
        self.raw += chunk
        *drawn, rest = chunk.split(_DRAWN)
        for part in drawn:
            self._stream.feed(part + _DRAWN)
            self.frames.append(self._visible())
        self._stream.feed(rest)

    def _visible(self) -> list[str]:
        lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def text(self) -> str:
        """All text above the cursor, with the lines that have scrolled away."""
        with self._news:
            above = [
                "".join(row[column].data for column in range(COLUMNS)).rstrip()
                for row in self._screen.history.top
            ]
            return "".join(f"{line}\n" for line in [*above, *self._visible()])

    @property
    def cursor_hidden(self) -> bool:
        """Whether the cursor is hidden."""
        return bool(self._screen.cursor.hidden)

    def await_frame(self, fits: Callable[[list[str]], bool], seconds: float = PATIENCE) -> None:
        """Wait until the command has drawn a frame that fits."""
        with self._news:
            self._news.wait_for(lambda: self._ended or any(map(fits, self.frames)), seconds)
            assert any(map(fits, self.frames)), "\n".join(self._visible())

    def await_text(self, text: str, seconds: float = PATIENCE) -> None:
        """Wait until the terminal shows the text in one of its lines."""
        with self._news:
            self._news.wait_for(lambda: self._ended or self._shows(text), seconds)
            assert self._shows(text), "\n".join(self._visible())

    def _shows(self, text: str) -> bool:
        return any(text in line for line in self._visible())

    def type(self, keys: str) -> None:
        """Type on the terminal's keyboard; Ctrl-C is \\x03."""
        os.write(self._master, keys.encode())

    def finish(self, seconds: float = PATIENCE) -> Outcome:
        """Wait until the command ends; the outcome's output is all that the terminal shows."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise AssertionError("still running:\n" + "\n".join(self._visible())) from error
        self.kill()
        return Outcome(self.line, code, self.text, "")

    def kill(self) -> None:
        """End the command, whatever it does, and close the terminal."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(PATIENCE)
        if not self._closed:
            os.close(self._master)
        self._closed = True


def open_on(place: Place, line: str, *, rows: int = ROWS) -> Terminal:
    """Run a command line on a terminal, an xterm unless the place says otherwise."""
    return Terminal(line, place, {"TERM": "xterm-256color", **place.environ}, rows)
