"""Lists of indexes: they are sets, written in runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.controllers.job import indexes

SETS = st.sets(st.integers(0, 30))


@pytest.mark.parametrize(
    ("of", "text"),
    [
        pytest.param([], "", id="none is an empty text"),
        pytest.param([3], "3", id="one is its number"),
        pytest.param([0, 1], "0,1", id="two neighbours are told one by one"),
        pytest.param([5, 4, 3], "3-5", id="three neighbours are a run"),
        pytest.param([7, 1, 3, 4, 5], "1,3-5,7", id="runs and single ones are in order"),
    ],
)
def test_indexes_are_written_in_runs(of: list[int], text: str) -> None:
    assert str(indexes.of(of)) == text


@pytest.mark.parametrize(
    ("text", "completions", "read"),
    [
        pytest.param("", 5, "", id="an empty text is none"),
        pytest.param("0,1,3-5", 6, "0,1,3-5", id="all within completions"),
        pytest.param("0,1,2", 6, "0-2", id="neighbours become a run"),
        pytest.param("0,3-9", 5, "0,3,4", id="a run is cut off at completions"),
        pytest.param("0,7", 5, "0", id="what lies beyond completions is forgotten"),
        pytest.param("0,x,2-y,4", 5, "0,4", id="what is no interval is ignored"),
    ],
)
def test_a_status_is_read_leniently(text: str, completions: int, read: str) -> None:
    assert str(indexes.parse(text, completions)) == read


@given(SETS, SETS)
def test_they_behave_as_the_sets_they_are(one: set[int], other: set[int]) -> None:
    first, second = indexes.of(one), indexes.of(other)
    assert first | second == indexes.of(one | other)
    assert first & second == indexes.of(one & other)
    assert len(first) == len(one)
    assert {index for index in range(31) if index in first} == one


@given(SETS)
def test_what_is_written_reads_back(numbers: set[int]) -> None:
    assert indexes.parse(str(indexes.of(numbers)), 31) == indexes.of(numbers)
