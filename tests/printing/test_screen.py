"""Lines redrawn in place: what a terminal shows after it, not what is written to it."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import suppress

import pyte
import pytest
from pyte import modes

from kubectl_joblab.printing import screen

if os.name != "nt":
    import pty
    import termios

ROWS, COLUMNS = 14, 60


class Terminal(io.StringIO):
    """A terminal with something above the prompt; what is written to it can be looked at."""

    def __init__(self, above: int = 2, rows: int = ROWS, columns: int = COLUMNS) -> None:
        super().__init__()
        self.screen = pyte.Screen(columns, rows)
        self._feed = pyte.Stream(self.screen).feed
        for number in range(above):
            self.write(f"above {number}\n")

    def write(self, text: str) -> int:
        self._feed(text.replace("\n", "\r\n"))
        return super().write(text)

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> list[str]:
        """The rows down to the last that is not empty."""
        rows = [str(row).rstrip() for row in self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column."""
        return self.screen.cursor.y, self.screen.cursor.x


@pytest.fixture(autouse=True)
def _size(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size the environment says, as a shell does."""
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("LINES", str(ROWS))


ABOVE = ["above 0", "above 1"]


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [
        pytest.param([["a", "b"]], ["a", "b"], id="drawn once"),
        pytest.param([["a", "b"], ["c", "d"]], ["c", "d"], id="drawn over"),
        pytest.param([["long line", "b"], ["c", "d"]], ["c", "d"], id="a shorter line"),
        pytest.param([["a", "b", "c", "d"], ["e"]], ["e"], id="fewer lines than before"),
        pytest.param([["a"], ["b", "c", "d"]], ["b", "c", "d"], id="more lines than before"),
        pytest.param([["a", "b"], []], [], id="no lines at all"),
        pytest.param([["a", "", "b"], ["c", "", "d"]], ["c", "", "d"], id="an empty line"),
        pytest.param([["a"]] * 50, ["a"], id="drawn fifty times"),
        pytest.param([["한글", "b"], ["c", "d"]], ["c", "d"], id="Korean drawn over"),
    ],
)
def test_lines_are_drawn_over_those_before(drawn: list[list[str]], shown: list[str]) -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        for lines in drawn:
            view.draw(lines)
        assert terminal.shown == ABOVE + shown


def test_a_line_too_long_stays_one_row() -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        for letter in "abc":
            view.draw([letter * 200, "below"])
        assert terminal.shown == [*ABOVE, "c" * COLUMNS, "below"]


def test_a_korean_line_too_long_stays_one_row() -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        for _ in range(3):
            view.draw(["가" * 50, "below"])
        assert len(terminal.shown) == len(ABOVE) + 2
        assert terminal.shown[-1] == "below"


def test_at_the_bottom_of_the_terminal_the_lines_above_scroll_away_once() -> None:
    terminal = Terminal(above=ROWS - 1)
    with screen.Screen(terminal) as view:
        for letter in "abc":
            view.draw([f"{letter}{number}" for number in range(4)])
    left = [f"above {number}" for number in range(4, ROWS - 1)]
    assert terminal.shown == left
    with screen.Screen(terminal) as view:
        view.draw(["x", "y"])
        assert terminal.shown == [*left, "x", "y"]


def test_more_lines_than_rows_are_cut_so_that_they_can_be_drawn_over() -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        for letter in "ab":
            view.draw([f"{letter}{number}" for number in range(99)])
        assert terminal.shown == [f"b{number}" for number in range(ROWS - 1)]
    assert terminal.shown == []


def test_at_the_end_nothing_is_left_and_the_next_line_takes_its_place() -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        view.draw(["a", "b", "c"])
    terminal.write("summary\n")
    assert terminal.shown == [*ABOVE, "summary"]


def test_what_is_written_after_erase_is_not_drawn_over() -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        view.draw(["a", "b"])
        view.erase()
        terminal.write("Warning: said once\n")
        view.draw(["c"])
        assert terminal.shown == [*ABOVE, "Warning: said once", "c"]


def test_the_terminal_is_left_as_it_was_though_something_breaks() -> None:
    terminal = Terminal()
    with suppress(KeyboardInterrupt), screen.Screen(terminal) as view:
        view.draw(["a" * 200, "b"])
        assert terminal.screen.cursor.hidden
        raise KeyboardInterrupt
    assert not terminal.screen.cursor.hidden
    assert modes.DECAWM in terminal.screen.mode
    assert (terminal.shown, terminal.cursor) == (ABOVE, (2, 0))


def test_ctrl_c_while_the_terminal_takes_a_frame_leaves_none_of_its_lines() -> None:
    class Interrupting(Terminal):
        def flush(self) -> None:
            super().flush()
            if self.shown[-1:] == ["last"]:
                raise KeyboardInterrupt

    terminal = Interrupting()
    with suppress(KeyboardInterrupt), screen.Screen(terminal) as view:
        view.draw(["a"])
        view.draw(["a", "b", "last"])
    assert terminal.shown == ABOVE


def test_it_never_goes_to_the_alternate_screen() -> None:
    terminal = Terminal()
    with screen.Screen(terminal) as view:
        view.draw(["a"])
    assert "?1049" not in terminal.getvalue()
    assert "?47" not in terminal.getvalue()


# ---- a terminal that becomes narrower, and one at which something is typed


class Reflowing(Terminal):
    """A terminal that wraps what it shows when it becomes narrower, as most do."""

    def narrow(self, columns: int) -> None:
        rows = [
            row[at : at + columns] for row in self.shown for at in range(0, len(row) or 1, columns)
        ]
        self.screen.resize(columns=columns)
        self.screen.reset()
        self._feed("\x1b[?25l" + "\r\n".join([*rows, ""]))


@pytest.mark.parametrize("columns", [59, 40, 31, 30, 20, 7])
def test_what_a_narrower_terminal_has_wrapped_is_drawn_over(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Reflowing(rows=40)
    with screen.Screen(terminal) as view:
        view.draw(["a" * 60, "", "b" * 31, "c"])
        terminal.narrow(columns)
        monkeypatch.setenv("COLUMNS", str(columns))
        view.draw(["d", "e"])
        above = [row[at : at + columns] for row in ABOVE for at in range(0, len(row), columns)]
        assert terminal.shown == [*above, "d", "e"]


def test_a_terminal_that_cuts_instead_loses_nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    with screen.Screen(terminal, reflows=screen.reflows({"XTERM_VERSION": "XTerm(390)"})) as view:
        view.draw(["a" * 60, "b"])
        terminal.screen.resize(columns=30)
        monkeypatch.setenv("COLUMNS", "30")
        view.draw(["d", "e"])
        assert terminal.shown == [*ABOVE, "d", "e"]


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_what_is_typed_meanwhile_leaves_nothing_behind() -> None:
    ours, theirs = pty.openpty()
    emulator = pyte.Screen(COLUMNS, ROWS)
    feed = pyte.ByteStream(emulator).feed
    with open(theirs, "w", encoding="utf-8") as stream:
        before = termios.tcgetattr(theirs)
        with screen.Screen(stream) as view:
            view.draw(["a", "b", "c"])
            os.write(ours, b"\n\nls\n")
            view.draw(["d", "e", "f"])
            written = b""
            while written.count(b"\x1b[?7h") < 2:  # which ends a drawing
                written += os.read(ours, 4096)
            feed(written)
            assert [row.rstrip() for row in emulator.display[:4]] == ["d", "e", "f", ""]
        assert termios.tcgetattr(theirs) == before
        os.set_blocking(theirs, False)
        with pytest.raises(BlockingIOError):
            os.read(theirs, 1)  # nothing is left for the shell to run
    os.close(ours)


# ---- where it can be drawn


@pytest.mark.parametrize(
    ("is_terminal", "environ", "size", "fits"),
    [
        pytest.param(True, {"TERM": "xterm"}, (80, 24), True, id="a usual terminal"),
        pytest.param(True, {"TERM": "xterm"}, (60, 12), True, id="the smallest that will do"),
        pytest.param(True, {"TERM": "xterm"}, (59, 24), False, id="too narrow"),
        pytest.param(True, {"TERM": "xterm"}, (80, 11), False, id="too low"),
        pytest.param(True, {"TERM": "dumb"}, (80, 24), False, id="TERM is dumb"),
        pytest.param(True, {}, (80, 24), False, id="TERM is not set"),
        pytest.param(True, {"TERM": "xterm", "NO_COLOR": "1"}, (80, 24), True, id="NO_COLOR"),
        pytest.param(False, {"TERM": "xterm"}, (80, 24), False, id="a pipe"),
    ],
)
def test_where_lines_can_be_redrawn(
    monkeypatch: pytest.MonkeyPatch,
    is_terminal: bool,
    environ: Mapping[str, str],
    size: tuple[int, int],
    fits: bool,
) -> None:
    monkeypatch.setenv("COLUMNS", str(size[0]))
    monkeypatch.setenv("LINES", str(size[1]))
    stream = Terminal() if is_terminal else io.StringIO()
    assert screen.fits(stream, environ) is fits
