"""JSON as Go reads it: the quick way to the first mistake leads where the slow one does."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubectl_joblab.formats import gojson

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)
NOTHING = re.compile(b"")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    VALUES,
    st.integers(0, 200),
    st.sampled_from(list(b'{}[],:"\\x1.e-tnf \n\x00\xff')),
    st.booleans(),
)
def test_runs_of_simple_values_are_read_as_each_of_them(
    monkeypatch: pytest.MonkeyPatch, value: object, place: int, byte: int, wide: bool
) -> None:
    raw = bytearray(json.dumps(value, indent=1 if wide else None, ensure_ascii=wide).encode())
    place %= len(raw)
    raw[place : place + 1] = bytes([byte])
    said = gojson.syntax_error(bytes(raw))
    with monkeypatch.context() as slow:
        for quick in ("_ELEMENTS", "_MEMBERS", "_ESCAPES"):
            slow.setattr(gojson, quick, NOTHING)
        assert gojson.syntax_error(bytes(raw)) == said


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[1,2,3x]", "invalid character 'x' after array element"),
        ("[1,2,03]", "invalid character '3' after array element"),
        ("[1,2,3.]", "invalid character ']' after decimal point in numeric literal"),
        ("[1,2,truex]", "invalid character 'x' after array element"),
        ('{"a":1,"b":nul}', "invalid character '}' in literal null (expecting 'l')"),
        ('{"a":1,"b" 2}', "invalid character '2' after object key"),
        ('["\\u0061\\u00', "invalid character ' ' in \\u hexadecimal character escape"),
        ('["a","b"', "unexpected end of JSON input"),
    ],
)
def test_the_first_mistake_behind_many_values_is_told(text: str, error: str) -> None:
    assert gojson.syntax_error(text.encode()) == error
