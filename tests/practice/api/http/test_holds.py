"""How long one request can keep the server from all others, whatever is sent.

What is measured is the processor time of the server's thread between two moments at which its event
loop can turn to another client: a busy machine does not change that. It can only be too long, by
what else the processor does, never too short, so the best of three counts.
"""

from __future__ import annotations

import gc
import json
import os
import threading
import time
from asyncio.events import Handle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kubectl_joblab.practice.api.options import UpdateOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.attack import bodies
from tests.attack.bodies import Body
from tests.practice.api.served import Reply, Served

LONGEST = 0.050  # seconds of processor time
ATTEMPTS = 3
# a part of the full size is enough to tell; JOBLAB_ATTACK_SCALE=1 sends all of it
SCALE = bodies.scaled(float(os.environ.get("JOBLAB_ATTACK_SCALE", "0.1")))
NAMESPACE = "/api/v1/namespaces/default"
MAPS = f"{NAMESPACE}/configmaps"
ALL = {
    "ConfigMap": MAPS,
    "Pod": f"{NAMESPACE}/pods",
    "Job": "/apis/batch/v1/namespaces/default/jobs",
}
MERGE = {"Content-Type": bodies.MERGE_PATCH}
UNCHECKED = "dryRun=All&fieldValidation=Ignore"


class Holds:
    """The longest step of the server's event loop, in seconds of its thread's processor time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.longest = 0.0
        run = Handle._run

        def measured(handle: Handle) -> None:
            start = time.thread_time()
            run(handle)
            self.longest = max(self.longest, time.thread_time() - start)

        monkeypatch.setattr(Handle, "_run", measured)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Holds:
    """What measures the steps of the loop of the only server that runs.

    As in a server that is ready, what is there by now is not searched for garbage again and again.
    """
    gc.collect()
    gc.freeze()
    return Holds(monkeypatch)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with the namespace default and a ConfigMap in it.

    Its clock is ahead: to show objects older takes time too.
    """
    with Served(tmp_path_factory.mktemp("served")) as server:
        server.make_namespace("default")
        server.make(
            kinds.CONFIG_MAPS, {"metadata": {"name": "kept"}, "data": {"a": "b"}}, "default"
        )
        server.jump(3600)
        assert server.get(f"{MAPS}/kept").code == 200  # what is made once is made
        yield server


def assert_quick(holds: Holds, served: Served, send: Callable[[], Reply]) -> None:
    """Assert that no step is too long while something is sent, and that the server goes on then."""
    for _ in range(ATTEMPTS):
        holds.longest = 0.0
        reply = send()
        assert reply.code in (200, 201, 400, 404, 409, 413, 415, 422, 500), reply.body[:200]
        assert b"see kubectl joblab" not in reply.body, "a mistake of ours"
        assert served.is_healthy()
        if holds.longest < LONGEST:
            return
    raise AssertionError(f"{holds.longest:.3f} s in one step, at best of {ATTEMPTS}")


class Watch:
    """A watch that is open. path: with its query."""

    def __init__(self, served: Served, path: str) -> None:
        self._connection = served.connection()
        self._connection.request("GET", path)
        self._response = self._connection.getresponse()

    def next(self) -> Any:
        """The next event."""
        return json.loads(self._response.readline())

    def close(self) -> None:
        """Go away."""
        self._connection.close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def of(name: str) -> Body:
    """A hostile body, at the scale of this run."""
    return {**bodies.UNREADABLE, **bodies.TAKEN, **bodies.PATCHES}[name](SCALE)


@pytest.mark.parametrize("name", [*bodies.UNREADABLE, *bodies.TAKEN])
def test_no_body_holds_the_server(served: Served, holds: Holds, name: str) -> None:
    body = of(name)
    path, media = f"{ALL[body.kind]}?{UNCHECKED}", {"Content-Type": body.media}
    assert_quick(holds, served, lambda: served.request("POST", path, body.raw, media))


@pytest.mark.parametrize("name", bodies.UNREADABLE)
def test_no_deletion_holds_the_server(served: Served, holds: Holds, name: str) -> None:
    body = of(name)
    media = {"Content-Type": body.media}
    assert_quick(holds, served, lambda: served.request("DELETE", f"{MAPS}/none", body.raw, media))


