"""Views: what was there at one moment is read later, whatever the store does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.draft import Draft
from kubectl_joblab.practice.api.storage.entries import Entry, Warm
from kubectl_joblab.practice.api.storage.store import Store
from kubectl_joblab.practice.api.storage.view import TOGETHER

NAMES = [f"{number:03}" for number in range(2 * TOGETHER + 7)]
names = st.sampled_from(NAMES[:: TOGETHER // 2])
writes = st.lists(st.tuples(st.sampled_from(["put", "remove", "get", "forget"]), names))


@pytest.fixture(autouse=True, params=["all in memory", "almost nothing in memory"])
def warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How much of the objects the store keeps in memory, which nobody may notice."""
    if request.param == "almost nothing in memory":
        monkeypatch.setattr(Warm.__init__, "__defaults__", (1,))


def _key(name: str, namespace: str = "n") -> Key:
    return Key("configmaps", namespace, name)


def _object(name: str, value: str, namespace: str = "n") -> Object:
    labels = {"value": value, "odd": str(int(name) % 2)}
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "data": value}


def _filled() -> Store:
    store = Store()
    for name in NAMES:
        store.put(_key(name), _object(name, "0"))
    return store


def _carry_out(store: Store, sequence: list[tuple[str, str]]) -> None:
    for number, (verb, name) in enumerate(sequence, start=1):
        if verb == "put":
            store.put(_key(name), _object(name, str(number)))
        elif verb == "get":
            store.get(_key(name))
        elif verb == "remove" and store.get(_key(name)):
            store.remove(_key(name))


def _all(pages: Iterator[list[Object]]) -> list[Object]:
    return [obj for some in pages for obj in some]


@given(writes, writes, st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_a_view_stays_as_it_was(
    before: list[tuple[str, str]], after: list[tuple[str, str]], pages: int
) -> None:
    store = _filled()
    _carry_out(store, before)
    view, there = store.view("configmaps"), store.scan("configmaps")
    reading, read = view.read(), []
    for _ in range(pages):
        read += next(reading, [])
    _carry_out(store, after)
    assert read + _all(reading) == there
    assert _all(view.in_order_of_change(store.revision, None)) == sorted(
        there, key=lambda obj: int(obj["metadata"]["resourceVersion"])
    )


@given(
    writes,
    st.sampled_from(["", "odd=1", "odd!=1", "value in (0,1)", "!odd", "value=0"]),
    st.sampled_from(
        ["metadata.name!=000", "metadata.name=050", "metadata.name=050,metadata.name=1"]
    ),
)
@settings(max_examples=40, deadline=None)
def test_a_selector_selects_the_same_wherever_an_object_is(
    sequence: list[tuple[str, str]], selector: str, fields: str
) -> None:
    store = _filled()
    _carry_out(store, sequence)
    matches = selectors.matcher(kinds.CONFIG_MAPS, selector, fields)
    assert matches is not None
    view = store.view("configmaps")
    _carry_out(store, sequence[::-1])
    there = _all(view.read())
    assert _all(view.read("", matches)) == [obj for obj in there if matches(obj)]


@given(st.sampled_from(["", "a/", "a/1", "a/2\0", "a-b/1", "a0", "b", "c"]))
def test_a_view_is_read_from_any_place_on(start: str) -> None:
    store = Store()
    for namespace in ("a", "a-b", "b"):
        for name in ("1", "2"):
            store.put(_key(name, namespace), _object(name, "0", namespace))
    view = store.view("configmaps")
    places = [f"{key.namespace}/{key.name}" for key in view.keys()]  # noqa: SIM118 -- no dict
    found = [
        f"{obj['metadata']['namespace']}/{obj['metadata']['name']}"
        for obj in _all(view.read(start))
    ]
    assert places == ["a-b/1", "a-b/2", "a/1", "a/2", "b/1", "b/2"]
    assert found == [place for place in places if place >= start]
    assert view.count_from(start) == len(found)


def test_a_draft_notices_that_what_it_has_scanned_was_replaced() -> None:
    store = _filled()
    draft, other = Draft(store), Draft(store)
    assert len(draft.scan("configmaps", "n")) == len(other.scan("configmaps", "n")) == len(NAMES)
    for name in NAMES:
        store.get(_key(name))  # which changes what is in memory, and nothing else
    draft.put(_key("new"), {"metadata": {"name": "new", "namespace": "n"}})
    assert draft.commit()
    assert not other.commit()


# ---- what is kept in memory


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 50), st.booleans())))
def test_no_more_is_kept_than_may_be_and_the_newest_always(
    sequence: list[tuple[int, int, bool]],
) -> None:
    warm, entries = Warm(100), [Entry(None, number) for number in range(6)]
    sizes: dict[int, int] = {}
    released: set[int] = set()
    for number, size, release in sequence:
        if release:
            warm.release(entries[number])
            released.add(number)
            continue
        if number in released:
            continue  # an entry that was replaced is never used again
        warm.add(entries[number], {}, size)
        sizes[number] = size
        assert entries[number].content == {}
        held = [one for one in sizes if entries[one].content is not None and one not in released]
        assert sum(sizes[one] for one in held) <= 100 or held == [number]
