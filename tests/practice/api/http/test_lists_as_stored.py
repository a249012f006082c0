"""A list of stored texts is, to the last byte, the list of the objects that they say."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.http import answers
from kubectl_joblab.practice.api.http.answers import Form, Moment
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.writer import key_of
from kubectl_joblab.practice.api.storage import listing, watching
from kubectl_joblab.practice.api.storage.entries import Warm
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.api.storage.view import TOGETHER

MOMENT = Moment(datetime(2030, 1, 1, tzinfo=UTC))
STORED = [kind for kind in kinds.KINDS if kind.stored and not kind.always_empty]
NUMBERS = range(TOGETHER + TOGETHER // 2)
ESCAPED = NUMBERS[5::20]  # those whose text is another in the file

Write: TypeAlias = "tuple[int, str, Any, bool]"

# strings that the file and clients have in different forms, and others
texts = st.text(st.sampled_from("ab\\u/\"'<&{}[],:\0\n\x1f\x7f\x80é가\u2028\ud800😀"), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.sampled_from(["kind", "apiVersion"]), inner, max_size=3)
    ),
    max_leaves=6,
)
# what is written: the number of an object; what is missing of its kind and apiVersion, or whether
# they are the last in it; its content; whether it is deleted
writes = st.lists(
    st.tuples(
        st.sampled_from(NUMBERS[:: TOGETHER // 10]),
        st.sampled_from(["", "no kind", "no version", "neither", "last"]),
        values,
        st.booleans(),
    ),
    max_size=12,
)


@pytest.fixture(autouse=True, params=["all in memory", "almost nothing in memory"])
def warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much of the objects the store keeps in memory, which nobody may notice."""
    if request.param == "almost nothing in memory":
        monkeypatch.setattr(Warm.__init__, "__defaults__", (1,))


def _object(kind: Kind, number: int, head: str, content: Any) -> Object:
    meta: Object = {"name": f"o-{number:03}"}
    if kind.namespaced:
        meta["namespace"] = "a" if number % 3 else "b"
    meta["labels"] = {"odd": str(number % 2)}
    first = {"kind": kind.kind, "apiVersion": kind.api_version}
    if head in ("no kind", "neither"):
        del first["kind"]
    if head in ("no version", "neither"):
        del first["apiVersion"]
    meta["creationTimestamp"] = "2029-12-31T00:00:00Z"
    rest = {"metadata": meta, "content": content}
    return {**rest, **first} if head == "last" else {**first, **rest}


def _filled(kind: Kind) -> Store:
    store = Store()
    for number in NUMBERS:
        content = "가" if number in ESCAPED else "text"
        obj = _object(kind.view_of or kind, number, "", content)
        store.put(key_of(kind, obj), obj)
    return store


def _write(store: Store, kind: Kind, written: list[Write]) -> None:
    for number, head, content, deleted in written:
        obj = _object(kind.view_of or kind, number, head, content)
        if not deleted:
            store.put(key_of(kind, obj), obj)
        elif store.get(key_of(kind, obj)):
            store.remove(key_of(kind, obj))


@given(
    st.sampled_from(kinds.FILLED),
    writes,
    writes,
    st.sampled_from(["", "odd=1", "odd", "!odd", "odd!=1"]),
    st.sampled_from(["", "", "", "metadata.name=o-001", "metadata.name!=o-001"]),
    st.sampled_from([0, 1, TOGETHER // 3, TOGETHER + 1]),
    st.sampled_from(["", "a", "b"]),
)
@settings(max_examples=60, deadline=None)
def test_it_is_the_list_of_the_objects(
    kind: Kind,
    before: list[Write],
    after: list[Write],
    labels: str,
    fields: str,
    limit: int,
    namespace: str,
) -> None:
    store = _filled(kind)
    _write(store, kind, before)
    space = namespace if kind.namespaced else ""
    matches = selectors.matcher(kind, labels, fields)
    token, more = "", True
    while more:
        options = ListOptions(limit=limit, continue_token=token)
        pending = listing.begun(store, kind.resource, space, matches, options)
        page = pending.page()
        wanted = answers.of_list(kind, page, Form(), MOMENT)
        _write(store, kind, after)
        assert answers.of_pending(kind, pending, Form(), MOMENT) == wanted
        token, more, limit = page.continue_token, bool(page.continue_token), max(limit, TOGETHER)


@given(st.sampled_from(kinds.FILLED), writes, writes, st.sampled_from(["", "odd=1", "none"]))
@settings(max_examples=30, deadline=None)
def test_a_watch_tells_of_the_same_objects_first(
    kind: Kind, before: list[Write], after: list[Write], labels: str
) -> None:
    store = _filled(kind)
    _write(store, kind, before)
    matches = selectors.matcher(kind, labels, "")
    view = store.view(kind.resource)
    wanted = [one for one in watching.first(view, matches) if one is not None]
    found = watching.first(view, matches, answers.beginning(kind))
    _write(store, kind, after)
    for expected, event in itertools.zip_longest(wanted, filter(None, found)):
        assert event.parsed() == expected
        if event.text:
            assert event.text + b"\n" == answers.encoded(expected.object)


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: f"{kind.plural}.{kind.group}")
@pytest.mark.parametrize("ahead", [0, 3600])
def test_a_kind_has_the_same_list_either_way(kind: Kind, ahead: int) -> None:
    store = _filled(kind)
    moment = Moment(MOMENT.now, ahead)
    pending = listing.begun(store, kind.stored_as, "", None, ListOptions())
    wanted = answers.of_list(kind, pending.page(), Form(), moment)
    assert answers.of_pending(kind, pending, Form(), moment) == wanted
    if kind.view_of is None:
        found, _ = pending.texts(answers.beginning(kind))
        assert [isinstance(one, bytes) for one in found].count(False) == len(ESCAPED)
