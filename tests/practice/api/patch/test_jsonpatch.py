"""JSON patches: what RFC 6902 says, and where the API server's library differs from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.patch import jsonpatch

Operation = dict[str, Any]

DOCUMENT = {"data": {"a": "1", "x/y": "2", "m~n": "3"}, "list": [1, 2, 3], "none": None}


def _changed(**changes: Any) -> dict[str, Any]:
    return {**copied(DOCUMENT), **changes}


APPLIED: dict[str, tuple[list[Operation], Any]] = {
    "nothing": ([], DOCUMENT),
    "add a key": (
        [{"op": "add", "path": "/data", "value": {}}, {"op": "add", "path": "/data/b", "value": 1}],
        _changed(data={"b": 1}),
    ),
    "add without a value adds null": ([{"op": "add", "path": "/new"}], _changed(new=None)),
    "add in the middle of a list": (
        [{"op": "add", "path": "/list/1", "value": 9}],
        _changed(list=[1, 9, 2, 3]),
    ),
    "add at the end of a list": (
        [
            {"op": "add", "path": "/list/-", "value": 9},
            {"op": "add", "path": "/list/4", "value": 8},
        ],
        _changed(list=[1, 2, 3, 9, 8]),
    ),
    "a negative index counts from the end": (
        [{"op": "add", "path": "/list/-1", "value": 9}, {"op": "remove", "path": "/list/-2"}],
        _changed(list=[1, 2, 9]),
    ),
    "remove from a list": ([{"op": "remove", "path": "/list/0"}], _changed(list=[2, 3])),
    "slashes and tildes are escaped": (
        [{"op": "remove", "path": "/data/x~1y"}, {"op": "remove", "path": "/data/m~0n"}],
        _changed(data={"a": "1"}),
    ),
    "replace creates what is not there": (
        [{"op": "replace", "path": "/data/new", "value": 1}],
        _changed(data={**DOCUMENT["data"], "new": 1}),  # type: ignore[dict-item]
    ),
    "replace everything": ([{"op": "replace", "path": "", "value": {"a": 1}}], {"a": 1}),
    "a path without a slash is taken for one of the first level": (
        [{"op": "add", "path": "data/z", "value": 1}],
        _changed(z=1),
    ),
    "move": (
        [{"op": "move", "from": "/data/a", "path": "/list/0"}],
        _changed(data={"x/y": "2", "m~n": "3"}, list=["1", 1, 2, 3]),
    ),
    "copy": (
        [{"op": "copy", "from": "/list", "path": "/more"}, {"op": "remove", "path": "/list/0"}],
        _changed(list=[2, 3], more=[1, 2, 3]),
    ),
    "copy of what is not there copies null": (
        [{"op": "copy", "from": "/data/q", "path": "/more"}],
        _changed(more=None),
    ),
    "a test that holds": (
        [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "test", "path": "/list/2", "value": 3},
        ],
        DOCUMENT,
    ),
    "a test of a whole list": ([{"op": "test", "path": "/list", "value": [1, 2, 3]}], DOCUMENT),
    "what is not there is null to a test": (
        [{"op": "test", "path": "/data/q", "value": None}],
        DOCUMENT,
    ),
}


@pytest.mark.parametrize(("operations", "expected"), APPLIED.values(), ids=APPLIED)
def test_operations_are_applied(operations: list[Operation], expected: Any) -> None:
    before = copied(DOCUMENT)

    assert jsonpatch.applied(before, operations) == expected
    assert before == DOCUMENT


REFUSED: dict[str, Operation] = {
    "an unknown verb": {"op": "frob", "path": "/data/a"},
    "no verb": {"path": "/data/a"},
    "no path": {"op": "remove"},
    "no from": {"op": "move", "path": "/data/b"},
    "a test that does not hold": {"op": "test", "path": "/data/a", "value": "2"},
    "a test of a number written otherwise": {"op": "test", "path": "/list/0", "value": 1.0},
    "a test of a number against true": {"op": "test", "path": "/list/0", "value": True},
    "a test of a list that is longer": {"op": "test", "path": "/list", "value": [1, 2, 3, 4]},
    "a test of a list in another order": {"op": "test", "path": "/list", "value": [3, 2, 1]},
    "a test below what is not there": {"op": "test", "path": "/q/a", "value": None},
    "removing what is not there": {"op": "remove", "path": "/data/q"},
    "removing below what is not there": {"op": "remove", "path": "/q/a"},
    "adding below what is not there": {"op": "add", "path": "/q/a/b", "value": 1},
    "adding below null": {"op": "add", "path": "/none/a", "value": 1},
    "adding below a scalar": {"op": "add", "path": "/data/a/b", "value": 1},
    "adding everything": {"op": "add", "path": "", "value": {}},
    "an index behind the end": {"op": "add", "path": "/list/4", "value": 1},
    "an index that is no number": {"op": "add", "path": "/list/x", "value": 1},
    "replacing behind the end": {"op": "replace", "path": "/list/3", "value": 1},
    "replacing the place behind the end": {"op": "replace", "path": "/list/-", "value": 1},
    "removing behind the end": {"op": "remove", "path": "/list/3"},
    "moving what is not there": {"op": "move", "from": "/data/q", "path": "/data/b"},
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_applied_is_refused_in_the_servers_few_words(operation: Operation) -> None:
    with pytest.raises(StatusError) as refused:
        jsonpatch.applied(DOCUMENT, [operation])

    assert (refused.value.code, refused.value.reason) == (422, "Invalid")
    assert refused.value.message == "the server rejected our request due to an error in our request"
    assert refused.value.details == {}


UNREADABLE: dict[str, tuple[Any, str]] = {
    "an object": ({"a": 1}, "object into Go value of type []handlers.jsonPatchOp"),
    "a text for an operation": (["a"], "string into Go value of type handlers.jsonPatchOp"),
    "a number for a path": (
        [{"op": "remove", "path": 5}],
        "number into Go struct field jsonPatchOp.path of type string",
    ),
}


@pytest.mark.parametrize(("operations", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_list_of_operations_is_refused_in_gos_words(operations: Any, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        jsonpatch.check(operations)

    assert refused.value.code == 400
    assert refused.value.message == f"error decoding patch: json: cannot unmarshal {words}"


def test_there_are_not_more_than_ten_thousand_operations() -> None:
    operation = {"op": "test", "path": "/a", "value": 1}
    jsonpatch.check([operation] * 10_000)

    with pytest.raises(StatusError) as refused:
        jsonpatch.check([operation] * 10_001)

    assert (refused.value.code, refused.value.reason) == (413, "RequestEntityTooLarge")
    assert refused.value.message == (
        "Request entity is too large: limit is The allowed maximum operations in a JSON patch is "
        "10000, got 10001"
    )


def test_fields_that_an_operation_does_not_have_are_told() -> None:
    operations = [{"op": "add", "path": "/a", "value": 1}, {"op": "remove", "foo": 1, "path": "/a"}]

    assert jsonpatch.check(operations) == ['json patch unknown field "[1].foo"']


# ---- against a model: a document as its leaves

scalars = st.one_of(st.integers(0, 3), st.text("ab", max_size=2), st.booleans())
documents = st.recursive(
    scalars,
    lambda inner: st.dictionaries(st.sampled_from("abc/~"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


def _paths(value: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [above] if above else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _paths(inner, (*above, key))
    return found


def _pointer(path: tuple[str, ...]) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def _without(value: Any, path: tuple[str, ...]) -> Any:
    first, *rest = path
    if not rest:
        return {key: inner for key, inner in value.items() if key != first}
    return {**value, first: _without(value[first], tuple(rest))}


@given(documents, st.data())
def test_what_is_removed_is_gone_and_what_is_added_back_is_there(
    document: dict[str, Any], data: st.DataObject
) -> None:
    paths = _paths(document)
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    value = document
    for step in path:
        value = value[step]

    removed = jsonpatch.applied(document, [{"op": "remove", "path": _pointer(path)}])
    added = jsonpatch.applied(removed, [{"op": "add", "path": _pointer(path), "value": value}])

    assert removed == _without(document, path)
    assert added == document


@given(documents, documents)
def test_equality_is_reflexive_and_symmetric(left: Any, right: Any) -> None:
    assert jsonpatch.equal(left, copied(left))
    assert jsonpatch.equal(left, right) == jsonpatch.equal(right, left)


def test_copies_end_where_they_have_copied_as_much_as_a_body_may_hold() -> None:
    doubling = [{"op": "copy", "from": "/data", "path": f"/data/k{one}"} for one in range(24)]
    with pytest.raises(StatusError) as refused:
        jsonpatch.applied(DOCUMENT, doubling)
    assert (refused.value.code, refused.value.message) == (
        422,
        "the server rejected our request due to an error in our request",
    )


def test_what_is_copied_is_counted_in_bytes() -> None:
    document = {"a": "\uac00" * 1000}
    copies = [{"op": "copy", "from": "/a", "path": f"/a{one}"} for one in range(2000)]
    assert len(jsonpatch.applied(document, copies[:1047])) == 1048
    with pytest.raises(StatusError):
        jsonpatch.applied(document, copies[:1048])
