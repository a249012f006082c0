"""The pages of docs/ say what the program says, and their links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import error_lines
from tests.cli.conftest import PROGRAM, Home
from tests.fidelity import scenario
from tools import causes, command_pages

ROOT = Path(__file__).parent.parent
REWRITES = os.environ.get("REWRITE_GOLDEN") == "1"
PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
AGAIN = "REWRITE_GOLDEN=1 pytest tests/test_docs.py, after python -m tools.words,"


def test_each_command_has_the_page_that_its_help_makes() -> None:
    if REWRITES:
        command_pages.write()
    there = {path.name: path.read_text("utf-8") for path in command_pages.FOLDER.glob("*.md")}
    made = command_pages.pages()
    changed = sorted(name for name in there | made if there.get(name) != made.get(name))
    assert changed == [], f"{AGAIN} writes them anew"


def test_the_page_of_causes_is_what_their_table_and_recordings_make() -> None:
    if REWRITES:
        causes.PAGE.write_text(causes.page(), "utf-8")
    made = "python -m tools.causes writes it anew"
    assert causes.PAGE.read_text("utf-8") == causes.page(), made


def test_each_test_of_an_official_page_is_listed_and_there() -> None:
    listed = re.findall(
        r"^\| \[.*\| `(.*)` \|$", (ROOT / "docs/practice.md").read_text("utf-8"), re.M
    )
    folder = ROOT / "tests" / "e2e"
    assert [name for name in listed if not (folder / name).exists()] == []
    there = {str(path.relative_to(folder)) for path in folder.glob("pages/test_*.py")}
    assert there - set(listed) == set()


def test_each_scenario_that_the_page_on_fidelity_names_is_there() -> None:
    page = (ROOT / "docs/fidelity.md").read_text("utf-8")
    rows = re.findall(r"^\| .* \| (.*) \|$", page.partition("## What is asked about")[2], re.M)
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    there = {one.name for one in scenario.load()}
    assert len(named) > 20
    assert named - there == set()


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


@pytest.mark.parametrize("page", PAGES[:2], ids=lambda page: str(page.name))
def test_the_readme_names_each_lab_by_its_number(page: Path) -> None:
    labs = (path.parent.name for path in ROOT.glob("manifests/*/lab.yaml"))
    numbers_and_names = (lab.partition("-") for lab in labs)
    text = page.read_text("utf-8").replace(" | ", " ")
    named = {f"{int(number)} {name}" for number, _, name in numbers_and_names}
    assert sorted(lab for lab in named if not re.search(rf"[ ,|]{lab}\b", text)) == []


# ---- troubleshooting

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"


def explained() -> list[tuple[list[str], str]]:
    """For each block of the page its error lines, and the line with which the text below begins."""
    parts = TROUBLESHOOTING.read_text("utf-8").split("\n```text\n")[1:]
    blocks = [part.partition("\n```\n\n") for part in parts]
    return [(errors.splitlines(), text.partition("\n")[0]) for errors, _, text in blocks]


def listed() -> list[str]:
    return [line for errors, _ in explained() for line in errors]


def test_each_line_of_the_program_is_explained() -> None:
    assert sorted(error_lines.templates() - set(listed())) == []


def test_what_the_program_passes_on_is_explained() -> None:
    assert sorted(error_lines.passing_on()) == sorted(error_lines.PASSED_ON)
    assert sorted(set().union(*error_lines.PASSED_ON.values()) - set(listed())) == []


def test_each_line_that_is_explained_is_one_of_the_program() -> None:
    assert [line for line in listed() if not error_lines.may_be_printed(line)] == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("error: name: labs", id="words of the program that no error has"),
        pytest.param("error: the Job: start: it", id="parts of its sentences"),
        pytest.param("error: timed out", id="the beginning of an error"),
        pytest.param("Unable to connect to the server: unable to get", id="what OpenSSL says"),
    ],
)
def test_a_line_that_is_put_together_of_parts_is_none_of_the_program(line: str) -> None:
    assert not error_lines.may_be_printed(line)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


RUNS = {
    "an argument too many": ["start", "sleep", "extra"],
    "arguments too many": ["hint", "sleep", "9", "8"],
    "a lab without its format": ["list", "--client", "--lab-path=labs"],
    "a manifest with two colons": ["start", "yaml", "-f", "colons.yaml", "--dry-run=client"],
    "a manifest with a tab": ["start", "yaml", "-f", "tab.yaml", "--dry-run=client"],
    "a manifest with an odd character": ["start", "yaml", "-f", "nul.yaml", "--dry-run=client"],
}


@pytest.mark.parametrize("args", RUNS.values(), ids=RUNS)
def test_a_line_that_is_passed_on_is_found_on_the_page(home: Home, args: list[str]) -> None:
    home.write("labs/mine/lab.yaml", "name: mine\n")
    home.write("colons.yaml", "a: b: c\n")
    home.write("tab.yaml", "a:\n\tb: c\n")
    home.write("nul.yaml", "a: \0b\n")
    assert_found(home.run(*args).err.partition("\n")[0])


@pytest.mark.skipif(sys.platform != "linux", reason="needs a disk that is full")
def test_a_full_disk_is_found_on_the_page(home: Home) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, "list", "--client"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=home.environ(),
            cwd=home.folder,
            encoding="utf-8",
            check=False,
        )
    assert_found(done.stderr.strip())


SCREENS = sorted((ROOT / "tests/e2e/golden").glob("*.txt"))
PRINTED = {
    line: screen.stem
    for screen in SCREENS
    if not screen.stem.startswith("terminal-")  # there it is folded
    for line in screen.read_text("utf-8").splitlines()
    if re.match(r"error: |Error |The \w+ \"|The connection|Unable to connect|Warning: ", line)
}


@pytest.mark.parametrize("line", PRINTED, ids=lambda line: PRINTED[line])
def test_a_line_of_a_cluster_is_found_on_the_page(line: str) -> None:
    assert_found(line)


def assert_found(line: str) -> None:
    """Fail unless the page has the line, in another form than as ... behind a prefix."""
    known = [entry for entry in listed() if entry not in ("Warning: ...", "error: ...:...: ...")]
    fitting = [entry for entry in known if re.fullmatch(pattern(entry), line)]
    assert fitting, line


def pattern(entry: str) -> str:
    return re.escape(entry).replace(r"\.\.\.", ".*") + "(: .*)?"


def test_an_error_stands_once_and_a_sentence_follows_it() -> None:
    lines = listed()
    assert sorted(line for line in set(lines) if lines.count(line) > 1) == []
    assert [errors for errors, text in explained() if not re.match(r"[A-Z`]", text)] == []
