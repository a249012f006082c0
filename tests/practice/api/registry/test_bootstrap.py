"""The default roles and bindings: they are made, mended, and else left alone."""

from __future__ import annotations

from kubectl_joblab.practice.api.registry import bootstrap, kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.storage.store import Store
from tests.practice.api.things import Clock
from tests.practice.virtual import CountingIds


def registry() -> Registry:
    return Registry(Store(":memory:"), Clock(), CountingIds())


def versions(of: Registry) -> dict[str, str]:
    found = [one for kind, _ in bootstrap.policy() for one in of.list(kind).items]
    return {one["metadata"]["uid"]: one["metadata"]["resourceVersion"] for one in found}


def test_all_of_the_policy_is_there_and_a_second_start_changes_nothing() -> None:
    cluster = registry()
    bootstrap.ensure(cluster)
    there = {
        (kind.kind, one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for kind, _ in bootstrap.policy()
        for one in cluster.list(kind).items
    }
    assert there == {
        (kind.kind, one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for kind, one in bootstrap.policy()
    }
    before = versions(cluster)
    bootstrap.ensure(cluster)
    assert versions(cluster) == before


def test_what_was_taken_away_comes_back_at_the_next_start() -> None:
    cluster = registry()
    bootstrap.ensure(cluster)
    wanted = cluster.get(kinds.CLUSTER_ROLES, "system:discovery")["rules"]
    role = cluster.get(kinds.CLUSTER_ROLES, "system:discovery")
    cluster.update(kinds.CLUSTER_ROLES, "system:discovery", {**role, "rules": []})
    cluster.delete(kinds.CLUSTER_ROLE_BINDINGS, "cluster-admin")

    bootstrap.ensure(cluster)

    assert cluster.get(kinds.CLUSTER_ROLE_BINDINGS, "cluster-admin")
    found = cluster.get(kinds.CLUSTER_ROLES, "system:discovery")["rules"]
    assert {url for rule in found for url in rule["nonResourceURLs"]} == {
        url for rule in wanted for url in rule["nonResourceURLs"]
    }


def test_a_binding_of_another_role_is_made_anew() -> None:
    cluster = registry()
    bootstrap.ensure(cluster)
    binding = cluster.get(kinds.CLUSTER_ROLE_BINDINGS, "system:discovery")
    cluster.delete(kinds.CLUSTER_ROLE_BINDINGS, "system:discovery")
    other = {**binding, "roleRef": {**binding["roleRef"], "name": "view"}}
    del other["metadata"]["resourceVersion"]
    cluster.create(kinds.CLUSTER_ROLE_BINDINGS, other)

    bootstrap.ensure(cluster)

    mended = cluster.get(kinds.CLUSTER_ROLE_BINDINGS, "system:discovery")
    assert mended["roleRef"]["name"] == "system:discovery"
