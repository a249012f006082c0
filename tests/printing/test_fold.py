"""Sentences folded at spaces, counted in terminal columns."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.printing import fold, tabwriter
from tests.labs import builders as b

UNSCHEDULABLE = (
    "Warning: pod/unsched-wbpj9: Unschedulable: 0/1 nodes are available: 1 node(s) didn't match "
    "Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not "
    "helpful for scheduling."
)


def test_a_servers_message_is_folded_as_on_the_screens() -> None:
    assert fold.fold(UNSCHEDULABLE, rest="  ") == [
        "Warning: pod/unsched-wbpj9: Unschedulable: 0/1 nodes are available: 1 node(s)",
        "  didn't match Pod's node affinity/selector. preemption: 0/1 nodes are",
        "  available: 1 Preemption is not helpful for scheduling.",
    ]


@pytest.mark.parametrize(
    ("text", "first", "rest", "columns", "lines"),
    [
        pytest.param("", "", None, 9, [""], id="nothing is an empty line"),
        pytest.param("", "- ", None, 9, ["- "], id="nothing after a beginning"),
        pytest.param("one two", "", None, 7, ["one two"], id="as long as the line"),
        pytest.param(
            "종료 코드(exit code) 1", "", None, 14, ["종료", "코드(exit code)", "1"], id="a gloss"
        ),
        pytest.param("one two", "", None, 6, ["one", "two"], id="one column too long"),
        pytest.param(
            "one two six", "- ", None, 9, ["- one two", "  six"], id="as many spaces as it begins"
        ),
        pytest.param(
            "one two six", "  do   ", " " * 8, 14, ["  do   one two", "        six"], id="an indent"
        ),
        pytest.param(
            "a incomprehensible b",
            "",
            "  ",
            9,
            ["a", "  incomprehensible", "  b"],
            id="a word too long keeps a line for itself",
        ),
        pytest.param(
            "incomprehensible", "- ", None, 9, ["- incomprehensible"], id="also the first word"
        ),
        pytest.param("한글 한글", "", None, 9, ["한글 한글"], id="a syllable is two columns wide"),
        pytest.param("한글 한글", "", None, 8, ["한글", "한글"], id="four syllables are eight"),
        pytest.param(
            "일 이 삼", "힌트 ", None, 9, ["힌트 일", "     이", "     삼"], id="a Korean beginning"
        ),
        pytest.param(
            "e\u0301e\u0301e\u0301 a",
            "",
            None,
            5,
            ["e\u0301e\u0301e\u0301 a"],
            id="marks take none",
        ),
    ],
)
def test_text_is_folded_at_its_spaces(
    text: str, first: str, rest: str | None, columns: int, lines: list[str]
) -> None:
    assert fold.fold(text, first=first, rest=rest, columns=columns) == lines


WORDS = st.lists(st.text("ab한글é", min_size=1, max_size=12), min_size=1, max_size=20)


@b.PROPERTY
@given(WORDS, st.integers(10, 40))
def test_no_word_is_lost_and_no_line_too_long(words: list[str], columns: int) -> None:
    lines = fold.fold(" ".join(words), rest="  ", columns=columns)
    assert " ".join(lines).split() == words
    for line in lines:
        assert tabwriter.width(line) <= columns or len(line.split()) == 1


@b.PROPERTY
@given(WORDS, st.integers(10, 40))
def test_a_line_is_as_long_as_it_can_be(words: list[str], columns: int) -> None:
    lines = fold.fold(" ".join(words), rest="  ", columns=columns)
    for line, following in pairwise(lines):
        assert tabwriter.width(f"{line} {following.split()[0]}") > columns
