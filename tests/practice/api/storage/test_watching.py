"""Watches: what they tell, from when on, and that nothing is missed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import weakref
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import ListOptions
from kubectl_joblab.practice.api.registry.operations import Registry, WatchEvent
from kubectl_joblab.practice.api.storage import history
from kubectl_joblab.practice.api.storage.database import Key
from kubectl_joblab.practice.api.storage.history import Subscription
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice import virtual
from tests.practice.api.things import PLACES, THINGS, registry, thing


def drained(watch: Subscription[WatchEvent]) -> list[WatchEvent]:
    """What the watch has to tell before it waits."""
    found: list[WatchEvent] = []

    async def drain(_: virtual.VirtualClock) -> None:
        async for event in watch:
            found.append(event)

    with contextlib.suppress(virtual.DeadlockError):
        virtual.run(drain)
    return found


def told(watch: Subscription[WatchEvent]) -> list[tuple[str, str]]:
    """Types and names of what it has to tell."""
    return [(event.type, event.object["metadata"].get("name", "")) for event in drained(watch)]


def test_a_watch_tells_of_each_change_from_its_beginning_on() -> None:
    made = registry()
    made.create(THINGS, thing("before"), "default")
    watch = made.watch(
        THINGS, "default", ListOptions(resource_version=made.list(THINGS).resource_version)
    )
    made.create(THINGS, thing("a"), "default")
    made.create(THINGS, thing("elsewhere"), "other")
    made.create(PLACES, thing("b"))
    made.update(THINGS, "a", thing("a", labels={"x": "y"}), "default")
    made.delete(THINGS, "a", "default")

    assert told(watch) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


@pytest.mark.parametrize("version", ["", "0"])
def test_a_watch_without_a_version_first_tells_of_all_that_exists(version: str) -> None:
    made = registry()
    for name in ("b", "a"):
        made.create(THINGS, thing(name), "default")
    watch = made.watch(THINGS, options=ListOptions(resource_version=version))
    made.create(THINGS, thing("c"), "other")

    assert told(watch) == [("ADDED", "a"), ("ADDED", "b"), ("ADDED", "c")]


def test_a_watch_of_an_earlier_version_tells_what_has_happened_since() -> None:
    made = registry()
    first = made.create(THINGS, thing("a"), "default")
    made.create(THINGS, thing("b"), "default")
    made.delete(THINGS, "a", "default")
    watch = made.watch(
        THINGS, options=ListOptions(resource_version=first["metadata"]["resourceVersion"])
    )
    made.create(THINGS, thing("c"), "default")

    assert told(watch) == [("ADDED", "b"), ("DELETED", "a"), ("ADDED", "c")]


def test_a_deletion_is_told_with_its_own_version() -> None:
    made = registry()
    made.create(THINGS, thing("a"), "default")
    watch = made.watch(THINGS, options=ListOptions(resource_version="3"))
    made.delete(THINGS, "a", "default")

    (event,) = drained(watch)

    assert event.object["metadata"]["resourceVersion"] == "4"


def test_what_begins_or_ceases_to_match_is_told_as_added_or_deleted() -> None:
    made = registry()
    made.create(THINGS, thing("a", labels={"l": "1"}), "default")
    watch = made.watch(THINGS, options=ListOptions(label_selector="l=1", resource_version="3"))
    for label in ("2", "3", "1"):
        made.update(THINGS, "a", thing("a", labels={"l": label}), "default")
    made.update(THINGS, "a", thing("a", labels={"l": "1", "m": "1"}), "default")

    events = drained(watch)

    shown = [
        (
            event.type,
            event.object["metadata"]["labels"],
            event.object["metadata"]["resourceVersion"],
        )
        for event in events
    ]
    assert shown == [
        ("DELETED", {"l": "1"}, "4"),  # as it was when it last matched
        ("ADDED", {"l": "1"}, "6"),
        ("MODIFIED", {"l": "1", "m": "1"}, "7"),
    ]


def test_initial_events_end_with_a_bookmark() -> None:
    made = registry()
    made.create(THINGS, thing("a"), "default")
    watch = made.watch(
        THINGS, "default", ListOptions(allow_watch_bookmarks=True, send_initial_events=True)
    )

    added, bookmark = drained(watch)

    assert (added.type, bookmark.type) == ("ADDED", "BOOKMARK")
    meta = bookmark.object["metadata"]
    assert meta["resourceVersion"] == "3"
    assert meta["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert (bookmark.object["kind"], bookmark.object["apiVersion"]) == ("Thing", "x.io/v1")


def test_a_watch_of_what_does_not_change_is_told_now_and_then_how_far_it_has_come() -> None:
    made = registry()
    watch = made.watch(
        PLACES, options=ListOptions(resource_version="2", allow_watch_bookmarks=True)
    )
    silent = made.watch(PLACES, options=ListOptions(resource_version="2"))
    for number in range(history.STRIDE * 2):
        made.create(THINGS, thing(f"a{number}"), "default")

    versions = [event.object["metadata"]["resourceVersion"] for event in drained(watch)]

    assert versions == [str(history.STRIDE), str(history.STRIDE * 2)]
    assert drained(silent) == []


def test_a_version_that_is_forgotten_is_expired() -> None:
    made = registry(kept=2)
    for name in "abc":
        made.create(THINGS, thing(name), "default")

    with pytest.raises(StatusError) as refused:
        drained(made.watch(THINGS, options=ListOptions(resource_version="1")))

    assert (refused.value.code, refused.value.reason) == (410, "Expired")
    assert refused.value.message == "too old resource version: 1 (3)"


def test_a_version_of_the_future_is_refused_until_it_has_come() -> None:
    made = registry()
    made.create(THINGS, thing("a"), "default")
    current = made.list(THINGS).resource_version
    future = ListOptions(resource_version=str(int(current) + 1))
    with pytest.raises(StatusError) as refused:
        made.watch(THINGS, options=future)
    assert (refused.value.code, refused.value.reason, refused.value.message) == (
        410,
        "Expired",
        f"Too large resource version: {int(current) + 1}, current: {current}",
    )
    made.create(THINGS, thing("b"), "default")
    watch = made.watch(THINGS, options=future)
    made.create(THINGS, thing("c"), "default")
    assert told(watch) == [("ADDED", "c")]


def test_a_version_that_is_no_number_is_refused_as_by_a_real_server() -> None:
    with pytest.raises(StatusError) as refused:
        registry().watch(THINGS, options=ListOptions(resource_version="abc"))

    assert (refused.value.code, refused.value.message) == (
        500,
        'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    )


def test_a_watch_that_is_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BACKLOG", 5)
    made = registry()
    watch = made.watch(THINGS, options=ListOptions(resource_version="2"))
    for number in range(6):
        made.create(THINGS, thing(f"a{number}"), "default")

    with pytest.raises(StatusError) as refused:
        drained(watch)

    assert refused.value.reason == "Expired"


def test_a_closed_watch_ends_for_who_waits_in_it() -> None:
    made = registry()
    watch = made.watch(THINGS, options=ListOptions(resource_version="2"))

    async def main() -> list[WatchEvent]:
        async def read() -> list[WatchEvent]:
            return [event async for event in watch]

        task = asyncio.create_task(read())
        await asyncio.sleep(0)
        made.create(THINGS, thing("a"), "default")
        await asyncio.sleep(0)
        watch.close()
        made.create(THINGS, thing("b"), "default")
        return await task

    assert [event.object["metadata"]["name"] for event in asyncio.run(main())] == ["a"]


def test_a_watch_that_nobody_holds_is_forgotten() -> None:
    made = registry()
    watch = made.watch(THINGS)
    gone = weakref.ref(watch)

    del watch
    gc.collect()

    assert gone() is None


# ---- any history, any place to begin in it

actions = st.lists(
    st.tuples(
        st.sampled_from(["put", "delete"]),
        st.sampled_from("abc"),
        st.sampled_from(["default", "other"]),
        st.sampled_from("12"),
    ),
    max_size=20,
)


def _act(made: Registry, verb: str, name: str, namespace: str, label: str) -> None:
    there = any(obj["metadata"]["name"] == name for obj in made.list(THINGS, namespace).items)
    body = thing(name, labels={"l": label})
    if verb == "put" and there:
        made.update(THINGS, name, body, namespace)
    elif verb == "put":
        made.create(THINGS, body, namespace)
    elif there:
        made.delete(THINGS, name, namespace)


def _by_uid(objects: list[Object]) -> dict[str, Object]:
    return {obj["metadata"]["uid"]: obj for obj in objects}


def _replayed(listed: list[Object], events: list[WatchEvent]) -> dict[str, Object]:
    """What a client believes that lists and then follows; it refuses what makes no sense."""
    state = _by_uid(listed)
    for event in events:
        uid = event.object["metadata"]["uid"]
        assert (uid in state) == (event.type != "ADDED")
        if event.type == "DELETED":
            del state[uid]
        else:
            state[uid] = event.object
    return state


@given(
    actions,
    st.integers(0, 20),
    st.sampled_from(["", "default"]),
    st.sampled_from(["", "l=1"]),
)
@settings(max_examples=60, deadline=None)
def test_a_list_and_a_watch_from_it_lead_to_what_is_there(
    sequence: list[tuple[str, str, str, str]], begin: int, namespace: str, labels: str
) -> None:
    made = registry()
    selected = ListOptions(label_selector=labels)
    for action in sequence[:begin]:
        _act(made, *action)
    listed = made.list(THINGS, namespace, selected)
    since = replace(selected, resource_version=listed.resource_version)
    early = made.watch(THINGS, namespace, since)
    for action in sequence[begin:]:
        _act(made, *action)
    late = made.watch(THINGS, namespace, since)
    whole = made.watch(THINGS, namespace, selected)

    now = _by_uid(made.list(THINGS, namespace, selected).items)

    live, resumed = drained(early), drained(late)
    assert live == resumed
    assert _replayed(listed.items, live) == now
    assert _replayed([], drained(whole)) == now


# ---- jumps of the clock


def jump(store: Store) -> None:
    """Write that the clock was set ahead; what it shows then is for others to say."""
    key = Key(history.CLOCK, "", "clock")
    ahead = (store.get(key) or {}).get("ahead", 0)
    store.put(key, {"metadata": {}, "ahead": ahead + 1})


def test_the_clusters_own_parts_are_told_nothing_of_a_jump() -> None:
    store = Store()
    made = registry(store=store)
    made.create(THINGS, thing("a"), "default")
    watch = made.watch(THINGS, "default")
    jump(store)
    made.create(THINGS, thing("b"), "default")

    assert told(watch) == [("ADDED", "a"), ("ADDED", "b")]


def test_a_client_is_told_all_again_between_what_was_before_a_jump_and_what_came_after() -> None:
    store = Store()
    made = registry(store=store)
    for name in ("gone", "changed", "same"):
        made.create(THINGS, thing(name), "default")
    since = ListOptions(resource_version=str(store.revision), allow_watch_bookmarks=True)
    watch = made.watch(THINGS, "default", since, again=True)
    made.create(THINGS, thing("before"), "default")
    jump(store)
    made.delete(THINGS, "gone", "default")
    made.update(THINGS, "changed", thing("changed", labels={"x": "y"}), "default")
    made.create(THINGS, thing("after"), "default")

    assert told(watch) == [
        ("ADDED", "before"),
        ("MODIFIED", "same"),
        ("MODIFIED", "before"),
        ("BOOKMARK", ""),
        ("DELETED", "gone"),
        ("MODIFIED", "changed"),
        ("ADDED", "after"),
    ]


def test_what_else_is_written_of_the_clock_is_no_jump() -> None:
    store = Store()
    made = registry(store=store)
    made.create(THINGS, thing("a"), "default")
    since = ListOptions(resource_version=str(store.revision))
    jump(store)
    after = ListOptions(resource_version=str(store.revision))
    watch = made.watch(THINGS, options=after, again=True)
    store.put(Key(history.CLOCK, "", "clock"), {"metadata": {}, "ahead": 1, "auto": True})
    resumed = made.watch(THINGS, options=after, again=True)

    assert told(watch) == told(resumed) == []
    assert told(made.watch(THINGS, options=since, again=True)) == [("MODIFIED", "a")]


def test_jumps_between_which_nothing_was_taken_are_told_as_one() -> None:
    store = Store()
    made = registry(store=store)
    made.create(THINGS, thing("a"), "default")
    watch = made.watch(
        THINGS, options=ListOptions(resource_version=str(store.revision)), again=True
    )
    for _ in range(5):
        jump(store)
    made.create(THINGS, thing("b"), "default")
    jump(store)

    assert told(watch) == [("MODIFIED", "a"), ("ADDED", "b")]
    jump(store)
    assert told(watch) == [("MODIFIED", "a"), ("MODIFIED", "b")]


def test_versions_only_rise_in_what_is_told_again() -> None:
    store = Store()
    made = registry(store=store)
    for name in ("c", "a", "b"):
        made.create(THINGS, thing(name), "default")
    made.update(THINGS, "c", thing("c", labels={"x": "y"}), "default")
    since = ListOptions(resource_version=str(store.revision), allow_watch_bookmarks=True)
    watch = made.watch(THINGS, "default", since, again=True)
    jump(store)

    found = [int(event.object["metadata"]["resourceVersion"]) for event in drained(watch)]

    assert found == sorted(found)
    assert found[-1] == store.revision


_MOMENTS = st.lists(
    st.one_of(
        st.sampled_from(["jump", "take"]),
        st.tuples(
            st.sampled_from(["put", "delete"]),
            st.sampled_from("abc"),
            st.just("default"),
            st.sampled_from("12"),
        ),
    ),
    max_size=30,
)


@given(_MOMENTS, st.sampled_from(["", "l=1"]), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_client_has_seen_each_object_since_the_last_jump_whenever_it_has_taken_all(
    moments: list[str | tuple[str, str, str, str]], labels: str, listed: bool
) -> None:
    store = Store()
    made = registry(store=store)
    version = str(store.revision) if listed else ""
    selected = ListOptions(label_selector=labels, resource_version=version)
    watch = made.watch(THINGS, "default", selected, again=True)
    state: dict[str, Object] = {}
    seen: dict[str, int] = {}  # after how many jumps each object was last told
    jumps = 0
    for moment in [*moments, "take"]:
        if moment == "jump":
            jump(store)
            jumps += 1
        elif moment == "take":
            events = drained(watch)
            state = _replayed(list(state.values()), events)
            seen |= dict.fromkeys((event.object["metadata"]["uid"] for event in events), jumps)
            now = made.list(THINGS, "default", ListOptions(label_selector=labels)).items
            assert state == _by_uid(now)
            assert {seen[uid] for uid in state} <= {jumps}
        else:
            _act(made, *moment)
