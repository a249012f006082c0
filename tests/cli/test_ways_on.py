"""No command that is suggested has a placeholder: it can be pasted as it is printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kubectl_joblab
from tests.labs import ours

PACKAGE = Path(kubectl_joblab.__file__).parent
TESTS = Path(__file__).parents[1]
# DIR, FILE, NAME or answers such as pods=...
_PLACEHOLDER = re.compile(r"(?<![\w\"'{])[A-Z]{3,}(?![\w\"'}])|=\.\.\.")
_SAYS = ("help", "short_help", "examples", "metavar")  # what explains a command to be adapted
# the Pod's name where a page shows what start does; start and hint have the name itself
_POD = "POD"


def commands() -> Iterator[tuple[str, str]]:
    """Each command line that the source has as a text of its own, with the file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "practice" in path.relative_to(PACKAGE).parts[:1]:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        explaining = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg in _SAYS
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant | ast.JoinedStr) or id(node) in explaining:
                continue
            text = _text(node)
            if text.startswith("kubectl "):
                yield path.relative_to(PACKAGE).as_posix(), text


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """A text as it is in the source, with {} for each value."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )


def test_no_command_of_the_source_has_a_placeholder() -> None:
    found = list(commands())
    assert len(found) > 50
    assert [one for one in found if _PLACEHOLDER.search(one[1])] == []


@pytest.mark.parametrize("word", ["Next", "다음"])
def test_no_screen_leads_to_a_placeholder(word: str) -> None:
    lines = [
        line
        for path in sorted(TESTS.rglob("golden/**/*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if line.startswith(f"{word}: ")
    ]
    assert len(lines) > 20
    assert [line for line in lines if _PLACEHOLDER.search(line)] == []


def test_no_lab_leads_to_a_placeholder() -> None:
    runs = [check.run for lab in ours.LABS for check in lab.checks]
    runs += [reason.run for lab in ours.LABS for check in lab.checks for reason in check.because]
    assert [
        line for line in [*runs, *(lab.next for lab in ours.LABS)] if _PLACEHOLDER.search(line)
    ] == []
