"""Selectors against the answers of a real API server, and against a model of what they mean."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api import fieldselectors, selectors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.registry import kinds

_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)

# what a server of 1.37.2 said, behind `unable to parse requirement: `
REQUIREMENTS = {
    "in without parentheses": ("a in b", "found 'b' expected: '('"),
    "notin at the end": ("a notin", "found '' expected: '('"),
    "an open parenthesis at the end": ("a in (", "found '', expected: ',', ')' or identifier"),
    "a comma at the end of values": ("a in (b,", "found '', expected: ',', or identifier"),
    "two values without a comma": ("a in (b c)", "found 'c', expected: ',' or ')'"),
    "no key behind !": ("!", "found '', expected: identifier"),
    "two words": ("a b", "found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    "! behind a key": ("a!", "found '!', expected: in, notin, =, ==, !=, gt, lt"),
    "three equal signs": ("a===b", "found '=', expected: identifier"),
    "= and !": ("a=!b", "found '!', expected: identifier"),
    "a bound that is no number": (
        "a>x",
        "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ),
    "a value with a slash": ("a=b/c", f'values[0][a]: Invalid value: "b/c": {_VALUE_RULE}'),
    "a key that begins with a dash": ("-a=b", f'<nil>: Invalid value: "-a": {_KEY_RULE}'),
    "a key with two slashes": (
        "a/b/c=d",
        '<nil>: Invalid value: "a/b/c": '
        + _KEY_RULE.replace("name part", "a valid label key")
        + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    ),
}


@pytest.mark.parametrize(("text", "words"), REQUIREMENTS.values(), ids=REQUIREMENTS)
def test_a_requirement_that_cannot_be_read_is_refused_in_the_servers_words(
    text: str, words: str
) -> None:
    with pytest.raises(StatusError) as refused:
        selectors.parse(text)

    assert refused.value.code == 400
    assert refused.value.message == f"unable to parse requirement: {words}"


LISTS = {
    "a comma at the end": ("a=b,", "found '', expected: identifier after ','"),
    "two commas": ("a=b,,c=d", "found ',', expected: identifier after ','"),
    "only a comma": (",", "found ',', expected: !, identifier, or 'end of string'"),
    "no key": ("=b", "found '=', expected: !, identifier, or 'end of string'"),
    "parentheses around a key": ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
    "no comma": ("a=b c", "found 'c', expected: ',' or 'end of string'"),
    "a value behind !": ("!a=b", "found '=', expected: ',' or 'end of string'"),
}


@pytest.mark.parametrize(("text", "words"), LISTS.values(), ids=LISTS)
def test_a_list_that_cannot_be_read_is_refused_in_the_servers_words(text: str, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        selectors.parse(text)

    assert refused.value.message == words


A, B, NONE = {"a": "1"}, {"a": "2", "b": ""}, {"c": "3"}

MEANINGS = {
    "nothing selects all": ("", [A, B, NONE]),
    "equal": ("a=1", [A]),
    "twice equal": ("a == 1", [A]),
    "equal to nothing": ("b=", [B]),
    "unequal, or not there": ("a!=1", [B, NONE]),
    "one of": ("a in (1,2)", [A, B]),
    "one of, or empty": ("b in (,x)", [B]),
    "none of, or not there": ("a notin (1, 3)", [B, NONE]),
    "there": ("b", [B]),
    "not there": ("!b", [A, NONE]),
    "all of several": ("a,a!=1, !c", [B]),
    "a word of the language as a key": ("in in (in)", []),
    "above": ("a>1", [B]),
    "below": ("a<2", [A]),
}


@pytest.mark.parametrize(("text", "selected"), MEANINGS.values(), ids=MEANINGS)
def test_a_label_selector_selects(text: str, selected: list[dict[str, str]]) -> None:
    selector = selectors.parse(text)

    assert [labels for labels in (A, B, NONE) if selector.matches(labels)] == selected


def test_an_objects_selector_needs_all_it_names() -> None:
    selector = selectors.of(
        {
            "matchLabels": {"a": "1"},
            "matchExpressions": [
                {"key": "b", "operator": "Exists"},
                {"key": "c", "operator": "NotIn", "values": ["x"]},
            ],
        }
    )

    assert selector.matches({"a": "1", "b": ""})
    assert not selector.matches({"a": "1"})
    assert not selector.matches({"a": "1", "b": "", "c": "x"})


def test_an_objects_absent_selector_selects_nothing_and_an_empty_one_everything() -> None:
    assert not selectors.of(None).matches({})
    assert selectors.of({}).matches({"a": "1"})


words = st.sampled_from("abcd")
sets = st.frozensets(words, min_size=1)
terms: st.SearchStrategy[tuple[str, str, frozenset[str]]] = st.one_of(
    st.tuples(words, st.just("="), st.frozensets(words, min_size=1, max_size=1)),
    st.tuples(words, st.just("!="), st.frozensets(words, min_size=1, max_size=1)),
    st.tuples(words, st.sampled_from([" in ", " notin "]), sets),
    st.tuples(words, st.sampled_from(["", "!"]), st.just(frozenset())),
)


def _written(key: str, operator: str, values: frozenset[str]) -> str:
    if operator in ("=", "!="):
        return f"{key}{operator}{''.join(values)}"
    if operator in ("", "!"):
        return f"{operator}{key}"
    return f"{key}{operator}({','.join(sorted(values))})"


def _meant(key: str, operator: str, values: frozenset[str], labels: dict[str, str]) -> bool:
    if operator in ("", "!"):
        return (key in labels) == (operator == "")
    inside = key in labels and labels[key] in values
    return inside if operator in ("=", " in ") else not inside


@given(st.lists(terms, max_size=4), st.dictionaries(words, words))
def test_a_label_selector_means_what_its_terms_mean(
    parts: list[tuple[str, str, frozenset[str]]], labels: dict[str, str]
) -> None:
    selector = selectors.parse(",".join(_written(*part) for part in parts))

    assert selector.matches(labels) == all(_meant(*part, labels) for part in parts)


@given(st.text(alphabet="ab=!(),<> in\t/", max_size=12))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    with contextlib.suppress(StatusError):
        selectors.parse(text)


# ---- field selectors

POD = {"metadata": {"name": "p", "namespace": "n"}, "status": {"phase": "Running"}}

FIELDS = {
    "the name": ("metadata.name=p", True),
    "another name": ("metadata.name=q", False),
    "twice equal": ("metadata.namespace==n", True),
    "unequal": ("status.phase!=Succeeded", True),
    "all of several": ("status.phase=Running,metadata.name=q", False),
    "an unset text is empty": ("spec.nodeName=", True),
    "an unset flag is false": ("spec.hostNetwork=false", True),
    "a comma at the end": ("metadata.name=p,", True),
    "an escaped comma": (r"metadata.name=p\,", False),
}


@pytest.mark.parametrize(("text", "selected"), FIELDS.values(), ids=FIELDS)
def test_a_field_selector_selects(text: str, selected: bool) -> None:
    matches = selectors.matcher(kinds.PODS, "", text)

    assert matches is not None
    assert matches(POD) is selected


def test_an_unset_count_is_zero_and_a_set_one_is_its_number() -> None:
    (term,) = fieldselectors.parse("status.successful=0", kinds.JOBS)

    assert term.matches({"status": {}})
    assert not term.matches({"status": {"succeeded": 1}})


FIELD_MISTAKES: dict[str, tuple[Kind, str, str]] = {
    "no operator": (
        kinds.CONFIG_MAPS,
        "metadata.name",
        "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
    ),
    "an unknown field of a kind without fields": (
        kinds.CONFIG_MAPS,
        "a=b,metadata.name=x",
        '"a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ),
    "an unknown field of a Job": (
        kinds.JOBS,
        "status.phase=x",
        'field label "status.phase" not supported for Job',
    ),
    "an unknown field of a Pod": (
        kinds.PODS,
        "metadata.foo=x",
        "field label not supported: metadata.foo",
    ),
    "an equal sign in a value": (
        kinds.CONFIG_MAPS,
        "metadata.name=a=b",
        "invalid field selector: unescaped character in value: 61",
    ),
    "an unknown escape": (
        kinds.CONFIG_MAPS,
        r"metadata.name=a\b",
        r"invalid field selector: invalid escape sequence: \b",
    ),
}


@pytest.mark.parametrize(("kind", "text", "words"), FIELD_MISTAKES.values(), ids=FIELD_MISTAKES)
def test_a_field_selector_is_refused_in_the_servers_words(
    kind: Kind, text: str, words: str
) -> None:
    with pytest.raises(StatusError, match=f"^{re.escape(words)}$") as refused:
        fieldselectors.parse(text, kind)

    assert refused.value.code == 400


@given(st.text(alphabet="a=,\\!", max_size=8))
def test_any_value_can_be_escaped(value: str) -> None:
    escaped = re.sub(r"([\\,=])", r"\\\1", value)
    (term,) = fieldselectors.parse(f"metadata.name={escaped}", kinds.PODS)

    assert term.value == value


@given(st.text(st.sampled_from(" \t\n=!(),<>ab/")))
def test_a_selector_is_read_once_from_its_beginning_to_its_end(text: str) -> None:
    spans = [match.span() for match in selectors._TOKEN.finditer(text)]
    assert [0, *(end for _, end in spans)] == [*(start for start, _ in spans), len(text)]


MANY_REQUIREMENTS = st.sampled_from(
    [
        "a",
        "!a",
        "b",
        "!b",
        "a=1",
        "a!=1",
        "a in (1,2)",
        "a notin (2,3)",
        "a>1",
        "a>0",
        "a<2",
        "b=2",
    ]
)
MANY_LABELS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "1", "2", "x"])
)


@given(st.lists(MANY_REQUIREMENTS, max_size=5), MANY_LABELS)
def test_many_requirements_at_once_say_what_each_says(
    texts: list[str], labels: dict[str, str]
) -> None:
    selector = selectors.parse(",".join(texts))
    assert selector.compiled()(labels) is selector.matches(labels)


MANY_TERMS = st.sampled_from(
    ["metadata.name=p", "metadata.name!=p", "metadata.name!=q", "status.phase=Running"]
)


@given(st.lists(MANY_TERMS, max_size=4))
def test_many_terms_at_once_say_what_each_says(texts: list[str]) -> None:
    terms = fieldselectors.parse(",".join(texts), kinds.PODS)
    assert fieldselectors.compiled(terms)(POD) is all(term.matches(POD) for term in terms)
