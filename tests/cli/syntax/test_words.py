"""The words that start-up reads are what the files of the commands declare."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kubectl_joblab.cli import program
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import words
from tools import words as tool

REWRITE = "`python -m tools.words` writes them anew"


def test_the_words_are_those_of_the_commands() -> None:
    assert Path(words.FILE).read_text("utf-8") == tool.text(), REWRITE
    assert Path(words.KOREAN).read_text("utf-8") == tool.korean(), REWRITE


def test_each_file_of_a_command_is_found_by_its_name() -> None:
    assert words.COMMANDS[""].commands == list(tool.declared())
    for name, (_, declared) in tool.declared().items():
        assert program.find(name) is declared


@pytest.mark.parametrize("path", words.COMMANDS)
@pytest.mark.parametrize("code", ["en", "ko"])
def test_the_page_that_is_kept_is_the_one_that_click_prints(
    capsys: pytest.CaptureFixture[str], path: str, code: str
) -> None:
    session = Session(io.StringIO(), io.StringIO(), io.StringIO(), {"LANG": code})
    program.run_with_click(session, [*path.split(), "--help"])
    assert capsys.readouterr().out == words.page(path, code)


def test_the_program_leads_to_its_labs() -> None:
    for code in ("en", "ko"):
        assert ": kubectl joblab list\n" in words.page("", code)
