"""The garbage collector: dependents go with their last owner, or are let go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors
from kubectl_joblab.practice.api.options import DeleteOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster


def config_map(name: str, *owners: Object, **meta: Any) -> Object:
    meta |= {"ownerReferences": list(owners)} if owners else {}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **meta}}


def owned_by(obj: Object, **more: Any) -> Object:
    """A reference to it."""
    meta = obj["metadata"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": meta["name"], "uid": meta["uid"]}
    return reference | more


BLOCKS = {"blockOwnerDeletion": True}


def make(on: Cluster, name: str, *owners: Object, **meta: Any) -> Object:
    return on.create(kinds.CONFIG_MAPS, config_map(name, *owners, **meta))


def delete(on: Cluster, name: str, propagation: str) -> None:
    on.registry.delete(
        kinds.CONFIG_MAPS, name, "default", DeleteOptions(propagation_policy=propagation)
    )


def left(on: Cluster) -> list[str]:
    return [name for name in on.names(kinds.CONFIG_MAPS) if name != "kube-root-ca.crt"]


def test_dependents_follow_their_owner_through_all_generations() -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner")
        child = make(on, "child", owned_by(owner))
        make(on, "grandchild", owned_by(child))
        make(on, "stranger")
        await asyncio.sleep(1)
        delete(on, "owner", "Background")
        await asyncio.sleep(1)
        assert left(on) == ["stranger"]

    cluster.run(scene)


def test_a_second_owner_keeps_a_dependent_and_the_first_is_forgotten() -> None:
    async def scene(on: Cluster) -> None:
        one, other = make(on, "one"), make(on, "other")
        make(on, "child", owned_by(one), owned_by(other))
        delete(on, "one", "Background")
        await asyncio.sleep(1)
        assert left(on) == ["child", "other"]
        references = on.get(kinds.CONFIG_MAPS, "child")["metadata"]["ownerReferences"]
        assert [one["name"] for one in references] == ["other"]

    cluster.run(scene)


def test_in_the_foreground_the_owner_waits_for_what_blocks_it() -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner")
        make(on, "blocking", owned_by(owner, **BLOCKS), finalizers=["example.com/held"])
        make(on, "other", owned_by(owner))
        delete(on, "owner", "Foreground")
        await asyncio.sleep(1)
        assert left(on) == ["blocking", "owner"]
        assert on.get(kinds.CONFIG_MAPS, "owner")["metadata"]["finalizers"] == [
            "foregroundDeletion"
        ]
        patch = {"metadata": {"finalizers": None}}
        on.registry.patch(kinds.CONFIG_MAPS, "blocking", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert left(on) == []

    cluster.run(scene)


def test_an_owner_waits_no_longer_for_one_that_is_no_longer_its_own() -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner")
        make(on, "child", owned_by(owner, **BLOCKS), finalizers=["example.com/held"])
        delete(on, "owner", "Foreground")
        await asyncio.sleep(1)
        patch = {"metadata": {"ownerReferences": None}}
        on.registry.patch(kinds.CONFIG_MAPS, "child", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert left(on) == ["child"]

    cluster.run(scene)


def test_an_owner_waits_no_longer_for_one_that_no_longer_blocks_it() -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner")
        make(on, "child", owned_by(owner, **BLOCKS), finalizers=["example.com/held"])
        delete(on, "owner", "Foreground")
        await asyncio.sleep(1)
        patch = {"metadata": {"ownerReferences": [owned_by(owner)]}}
        on.registry.patch(kinds.CONFIG_MAPS, "child", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert left(on) == ["child"]

    cluster.run(scene)


@pytest.mark.parametrize(
    ("finalizer", "stay"),
    [
        pytest.param("orphan", ["grandchild"], id="to be let go"),
        pytest.param("foregroundDeletion", ["child", "grandchild"], id="to be waited for"),
    ],
)
def test_what_a_dependents_finalizer_asks_for_is_done(finalizer: str, stay: list[str]) -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner")
        child = make(on, "child", owned_by(owner), finalizers=[finalizer])
        make(on, "grandchild", owned_by(child, **BLOCKS), finalizers=["example.com/held"])
        await asyncio.sleep(1)
        delete(on, "owner", "Background")
        await asyncio.sleep(1)
        assert left(on) == stay
        deleted = "deletionTimestamp" in on.get(kinds.CONFIG_MAPS, "grandchild")["metadata"]
        assert deleted == (finalizer != "orphan")

    cluster.run(scene)


def test_in_the_foreground_dependents_of_dependents_go_first() -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner")
        child = make(on, "child", owned_by(owner, **BLOCKS))
        make(on, "grandchild", owned_by(child, **BLOCKS), finalizers=["example.com/held"])
        await asyncio.sleep(1)
        delete(on, "owner", "Foreground")
        await asyncio.sleep(1)
        assert left(on) == ["child", "grandchild", "owner"]
        patch = {"metadata": {"finalizers": None}}
        on.registry.patch(kinds.CONFIG_MAPS, "grandchild", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        assert left(on) == []

    cluster.run(scene)


def test_orphans_stay_and_know_nothing_of_their_owner() -> None:
    async def scene(on: Cluster) -> None:
        make(on, "child", owned_by(make(on, "owner")))
        delete(on, "owner", "Orphan")
        await asyncio.sleep(1)
        assert left(on) == ["child"]
        assert "ownerReferences" not in on.get(kinds.CONFIG_MAPS, "child")["metadata"]

    cluster.run(scene)


NOBODY = {"metadata": {"name": "nobody", "uid": "00000000-0000-4000-8000-00000000ffff"}}


@pytest.mark.parametrize(
    ("reference", "stays"),
    [
        pytest.param(owned_by(NOBODY), False, id="an owner that is not there"),
        pytest.param(
            owned_by(NOBODY, name="kube-root-ca.crt"), False, id="another one has its name"
        ),
        pytest.param(
            owned_by(NOBODY, apiVersion="apps/v1", kind="Deployment"),
            False,
            id="of a kind of which there are no objects",
        ),
        pytest.param(
            owned_by(NOBODY, apiVersion="node.k8s.io/v1", kind="RuntimeClass"),
            True,
            id="of a kind that nothing is known about",
        ),
    ],
)
def test_what_names_a_missing_owner_is_deleted(reference: Object, stays: bool) -> None:
    async def scene(on: Cluster) -> None:
        make(on, "child", reference)
        await asyncio.sleep(1)
        assert left(on) == (["child"] if stays else [])

    cluster.run(scene)


def test_what_lost_its_owner_while_nobody_watched_is_found_at_the_start() -> None:
    async def scene(on: Cluster) -> None:
        make(on, "child", owned_by(make(on, "owner")))
        await asyncio.sleep(1)
        on.stop()
        delete(on, "owner", "Background")
        await asyncio.sleep(1)
        assert left(on) == ["child"]
        await on.restart()
        await asyncio.sleep(1)
        assert left(on) == []

    cluster.run(scene)


def test_what_has_no_namespace_is_not_deleted_for_an_owner_that_should_have_one() -> None:
    async def scene(on: Cluster) -> None:
        namespace = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "kept", "ownerReferences": [owned_by(NOBODY)]},
        }
        on.registry.create(kinds.NAMESPACES, namespace)
        await asyncio.sleep(1)
        assert on.registry.get(kinds.NAMESPACES, "kept")["status"]["phase"] == "Active"

    cluster.run(scene)


def test_a_second_deletion_with_another_policy_is_honoured() -> None:
    async def scene(on: Cluster) -> None:
        owner = make(on, "owner", finalizers=["example.com/held"])
        make(on, "child", owned_by(owner))
        delete(on, "owner", "Background")
        await asyncio.sleep(1)
        assert left(on) == ["child", "owner"]
        delete(on, "owner", "Orphan")
        await asyncio.sleep(1)
        patch = {"metadata": {"finalizers": None}}
        on.registry.patch(kinds.CONFIG_MAPS, "owner", cluster.MERGE, patch, "default")
        await asyncio.sleep(1)
        with pytest.raises(errors.StatusError):
            on.get(kinds.CONFIG_MAPS, "owner")
        assert "ownerReferences" not in on.get(kinds.CONFIG_MAPS, "child")["metadata"]

    cluster.run(scene)
