"""PATCH: what comes of it is an object of the kind, or refused in the API server's words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.formats import gojson
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.options import CreateOptions, PatchOptions, Warn
from kubectl_joblab.practice.api.patch import dispatch
from kubectl_joblab.practice.api.registry.kinds import CONFIG_MAPS, JOBS, NAMESPACES
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api.things import registry

NOBODYS = CreateOptions(field_manager=None)  # no message shows who owns what then


def _made() -> tuple[Registry, Object]:
    made = registry()
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"l": "1"}},
        "data": {"a": "1"},
    }
    return made, made.create(CONFIG_MAPS, body, "default", NOBODYS)


def _patch(
    made: Registry,
    patch_type: str,
    change: Any,
    validation: str = "Ignore",
    warn: Warn | None = None,
) -> Object:
    options = PatchOptions(field_validation=validation)
    return made.patch(CONFIG_MAPS, "a", patch_type, change, "default", options, warn=warn)


DONE: dict[str, tuple[str, Any]] = {
    "JSON": (dispatch.JSON, [{"op": "replace", "path": "/data/a", "value": "2"}]),
    "merge": (dispatch.MERGE, {"data": {"a": "2"}}),
    "strategic": (dispatch.STRATEGIC, {"data": {"a": "2"}}),
}


@pytest.mark.parametrize(("patch_type", "change"), DONE.values(), ids=DONE)
def test_a_patch_changes_an_object(patch_type: str, change: Any) -> None:
    made, before = _made()

    after = _patch(made, patch_type, change)

    assert after["data"] == {"a": "2"}
    assert after["metadata"]["labels"] == {"l": "1"}
    assert after["metadata"]["resourceVersion"] == "4"
    assert before["data"] == {"a": "1"}


NOTHING: dict[str, tuple[str, Any]] = {
    "no operations": (dispatch.JSON, []),
    "null for a list of operations": (dispatch.JSON, None),
    "a test that holds": (dispatch.JSON, [{"op": "test", "path": "/data/a", "value": "1"}]),
    "an empty merge patch": (dispatch.MERGE, {}),
    "what is already so": (dispatch.MERGE, {"data": {"a": "1", "b": None}}),
    "null for a strategic patch": (dispatch.STRATEGIC, None),
    "another kind in a strategic patch": (dispatch.STRATEGIC, {"kind": "Secret"}),
    "a generation": (dispatch.MERGE, {"metadata": {"generation": 5}}),
    "another time of creation": (
        dispatch.MERGE,
        {"metadata": {"creationTimestamp": "2020-01-01T00:00:00Z"}},
    ),
}


@pytest.mark.parametrize(("patch_type", "change"), NOTHING.values(), ids=NOTHING)
def test_a_patch_that_changes_nothing_writes_nothing(patch_type: str, change: Any) -> None:
    made, before = _made()

    assert _patch(made, patch_type, change) is before


_WHOLE = (
    '{"apiVersion":"v1","data":%s,"kind":"%s","metadata":{"name":"a","namespace":"default",'
    '"uid":"00000000-0000-4000-8000-000000000003","resourceVersion":"3",'
    '"creationTimestamp":"2026-01-01T00:00:00Z","labels":{"l":"1"}}}'
)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


INVALID: dict[str, tuple[str, Any, str, str]] = {
    "a number for a text": (
        dispatch.MERGE,
        {"data": {"a": 5}},
        _WHOLE % ('{"a":5}', "ConfigMap"),
        "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
    ),
    "a text for a map, by operations": (
        dispatch.JSON,
        [{"op": "replace", "path": "/data", "value": "x"}],
        _WHOLE % ('"x"', "ConfigMap"),
        "json: cannot unmarshal string into Go struct field ConfigMap.data of type "
        "map[string]string",
    ),
    "another kind": (
        dispatch.MERGE,
        {"kind": "Secret"},
        _WHOLE % ('{"a":"1"}', "Secret"),
        'no kind "Secret" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ),
    "a number for a text, strategic": (
        dispatch.STRATEGIC,
        {"data": {"a": 5}},
        "map[data:map[a:5]]",
        "cannot convert int64 to string",
    ),
    "a text for a map, strategic": (
        dispatch.STRATEGIC,
        {"data": "x"},
        "map[data:x]",
        "cannot restore map from string",
    ),
}


@pytest.mark.parametrize(("patch_type", "change", "shown", "words"), INVALID.values(), ids=INVALID)
def test_what_is_no_object_of_the_kind_is_refused(
    patch_type: str, change: Any, shown: str, words: str
) -> None:
    made, _ = _made()

    with pytest.raises(StatusError) as refused:
        _patch(made, patch_type, change)

    assert refused.value.code == 422
    assert refused.value.message == (
        f' "" is invalid: patch: Invalid value: {_quoted(shown)}: {words}'
    )


UNFIT: dict[str, tuple[Any, str, str]] = {
    "a text for a number": (
        {"spec": {"parallelism": "x"}},
        "map[spec:map[parallelism:x]]",
        "unrecognized type: int32",
    ),
    "a fraction for a number": (
        {"spec": {"parallelism": gojson.parse(b"1.5")}},
        "map[spec:map[parallelism:1.5]]",
        "cannot convert float64 to int32",
    ),
    "a map for a list": (
        {"spec": {"template": {"spec": {"containers": {"name": "a"}}}}},
        "map[spec:map[template:map[spec:map[containers:map[name:a]]]]]",
        "cannot restore slice from map",
    ),
    "a text for a struct": (
        {"spec": {"template": "x", "completions": 3}},
        "map[spec:map[completions:3 template:x]]",
        "cannot restore struct from: string",
    ),
    "a quantity that is none": (
        {"spec": {"template": {"spec": {"overhead": {"cpu": "x"}}}}},
        "map[spec:map[template:map[spec:map[overhead:map[cpu:x]]]]]",
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ),
}


@pytest.mark.parametrize(("change", "shown", "words"), UNFIT.values(), ids=UNFIT)
def test_a_strategic_patch_that_does_not_fit_is_refused_in_the_converters_words(
    change: Any, shown: str, words: str
) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}}

    with pytest.raises(StatusError) as refused:
        dispatch.applied(JOBS, job, dispatch.STRATEGIC, change, PatchOptions())

    assert refused.value.message == f' "" is invalid: patch: Invalid value: "{shown}": {words}'


ODD: dict[str, tuple[str, Any, str]] = {
    "an unknown field": (dispatch.MERGE, {"foo": 1}, 'unknown field "foo"'),
    "an unknown field, strategic": (dispatch.STRATEGIC, {"foo": 1}, 'unknown field "foo"'),
    "two unknown fields, strategic": (
        dispatch.STRATEGIC,
        {"foo": 1, "bar": 2},
        'unknown field "bar", unknown field "foo"',
    ),
    "an unknown field of an operation": (
        dispatch.JSON,
        [{"op": "test", "path": "/data/a", "value": "1", "foo": 1}],
        'json patch unknown field "[0].foo"',
    ),
    "a field that stands twice": (
        dispatch.MERGE,
        gojson.parse(b'{"data": {"a": "1", "a": "1"}}'),
        'duplicate field "data.a"',
    ),
}


@pytest.mark.parametrize(("patch_type", "change", "words"), ODD.values(), ids=ODD)
def test_what_is_odd_is_ignored_warned_of_or_refused(
    patch_type: str, change: Any, words: str
) -> None:
    made, _ = _made()
    warnings: list[str] = []

    _patch(made, patch_type, change, "Ignore", warnings.append)
    assert warnings == []
    _patch(made, patch_type, change, "Warn", warnings.append)
    assert ", ".join(warnings) == words
    with pytest.raises(StatusError) as refused:
        _patch(made, patch_type, change, "Strict")
    assert refused.value.message.endswith(f": strict decoding error: {words}")


REFUSED: dict[str, tuple[Any, int, str]] = {
    "a name taken away": (
        {"metadata": {"name": None}},
        400,
        "the name of the object (a based on URL) was undeterminable: name must be provided",
    ),
    "another name": (
        {"metadata": {"name": "b"}},
        400,
        "the name of the object (b) does not match the name on the URL (a)",
    ),
    "another namespace": (
        {"metadata": {"namespace": "other"}},
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
    ),
    "another uid": (
        {"metadata": {"uid": "abc"}},
        422,
        'ConfigMap "a" is invalid: metadata.uid: Invalid value: "abc": field is immutable',
    ),
    "another version": (
        {"metadata": {"resourceVersion": "1"}},
        409,
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please '
        "apply your changes to the latest version and try again",
    ),
}


@pytest.mark.parametrize(("change", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_change_is_refused(change: Any, code: int, words: str) -> None:
    made, _ = _made()

    with pytest.raises(StatusError) as refused:
        _patch(made, dispatch.MERGE, change)

    assert (refused.value.code, refused.value.message) == (code, words)


def test_a_label_that_is_wrong_is_said_once_for_each_of_its_parts() -> None:
    made, _ = _made()

    with pytest.raises(StatusError) as refused:
        _patch(made, dispatch.MERGE, {"metadata": {"labels": {"a b": "c d"}}})

    assert refused.value.details is not None
    fields = [cause["field"] for cause in refused.value.details["causes"]]
    assert fields == ["metadata.labels", "metadata.labels"]


def test_what_is_not_there_is_not_patched() -> None:
    with pytest.raises(StatusError) as refused:
        registry().patch(NAMESPACES, "nope", dispatch.MERGE, {})

    assert refused.value.message == 'namespaces "nope" not found'


# ---- JSON merge patches: the table of RFC 7386, and a model of what they mean

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

    assert dispatch.merged(target, patch) == expected
    assert target == before


NO_OBJECTS: dict[str, tuple[Any, str]] = {
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


@pytest.mark.parametrize(("patch", "words"), NO_OBJECTS.values(), ids=NO_OBJECTS)
def test_what_is_no_object_is_refused_in_the_servers_words(patch: Any, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        dispatch.check_merge(patch)

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
    assert dispatch.merged(old, _difference(old, new)) == new


@given(objects, patches)
def test_a_merge_patch_applied_twice_changes_nothing_more(old: Any, patch: Any) -> None:
    once = dispatch.merged(old, patch)

    assert dispatch.merged(once, patch) == once
