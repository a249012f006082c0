"""tools/recording.py: what a terminal showed, as an SVG."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import recording
from tools.recording import Run, Shown

SVG = "{http://www.w3.org/2000/svg}"


def line(text: str, colour: str = "default") -> recording.Line:
    return (Run(text, colour),)


def test_a_recording_has_the_screens_of_the_command_as_a_terminal_showed_them() -> None:
    screens: list[tuple[float, list[recording.Line]]] = []
    script = (
        r"print('a <b> \x1b[32mPASS\x1b[0m'); print('gone\x1b[1A'); print('\x1b[Jleft'); exit(3)"
    )

    code = recording.record([sys.executable, "-c", script], screens)

    assert code == 3
    assert [one for one in screens[-1][1] if one][-2:] == [
        (Run("a <b> "), Run("PASS", "green", 6)),
        line("left"),
    ]


def test_a_recording_begins_with_the_command_alone_and_is_one_without_any_output() -> None:
    screens: list[tuple[float, list[recording.Line]]] = []

    code = recording.record([sys.executable, "-c", ""], screens)

    ((when, lines),) = screens
    assert (code, when, lines[0][0].text[:1]) == (0, 0.0, "$")
    assert ElementTree.fromstring(recording.film("x", screens)).find(f"{SVG}text") is not None


COLOURS = {
    "green as the screen has it": ("32", "#4ec97b"),
    "blue": ("34", "#61afef"),
    "bright blue": ("94", "#61afef"),
    "one of 256": ("38;5;208", "#ff8700"),
    "one of all": ("38;2;1;2;3", "#010203"),
    "black, which would not be seen": ("30", None),
}


@pytest.mark.parametrize(("code", "fill"), COLOURS.values(), ids=COLOURS)
def test_a_colour_is_as_on_the_terminal_or_the_texts(code: str, fill: str | None) -> None:
    screens: list[tuple[float, list[recording.Line]]] = []
    recording.record([sys.executable, "-c", f"print('\x1b[{code}mseen')"], screens)

    film = ElementTree.fromstring(recording.film("x", screens))

    (shown,) = [one for one in film.findall(f"{SVG}text") if "".join(one.itertext()) == "seen"]
    assert next((part.get("fill") for part in shown), None) == fill


@pytest.mark.parametrize("given", [[], ["x.svg"]], ids=["nothing", "no command"])
def test_what_is_missing_is_said_by_the_usage(given: list[str], tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "tools.recording", *given],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == "usage: python -m tools.recording FILE.svg COMMAND [ARGUMENT ...]\n"
    assert list(tmp_path.iterdir()) == []


def test_wide_characters_are_placed_by_their_columns() -> None:
    screens: list[tuple[float, list[recording.Line]]] = []

    recording.record([sys.executable, "-c", "print('성공 1  ok')"], screens)

    (_, lines) = screens[-1]
    assert lines[1] == (Run("성공"), Run(" 1  ok", column=4))
    film = recording.film("x", screens)
    assert '성공<tspan x="47.6"> 1  ok</tspan>' in film


def test_a_line_is_shown_once_for_as_long_as_it_stays() -> None:
    screens = [
        (0.0, [line("$ x"), line("1")]),
        (1.0, [line("$ x"), line("2")]),
        (2.0, [line("$ x"), ()]),
    ]
    screens = [(when, [*lines, *[()] * (recording.ROWS - 2)]) for when, lines in screens]

    assert list(recording.shown(screens, 7.0)) == [
        Shown(0, line("$ x"), 0.0, 7.0),
        Shown(1, line("1"), 0.0, 1.0),
        Shown(1, line("2"), 1.0, 2.0),
    ]


def test_a_film_is_well_formed_and_stands_still_on_its_last_screen() -> None:
    empty: list[recording.Line] = [()] * (recording.ROWS - 1)
    screens = [(0.0, [line("a & b"), *empty]), (1.0, [line("<c>", "green"), *empty])]

    film = ElementTree.fromstring(recording.film("echo '<'", screens))

    assert film.findtext(f"{SVG}title") == "echo '<'"
    first, last = film.findall(f"{SVG}text")
    assert ("".join(first.itertext()), first.get("visibility")) == ("a & b", "hidden")
    assert ("".join(last.itertext()), last.get("visibility")) == ("<c>", None)


@pytest.mark.parametrize(
    ("readme", "file", "end"),
    [
        ("README.md", "docs/start-parallelism.svg", "5 passed."),
        ("README.ko.md", "docs/start-parallelism.ko.svg", "5개 통과."),
    ],
)
def test_a_readmes_film_ends_with_every_check_passed(readme: str, file: str, end: str) -> None:
    root = Path(__file__).parent.parent

    film = ElementTree.fromstring((root / file).read_bytes())

    lines = [one for one in film.findall(f"{SVG}text") if not one.get("visibility")]
    assert end in ["".join(line.itertext()) for line in lines]
    assert file in (root / readme).read_text("utf-8")
