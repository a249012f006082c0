"""Records a command on a terminal as a film made of text: an SVG that every browser plays.

    python -m tools.recording FILE.svg COMMAND [ARGUMENT ...]

The command runs on a terminal of 80 columns and 24 rows; the film has what one sees there, when and
in which colour, and nothing that was not printed. Each line is one element for as long as it stays
the same. A viewer that does not play films shows the last screen. The READMEs' films are made of
`kubectl joblab start parallelism`, without and with --lang=ko.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import pyte

COLUMNS, ROWS = 80, 24
STEP = 0.1  # seconds; screens that follow each other sooner are shown as one
LAST = 5.0  # seconds that the last screen stays before the film begins anew
_WIDTH, _HEIGHT, _MARGIN = 8.4, 18, 14  # of a character, in pixels
_COLOURS = {
    "green": "#4ec97b",
    "red": "#ff6b68",
    "brown": "#e5c07b",
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
}
_STYLE = (
    "text{white-space:pre;fill:#d8dee4;"
    "font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
)


class Run(NamedTuple):
    """Characters of one colour that are all one column wide or all two. column: of the first."""

    text: str
    colour: str = "default"
    column: int = 0


Line = tuple[Run, ...]


class Shown(NamedTuple):
    """A line of the terminal. begin and end: from when until when it was shown, in seconds."""

    row: int
    line: Line
    begin: float
    end: float


def main() -> int:
    """Record the command that the command line names, and return the command's exit code."""
    path, *command = sys.argv[1:] or [""]
    if not command:
        sys.exit("usage: python -m tools.recording FILE.svg COMMAND [ARGUMENT ...]")
    screens: list[tuple[float, list[Line]]] = []
    code = record(command, screens)
    Path(path).write_text(film(shlex.join(command), screens), encoding="utf-8")
    return code


def record(command: Sequence[str], screens: list[tuple[float, list[Line]]]) -> int:
    """Run a command and return its exit code.

    screens: gets each screen that the command shows, with the seconds since the command's start.
    """
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    stream.feed(f"$ {shlex.join(command)}\r\n".encode())
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environ = {**os.environ, "TERM": "xterm-256color"}
    screens.append((0.0, _lines(screen)))
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
    )
    os.close(slave)
    with contextlib.suppress(OSError):  # EIO: the last process has closed the terminal
        while chunk := os.read(master, 65536):
            stream.feed(chunk)
            screens.append((time.monotonic() - start, _lines(screen)))
    os.close(master)
    return process.wait()


def _lines(screen: pyte.Screen) -> list[Line]:
    return [_line(screen, row) for row in range(ROWS)]


def _line(screen: pyte.Screen, row: int) -> Line:
    """The runs of a row of the screen, without the spaces at its end.

    The cell of a wide character's second column is empty.
    """
    cells = [screen.buffer[row][column] for column in range(COLUMNS)]
    length = len("".join(cell.data or "_" for cell in cells).rstrip())
    cells = [*cells[:length], cells[-1]._replace(data=" ")]
    kinds = [
        ("default" if cell.data == " " else cell.fg, after.data == "")
        for cell, after in itertools.pairwise(cells)
        if cell.data
    ]
    columns = [column for column, cell in enumerate(cells[:-1]) if cell.data]
    runs = itertools.groupby(zip(columns, kinds, strict=True), key=lambda entry: entry[1])
    return tuple(_run(cells, [column for column, _ in run]) for _, run in runs)


def _run(cells: Sequence[pyte.screens.Char], columns: Sequence[int]) -> Run:
    text = "".join(cells[column].data for column in columns)
    return Run(text, "default" if text.isspace() else cells[columns[0]].fg, columns[0])


def film(title: str, screens: Sequence[tuple[float, Sequence[Line]]]) -> str:
    """The SVG that plays these screens; title: its title, the command."""
    length = round(screens[-1][0] + LAST, 1)
    width = round(COLUMNS * _WIDTH + 2 * _MARGIN)
    height = ROWS * _HEIGHT + 2 * _MARGIN
    last = "\n".join("".join(run.text for run in line) for line in screens[-1][1]).strip()
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
        f'viewBox="0 0 {width} {height}">',
        f"<title>{escape(title)}</title>",
        f"<desc>The last screen:\n{escape(last)}</desc>",
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" rx="6" fill="#1b1f24">',
        '<animate id="film" attributeName="x" from="0" to="0" begin="0s;film.end" '
        f'dur="{length}s"/>',
        "</rect>",
    ]
    return "\n".join(
        [*lines, *(_text(one, length) for one in shown(screens, length)), "</svg>", ""]
    )


def shown(screens: Sequence[tuple[float, Sequence[Line]]], length: float) -> Iterator[Shown]:
    """Each line of the screens that is not empty, row by row, with the time it was shown.

    length: when the last screen ends, in seconds.
    """
    times = [0.0, *(round(when / STEP) * STEP for when, _ in screens[1:]), length]
    for row in range(ROWS):
        begin = 0.0
        for index, (_, lines) in enumerate(screens):
            following = screens[index + 1][1][row] if index + 1 < len(screens) else None
            if following == lines[row]:
                continue
            end = times[index + 1]
            if lines[row] and end - begin >= STEP / 2:
                yield Shown(row, lines[row], begin, end)
            begin = end


def _text(one: Shown, length: float) -> str:
    wide = any(not run.text.isascii() for run in one.line)
    runs = "".join(_span(run, placed=wide) for run in one.line)
    y = _MARGIN + _HEIGHT * one.row + 13
    hidden = ' visibility="hidden"' if one.end < length else ""
    return f'<text x="{_MARGIN}" y="{y}"{hidden}>{runs}{_change(one, length)}</text>'


def _span(run: Run, *, placed: bool) -> str:
    """The SVG of a run.

    placed: whether to put it at its own column, because a font may make wide characters narrower
    or wider than two others.
    """
    at = f' x="{_MARGIN + run.column * _WIDTH:.1f}"' if placed and run.column else ""
    colour = _colour(run.colour)
    fill = f' fill="{colour}"' if colour else ""
    return f"<tspan{at}{fill}>{escape(run.text)}</tspan>" if at or fill else escape(run.text)


def _colour(name: str) -> str:
    """The SVG colour for pyte's name of one; "" for the terminal's default and unknown names."""
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return _COLOURS.get(name.removeprefix("bright"), "")


def _change(one: Shown, length: float) -> str:
    """The SVG animation that shows a line in its time.

    Lines of the last screen are visible in themselves and hidden until their time, so that a
    viewer which does not play films shows that screen.
    """
    if one.end < length:
        begin, seconds = f"film.begin+{one.begin:.1f}s", one.end - one.begin
        return _set("visible", begin, seconds)
    return _set("hidden", "film.begin", one.begin) if one.begin else ""


def _set(to: str, begin: str, seconds: float) -> str:
    return f'<set attributeName="visibility" to="{to}" begin="{begin}" dur="{seconds:.1f}s"/>'


if __name__ == "__main__":
    sys.exit(main())
