"""pods/eviction: who may go, and what is said to the others.

Codes and words are those of a Kubernetes 1.37.2 API server, asked the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry import kinds
from tests.practice.api.served import Reply, Served

VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget."
START = "The disruption budget b does not allow evicting pods currently"


@pytest.fixture
def pod(served: Served) -> Iterator[Object]:
    """A Pod that runs on a node."""
    container = {"name": "main", "image": "busybox:1.36"}
    spec = {"containers": [container], "nodeName": "node1"}
    body = {"metadata": {"name": "p", "labels": {"a": "b"}}, "spec": spec}
    made = served.call(lambda: served.registry.create(kinds.PODS, body, "default"))
    yield told(served, made)
    for kind in (kinds.PODS, kinds.POD_DISRUPTION_BUDGETS):
        path = f"/{'apis/policy/v1' if kind.group else 'api/v1'}/namespaces/default/{kind.plural}"
        served.request("DELETE", path, b'{"gracePeriodSeconds":0}')


def told(served: Served, pod: Object, phase: str = "Running", ready: str = "True") -> Object:
    """The Pod with this status, as a kubelet tells it."""
    status = {"phase": phase, "conditions": [{"type": "Ready", "status": ready}]}
    changed = {**pod, "status": status}
    return served.call(
        lambda: served.registry.update(kinds.PODS, "p", changed, "default", subresource="status")
    )


def budget(served: Served, status: Object | None = None, name: str = "b", **spec: Any) -> None:
    """A budget of the Pods with the label a=b, with this status."""
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}, **spec}
    body = {"metadata": {"name": name}, "spec": spec}

    def write() -> None:
        made = served.registry.create(kinds.POD_DISRUPTION_BUDGETS, body, "default")
        if status is not None:
            full = {"observedGeneration": 1, **status}
            served.registry.update(
                kinds.POD_DISRUPTION_BUDGETS,
                name,
                {**made, "status": full},
                "default",
                subresource="status",
            )

    served.call(write)


def evict(served: Served, query: str = "", name: str = "p", **body: Any) -> Reply:
    whole = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name},
        **body,
    }
    path = f"/api/v1/namespaces/default/pods/p/eviction{query}"
    return served.request(
        "POST", path, json.dumps(whole).encode(), {"Content-Type": "application/json"}
    )


def now(served: Served) -> Object:
    return served.call(lambda: served.registry.get(kinds.PODS, "p", "default"))


def status_of(served: Served, name: str = "b") -> Object:
    found = served.call(lambda: served.registry.get(kinds.POD_DISRUPTION_BUDGETS, name, "default"))
    return dict(objects.status(found))


def test_a_pod_that_nothing_protects_is_marked_and_then_deleted(
    served: Served, pod: Object
) -> None:
    reply = evict(served, deleteOptions={"gracePeriodSeconds": 3})
    assert (reply.code, reply.json) == (
        201,
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201},
    )
    found = now(served)
    condition = dict(objects.condition(found, "DisruptionTarget") or {})
    assert condition.pop("lastTransitionTime")
    assert condition == {
        "type": "DisruptionTarget",
        "status": "True",
        "lastProbeTime": None,
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    assert found["metadata"]["deletionGracePeriodSeconds"] == 3
    assert found["metadata"]["uid"] == pod["metadata"]["uid"]


@pytest.mark.parametrize(
    "how", [{"query": "?dryRun=All"}, {"deleteOptions": {"dryRun": ["All"]}}], ids=["query", "body"]
)
def test_a_dry_run_says_the_same_and_changes_nothing(
    served: Served, pod: Object, how: dict[str, Any]
) -> None:
    budget(served, {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1})
    before = status_of(served)
    assert evict(served, **how).code == 201
    assert (now(served), status_of(served)) == (pod, before)


REFUSED: dict[str, tuple[Object, str]] = {
    "too few healthy Pods": (
        {"currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1},
        "The disruption budget b needs 1 healthy pods and has 1 currently",
    ),
    "the number of Pods is not known": (
        {
            "conditions": [
                {
                    "type": "DisruptionAllowed",
                    "status": "False",
                    "reason": "SyncFailed",
                    "message": "jobs.batch does not implement the scale subresource",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }
            ]
        },
        f"{START} because it failed sync: jobs.batch does not implement the scale subresource",
    ),
    "others go already": ({"currentHealthy": 3, "desiredHealthy": 1}, START),
    "the condition says why": (
        {
            "currentHealthy": 3,
            "desiredHealthy": 1,
            "conditions": [
                {
                    "type": "DisruptionAllowed",
                    "status": "False",
                    "reason": "Mine",
                    "message": "not today",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }
            ],
        },
        f"{START} (Mine): not today",
    ),
}


@pytest.mark.parametrize(("status", "cause"), REFUSED.values(), ids=REFUSED)
def test_a_budget_without_disruptions_is_asked_again_later(
    served: Served, pod: Object, status: Object, cause: str
) -> None:
    budget(served, status)
    reply = evict(served)
    assert (reply.code, reply.message, reply.json["reason"]) == (429, VIOLATED, "TooManyRequests")
    assert reply.json["details"] == {"causes": [{"reason": "DisruptionBudget", "message": cause}]}
    assert reply.all("Retry-After") == []
    assert now(served) == pod


def test_a_budget_that_was_not_looked_at_yet_says_when_to_ask_again(
    served: Served, pod: Object
) -> None:
    budget(served)
    reply = evict(served)
    cause = "The disruption budget b is still being processed by the server."
    assert (reply.code, reply.message, reply.all("Retry-After")) == (429, VIOLATED, ["10"])
    assert reply.json["details"] == {
        "causes": [{"reason": "DisruptionBudget", "message": cause}],
        "retryAfterSeconds": 10,
    }
    assert now(served) == pod


def test_an_eviction_is_taken_from_the_budget(served: Served, pod: Object) -> None:
    budget(served, {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1})
    assert evict(served).code == 201
    status = status_of(served)
    assert (status["disruptionsAllowed"], list(status["disruptedPods"])) == (0, ["p"])
    (condition,) = status["conditions"]
    assert (condition["status"], condition["reason"]) == ("False", "InsufficientPods")
    assert objects.is_deleted(now(served))
    assert pod["metadata"]["name"] in status["disruptedPods"]


def test_a_failed_precondition_costs_the_budget_all_the_same(served: Served, pod: Object) -> None:
    budget(served, {"disruptionsAllowed": 2, "currentHealthy": 3, "desiredHealthy": 1})
    reply = evict(served, deleteOptions={"preconditions": {"uid": "abc"}})
    uid = pod["metadata"]["uid"]
    assert (reply.code, reply.message) == (
        409,
        f'Operation cannot be fulfilled on Pod "p": the UID in the precondition (abc) does not '
        f"match the UID in record ({uid}). The object might have been deleted and then recreated",
    )
    assert status_of(served)["disruptionsAllowed"] == 1
    assert now(served) == pod


def test_a_version_that_is_meant_has_to_be_the_pods(served: Served, pod: Object) -> None:
    version = pod["metadata"]["resourceVersion"]
    other = {"resourceVersion": "1"}
    assert evict(served, deleteOptions={"preconditions": other}).code == 409
    assert evict(served, deleteOptions={"preconditions": {"resourceVersion": version}}).code == 201


FREE: dict[str, tuple[str, str, Object, dict[str, Any], int]] = {
    "it has ended": ("Failed", "False", {}, {}, 201),
    "it has not begun": ("Pending", "False", {}, {}, 201),
    "not ready, and the budget minds": ("Running", "False", {"desiredHealthy": 1}, {}, 429),
    "not ready, of a budget of unhealthy Pods": (
        "Running",
        "False",
        {"desiredHealthy": 1},
        {"unhealthyPodEvictionPolicy": "AlwaysAllow"},
        201,
    ),
    "not ready, and the others are enough": (
        "Running",
        "False",
        {"currentHealthy": 1, "desiredHealthy": 1},
        {},
        201,
    ),
    "not ready, of a budget that needs none": ("Running", "False", {}, {}, 429),
}


@pytest.mark.parametrize(("phase", "ready", "status", "spec", "code"), FREE.values(), ids=FREE)
def test_a_pod_that_is_not_healthy_may_go(
    served: Served,
    pod: Object,
    phase: str,
    ready: str,
    status: Object,
    spec: dict[str, Any],
    code: int,
) -> None:
    told(served, pod, phase, ready)
    budget(served, status, **spec)
    before = status_of(served)
    assert evict(served).code == code
    assert status_of(served) == before


def test_two_budgets_are_too_many(served: Served, pod: Object) -> None:
    for name in ("b", "c"):
        budget(served, {"disruptionsAllowed": 1}, name)
    reply = evict(served)
    assert (reply.code, reply.json) == (
        500,
        {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": "This pod has more than one PodDisruptionBudget, which the eviction "
            "subresource does not support.",
            "code": 500,
        },
    )
    assert now(served) == pod


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "another name": (
        {"name": "other"},
        400,
        "name in URL does not match name in Eviction object",
    ),
    "no name": ({"metadata": {}}, 400, "name in URL does not match name in Eviction object"),
    "another namespace": (
        {"metadata": {"name": "p", "namespace": "x"}},
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
    ),
    "a Pod that is damaged": (
        {"deleteOptions": {"ignoreStoreReadErrorWithClusterBreakingPotential": True}},
        422,
        'Eviction.policy "p" is invalid: '
        "deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: "
        "can not be set for pod eviction, try after removing the option",
    ),
}


@pytest.mark.parametrize(("body", "code", "message"), WRONG.values(), ids=WRONG)
def test_what_is_asked_wrongly_is_refused(
    served: Served, pod: Object, body: dict[str, Any], code: int, message: str
) -> None:
    reply = evict(served, **body)
    assert (reply.code, reply.message) == (code, message)
    assert now(served) == pod


def test_a_pod_that_is_not_there_cannot_be_evicted(served: Served) -> None:
    reply = evict(served)
    assert (reply.code, reply.message) == (404, 'pods "p" not found')
