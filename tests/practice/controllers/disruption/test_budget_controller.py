"""PodDisruptionBudgets: how many of their Pods may go, and what is told of it.

Status, reasons and messages are those of a Kubernetes 1.37.2 cluster with the same objects.
"""

from __future__ import annotations

import asyncio
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.conditions import DISRUPTION_TARGET
from kubectl_joblab.practice.api.options import DeleteOptions, ListOptions, Preconditions
from kubectl_joblab.practice.api.registry import eviction, kinds
from tests.practice.controllers import cluster
from tests.practice.controllers.cluster import Cluster

SELECTOR = {"matchLabels": {"a": "b"}}
NOT_SCALED = "jobs.batch does not implement the scale subresource"


def long(_: Object) -> Object:
    return {"runs": 100_000, "exits": 0}


def budget(**spec: Any) -> Object:
    spec = {"selector": SELECTOR, **spec}
    named = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"}
    return {**named, "metadata": {"name": "b"}, "spec": spec}


def pod(name: str) -> Object:
    container = {"name": "main", "image": "busybox:1.36"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"a": "b"}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }


def job() -> Object:
    container = {"name": "main", "image": "busybox:1.36"}
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    spec = {"parallelism": 3, "completions": 3, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": spec}


def counts(on: Cluster) -> tuple[int, int, int, int]:
    """Allowed, current, desired, total."""
    status = objects.status(on.get(kinds.POD_DISRUPTION_BUDGETS, "b"))
    keys = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    allowed, current, desired, total = (status[key] for key in keys)
    return allowed, current, desired, total


def condition(on: Cluster) -> tuple[str, str, str]:
    found = objects.condition(on.get(kinds.POD_DISRUPTION_BUDGETS, "b"), "DisruptionAllowed") or {}
    return found["status"], found["reason"], found["message"]


def events(on: Cluster, kind: str) -> list[str]:
    selected = ListOptions(field_selector=f"involvedObject.kind={kind}")
    found = on.registry.list(kinds.EVENTS, "default", selected).items
    told = [
        f"{one['type']} {one['reason']}: {one['message']}"
        for one in found
        if one["source"].get("component") == "controllermanager"
    ]
    return sorted(told)


def evict(on: Cluster, name: str, uid: str = "") -> None:
    options = DeleteOptions(preconditions=Preconditions(uid=uid))
    eviction.evict(on.registry, "default", name, options, on.clock.now())


def test_a_budget_counts_its_pods_as_they_come_and_go() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.POD_DISRUPTION_BUDGETS, budget(minAvailable=1))
        await asyncio.sleep(1)
        assert (counts(on), condition(on)) == ((0, 0, 1, 0), ("False", "InsufficientPods", ""))
        assert events(on, "PodDisruptionBudget") == ["Normal NoPods: No matching pods found"]
        on.create(kinds.PODS, pod("one"))
        on.create(kinds.PODS, pod("two"))
        await asyncio.sleep(1)
        assert (counts(on), condition(on)) == ((1, 2, 1, 2), ("True", "SufficientPods", ""))
        evict(on, "one")
        assert (counts(on)[0], condition(on)) == (0, ("False", "InsufficientPods", ""))
        await asyncio.sleep(60)
        assert (counts(on), on.names(kinds.PODS)) == ((0, 1, 1, 1), ["two"])
        assert "disruptedPods" not in on.get(kinds.POD_DISRUPTION_BUDGETS, "b")["status"]

    cluster.run(scene, long)


def test_a_share_of_a_jobs_pods_cannot_be_told() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.POD_DISRUPTION_BUDGETS, budget(maxUnavailable=1))
        on.create(kinds.JOBS, job())
        await asyncio.sleep(1)
        assert (counts(on), condition(on)) == ((0, 0, 0, 0), ("False", "SyncFailed", NOT_SCALED))
        text = f"Failed to calculate the number of expected pods: {NOT_SCALED}"
        assert events(on, "PodDisruptionBudget") == [
            "Normal NoPods: No matching pods found",
            f"Warning CalculateExpectedPodCountFailed: {text}",
        ]
        on.registry.patch(
            kinds.POD_DISRUPTION_BUDGETS,
            "b",
            cluster.MERGE,
            {"spec": {"maxUnavailable": None, "minAvailable": 2}},
            "default",
        )
        await asyncio.sleep(1)
        assert (counts(on), condition(on)) == ((1, 3, 2, 3), ("True", "SufficientPods", ""))

    cluster.run(scene, long)