@pytest.mark.parametrize("name", bodies.PATCHES)
def test_no_patch_holds_the_server(served: Served, holds: Holds, name: str) -> None:
    body = of(name)
    manager = "&fieldManager=me" if body.media == bodies.APPLY_PATCH else ""
    path, media = f"{MAPS}/kept?{UNCHECKED}{manager}", {"Content-Type": body.media}
    assert_quick(holds, served, lambda: served.request("PATCH", path, body.raw, media))


@pytest.mark.parametrize("name", bodies.TAKEN)
def test_no_large_object_holds_the_server(served: Served, holds: Holds, name: str) -> None:
    body = of(name)
    path, one = ALL[body.kind], f"{ALL[body.kind]}/hostile"
    media = {"Content-Type": body.media}
    label, merge = b'{"metadata":{"labels":{"a":"b"}}}', MERGE
    table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    none = b'{"metadata":{"finalizers":null}}'

    def delete() -> Reply:
        served.request("PATCH", one, none, merge)
        return served.request("DELETE", f"{one}?gracePeriodSeconds=0")

    def create() -> Reply:
        delete()
        return served.request("POST", f"{path}?fieldValidation=Ignore", body.raw, media)

    for send in (
        create,
        lambda: served.request("PUT", f"{one}?fieldValidation=Ignore", body.raw, media),
        lambda: served.request("PATCH", one, label, merge),
        lambda: served.get(one),
        lambda: served.get(f"{one}?pretty=true"),
        lambda: served.get(path),
        lambda: served.request("GET", path, None, table),
        delete,
    ):
        assert_quick(holds, served, send)


@pytest.mark.parametrize("name", bodies.QUERIES)
def test_no_query_holds_the_server(served: Served, holds: Holds, name: str) -> None:
    path = f"{MAPS}?{bodies.QUERIES[name]}"
    head = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}}
    assert_quick(holds, served, lambda: served.get(path))
    assert_quick(holds, served, lambda: served.request("POST", f"{path}&dryRun=All", head))
    assert_quick(
        holds, served, lambda: served.request("DELETE", f"{MAPS}/x?{bodies.QUERIES[name]}")
    )


# ---- what is many instead of large


@pytest.fixture(scope="module")
def many(served: Served) -> Served:
    """The server with many ConfigMaps in a namespace of their own."""
    served.make_namespace("many")

    def make() -> None:
        for number in range(MANY):
            meta = {"name": f"m{number}", "labels": LABELS}
            body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": meta}
            served.registry.create(kinds.CONFIG_MAPS, body, "many")

    served.call(make)
    return served


MANY = 2_000
LABELS = {"a": "1", "b": "2"}
SELECTORS = {
    "none": "",
    "thousands of labels that are absent": ",".join(f"!x{one}" for one in range(8_000)),
    "thousands of values that are others": ",".join(f"a!=x{one}" for one in range(6_000)),
    "thousands of sets": ",".join(f"a in (1,x{one})" for one in range(3_000)),
    "thousands of bounds": ",".join(f"a<{one + 9}" for one in range(6_000)),
    "thousands of labels that are there": ",".join(f"x{one}" for one in range(8_000)),
    "a set of thousands": f"a in ({','.join(f'x{one}' for one in range(8_000))},1)",
}


@pytest.mark.parametrize("name", SELECTORS)
def test_no_list_holds_the_server(many: Served, holds: Holds, name: str) -> None:
    selector = SELECTORS[name].replace(" ", "%20")
    path = f"{NAMESPACE.replace('default', 'many')}/configmaps?labelSelector={selector}"
    assert_quick(holds, many, lambda: many.get(path))
    assert_quick(holds, many, lambda: many.get(f"{path}&pretty=true"))


def test_no_watch_holds_the_server_with_what_there_is_at_its_beginning(
    many: Served, holds: Holds
) -> None:
    path = f"{NAMESPACE.replace('default', 'many')}/configmaps?watch=true&timeoutSeconds=1"
    assert_quick(holds, many, lambda: many.get(path))


