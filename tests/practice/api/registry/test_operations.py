"""Creating, replacing and patching: what is the same for all kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.options import CreateOptions, UpdateOptions
from kubectl_joblab.practice.api.registry import kinds, operations
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api.things import MORTALS, PLACES, THINGS, Clock, registry, thing

UID = "00000000-0000-4000-8000-000000000003"


NOBODYS = CreateOptions(field_manager=None)  # who owns what is tested elsewhere


def _made(**metadata: Any) -> tuple[Registry, Object]:
    made = registry()
    return made, made.create(THINGS, thing("a", **metadata), "default", NOBODYS)


# ---- create


def test_a_new_object_gets_what_only_the_server_gives() -> None:
    _, obj = _made(
        uid="mine",
        creationTimestamp="2020-01-01T00:00:00Z",
        deletionTimestamp="2020-01-01T00:00:00Z",
        deletionGracePeriodSeconds=3,
        generation=7,
        labels={"l": "1"},
    )

    assert obj == {
        "apiVersion": "x.io/v1",
        "kind": "Thing",
        "metadata": {
            "name": "a",
            "namespace": "default",
            "uid": UID,
            "resourceVersion": "3",
            "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"l": "1"},
        },
        "spec": {"containers": None},
        "status": {},
    }


def test_what_a_caller_passes_in_is_not_changed() -> None:
    made, body = registry(), thing("a")
    before = copied(body)

    made.create(THINGS, body, "default")
    made.update(THINGS, "a", body, "default")

    assert body == before


def test_a_name_is_generated_from_a_prefix() -> None:
    made = registry()
    body = {"metadata": {"generateName": "x" * 70}}

    names = [made.create(THINGS, body, "default")["metadata"]["name"] for _ in range(2)]

    assert names == ["x" * 58 + "bbbbb", "x" * 58 + "bbbbc"]


def test_a_generated_name_that_is_taken_is_not_used() -> None:
    made = registry()
    made.create(THINGS, thing("x-bbbbb"), "default")

    obj = made.create(THINGS, {"metadata": {"generateName": "x-"}}, "default")

    assert obj["metadata"]["name"] == "x-bbbbc"


def test_a_kind_without_namespaces_has_none() -> None:
    obj = registry().create(PLACES, thing("a", namespace="default"))

    assert "namespace" not in obj["metadata"]


def test_a_dry_run_creates_nothing() -> None:
    made = registry()

    obj = made.create(THINGS, thing("a"), "default", CreateOptions(dry_run=True))

    assert obj["metadata"]["uid"]
    assert "resourceVersion" not in obj["metadata"]
    assert made.list(THINGS).items == []


NOT_CREATED: dict[str, tuple[Object, str, int, str]] = {
    "the name is taken": (thing("a"), "default", 409, 'things.x.io "a" already exists'),
    "there is no such namespace": (thing("b"), "nope", 404, 'namespaces "nope" not found'),
    "the namespaces differ": (
        thing("b", namespace="other"),
        "default",
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
    ),
    "there is a version": (
        thing("b", resourceVersion="5"),
        "default",
        500,
        "resourceVersion should not be set on objects to be created",
    ),
}


@pytest.mark.parametrize(
    ("body", "namespace", "code", "words"), NOT_CREATED.values(), ids=NOT_CREATED
)
def test_an_object_is_not_created_where(
    body: Object, namespace: str, code: int, words: str
) -> None:
    made, _ = _made()

    with pytest.raises(StatusError) as refused:
        made.create(THINGS, body, namespace)

    assert (refused.value.code, refused.value.message) == (code, words)


def test_a_name_that_is_being_deleted_is_taken_too() -> None:
    made, _ = _made(finalizers=["x.io/a"])
    made.delete(THINGS, "a", "default")

    with pytest.raises(StatusError) as refused:
        made.create(THINGS, thing("a"), "default")

    assert refused.value.message == 'object is being deleted: things.x.io "a" already exists'


# ---- get


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(StatusError) as refused:
        registry().get(THINGS, "a", "default")

    assert refused.value.status == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'things.x.io "a" not found',
        "reason": "NotFound",
        "details": {"name": "a", "group": "x.io", "kind": "things"},
        "code": 404,
    }


def test_what_an_object_owns_is_found_whatever_its_kind() -> None:
    made, owner = _made()
    reference = {"apiVersion": "x.io/v1", "kind": "Thing", "name": "a", "uid": UID}
    owned = made.create(
        kinds.CONFIG_MAPS,
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "c", "ownerReferences": [reference]},
        },
        "default",
    )

    assert made.owned(owner["metadata"]["uid"]) == [(kinds.CONFIG_MAPS, owned)]


# ---- update


def test_an_update_replaces_all_but_what_only_the_server_gives() -> None:
    made, _ = _made(labels={"l": "1"})

    obj = made.update(THINGS, "a", {**thing("a"), "spec": {"nodeName": "n"}}, "default")

    assert obj == {
        "apiVersion": "x.io/v1",
        "kind": "Thing",
        "metadata": {
            "name": "a",
            "namespace": "default",
            "uid": UID,
            "resourceVersion": "4",
            "generation": 2,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"containers": None, "nodeName": "n"},
        "status": {},
    }


def test_the_generation_counts_changes_of_the_spec_alone() -> None:
    made, _ = _made()
    made.update(THINGS, "a", {**thing("a"), "spec": {"nodeName": "n"}}, "default")

    labelled = {**thing("a", labels={"l": "1"}, generation=9), "spec": {"nodeName": "n"}}
    obj = made.update(THINGS, "a", labelled, "default")

    assert obj["metadata"]["generation"] == 2


def test_an_update_that_changes_nothing_writes_nothing() -> None:
    made, before = _made(labels={"l": "1"})
    made.watch(THINGS)

    for body in (before, thing("a", labels={"l": "1"}), thing("a", labels={"l": "1"}, uid=UID)):
        assert made.update(THINGS, "a", body, "default") is before

    assert made.list(THINGS).resource_version == "3"


def test_a_dry_run_updates_nothing() -> None:
    made, before = _made()

    obj = made.update(
        THINGS, "a", thing("a", labels={"l": "1"}), "default", UpdateOptions(dry_run=True)
    )

    assert obj["metadata"]["labels"] == {"l": "1"}
    assert made.get(THINGS, "a", "default") is before


NOT_UPDATED: dict[str, tuple[Object, int, str]] = {
    "it is of another version": (
        thing("a", resourceVersion="2"),
        409,
        'Operation cannot be fulfilled on things.x.io "a": the object has been modified; please '
        "apply your changes to the latest version and try again",
    ),
    "its version is no number": (
        thing("a", resourceVersion="abc"),
        500,
        'strconv.ParseUint: parsing "abc": invalid syntax',
    ),
    "it was meant for another object": (
        thing("a", uid="abc"),
        409,
        'Operation cannot be fulfilled on things.x.io "a": StorageError: invalid object, Code: 4, '
        "Key: /registry/things/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition "
        f"failed: UID in precondition: abc, UID in object meta: {UID}",
    ),
    "the names differ": (
        thing("b"),
        400,
        "the name of the object (b) does not match the name on the URL (a)",
    ),
    "it has no name": (
        {"metadata": {}},
        400,
        "the name of the object (a based on URL) was undeterminable: name must be provided",
    ),
    "the namespaces differ": (
        thing("a", namespace="other"),
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
    ),
    "it would be deleted by it": (
        thing("a", deletionTimestamp="2020-01-01T00:00:00Z"),
        422,
        'Thing.x.io "a" is invalid: metadata.deletionTimestamp: Invalid value: '
        '"2020-01-01T00:00:00Z": field is immutable',
    ),
    "it would get a grace period": (
        thing("a", deletionGracePeriodSeconds=5),
        422,
        'Thing.x.io "a" is invalid: metadata.deletionGracePeriodSeconds: Invalid value: 5: field '
        "is immutable",
    ),
}


@pytest.mark.parametrize(("body", "code", "words"), NOT_UPDATED.values(), ids=NOT_UPDATED)
def test_an_object_is_not_updated_where(body: Object, code: int, words: str) -> None:
    made, _ = _made()

    with pytest.raises(StatusError) as refused:
        made.update(THINGS, "a", body, "default")

    assert (refused.value.code, refused.value.message) == (code, words)


@pytest.mark.parametrize("version", ["", "0"])
def test_an_update_without_a_version_is_unconditional(version: str) -> None:
    made, _ = _made()

    made.update(THINGS, "a", thing("a", resourceVersion=version, labels={"l": "1"}), "default")


def test_no_finalizers_are_added_to_what_is_being_deleted() -> None:
    made, _ = _made(finalizers=["x.io/a"])
    made.delete(THINGS, "a", "default")

    with pytest.raises(StatusError) as refused:
        made.update(THINGS, "a", thing("a", finalizers=["x.io/a", "x.io/c", "x.io/b"]), "default")

    assert refused.value.message == (
        'Thing.x.io "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added '
        'if the object is being deleted, found new finalizers []string{"x.io/b", "x.io/c"}'
    )


def test_what_is_not_there_is_not_updated_but_an_event_is_created_by_it() -> None:
    made = registry()

    with pytest.raises(StatusError, match="not found"):
        made.update(THINGS, "a", thing("a"), "default")
    created = made.update(MORTALS, "a", thing("a", resourceVersion="5"), "default")

    assert created["metadata"]["resourceVersion"] == "3"


# ---- warnings


class _Talkative(Strategy):
    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        return [f"{obj['metadata']['name']} is {'still' if old else 'newly'} odd"]


TALKERS = replace(THINGS, strategy=_Talkative())


def test_warnings_are_told_to_who_wants_them() -> None:
    made, told = registry(), list[str]()

    made.create(TALKERS, thing("a"), "default", warn=told.append)
    made.create(TALKERS, thing("b"), "default")
    made.update(TALKERS, "a", thing("a", labels={"l": "1"}), "default", warn=told.append)
    made.update(TALKERS, "a", thing("a"), "default", subresource="status", warn=told.append)

    assert told == ["a is newly odd", "a is still odd"]


# ---- binding


def _pod(made: Registry, **more: Any) -> Object:
    made.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, "default")
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "busybox"}], **more},
    }
    return made.create(kinds.PODS, body, "default")


def test_a_bound_pod_is_scheduled() -> None:
    clock = Clock()
    made = registry(clock=clock)
    before = _pod(made)
    clock.advance(5)

    made.bind("default", "p", "n")

    pod = made.get(kinds.PODS, "p", "default")
    assert pod["spec"]["nodeName"] == "n"
    assert pod["metadata"]["generation"] == before["metadata"]["generation"]
    assert pod["status"]["conditions"] == [
        {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": "2026-01-01T00:00:05Z",
        }
    ]


def test_a_bound_pods_other_conditions_stay() -> None:
    pod = {
        "metadata": {"name": "p"},
        "spec": {},
        "status": {
            "nominatedNodeName": "m",
            "conditions": [
                {"type": "Other", "status": "True"},
                {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"},
            ],
        },
    }

    bound = operations.bound(pod, "n", Clock().now())

    assert bound["status"]["conditions"] == [
        {"type": "Other", "status": "True"},
        {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        },
    ]
    assert "nominatedNodeName" not in bound["status"]


NOT_BOUND: dict[str, tuple[Object, str]] = {
    "it is being deleted": (
        {"metadata": {"name": "p", "deletionTimestamp": "2026-01-01T00:00:00Z"}},
        "pod p is being deleted, cannot be assigned to a host",
    ),
    "it is not ready to be scheduled": (
        {"metadata": {"name": "p"}, "spec": {"schedulingGates": [{"name": "g"}]}},
        "pod p has non-empty .spec.schedulingGates",
    ),
}


@pytest.mark.parametrize(("pod", "words"), NOT_BOUND.values(), ids=NOT_BOUND)
def test_a_pod_is_not_bound_where(pod: Object, words: str) -> None:
    with pytest.raises(StatusError) as refused:
        operations.bound(pod, "n", Clock().now())

    assert refused.value.message == f'Operation cannot be fulfilled on pods/binding "p": {words}'


def test_a_pod_is_bound_once() -> None:
    made = registry()
    _pod(made)
    made.bind("default", "p", "n")

    with pytest.raises(StatusError) as refused:
        made.bind("default", "p", "m")

    assert (refused.value.code, refused.value.message) == (
        409,
        'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    )