def test_pods_of_nobody_have_no_number_that_they_should_be() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.PODS, pod("one"))
        await asyncio.sleep(1)
        on.create(kinds.POD_DISRUPTION_BUDGETS, budget(minAvailable="50%"))
        await asyncio.sleep(1)
        assert (counts(on), condition(on)) == ((0, 1, 0, 0), ("False", "InsufficientPods", ""))
        (told,) = events(on, "PodDisruptionBudget")
        assert told == (
            "Warning UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: "
            "&LabelSelector{MatchLabels:map[string]string{a: b,},"
            "MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a "
            "result, the status of the PDB cannot be calculated correctly, which may result in "
            "undefined behavior. To account for these pods please set "
            '".spec.minAvailable" field of the PDB to an integer value.'
        )

    cluster.run(scene, long)


def test_a_pod_of_two_budgets_is_told_of() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.POD_DISRUPTION_BUDGETS, budget(minAvailable=1))
        on.create(
            kinds.POD_DISRUPTION_BUDGETS, {**budget(minAvailable=1), "metadata": {"name": "c"}}
        )
        await asyncio.sleep(1)
        on.create(kinds.PODS, pod("one"))
        await asyncio.sleep(1)
        told = 'Pod "default"/"one" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.'
        assert events(on, "Pod") == [f"Warning MultiplePodDisruptionBudgets: {told}"]

    cluster.run(scene, long)


def test_a_pod_that_was_to_go_and_stays_counts_again_after_two_minutes() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.POD_DISRUPTION_BUDGETS, budget(minAvailable=1))
        for name in ("one", "two"):
            on.create(kinds.PODS, pod(name))
        await asyncio.sleep(1)
        made = on.get(kinds.POD_DISRUPTION_BUDGETS, "b")
        since = (on.clock.now()).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = {**made["status"], "disruptionsAllowed": 0, "disruptedPods": {"one": since}}
        on.registry.update(
            kinds.POD_DISRUPTION_BUDGETS,
            "b",
            {**made, "status": status},
            "default",
            subresource="status",
        )
        await asyncio.sleep(110)
        assert counts(on) == (0, 1, 1, 2)
        await asyncio.sleep(20)
        assert counts(on) == (1, 2, 1, 2)
        told = "Pod was expected by PDB default/default to be deleted but it wasn't"
        assert events(on, "Pod") == [f"Warning NotDeleted: {told}"]

    cluster.run(scene, long)


def test_a_mark_of_an_eviction_that_did_not_come_about_goes_after_two_minutes() -> None:
    async def scene(on: Cluster) -> None:
        made = on.create(kinds.PODS, pod("one"))
        await asyncio.sleep(1)
        marked = {"type": DISRUPTION_TARGET, "status": "True", "reason": "EvictionByEvictionAPI"}
        since = on.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        now = on.get(kinds.PODS, "one")
        conditions = [*now["status"]["conditions"], {**marked, "lastTransitionTime": since}]
        changed = {**now, "status": {**now["status"], "conditions": conditions}}
        on.registry.update(kinds.PODS, "one", changed, "default", subresource="status")
        await asyncio.sleep(110)
        assert objects.is_true(on.get(kinds.PODS, "one"), DISRUPTION_TARGET)
        await asyncio.sleep(20)
        found = dict(objects.condition(on.get(kinds.PODS, "one"), DISRUPTION_TARGET) or {})
        del found["lastTransitionTime"]
        assert found == {
            "type": DISRUPTION_TARGET,
            "status": "False",
            "lastProbeTime": None,
            "observedGeneration": made["metadata"]["generation"],
        }

    cluster.run(scene, long)


def test_the_clock_stands_by_no_pod_that_was_evicted_in_time() -> None:
    async def scene(on: Cluster) -> None:
        on.create(kinds.POD_DISRUPTION_BUDGETS, budget(minAvailable=0))
        on.create(kinds.PODS, pod("one"))
        await asyncio.sleep(1)
        evict(on, "one")
        await asyncio.sleep(60)
        assert [timer.wait for timer in on.clock.waits()] == []

    cluster.run(scene, long)
