"""What would control a terminal is written out, and all else is as it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.printing.visible import visible

WRITTEN = {
    "a colour": ("\x1b[31mred\x1b[0m", "^[[31mred^[[0m"),
    "a title": ("\x1b]0;owned\x07", "^[]0;owned^G"),
    "a line that begins anew": ("50%\r100%", "50%\\r100%"),
    "a control sequence of one character": ("\x9b2J", "\\x9b2J"),
    "a line that is turned": ("a\u202eb", "a\\u202eb"),
    "delete": ("a\x7f", "a^?"),
    "a tab and a line end stay": ("a\tb\nc", "a\tb\nc"),
    "Korean stays": ("실패했습니다", "실패했습니다"),
}


@pytest.mark.parametrize(("text", "shown"), WRITTEN.values(), ids=WRITTEN)
def test_it_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_controls_is_left(text: str) -> None:
    left = {one for one in visible(text) if unicodedata.category(one) == "Cc"}
    assert left <= {"\t", "\n"}
    assert visible(visible(text)) == visible(text)
