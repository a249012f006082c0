"""Help, options and version: whole screens, in the order kubectl's users know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Home, register
from tests.golden import Screen

COMMANDS = (
    *("check", "clean", "completion", "describe", "doctor", "events", "hint", "lab", "list"),
    *("logs", "practice", "scaffold", "show", "start", "status", "version"),
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
OPTIONS = register({"options": ["options"], "version": ["version", "--client"]})


@pytest.mark.parametrize("name", [*NAMES, *OPTIONS])
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


def test_the_program_lists_every_command(screen_of: Callable[[list[str]], Screen]) -> None:
    lines = screen_of(["-h"]).out.splitlines()
    start = lines.index("Available Commands:") + 1
    listed = [line.split()[0] for line in lines[start : lines.index("", start)]]
    assert [name for name in listed if name != "options"] == sorted(COMMANDS)


def test_help_is_the_same_however_it_is_asked_for(home: Home) -> None:
    assert home.run() == home.run("--help") == home.run("-h")
