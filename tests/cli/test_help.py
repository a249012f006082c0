"""Help, options and version: whole screens, in the order kubectl's users know."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from kubectl_joblab.language import CODES
from kubectl_joblab.printing import fold, tabwriter
from tests.cli.conftest import Home, register
from tests.golden import Screen

COMMANDS = (
    *("check", "clean", "completion", "cron", "describe", "diagnose", "doctor", "events"),
    *("help", "hint", "lab", "list", "logs", "next", "practice", "predict", "rerun", "reset"),
    *("scaffold", "show", "simulate", "solution", "start", "status", "timeline", "version"),
    "watch",
)
HELP = {
    "help": ["-h"],
    **{f"help-{name}": [name, "-h"] for name in COMMANDS},
    **{f"help-lab-{name}": ["lab", name, "-h"] for name in ("lint", "schema", "test")},
    **{
        f"help-completion-{name}": ["completion", name, "-h"]
        for name in ("bash", "fish", "install", "uninstall", "zsh")
    },
    **{
        f"help-practice-{name}": ["practice", name, "-h"]
        for name in ("down", "logs", "reset", "status", "up")
    },
}
NAMES = register(HELP)
KOREAN = register(
    {f"{name}-ko": [*HELP[name], "--lang=ko"] for name in ("help", "help-start", "help-practice")}
)
OPTIONS = register({"options": ["options"], "version": ["version", "--client"]})


@pytest.mark.parametrize("name", [*NAMES, *KOREAN, *OPTIONS])
def test_the_screen_is_the_golden_one(compare: Callable[[str], Screen], name: str) -> None:
    screen = compare(name)
    assert (screen.code, screen.err) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_help_has_examples_first_and_usage_last(
    screen_of: Callable[[list[str]], Screen], name: str
) -> None:
    lines = screen_of(HELP[name]).out.splitlines()
    heads = [line for line in lines if line.endswith(":") and not line.startswith((" ", "\t"))]
    order = ["Examples:", "Available Commands:", "Options:", "Usage:"]
    assert heads == [head for head in order if head in heads]
    assert {"Examples:", "Usage:"} <= set(heads)
    assert lines[lines.index("Usage:") + 1].startswith("  kubectl joblab")


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("name", NAMES)
def test_help_fits_a_terminal(
    screen_of: Callable[[list[str]], Screen], name: str, lang: str
) -> None:
    lines = screen_of([*HELP[name], f"--lang={lang}"]).out.splitlines()
    wide = [line for line in lines if tabwriter.width(line.expandtabs(8)) > fold.COLUMNS]
    # kubectl's own line is as wide
    assert [line for line in wide if "<command> --help" not in line] == []


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("name", NAMES)
def test_a_line_of_help_ends_where_a_sentence_ends_or_the_terminal_does(
    screen_of: Callable[[list[str]], Screen], name: str, lang: str
) -> None:
    page = screen_of([*HELP[name], f"--lang={lang}"]).out
    lines = page.partition("\n\n")[0].splitlines()
    for line, below in pairwise(lines):
        more = f"{line} {below.split()[0]}"
        assert line.endswith((".", ":", ")")) or not fold.fits([more]), page


def test_the_program_lists_every_command(screen_of: Callable[[list[str]], Screen]) -> None:
    lines = screen_of(["-h"]).out.splitlines()
    start = lines.index("Available Commands:") + 1
    listed = [line.split()[0] for line in lines[start : lines.index("", start)]]
    assert [name for name in listed if name != "options"] == sorted(COMMANDS)


def test_help_is_the_same_however_it_is_asked_for(home: Home) -> None:
    assert home.run() == home.run("--help") == home.run("-h") == home.run("help")
    for path in ("start", "practice up", "help"):
        asked = home.run("help", *path.split())
        assert asked == home.run(*path.split(), "-h")
        assert asked == home.run("help", *path.split(), "more", "--lang=en")


@pytest.mark.parametrize("line", ["", "-h", "help", "start -h", "help start", "practice"])
def test_the_locale_or_the_flag_asks_for_korean(home: Home, line: str) -> None:
    korean = home.run(*line.split(), env={"LANG": "ko_KR.UTF-8"})
    assert "사용법:" in korean.out
    assert korean == home.run(*line.split(), "--lang=ko")
    assert korean == home.run("--lang=ko", *line.split())


def test_help_of_what_is_no_command_is_said_as_kubectl_says_it(home: Home) -> None:
    page = home.run().out
    assert home.run("help", "nope", "extra") == Screen(
        "", f"Unknown help topic [`nope` `extra`]\n{page}", 0
    )
