"""Cluster roles that consist of others: admin, edit and view are those of a real cluster.

gathered.json has their rules as a Kubernetes 1.37.2 cluster has them.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import bootstrap, kinds
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

GATHERED: dict[str, Any] = json.loads(
    Path(__file__).with_name("gathered.json").read_text(encoding="utf-8")
)
SECRETS: Object = {"verbs": ["get"], "apiGroups": ["example.com"], "resources": ["things"]}


def rules(on: Cluster, name: str) -> Any:
    return on.registry.get(kinds.CLUSTER_ROLES, name)["rules"]


def test_the_default_roles_gather_the_rules_of_a_real_cluster() -> None:
    async def scene(on: Cluster) -> None:
        bootstrap.ensure(on.registry)
        await asyncio.sleep(1)
        assert {name: rules(on, name) for name in GATHERED} == GATHERED

    cluster.run(scene)


def test_a_role_of_ones_own_is_gathered_as_long_as_it_has_the_label() -> None:
    labels = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    named = {"apiVersion": kinds.CLUSTER_ROLES.api_version, "kind": "ClusterRole"}
    role = {**named, "metadata": {"name": "mine", "labels": labels}, "rules": [SECRETS]}

    async def scene(on: Cluster) -> None:
        bootstrap.ensure(on.registry)
        on.registry.create(kinds.CLUSTER_ROLES, role)
        await asyncio.sleep(1)
        assert all(SECRETS in rules(on, name) for name in ("view", "edit", "admin"))
        on.registry.delete(kinds.CLUSTER_ROLES, "mine")
        await asyncio.sleep(1)
        assert {name: rules(on, name) for name in GATHERED} == GATHERED

    cluster.run(scene)


def test_rules_written_into_a_role_that_gathers_are_replaced() -> None:
    async def scene(on: Cluster) -> None:
        bootstrap.ensure(on.registry)
        await asyncio.sleep(1)
        view = on.registry.get(kinds.CLUSTER_ROLES, "view")
        on.registry.update(kinds.CLUSTER_ROLES, "view", {**view, "rules": [SECRETS]})
        await asyncio.sleep(1)
        assert rules(on, "view") == GATHERED["view"]

    cluster.run(scene)
