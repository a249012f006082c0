"""JSON merge patches: the table of RFC 7386, and a model of what they mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.patch import merge

# RFC 7386, appendix A; JSON's null is None
TABLE: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "expected"), TABLE)
def test_a_merge_patch_does_what_the_rfc_says(target: Any, patch: Any, expected: Any) -> None:
    before = copied(target)

    assert merge.merged(target, patch) == expected
    assert target == before


UNREADABLE: dict[str, tuple[Any, str]] = {
    "null": (None, "Invalid JSON Patch"),
    "a list": (
        [],
        "error decoding patch: json: cannot unmarshal array into Go value of type "
        "map[string]interface {}",
    ),
    "a text": (
        "x",
        "error decoding patch: json: cannot unmarshal string into Go value of type "
        "map[string]interface {}",
    ),
}


@pytest.mark.parametrize(("patch", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_object_is_refused_in_the_servers_words(patch: Any, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        merge.check(patch)

    assert (refused.value.code, refused.value.message) == (400, words)


keys = st.sampled_from("abc")
values = st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(keys, values, max_size=3)
patches = st.dictionaries(
    keys, st.none() | values | st.dictionaries(keys, st.none() | values, max_size=3), max_size=3
)


def _difference(old: Any, new: Any) -> Any:
    """The smallest patch that leads from one object to another."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    changed = {
        key: _difference(old[key], value) if key in old else value
        for key, value in new.items()
        if key not in old or old[key] != value
    }
    return changed | {key: None for key in old if key not in new}


@given(objects, objects)
def test_the_difference_of_two_objects_leads_from_one_to_the_other(old: Any, new: Any) -> None:
    assert merge.merged(old, _difference(old, new)) == new


@given(objects, patches)
def test_a_merge_patch_applied_twice_changes_nothing_more(old: Any, patch: Any) -> None:
    once = merge.merged(old, patch)

    assert merge.merged(once, patch) == once
