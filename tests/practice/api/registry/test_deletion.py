"""Deletion: grace periods, finalizers, propagation; all compared with a real API server."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.kind import Kind
from kubectl_joblab.practice.api.options import DeleteOptions, ListOptions, Preconditions
from kubectl_joblab.practice.api.registry.kinds import NAMESPACES
from kubectl_joblab.practice.api.registry.operations import Registry, WatchEvent
from tests.practice.api.storage.test_watching import drained
from tests.practice.api.things import (
    LEAVERS,
    MORTALS,
    PARENTS,
    THINGS,
    Clock,
    registry,
    thing,
)

NOW, IN_10 = "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z"


def _leaver(**metadata: Any) -> Object:
    return {
        **thing("a", **metadata),
        "spec": {"nodeName": "n", "terminationGracePeriodSeconds": 10},
    }


def _told(events: list[WatchEvent]) -> list[tuple[str, Any, Any, Any]]:
    """Type, deletionTimestamp, grace period, finalizers."""
    metas = [(event.type, event.object["metadata"]) for event in events]
    return [
        (
            kind,
            meta.get("deletionTimestamp"),
            meta.get("deletionGracePeriodSeconds"),
            meta.get("finalizers"),
        )
        for kind, meta in metas
    ]


def _watched(made: Registry, kind: Kind) -> Any:
    return made.watch(kind, options=ListOptions(resource_version=made.list(kind).resource_version))


def _is_gone(made: Registry, kind: Kind, name: str = "a") -> bool:
    return not any(obj["metadata"]["name"] == name for obj in made.list(kind).items)


def test_what_has_neither_grace_nor_finalizers_is_gone_at_once() -> None:
    made = registry()
    made.create(THINGS, thing("a"), "default")
    watch = _watched(made, THINGS)

    deleted = made.delete(THINGS, "a", "default")

    assert _is_gone(made, THINGS)
    assert deleted["metadata"]["resourceVersion"] == "4"
    assert _told(drained(watch)) == [("DELETED", None, None, None)]


def test_what_has_finalizers_is_marked_and_gone_with_the_last_of_them() -> None:
    made = registry()
    made.create(THINGS, thing("a", finalizers=["x.io/a"]), "default")
    watch = _watched(made, THINGS)

    marked = made.delete(THINGS, "a", "default")
    again = made.delete(THINGS, "a", "default")
    last = made.update(THINGS, "a", thing("a", labels={"l": "1"}), "default")

    assert again == marked
    assert marked["metadata"]["generation"] == 2
    assert _is_gone(made, THINGS)
    # the client is shown what it sent, watches what was there
    assert last["metadata"]["labels"] == {"l": "1"}
    assert last["metadata"]["deletionTimestamp"] == NOW
    assert _told(drained(watch)) == [
        ("MODIFIED", NOW, 0, ["x.io/a"]),
        ("DELETED", NOW, 0, ["x.io/a"]),
    ]


def test_a_dry_run_shows_what_would_be_and_does_nothing() -> None:
    made = registry()
    before = made.create(THINGS, thing("a", finalizers=["x.io/a"]), "default")

    shown = made.delete(THINGS, "a", "default", DeleteOptions(dry_run=True))

    assert shown["metadata"]["deletionTimestamp"] == NOW
    assert made.get(THINGS, "a", "default") is before


# ---- grace


def test_a_grace_period_runs_until_somebody_confirms_its_end() -> None:
    made = registry()
    made.create(LEAVERS, _leaver(), "default")
    watch = _watched(made, LEAVERS)

    leaving = made.delete(LEAVERS, "a", "default")
    made.delete(LEAVERS, "a", "default", DeleteOptions(grace_period_seconds=0))

    assert leaving["metadata"]["generation"] == 2
    assert _is_gone(made, LEAVERS)
    assert _told(drained(watch)) == [
        ("MODIFIED", IN_10, 10, None),
        ("MODIFIED", NOW, 0, None),
        ("DELETED", NOW, 0, None),
    ]


SHORTENED: dict[str, tuple[int | None, float, str, int]] = {
    "a longer one is not taken": (20, 0, IN_10, 10),
    "none leaves it": (None, 0, IN_10, 10),
    "a shorter one is": (5, 0, "2026-01-01T00:00:05Z", 5),
    "a negative one is one second": (-1, 0, "2026-01-01T00:00:01Z", 1),
    "one that is already over ends now": (5, 7, "2026-01-01T00:00:07Z", 1),
}


@pytest.mark.parametrize(("asked", "later", "when", "grace"), SHORTENED.values(), ids=SHORTENED)
def test_a_grace_period_can_only_be_shortened(
    asked: int | None, later: float, when: str, grace: int
) -> None:
    clock = Clock()
    made = registry(clock=clock)
    made.create(LEAVERS, _leaver(), "default")
    made.delete(LEAVERS, "a", "default")
    clock.advance(later)

    found = made.delete(LEAVERS, "a", "default", DeleteOptions(grace_period_seconds=asked))

    assert found["metadata"]["deletionTimestamp"] == when
    assert found["metadata"]["deletionGracePeriodSeconds"] == grace


AT_ONCE: dict[str, tuple[dict[str, Any], int | None]] = {
    "it is on no node": ({"spec": {"terminationGracePeriodSeconds": 10}}, None),
    "it has succeeded": ({"status": {"phase": "Succeeded"}}, 30),
    "it has failed": ({"status": {"phase": "Failed"}}, None),
    "no grace is asked for": ({}, 0),
    "it gives itself none": ({"spec": {"nodeName": "n"}}, None),
}


@pytest.mark.parametrize(("state", "asked"), AT_ONCE.values(), ids=AT_ONCE)
def test_there_is_no_grace_where(state: dict[str, Any], asked: int | None) -> None:
    made = registry()
    made.create(LEAVERS, {**_leaver(), **state}, "default")
    watch = _watched(made, LEAVERS)

    made.delete(LEAVERS, "a", "default", DeleteOptions(grace_period_seconds=asked))

    assert _told(drained(watch)) == [("MODIFIED", NOW, 0, None), ("DELETED", NOW, 0, None)]


def test_finalizers_outlast_the_grace_period() -> None:
    made = registry()
    made.create(LEAVERS, _leaver(finalizers=["x.io/a"]), "default")
    watch = _watched(made, LEAVERS)

    made.delete(LEAVERS, "a", "default")
    made.delete(LEAVERS, "a", "default", DeleteOptions(grace_period_seconds=0))
    made.delete(LEAVERS, "a", "default", DeleteOptions(grace_period_seconds=0))
    made.update(LEAVERS, "a", _leaver(), "default")

    assert _is_gone(made, LEAVERS)
    assert _told(drained(watch)) == [
        ("MODIFIED", IN_10, 10, ["x.io/a"]),
        ("MODIFIED", NOW, 0, ["x.io/a"]),
        ("DELETED", NOW, 0, ["x.io/a"]),
    ]


def test_the_grace_period_outlasts_finalizers() -> None:
    made = registry()
    made.create(LEAVERS, _leaver(finalizers=["x.io/a"]), "default")
    made.delete(LEAVERS, "a", "default")

    kept = made.update(LEAVERS, "a", _leaver(), "default")

    assert "finalizers" not in kept["metadata"]
    assert not _is_gone(made, LEAVERS)


# ---- propagation

FINALIZERS: dict[str, tuple[Kind, str | None, list[str], list[str] | None]] = {
    "background needs none": (THINGS, "Background", [], None),
    "foreground": (THINGS, "Foreground", [], ["foregroundDeletion"]),
    "orphan": (THINGS, "Orphan", [], ["orphan"]),
    "the default of most kinds is background": (THINGS, None, [], None),
    "the default of Jobs is orphan": (PARENTS, None, [], ["orphan"]),
    "a policy overrules that default": (PARENTS, "Background", [], None),
    "without a policy, a finalizer that is there decides": (
        PARENTS,
        None,
        ["foregroundDeletion", "x.io/a"],
        ["foregroundDeletion", "x.io/a"],
    ),
    "a policy changes the finalizer that is there": (
        THINGS,
        "Foreground",
        ["orphan", "x.io/a"],
        ["x.io/a", "foregroundDeletion"],
    ),
    "a policy takes the finalizer away that is there": (
        THINGS,
        "Background",
        ["orphan", "x.io/a"],
        ["x.io/a"],
    ),
    "what dies of age owns nothing": (MORTALS, "Foreground", [], None),
}


@pytest.mark.parametrize(("kind", "policy", "before", "after"), FINALIZERS.values(), ids=FINALIZERS)
def test_a_propagation_policy_becomes_a_finalizer(
    kind: Kind, policy: str | None, before: list[str], after: list[str] | None
) -> None:
    made = registry()
    made.create(kind, thing("a", **({"finalizers": before} if before else {})), "default")

    deleted = made.delete(kind, "a", "default", DeleteOptions(propagation_policy=policy))

    assert deleted["metadata"].get("finalizers") == after
    assert _is_gone(made, kind) == (after is None)


def test_a_later_policy_changes_what_is_still_there() -> None:
    made = registry()
    made.create(THINGS, thing("a", finalizers=["x.io/a"]), "default")
    made.delete(THINGS, "a", "default")

    changed = made.delete(THINGS, "a", "default", DeleteOptions(propagation_policy="Orphan"))

    assert changed["metadata"]["finalizers"] == ["x.io/a", "orphan"]
    assert changed["metadata"]["generation"] == 2


@pytest.mark.parametrize("policy", [None, "Background"])
def test_a_job_deleted_without_a_policy_is_warned_of(policy: str | None) -> None:
    made, warnings = registry(), list[str]()

    with pytest.raises(StatusError):  # before the Job is looked for
        made.delete(
            PARENTS, "a", "default", DeleteOptions(propagation_policy=policy), warn=warnings.append
        )

    assert warnings == (
        []
        if policy
        else [
            "child pods are preserved by default when jobs are deleted; set "
            "propagationPolicy=Background to remove them or set propagationPolicy=Orphan to "
            "suppress this warning"
        ]
    )


def test_an_unknown_policy_is_refused_in_the_servers_words() -> None:
    with pytest.raises(StatusError) as refused:
        registry().delete(THINGS, "a", "default", DeleteOptions(propagation_policy="Foo"))

    assert refused.value.message == (
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Foo": '
        'supported values: "Foreground", "Background", "Orphan", "nil"'
    )


# ---- preconditions

UID = "00000000-0000-4000-8000-000000000003"

MISSED: dict[str, tuple[Kind, str, Preconditions, str]] = {
    "another uid": (
        THINGS,
        "a",
        Preconditions(uid="abc"),
        'Operation cannot be fulfilled on Thing.x.io "a": the UID in the precondition (abc) does '
        f"not match the UID in record ({UID}). The object might have been deleted and then "
        "recreated",
    ),
    "another version": (
        THINGS,
        "a",
        Preconditions(resource_version="1"),
        'Operation cannot be fulfilled on Thing.x.io "a": the ResourceVersion in the precondition '
        "(1) does not match the ResourceVersion in record (3). The object might have been modified",
    ),
    "another uid of a namespace": (
        NAMESPACES,
        "other",
        Preconditions(uid="abc"),
        'Operation cannot be fulfilled on namespaces "other": Precondition failed: UID in '
        "precondition: abc, UID in object meta: 00000000-0000-4000-8000-000000000002",
    ),
}


@pytest.mark.parametrize(("kind", "name", "asked", "words"), MISSED.values(), ids=MISSED)
def test_what_was_not_meant_is_not_deleted(
    kind: Kind, name: str, asked: Preconditions, words: str
) -> None:
    made = registry()
    made.create(THINGS, thing("a"), "default")

    with pytest.raises(StatusError) as refused:
        made.delete(kind, name, "default", DeleteOptions(preconditions=asked))

    assert (refused.value.code, refused.value.message) == (409, words)
    assert not _is_gone(made, kind, name)


def test_what_was_meant_is_deleted() -> None:
    made = registry()
    made.create(THINGS, thing("a"), "default")

    same = Preconditions(uid=UID, resource_version="3")
    made.delete(THINGS, "a", "default", DeleteOptions(preconditions=same))

    assert _is_gone(made, THINGS)


# ---- namespaces


def _terminating(made: Registry) -> Object:
    space = made.get(NAMESPACES, "other")
    made.update(
        NAMESPACES,
        "other",
        {**space, "spec": {"finalizers": ["kubernetes"]}},
        subresource="finalize",
    )
    return made.delete(NAMESPACES, "other")


def test_a_namespace_is_terminating_until_its_controller_has_emptied_it() -> None:
    made = registry()
    space = _terminating(made)

    again = made.delete(NAMESPACES, "other")
    made.update(NAMESPACES, "other", {**space, "spec": {}}, subresource="finalize")

    assert again == space
    assert space["status"]["phase"] == "Terminating"
    assert space["metadata"]["deletionTimestamp"] == NOW
    assert "deletionGracePeriodSeconds" not in space["metadata"]
    assert _is_gone(made, NAMESPACES, "other")


def test_finalizing_a_namespace_changes_its_finalizers_alone() -> None:
    made = registry()
    before = made.get(NAMESPACES, "other")
    body = {**before, "spec": {"finalizers": ["x.io/a"]}, "status": {"phase": "Terminating"}}

    after = made.update(NAMESPACES, "other", body, subresource="finalize")

    assert after["spec"] == {"finalizers": ["x.io/a"]}
    assert after["status"] == before["status"] == {"phase": "Active"}


@pytest.mark.parametrize(
    ("metadata", "shown"), [({"name": "b"}, "b"), ({"generateName": "b-"}, "b-"), ({}, "Unknown")]
)
def test_nothing_is_created_in_a_namespace_that_terminates(
    metadata: dict[str, str], shown: str
) -> None:
    made = registry()
    _terminating(made)

    with pytest.raises(StatusError) as refused:
        made.create(THINGS, {"metadata": metadata}, "other")

    assert (refused.value.code, refused.value.message) == (
        403,
        f'things.x.io "{shown}" is forbidden: unable to create new content in namespace other '
        "because it is being terminated",
    )
    assert refused.value.details == {
        "name": shown,
        "group": "x.io",
        "kind": "things",
        "causes": [
            {
                "reason": "NamespaceTerminating",
                "message": "namespace other is being terminated",
                "field": "metadata.namespace",
            }
        ],
    }


def test_some_namespaces_cannot_be_deleted() -> None:
    with pytest.raises(StatusError) as refused:
        registry().delete(NAMESPACES, "default")

    assert (refused.value.code, refused.value.message) == (
        403,
        'namespaces "default" is forbidden: this namespace may not be deleted',
    )


# ---- many


def test_a_collection_is_deleted_by_selector() -> None:
    made = registry()
    for name, label in [("a", "1"), ("b", "2"), ("c", "1")]:
        made.create(THINGS, thing(name, labels={"l": label}), "default")

    selected = ListOptions(label_selector="l=1")
    deleted = made.delete_collection(THINGS, "default", selected=selected)

    assert [obj["metadata"]["name"] for obj in deleted] == ["a", "c"]
    assert [obj["metadata"]["name"] for obj in made.list(THINGS).items] == ["b"]


def test_what_has_outlived_its_time_is_deleted() -> None:
    clock = Clock()
    made = registry(clock=clock)
    made.create(MORTALS, thing("a"), "default")
    clock.advance(1800)
    made.create(MORTALS, thing("b"), "default")
    made.create(MORTALS, thing("c"), "default")
    watch = _watched(made, MORTALS)
    clock.advance(900)
    made.update(MORTALS, "b", thing("b", labels={"l": "1"}), "default")
    assert made.expire() == 900
    clock.advance(900)

    left = made.expire()

    assert left == 1800
    assert [obj["metadata"]["name"] for obj in made.list(MORTALS).items] == ["b", "c"]
    assert [event.type for event in drained(watch)] == ["MODIFIED", "DELETED"]


@pytest.mark.parametrize(
    ("seconds", "marked"),
    [(9223372036, "2318-04-12T23:47:16Z"), (2**63 - 1, "2025-12-31T23:59:59Z")],
)
def test_a_grace_period_of_any_length_can_be_shortened(seconds: int, marked: str) -> None:
    made = registry()
    made.create(LEAVERS, _leaver(), "default")
    first = DeleteOptions(grace_period_seconds=seconds)
    deleted = made.delete(LEAVERS, "a", "default", first)["metadata"]
    assert deleted["deletionTimestamp"] == marked
    assert deleted["deletionGracePeriodSeconds"] == seconds
    again = made.delete(LEAVERS, "a", "default", DeleteOptions(grace_period_seconds=5))
    assert again["metadata"]["deletionGracePeriodSeconds"] <= 5