def test_no_jump_holds_the_server_with_all_that_watches_tell_again(
    many: Served, holds: Holds
) -> None:
    maps = f"{NAMESPACE.replace('default', 'many')}/configmaps?watch=1&resourceVersion="
    selectors = ["", SELECTORS["thousands of labels that are absent"]] * 3
    reached = many.get(f"{MAPS}?limit=1").json["metadata"]["resourceVersion"]
    watches = [Watch(many, f"{maps}{reached}&labelSelector={one}") for one in selectors]

    def jump() -> Reply:
        many.jump(60)
        for watch in watches:
            assert [watch.next()["type"] for _ in range(MANY)] == ["MODIFIED"] * MANY
        return many.get(MAPS)

    assert_quick(holds, many, jump)
    for watch in watches:
        watch.close()


@pytest.mark.parametrize("name", bodies.TAKEN)
def test_no_large_object_holds_the_server_when_it_is_told_again(
    served: Served, holds: Holds, name: str
) -> None:
    body = of(name)
    path, one = ALL[body.kind], f"{ALL[body.kind]}/hostile"
    created = served.request(
        "POST", f"{path}?fieldValidation=Ignore", body.raw, {"Content-Type": body.media}
    )
    if created.code != 201:
        return  # it was refused, which another test has measured
    with Watch(served, f"{path}?watch=1&fieldSelector=metadata.name=hostile") as watch:
        assert watch.next()["type"] == "ADDED"

        def jump() -> Reply:
            served.jump(60)
            assert watch.next()["type"] == "MODIFIED"
            return served.get(MAPS)

        assert_quick(holds, served, jump)
    served.request("PATCH", one, b'{"metadata":{"finalizers":null}}', MERGE)
    served.request("DELETE", f"{one}?gracePeriodSeconds=0")


def test_no_field_selector_of_thousands_holds_the_server(many: Served, holds: Holds) -> None:
    terms = ",".join(f"metadata.name!=x{one}" for one in range(2_500))
    path = f"{NAMESPACE.replace('default', 'many')}/configmaps?fieldSelector={terms}"
    assert_quick(holds, many, lambda: many.get(path))


def test_no_deletion_of_thousands_holds_the_server(many: Served, holds: Holds) -> None:
    path = f"{NAMESPACE.replace('default', 'many')}/configmaps"
    holds.longest = 0.0
    assert len(many.request("DELETE", path).json["items"]) == MANY
    assert holds.longest < LONGEST
    assert many.get(path).json["items"] == []


# ---- what is worked out in a thread is stored as if it had been at once


def test_a_large_write_that_another_one_overtakes_is_done_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = {f"k{one}": "v" for one in range(2_000)}
    served.make(kinds.CONFIG_MAPS, {"metadata": {"name": "large"}, "data": large}, "default")
    reached, go_on = threading.Event(), threading.Event()
    strategy = type(kinds.CONFIG_MAPS.strategy)
    validate = strategy.validate_update

    def slow(self: object, *arguments: object) -> object:
        if not reached.is_set():
            reached.set()
            assert go_on.wait(20)
        return validate(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(strategy, "validate_update", slow)
    replies: list[Reply] = []
    patch = b'{"data":{"mine":"1"}}'
    media = {"Content-Type": bodies.MERGE_PATCH}
    sender = threading.Thread(
        target=lambda: replies.append(served.request("PATCH", f"{MAPS}/large", patch, media))
    )
    sender.start()
    assert reached.wait(20)

    def change() -> None:
        old = served.registry.get(kinds.CONFIG_MAPS, "large", "default")
        new = {**old, "data": {**old["data"], "theirs": "2"}}
        served.registry.update(kinds.CONFIG_MAPS, "large", new, "default", UpdateOptions())

    served.call(change)
    go_on.set()
    sender.join()
    data = replies[0].json["data"]
    assert (replies[0].code, data["mine"], data["theirs"]) == (200, "1", "2")
    kept = served.get(f"{MAPS}/large").json
    assert kept == replies[0].json
