"""Quantities: what is one, how it is printed, how two compare.

The tables are what Go printed for the same text.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.formats import quantity
from tests.practice.api import generated

CANONICAL = [
    ("0", "0"),
    ("1", "1"),
    ("1000m", "1"),
    ("100m", "100m"),
    ("0.1", "100m"),
    ("1.5", "1500m"),
    (".5", "500m"),
    (".", "0"),
    ("+", "0"),
    ("1000", "1k"),
    ("1001", "1001"),
    ("1500000", "1500k"),
    ("1024Mi", "1Gi"),
    ("1536Mi", "1536Mi"),
    ("1023Ki", "1023Ki"),
    ("0.5Ki", "512"),
    ("0.5Gi", "512Mi"),
    ("1.5Gi", "1536Mi"),
    ("0.001Ki", "1024m"),
    ("1e3", "1e3"),
    ("1000e3", "1e6"),
    ("1E3", "1E3"),
    ("1E", "1E"),
    ("10e-3", "10e-3"),
    ("1e-10", "1e-9"),
    ("0.0000000001", "1n"),
    ("-0.0000000001", "-1n"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("1000000000000000000000000000000", "1"),
    ("10Ei", "9223372036854775807"),
    ("-10Ei", "-9223372036854775807"),
    ("-5", "-5"),
    ("-1024Ki", "-1Mi"),
    # kept as they are written
    ("+1", "+1"),
    ("1.", "1."),
    ("1.500", "1.500"),
    ("007", "007"),
    ("1000.000", "1k"),
    ("100n", "100n"),
    ("5u", "5u"),
]


@pytest.mark.parametrize(("text", "printed"), CANONICAL)
def test_it_is_printed_as_go_prints_it(text: str, printed: str) -> None:
    assert quantity.canonical(text) == printed


def test_a_number_longer_than_any_is_refused() -> None:
    with pytest.raises(quantity.QuantityError, match="unable to parse numeric part"):
        quantity.parse("9" * 5000)


WRONG = [
    ("", quantity.FORMAT_WRONG),
    (" 1", quantity.FORMAT_WRONG),
    ("1 Gi", quantity.FORMAT_WRONG),
    ("1Q", quantity.FORMAT_WRONG),
    ("1.2.3", quantity.FORMAT_WRONG),
    ("--1", quantity.SUFFIX_WRONG),
    ("one", quantity.FORMAT_WRONG),
    ("1\n", quantity.FORMAT_WRONG),
    ("\u0661", quantity.FORMAT_WRONG),
    ("1mm", quantity.SUFFIX_WRONG),
    ("1K", quantity.SUFFIX_WRONG),
    ("1gi", quantity.FORMAT_WRONG),
    ("1e", quantity.SUFFIX_WRONG),
    ("1e99999999999999999999", quantity.SUFFIX_WRONG),
    ("-e-12", quantity.NUMBER_WRONG),
    ("Ei", quantity.NUMBER_WRONG),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=lambda value: value[:20])
def test_what_is_none_is_refused_in_gos_words(text: str, message: str) -> None:
    with pytest.raises(quantity.QuantityError) as refused:
        quantity.parse(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "rounded"),
    [("1", "1"), ("0.0001", "1m"), ("1.0005", "1001m"), ("-1.0005", "-1001m"), ("1.500", "1.500")],
)
def test_a_resource_is_no_finer_than_a_thousandth(text: str, rounded: str) -> None:
    assert str(quantity.parse(text).rounded_up(quantity.MILLI)) == rounded


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        ("1", "1000m", 0),
        ("1Ki", "1024", 0),
        ("1k", "1Ki", -1),
        ("0.1", "99m", 1),
        ("-1", "0", -1),
        ("1e2147483647", "10Ei", 1),
        ("1e2147483647", "1e2147483646", 1),
        ("1e-2147483648", "1n", 0),
    ],
)
def test_two_compare_by_value(one: str, other: str, result: int) -> None:
    assert quantity.compare(one, other) == result
    assert quantity.compare(other, one) == -result


numbers = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "-", "+"]),
    st.decimals(0, 10**9, places=3).map(lambda number: f"{number:f}"),
    st.sampled_from(["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "e-3", "E2"]),
)


@generated.PROPERTY
@given(numbers)
def test_canonical_is_a_fixed_point_of_the_same_value(text: str) -> None:
    printed = quantity.canonical(text)
    assert quantity.canonical(printed) == printed
    assert quantity.compare(printed, text) == 0


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("500m", Decimal("0.5")),
        ("1Gi", Decimal(2**30)),
        ("2E", Decimal(2 * 10**18)),
        (2, Decimal(2)),
        (0.5, Decimal("0.5")),
        ("1e3", Decimal(1000)),
        ("", None),
        ("1 Gi", None),
        ("one", None),
        (None, None),
        (True, None),
        ({}, None),
    ],
)
def test_a_value_of_json_is_a_number_or_none(value: object, number: Decimal | None) -> None:
    assert quantity.number(value) == number


@pytest.mark.parametrize(
    ("text", "whole", "milli"),
    [
        ("0", 0, 0),
        ("1", 1, 1000),
        ("1001m", 2, 1001),
        ("1500u", 1, 2),
        ("-1500u", -1, -2),
        ("64Mi", 67108864, 67108864000),
        ("1e3", 1000, 1000000),
        ("1n", 1, 1),
        # what does not fit an int64 overflows
        ("9223372036854775807", 2**63 - 1, 0),
        ("1e19", 0, 0),
        ("1e999999999", 0, 0),
        ("1e-999999999", 1, 1),
    ],
)
def test_a_scaled_value_is_rounded_away_from_zero(text: str, whole: int, milli: int) -> None:
    read = quantity.parse(text)
    assert (read.scaled_value(0), read.scaled_value(quantity.MILLI)) == (whole, milli)


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("text", ["1e50000", "1e999999999", "1E2147483647", "9" * 3999])
def test_no_exponent_makes_a_number_that_is_too_large_to_work_with(sign: str, text: str) -> None:
    number = quantity.parse(sign + text).number
    assert abs(number) >= Decimal(10) ** 3998
    assert abs(number) + Decimal(1) <= Decimal(10) ** 4000
    assert len(str(int(number))) <= 4002


@pytest.mark.parametrize(
    ("text", "whole"),
    [("1", True), ("1k", True), ("1000m", True), ("1500m", False), ("1e999999999", True)],
)
def test_a_whole_number_is_known_as_one(text: str, whole: bool) -> None:
    assert quantity.parse(text).is_whole == whole


@generated.PROPERTY
@given(st.text(st.sampled_from("0123456789.+-eEinumkKMGTP"), max_size=8))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    try:
        quantity.parse(text)
    except quantity.QuantityError:
        return
    assert quantity.compare(text, text) == 0
