"""YAML as Go reads it: the plugin and the practice API read it with the same eyes."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubectl_joblab.formats import goyaml


def plugins(text: str) -> Any:
    """What the plugin reads, by nodes."""
    documents = goyaml.compose(text)
    return goyaml.value(documents[0]) if documents else None


SCALARS = [
    ("1e+06", 1_000_000),
    ("3.0", 3),
    ("1.5", 1.5),
    ("010", 8),
    ("0o10", 8),
    ("0x10", 16),
    ("0b11", 3),
    ("1_000", 1000),
    ("1:30", "1:30"),
    ("2024-01-01", "2024-01-01"),
    ("2024-02-30", "2024-02-30"),
    ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
    ("!!timestamp 2024-01-01", "2024-01-01"),
    ("!!binary aGk=", "hi"),
    ("!!str 5", "5"),
    ('!!int "5"', 5),
    ("!mine 5", "5"),
    ("y", True),
    ("Yes", True),
    ("on", True),
    ("OFF", False),
    ("n", False),
    ("~", None),
    ("Null", None),
    ("=", "="),
    ("<<", "<<"),
    ("0b_", "0b_"),
    ("'1'", "1"),
    ('"yes"', "yes"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_a_scalar_is_what_go_takes_it_for(text: str, value: object) -> None:
    found = plugins(f"a: {text}")
    assert found == {"a": value}
    assert type(found["a"]) is type(value)
    assert goyaml.parse(f"a: {text}".encode()) == ({"a": value}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{b: 1, a: 2}", {"b": 1, "a": 2}),
        ("{a: 1, a: 2}", {"a": 2}),
        ("{1: a, true: b, 1.5: c}", {"1": "a", "true": "b", "1.5": "c"}),
        ("{<<: {a: 1, b: 2}, b: 3}", {"a": 1, "b": 3}),
        ("{<<: [{a: 1}, {a: 2, b: 2}]}", {"a": 1, "b": 2}),
        ("[&x {a: 1}, *x]", [{"a": 1}, {"a": 1}]),
        ("\ufeffa: 1", {"a": 1}),
        ("%YAML 1.1\n---\na: 1\n", {"a": 1}),
    ],
)
def test_mappings_lists_and_marks(text: str, value: object) -> None:
    assert plugins(text) == value
    assert goyaml.parse(text.encode())[0] == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: .inf", "json: unsupported value: +Inf"),
        ("a: .nan", "json: unsupported value: NaN"),
        ("a: !!binary a", "yaml: !!binary value contains invalid base64 data"),
        ("<<: 3", "yaml: map merge requires map or sequence of maps as the value"),
        ("? [a]\n: b", "unsupported map key"),
        ("a: &a [*a]", "yaml: an anchor's value contains itself"),
    ],
)
def test_what_json_cannot_say_is_refused_in_gos_words(text: str, said: str) -> None:
    with pytest.raises(goyaml.YAMLError) as caught:
        plugins(text)
    assert str(caught.value) == said
    with pytest.raises(goyaml.YAMLError) as caught:
        goyaml.parse(text.encode())
    assert str(caught.value) == said


def test_places_are_counted_in_characters_without_a_byte_order_mark() -> None:
    text = "# 한글\na: 값  # 주석\n"
    for given_text in (text, "\ufeff" + text):
        ((key, value),) = goyaml.compose(given_text)[0].value
        assert text[key.start_mark.index : key.end_mark.index] == "a"
        assert text[value.start_mark.index : value.end_mark.index] == "값"


YAML = st.text(alphabet="-:[]{}&*!|>'\"#%,?=<~ \nabl0e1_.+xy", max_size=30)


@settings(deadline=None, max_examples=300)
@given(YAML)
@example("a: 1\na: 2")
@example("&a [*a]")
@example("{<<: [{a: 1e3}], 0x1: ~}")
def test_the_plugin_reads_what_the_practice_api_reads(text: str) -> None:
    text = "a:\n" + textwrap.indent(text, "  ")  # so that it is one document
    try:
        wanted = goyaml.parse(text.encode())[0]
    except goyaml.YAMLError:
        with pytest.raises((goyaml.YAMLError, yaml.YAMLError)):
            plugins(text)
    else:
        assert plugins(text) == wanted


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="-:[]{}'\"#,? \t\nab0", max_size=30))
@example("{a: is it?, b: [no?]}\t")
@example("a\tb: c\td\t# e")
def test_what_is_read_is_not_refused_by_the_scanner_that_explains(text: str) -> None:
    try:
        goyaml.compose(text, as_kubectl=False)
    except yaml.YAMLError:
        return
    list(yaml.compose_all(text, Loader=goyaml.Explaining))


@pytest.mark.parametrize(
    ("text", "closes", "line"),
    [
        ("a:\n  b: {c: is it?, d: e}", "}", 1),
        ("a:\n  b: [c, [is ?it]]", "]", 1),
        ("a:\n\n  b: [{is it?: c}]", "}", 2),
    ],
)
def test_a_question_mark_ends_a_text_in_brackets_as_in_go(
    text: str, closes: str, line: int
) -> None:
    with pytest.raises(goyaml.YAMLError) as refused:
        goyaml.parse(text.encode())
    assert str(refused.value) == f"yaml: line {line}: did not find expected ',' or '{closes}'"
    with pytest.raises(goyaml.QuestionMarkError):
        goyaml.compose(text)
    assert goyaml.compose(text, as_kubectl=False)


@pytest.mark.parametrize("text", ["a: is it?", "a: ['is it?']", "a: {? b : c}", '{a: "?"}'])
def test_elsewhere_a_question_mark_is_text(text: str) -> None:
    assert goyaml.parse(text.encode())[0]
    assert goyaml.compose(text)


def _repeated(anchored: str, times: int) -> bytes:
    return f"first: &a {anchored}\nall: [{', '.join(['*a'] * times)}]\n".encode()


@pytest.mark.parametrize(
    ("anchored", "times"), [("[1]", 500), ("[1]", 20_000), ("{a: b, c: [d]}", 3_000)]
)
def test_aliases_repeat_what_is_small(anchored: str, times: int) -> None:
    value, _ = goyaml.parse(_repeated(anchored, times))
    assert value["all"] == [value["first"]] * times


@pytest.mark.parametrize(
    ("anchored", "times"),
    [
        ("{" + ", ".join(f"k{one}: v" for one in range(200)) + "}", 20_000),
        ("[" + ", ".join(["1"] * 1000) + "]", 500),
        ("v" * 200_000, 20_000),
    ],
)
def test_a_document_that_is_mostly_aliases_is_refused(anchored: str, times: int) -> None:
    with pytest.raises(goyaml.YAMLError) as refused:
        goyaml.parse(_repeated(anchored, times))
    assert str(refused.value) == "yaml: document contains excessive aliasing"
