"""Quotas in a whole cluster: what is used, by whom it is counted, and what is set free."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import CreateOptions
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import MERGE, Cluster


def quota(name: str = "q", **hard: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name},
        "spec": {"hard": hard},
    }


def job(**spec: Any) -> Object:
    container = {"name": "main", "image": "busybox:1.36"}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {"template": template, **spec},
    }


def config(name: str) -> Object:
    return {"metadata": {"name": name}}


def used(on: Cluster, name: str = "q") -> dict[str, str]:
    return dict(objects.status(on.get(kinds.RESOURCE_QUOTAS, name)).get("used") or {})


def test_a_new_quota_is_told_what_is_there_already() -> None:
    async def scene(on: Cluster) -> Object:
        on.create(kinds.SECRETS, {"metadata": {"name": "s"}})
        hard = {"secrets": "5", "count/secrets": "5", "pods": "2", "count/nothings.x.io": "1"}
        on.create(kinds.RESOURCE_QUOTAS, quota("q", **hard))
        await asyncio.sleep(1)
        return dict(on.get(kinds.RESOURCE_QUOTAS, "q")["status"])

    assert cluster.run(scene) == {
        "hard": {"secrets": "5", "count/secrets": "5", "pods": "2", "count/nothings.x.io": "1"},
        "used": {"secrets": "1", "count/secrets": "1", "pods": "0"},
    }


def test_what_is_created_is_charged_at_once_and_given_back_when_it_is_gone() -> None:
    async def scene(on: Cluster) -> list[dict[str, str]]:
        on.create(kinds.RESOURCE_QUOTAS, quota(secrets="1"))
        await asyncio.sleep(1)
        seen = [used(on)]
        on.create(kinds.SECRETS, config("a"))
        seen.append(used(on))
        with pytest.raises(StatusError, match="used: secrets=1, limited: secrets=1"):
            on.create(kinds.SECRETS, config("b"))
        on.registry.delete(kinds.SECRETS, "a", "default")
        await asyncio.sleep(1)
        seen.append(used(on))
        on.create(kinds.SECRETS, config("b"))
        return [*seen, used(on)]

    counts = [entry["secrets"] for entry in cluster.run(scene)]
    assert counts == ["0", "1", "0", "1"]


def test_a_quota_that_nobody_has_counted_yet_refuses_what_it_is_about() -> None:
    async def scene(on: Cluster) -> str:
        on.create(kinds.RESOURCE_QUOTAS, quota(secrets="1"))
        patch = {"status": {"hard": {"secrets": "1"}}}
        on.registry.patch(kinds.RESOURCE_QUOTAS, "q", MERGE, patch, "default", subresource="status")
        with pytest.raises(StatusError) as refused:
            on.create(kinds.SECRETS, config("a"))
        return refused.value.message

    assert cluster.run(scene) == (
        'secrets "a" is forbidden: status unknown for quota: q, resources: secrets'
    )


def test_a_changed_quota_holds_at_once_for_whoever_comes_after_its_count() -> None:
    async def scene(on: Cluster) -> Object:
        on.create(kinds.RESOURCE_QUOTAS, quota(secrets="1"))
        await asyncio.sleep(1)
        patch = {"spec": {"hard": {"secrets": "3", "configmaps": "9"}}}
        on.registry.patch(kinds.RESOURCE_QUOTAS, "q", MERGE, patch, "default")
        await asyncio.sleep(1)
        return dict(on.get(kinds.RESOURCE_QUOTAS, "q")["status"])

    assert cluster.run(scene) == {
        "hard": {"secrets": "3", "configmaps": "9"},
        "used": {"secrets": "0", "configmaps": "1"},
    }


def test_a_quota_of_two_lets_a_job_run_two_at_a_time_and_complete() -> None:
    async def scene(on: Cluster) -> Cluster:
        on.create(kinds.RESOURCE_QUOTAS, quota(pods="2"))
        await asyncio.sleep(1)
        on.create(kinds.JOBS, job(completions=5, parallelism=5))
        await on.until({"condition": "Complete"})
        await asyncio.sleep(1)
        return on

    on = cluster.run(scene, lambda _: {"runs": 3, "exits": 0})

    most = max(state["active"] for state in on.seen.states if "active" in state)
    assert most == 2
    assert used(on) == {"pods": "0"}
    refused = [one for one in on.events() if one.startswith("FailedCreate")]
    assert refused
    assert "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2" in refused[0]


def test_a_job_that_a_quota_forbids_tries_later_each_time() -> None:
    async def scene(on: Cluster) -> list[float]:
        on.create(kinds.RESOURCE_QUOTAS, quota(pods="0"))
        await asyncio.sleep(1)
        start = on.seconds()
        on.create(kinds.JOBS, job())
        tries: list[float] = []
        while on.seconds() - start < 200:
            events = [one for one in on.all(kinds.EVENTS) if one["reason"] == "FailedCreate"]
            if sum(one.get("count", 1) for one in events) > len(tries):
                tries.append(round(on.seconds() - start))
            await asyncio.sleep(0.25)
        return tries

    assert cluster.run(scene) == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_a_job_goes_on_when_its_quota_is_gone() -> None:
    async def scene(on: Cluster) -> str:
        on.create(kinds.RESOURCE_QUOTAS, quota(pods="0"))
        await asyncio.sleep(1)
        on.create(kinds.JOBS, job())
        await asyncio.sleep(5)
        assert on.all(kinds.PODS) == []
        on.registry.delete(kinds.RESOURCE_QUOTAS, "q", "default")
        await on.until({"condition": "Complete"})
        return objects.job_status(on.get(kinds.JOBS, "j"))

    assert cluster.run(scene) == "Complete"


def test_a_refused_write_uses_nothing_and_neither_does_a_dry_run() -> None:
    async def scene(on: Cluster) -> list[str]:
        on.create(kinds.RESOURCE_QUOTAS, quota(secrets="5"))
        await asyncio.sleep(1)
        on.create(kinds.SECRETS, config("a"))
        with pytest.raises(StatusError, match="already exists"):
            on.create(kinds.SECRETS, config("a"))
        dry = CreateOptions(dry_run=True)
        on.registry.create(kinds.SECRETS, config("b"), "default", dry)
        return [used(on)["secrets"]]

    assert cluster.run(scene) == ["1"]


def test_a_pod_with_a_deadline_set_later_moves_from_scope_to_scope() -> None:
    async def scene(on: Cluster) -> list[str]:
        for name, scope in (("ending", "Terminating"), ("endless", "NotTerminating")):
            one = quota(name, pods="5")
            one["spec"]["scopes"] = [scope]
            on.create(kinds.RESOURCE_QUOTAS, one)
        await asyncio.sleep(1)
        container = {"name": "main", "image": "busybox:1.36"}
        spec = {"containers": [container], "schedulerName": "nobody"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
        on.create(kinds.PODS, pod)
        seen = [used(on, "ending")["pods"], used(on, "endless")["pods"]]
        patch = {"spec": {"activeDeadlineSeconds": 9000}}
        on.registry.patch(kinds.PODS, "p", MERGE, patch, "default")
        await asyncio.sleep(1)
        return [*seen, used(on, "ending")["pods"], used(on, "endless")["pods"]]

    assert cluster.run(scene) == ["0", "1", "1", "0"]
