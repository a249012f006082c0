"""Namespaces: the system's own, what each contains, and how one is emptied."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.controllers import namespace_deletion
from tests.practice.controllers import cluster
from tests.practice.controllers.build import NOW, at
from tests.practice.controllers.cluster import Cluster

CONTAINERS: list[Object] = [{"name": "main", "image": "busybox:1.36"}]


def make(on: Cluster, name: str) -> Object:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    return on.registry.create(kinds.NAMESPACES, namespace)


def delete(on: Cluster, name: str) -> None:
    on.registry.delete(kinds.NAMESPACES, name)


def phases(on: Cluster) -> list[Any]:
    return [one["status"]["phase"] for one in on.registry.list(kinds.NAMESPACES).items]


def names(on: Cluster) -> list[str]:
    return [one["metadata"]["name"] for one in on.registry.list(kinds.NAMESPACES).items]


def conditions(on: Cluster, name: str) -> dict[str, tuple[str, str, str]]:
    found = on.registry.get(kinds.NAMESPACES, name)["status"].get("conditions", [])
    return {one["type"]: (one["status"], one["reason"], one["message"]) for one in found}


FINE = {
    "NamespaceDeletionDiscoveryFailure": (
        "False",
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": (
        "False",
        "ContentRemoved",
        "All content successfully removed",
    ),
    "NamespaceFinalizersRemaining": (
        "False",
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
    ),
}


def test_the_systems_namespaces_are_there() -> None:
    async def scene(on: Cluster) -> None:
        assert names(on) == ["default", "kube-node-lease", "kube-public", "kube-system"]

    cluster.run(scene)


def test_one_of_them_that_was_deleted_comes_back() -> None:
    async def scene(on: Cluster) -> None:
        delete(on, "kube-node-lease")
        await asyncio.sleep(1)
        assert phases(on) == ["Active"] * 4

    cluster.run(scene)


def test_every_namespace_has_a_service_account_and_the_ca() -> None:
    async def scene(on: Cluster) -> None:
        make(on, "mine")
        await asyncio.sleep(1)
        assert on.registry.get(kinds.SERVICE_ACCOUNTS, "default", "mine")
        ca = on.registry.get(kinds.CONFIG_MAPS, "kube-root-ca.crt", "mine")
        assert ca["data"] == {"ca.crt": "PEM"}
        assert "kubernetes.io/description" in ca["metadata"]["annotations"]

    cluster.run(scene)


def test_they_come_back_when_they_are_deleted_or_changed() -> None:
    async def scene(on: Cluster) -> None:
        on.registry.delete(kinds.SERVICE_ACCOUNTS, "default", "default")
        patch = {"data": {"ca.crt": "other"}}
        on.registry.patch(kinds.CONFIG_MAPS, "kube-root-ca.crt", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert on.get(kinds.SERVICE_ACCOUNTS, "default")
        assert on.get(kinds.CONFIG_MAPS, "kube-root-ca.crt")["data"] == {"ca.crt": "PEM"}
        on.registry.delete(kinds.CONFIG_MAPS, "kube-root-ca.crt", "default")
        await asyncio.sleep(1)
        assert on.get(kinds.CONFIG_MAPS, "kube-root-ca.crt")

    cluster.run(scene)


def test_a_namespace_is_emptied_and_goes(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(on: Cluster) -> None:
        make(on, "mine")
        pod_spec = {"terminationGracePeriodSeconds": 30, "containers": CONTAINERS}
        template = {"spec": {"restartPolicy": "Never", **pod_spec}}
        job = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {"template": template},
        }
        on.registry.create(kinds.JOBS, job, "mine")
        await on.until({"ready": 1})
        delete(on, "mine")
        await asyncio.sleep(1)
        # the Pod has its grace period; until it has gone, all that is told is that nothing is wrong
        assert conditions(on, "mine") == FINE
        await asyncio.sleep(60)
        assert "mine" not in names(on)
        for kind in (kinds.JOBS, kinds.PODS, kinds.EVENTS, kinds.CONFIG_MAPS):
            assert on.registry.list(kind, "mine").items == []

    cluster.run(scene, lambda _: {"runs": 1000, "exits": 0})
    assert caplog.messages == []  # no Pod was to be made that would have been refused


def test_nothing_new_may_come_into_it_meanwhile() -> None:
    async def scene(on: Cluster) -> None:
        make(on, "mine")
        await asyncio.sleep(1)
        delete(on, "mine")
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
        with pytest.raises(errors.StatusError) as refused:
            on.registry.create(kinds.SECRETS, secret, "mine")
        assert str(refused.value) == (
            'secrets "s" is forbidden: unable to create new content in namespace mine because it '
            "is being terminated"
        )

    cluster.run(scene)


def test_one_that_is_empty_and_held_by_somebody_else_stays_as_it_is() -> None:
    async def scene(on: Cluster) -> None:
        meta = {"name": "mine", "finalizers": ["example.com/held"]}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        on.registry.create(kinds.NAMESPACES, namespace)
        delete(on, "mine")
        await asyncio.sleep(60)
        assert on.registry.get(kinds.NAMESPACES, "mine")["spec"].get("finalizers", []) == []

    cluster.run(scene)


def test_a_condition_keeps_the_time_of_its_last_change() -> None:
    first = namespace_deletion.updated([], {}, NOW)
    told = {"NamespaceContentRemaining": ("SomeResourcesRemain", "some")}
    second = namespace_deletion.updated(first, told, NOW + timedelta(seconds=9))
    times = {one["type"]: one["lastTransitionTime"] for one in second}
    assert times.pop("NamespaceContentRemaining") == at(9)
    assert set(times.values()) == {at(0)}


def test_what_does_not_go_is_told_of_and_holds_it(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(on: Cluster) -> None:
        make(on, "mine")
        held = {"name": "held", "finalizers": ["example.com/held"]}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": held}
        on.registry.create(kinds.SECRETS, secret, "mine")
        delete(on, "mine")
        await asyncio.sleep(60)
        assert conditions(on, "mine") == FINE | {
            "NamespaceContentRemaining": (
                "True",
                "SomeResourcesRemain",
                "Some resources are remaining: secrets. has 1 resource instances",
            ),
            "NamespaceFinalizersRemaining": (
                "True",
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: example.com/held in 1 "
                "resource instances",
            ),
        }
        patch = {"metadata": {"finalizers": None}}
        on.registry.patch(kinds.SECRETS, "held", cluster.MERGE, patch, "mine")
        await asyncio.sleep(1)
        assert "mine" not in names(on)

    cluster.run(scene)
    assert caplog.messages == []  # nobody tried to make again what belongs in every namespace
