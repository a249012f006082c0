"""Values that a check computes from the parameters, and what is refused as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.labs.definition import expressions

VALUES = {"completions": 6, "parallelism": 3, "image": "busybox:1.36"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(4, 4, id="a number is itself"),
        pytest.param(True, True, id="true is itself"),
        pytest.param("work", "work", id="a text is itself"),
        pytest.param("completions", "completions", id="a name without = is text"),
        pytest.param(
            " =completions", " =completions", id="a text that begins with a blank is text"
        ),
        pytest.param("=7", 7, id="a number can be written out"),
        pytest.param("=completions", 6, id="a parameter has its value"),
        pytest.param("=image", "busybox:1.36", id="a parameter can be text"),
        pytest.param("= completions ", 6, id="blanks do not count"),
        pytest.param("=completions + 1", 7, id="sums"),
        pytest.param("=completions - parallelism", 3, id="differences"),
        pytest.param("=1 - completions", -5, id="differences below zero"),
        pytest.param("=2*completions", 12, id="products"),
        pytest.param("=1 + 2 * 3", 7, id="products before sums"),
        pytest.param("=(1 + 2) * 3", 9, id="brackets before products"),
        pytest.param("=min(parallelism, completions)", 3, id="the smaller"),
        pytest.param("=max(parallelism, completions, 9)", 9, id="the largest of three"),
        pytest.param("=max(1, completions - min(parallelism, 2))", 4, id="one inside another"),
    ],
)
def test_a_value_is(value: object, expected: object) -> None:
    assert expressions.evaluate(value, VALUES) == expected


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("=", id="nothing"),
        pytest.param("=1 +", id="half a sum"),
        pytest.param("=completions parallelism", id="two names"),
        pytest.param("=x = 1", id="an assignment"),
        pytest.param("=(x := 1)", id="an assignment in an expression"),
        pytest.param("=retries", id="a parameter the lab does not have"),
        pytest.param("=min", id="a function that is not called"),
        pytest.param("=1.5", id="a fraction"),
        pytest.param("='a'", id="text"),
        pytest.param("=None", id="nothing by name"),
        pytest.param("=-1", id="a sign"),
        pytest.param("=9**9**9", id="a power"),
        pytest.param("=completions / 2", id="a quotient"),
        pytest.param("=completions // 2", id="a whole quotient"),
        pytest.param("=completions % 2", id="a remainder"),
        pytest.param("=1 << 99999999", id="a shift"),
        pytest.param("=1 < 2", id="a comparison"),
        pytest.param("=1 if completions else 2", id="a choice"),
        pytest.param("=not completions", id="a negation"),
        pytest.param("=[1, 2]", id="a list"),
        pytest.param("=[x for x in image]", id="a comprehension"),
        pytest.param("=image[0]", id="an index"),
        pytest.param("=completions.real", id="an attribute"),
        pytest.param("=completions.__class__.__mro__", id="attributes that lead out"),
        pytest.param("=open('/etc/passwd')", id="another function"),
        pytest.param("=open(0)", id="another function of a number"),
        pytest.param("=__import__('os').system('true')", id="a function that leads out"),
        pytest.param("=max.__call__(1, 2)", id="an attribute of a function"),
        pytest.param("=min(1, 2)(3)", id="a call of a result"),
        pytest.param("=min(1, 2, key=abs)", id="an argument by name"),
        pytest.param("=min(*image)", id="arguments out of a text"),
        pytest.param("=lambda: 1", id="a function of its own"),
        pytest.param("=f'{completions}'", id="a text with values"),
    ],
)
def test_nothing_else_is_computed(expression: str) -> None:
    with pytest.raises(ValueError, match=r"neither a number nor a parameter|is not an expression"):
        expressions.evaluate(expression, VALUES)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("=3", set(), id="a number uses none"),
        pytest.param("=completions", {"completions"}, id="a name is used"),
        pytest.param("=a + a * b", {"a", "b"}, id="each name is told once"),
        pytest.param("=min(parallelism, 2)", {"parallelism"}, id="functions are no parameters"),
    ],
)
def test_the_names_of_an_expression_are(expression: str, expected: set[str]) -> None:
    assert expressions.names(expression) == expected


def test_an_expression_that_cannot_be_read_has_no_names() -> None:
    with pytest.raises(ValueError, match=r"'=1 \+' is not an expression"):
        expressions.names("=1 +")


def test_the_refusal_names_what_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^'retries' is neither a number nor a parameter"):
        expressions.evaluate("=min(completions, retries)", VALUES)


@given(st.integers(0), st.integers(0), st.integers(0))
def test_numbers_are_computed_as_numbers(a: int, b: int, c: int) -> None:
    values = {"a": a, "b": b}
    assert expressions.evaluate(f"=a + b * {c}", values) == a + b * c
    assert expressions.evaluate(f"=max(a, b, {c}) - min(a, b)", values) == max(a, b, c) - min(a, b)
