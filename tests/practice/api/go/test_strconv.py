"""Whole numbers in texts; the words are those of Go's strconv."""

from __future__ import annotations

import pytest

from kubectl_joblab.practice.api.go import strconv

LONG = "9" * 5000


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("007", 7),
        ("0" * 5000 + "7", 7),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_a_number_of_64_bits_is_read(text: str, number: int) -> None:
    assert strconv.parse_int(text) == number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "invalid syntax"),
        ("-", "invalid syntax"),
        ("1e3", "invalid syntax"),
        ("1_000", "invalid syntax"),
        (" 1", "invalid syntax"),
        ("1\n", "invalid syntax"),
        ("\u0661", "invalid syntax"),
        ("9223372036854775808", "value out of range"),
        ("-9223372036854775809", "value out of range"),
        (LONG, "value out of range"),
        (LONG + "x", "value out of range"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_such_number_is_refused_in_gos_words(text: str, why: str) -> None:
    with pytest.raises(strconv.NumError) as refused:
        strconv.parse_int(text)
    shown = text.replace("\n", "\\n")
    assert str(refused.value) == f'strconv.ParseInt: parsing "{shown}": {why}'
    assert not strconv.is_int(text)


def test_a_number_without_a_sign_has_none() -> None:
    assert strconv.parse_uint("18446744073709551615") == 2**64 - 1
    for text in ("-1", "+1", "18446744073709551616"):
        with pytest.raises(strconv.NumError, match=r"strconv.ParseUint"):
            strconv.parse_uint(text)


def test_a_number_may_have_fewer_bits() -> None:
    assert strconv.parse_int("-2147483648", 32) == -(2**31)
    assert not strconv.is_int("2147483648", 32)
