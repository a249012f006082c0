"""What a watch tells after a jump of the clock: each object again, in its place in the stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.http.test_moved_clock import PARTIAL, TABLE, earlier
from tests.practice.api.served import Served

HOUR = 3600
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default."""
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        yield server


class Watch:
    """A watch that is open."""

    def __init__(self, served: Served, query: str = "", accept: str = "application/json") -> None:
        self._connection = served.connection()
        self._connection.request("GET", f"{MAPS}?watch=1&{query}", headers={"Accept": accept})
        self._response = self._connection.getresponse()

    def next(self) -> Any:
        """The next event."""
        return json.loads(self._response.readline())

    def told(self, count: int) -> list[str]:
        """Type, name and version of the next events."""
        return [_named(self.next()) for _ in range(count)]

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _named(event: Any) -> str:
    meta = event["object"]["metadata"]
    return f"{event['type']} {meta.get('name', '')} {meta['resourceVersion']}"


def config_map(served: Served, name: str, **labels: str) -> str:
    """Make a ConfigMap; returns its resourceVersion."""
    body = {"metadata": {"name": name, "labels": labels}}
    made = served.make(kinds.CONFIG_MAPS, body, "default")
    return str(made["metadata"]["resourceVersion"])


def change(served: Served, name: str) -> str:
    """Change a ConfigMap; returns its resourceVersion."""

    def write() -> str:
        old = served.registry.get(kinds.CONFIG_MAPS, name, "default")
        new = {**old, "data": {"turn": old["metadata"]["resourceVersion"]}}
        found = served.registry.update(kinds.CONFIG_MAPS, name, new, "default")
        return str(found["metadata"]["resourceVersion"])

    return served.call(write)


def version(served: Served) -> str:
    """Where the API is now."""
    return str(served.get(MAPS).json["metadata"]["resourceVersion"])


def test_a_watch_is_told_each_object_again_unchanged_but_for_its_times(served: Served) -> None:
    first, second = config_map(served, "b"), config_map(served, "a")
    with Watch(served) as watch:
        before: dict[str, Object] = {}
        for _ in range(2):
            obj = watch.next()["object"]
            before[obj["metadata"]["name"]] = obj
        served.jump(HOUR)
        events = [watch.next() for _ in range(2)]
        third = config_map(served, "c")
        assert watch.told(1) == [f"ADDED c {third}"]
    assert [_named(one) for one in events] == [f"MODIFIED b {first}", f"MODIFIED a {second}"]
    for event in events:
        obj = before[event["object"]["metadata"]["name"]]
        created = earlier(obj["metadata"]["creationTimestamp"], HOUR)
        meta = {**obj["metadata"], "creationTimestamp": created}
        assert event["object"] == {**obj, "metadata": meta}


def test_only_what_a_watch_selects_is_told_again(served: Served) -> None:
    config_map(served, "a", colour="red")
    blue = config_map(served, "b", colour="blue")
    with Watch(served, "labelSelector=colour%3Dblue") as watch:
        assert watch.told(1) == [f"ADDED b {blue}"]
        served.jump(1)
        last = config_map(served, "c", colour="blue")
        assert watch.told(2) == [f"MODIFIED b {blue}", f"ADDED c {last}"]


def test_metadata_alone_is_told_again(served: Served) -> None:
    made = config_map(served, "a")
    with Watch(served, "", PARTIAL) as watch:
        created = watch.next()["object"]["metadata"]["creationTimestamp"]
        served.jump(HOUR)
        event = watch.next()
    assert _named(event) == f"MODIFIED a {made}"
    assert event["object"]["metadata"]["creationTimestamp"] == earlier(created, HOUR)


def test_a_watch_of_tables_hears_nothing_of_a_jump(served: Served) -> None:
    config_map(served, "a")
    with Watch(served, "", TABLE) as watch:
        assert watch.next()["object"]["rows"][0]["cells"][0] == "a"
        served.jump(HOUR)
        config_map(served, "b")
        assert watch.next()["object"]["rows"][0]["cells"][0] == "b"


def test_bookmarks_say_after_the_retelling_how_far_the_watch_is(served: Served) -> None:
    made = config_map(served, "a")
    with Watch(served, "allowWatchBookmarks=true") as watch:
        assert watch.told(1) == [f"ADDED a {made}"]
        served.jump(1)
        assert watch.told(2) == [f"MODIFIED a {made}", f"BOOKMARK  {version(served)}"]


def test_a_watch_from_before_a_jump_is_told_again_in_its_place(served: Served) -> None:
    made = config_map(served, "a")
    listed = version(served)
    config_map(served, "b")
    changed = change(served, "b")
    served.jump(1)
    new = config_map(served, "c")
    with Watch(served, f"resourceVersion={listed}") as watch:
        events = watch.told(5)
    assert [one.rpartition(" ")[0] for one in events] == [
        "ADDED b",
        "MODIFIED b",
        "MODIFIED a",
        "MODIFIED b",
        "ADDED c",
    ]
    assert events[2:] == [f"MODIFIED a {made}", f"MODIFIED b {changed}", f"ADDED c {new}"]


def test_a_watch_from_after_a_jump_is_told_nothing_of_it(served: Served) -> None:
    config_map(served, "a")
    served.jump(1)
    with Watch(served, f"resourceVersion={version(served)}") as watch:
        new = config_map(served, "b")
        assert watch.told(1) == [f"ADDED b {new}"]
