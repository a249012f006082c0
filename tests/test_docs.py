"""The pages of docs/ say what the program says, and their links lead somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import error_lines
from tools import command_pages

ROOT = Path(__file__).parent.parent
REWRITES = os.environ.get("REWRITE_GOLDEN") == "1"
PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
AGAIN = "REWRITE_GOLDEN=1 pytest tests/cli/test_words.py tests/test_docs.py"


def test_each_command_has_the_page_that_its_help_makes() -> None:
    if REWRITES:
        command_pages.write()
    there = {path.name: path.read_text("utf-8") for path in command_pages.FOLDER.glob("*.md")}
    made = command_pages.pages()
    changed = sorted(name for name in there | made if there.get(name) != made.get(name))
    assert changed == [], f"{AGAIN} writes them anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_is_there(page: Path) -> None:
    assert [link for link in links(page) if not is_there(page, *link)] == []


def links(page: Path) -> Iterator[tuple[str, str]]:
    """File and heading of each link to a file of this project."""
    for match in _LINK.finditer(page.read_text("utf-8")):
        yield match[1], match[2] or ""


def is_there(page: Path, file: str, heading: str) -> bool:
    path = page.parent / file if file else page
    return path.exists() and (not heading or heading in anchors(path.read_text("utf-8")))


def anchors(text: str) -> set[str]:
    """The headings of a page, as a forge names them in links."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# ---- troubleshooting

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"


def explained() -> list[tuple[list[str], str]]:
    """The errors of each block of the page, and the line that begins its explanation."""
    parts = TROUBLESHOOTING.read_text("utf-8").split("\n```text\n")[1:]
    blocks = [part.partition("\n```\n\n") for part in parts]
    return [(errors.splitlines(), text.partition("\n")[0]) for errors, _, text in blocks]


def test_each_error_of_the_program_is_explained() -> None:
    listed = {line for errors, _ in explained() for line in errors}
    assert sorted(error_lines.templates() - listed) == []


def test_each_error_that_is_explained_is_one_of_the_program() -> None:
    known, words = error_lines.templates(), error_lines.words()
    made_up = [
        line
        for errors, _ in explained()
        for line in errors
        if line not in known and not all(piece in words for piece in pieces(line))
    ]
    assert made_up == []


def pieces(line: str) -> list[str]:
    """What a line says between that which varies, and the parts that are put together for it."""
    parts = re.split(r"\.\.\.|: |[()]", line)
    return [said for part in parts if (said := part.strip(' "'))]


def test_an_error_stands_once_and_is_followed_by_what_to_do() -> None:
    lines = [line for errors, _ in explained() for line in errors]
    assert sorted(line for line in set(lines) if lines.count(line) > 1) == []
    assert [errors for errors, text in explained() if not re.match(r"[A-Z`]", text)] == []
