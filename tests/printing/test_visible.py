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
    "a mark that turns its neighbours": ("a\u200fb\u061c", "a\\u200fb\\u061c"),
    "a line separator": ("a\u2028b\u2029", "a\\u2028b\\u2029"),
    "what takes no room": ("a\u200bb\ufeff\xad\u2060", "a\\u200bb\\ufeff\\xad\\u2060"),
    "a tag beyond the first plane": ("a\U000e0041", "a\\U000e0041"),
    "joiners stay": ("\u0646\u0645\u06cc\u200c\u062e", "\u0646\u0645\u06cc\u200c\u062e"),
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
