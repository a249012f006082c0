"""What kinds do beside defaults and rules: answers, what an update puts back."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.access.users import User
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.go.govalues import copied
from kubectl_joblab.practice.api.options import CreateOptions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from tests.practice.api import things

MERGE = "application/merge-patch+json"


@pytest.fixture
def registry() -> Registry:
    made = things.registry()
    made.create(kinds.SERVICE_ACCOUNTS, {"metadata": {"name": "default"}}, "default")
    return made


def _pod(**spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "a", "image": "busybox"}], **spec},
    }


def _job(**spec: Any) -> Object:
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "busybox"}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {"template": {"spec": pod}, **spec},
    }


# ---- Pods


@pytest.mark.parametrize(
    ("resources", "quality"),
    [
        pytest.param([{}], "BestEffort", id="nothing asked"),
        pytest.param([{"limits": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed", id="all limited"),
        pytest.param([{"limits": {"cpu": "1"}}], "Burstable", id="only one resource"),
        pytest.param(
            [{"limits": {"cpu": "1", "memory": "1Gi"}}, {}],
            "Burstable",
            id="only one container",
        ),
        pytest.param([{"requests": {"a.io/b": "1"}}], "BestEffort", id="a device"),
        pytest.param(
            [{"limits": {"cpu": "1000m", "memory": "1Ki"}, "requests": {"memory": "1024"}}],
            "Guaranteed",
            id="the same, written differently",
        ),
    ],
)
def test_the_quality_of_service(resources: list[Object], quality: str) -> None:
    pod = _pod()
    pod["spec"]["containers"] = [
        {"name": f"c{index}", "image": "x", "resources": one} for index, one in enumerate(resources)
    ]
    strategy = kinds.PODS.strategy
    strategy.default(pod)
    strategy.prepare_for_create(pod)
    assert pod["status"] == {"phase": "Pending", "qosClass": quality}


def test_an_update_of_a_pods_status_keeps_what_kubelets_do_not_report(registry: Registry) -> None:
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": "u"}
    body = _pod()
    body["metadata"]["ownerReferences"] = [owner]
    registry.create(kinds.PODS, body, "default")
    seen = {"conditions": [{"type": "Ready", "status": "False", "observedGeneration": 1}]}
    registry.patch(kinds.PODS, "p", MERGE, {"status": seen}, "default", subresource="status")

    pod = copied(registry.get(kinds.PODS, "p", "default"))
    del pod["metadata"]["ownerReferences"]
    pod["spec"]["nodeName"] = "n"
    pod["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    after = registry.update(kinds.PODS, "p", pod, "default", subresource="status")

    assert after["metadata"]["ownerReferences"] == [owner]
    assert "nodeName" not in after["spec"]
    assert after["status"]["qosClass"] == "BestEffort"
    assert after["status"]["conditions"][0]["observedGeneration"] == 1


# ---- Jobs


def test_only_a_change_of_spec_is_warned_of(registry: Registry) -> None:
    told: list[str] = []
    body = _job()
    body["metadata"]["name"] = "a.b"
    body["spec"]["template"]["spec"]["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    registry.create(kinds.JOBS, body, "default", warn=told.append)
    assert [text.partition(":")[0] for text in told] == [
        "metadata.name",
        "spec.template.spec.nodeSelector[beta.kubernetes.io/os]",
    ]

    told.clear()
    labels = {"metadata": {"labels": {"a": "b"}}}
    registry.patch(kinds.JOBS, "a.b", MERGE, labels, "default", warn=told.append)
    assert told == []

    wider = {"spec": {"parallelism": 2}}
    registry.patch(kinds.JOBS, "a.b", MERGE, wider, "default", warn=told.append)
    assert [text.partition(":")[0] for text in told] == [
        "spec.template.spec.nodeSelector[beta.kubernetes.io/os]"
    ]


def test_a_job_owns_its_labels(registry: Registry) -> None:
    job = registry.create(kinds.JOBS, _job(), "default")
    assert job["metadata"]["labels"] == job["spec"]["template"]["metadata"]["labels"]
    assert job["metadata"]["labels"] is not job["spec"]["template"]["metadata"]["labels"]


# ---- others


def test_who_is_of_the_masters_may_do_everything(registry: Registry) -> None:
    asked = {"spec": {"resourceAttributes": {"verb": "delete", "resource": "jobs"}}}
    master = CreateOptions(user=User("x", ("system:masters",)))
    answer = registry.create(kinds.ACCESS_REVIEWS, asked, options=master)
    assert answer == {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        **asked,
        "status": {"allowed": True},
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            {"spec": {}},
            '.authorization.k8s.io "" is invalid: spec: Invalid value: null: exactly one of '
            "nonResourceAttributes or resourceAttributes must be specified",
            id="of nothing",
        ),
        pytest.param(
            {"metadata": {"name": "x"}, "spec": {"nonResourceAttributes": {"path": "/"}}},
            '.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: '
            "must be empty",
            id="with a name",
        ),
    ],
)
def test_a_review_may_ask_wrongly(registry: Registry, body: Object, message: str) -> None:
    with pytest.raises(StatusError) as refused:
        registry.create(kinds.ACCESS_REVIEWS, body)
    assert refused.value.message == message


def _node(registry: Registry, **spec: Any) -> Object:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
    return registry.create(
        kinds.NODES, {**node, "spec": spec, "status": {"capacity": {"cpu": "4"}}}
    )


def test_a_nodes_pods_may_use_all_of_it(registry: Registry) -> None:
    assert _node(registry)["status"]["allocatable"] == {"cpu": "4"}


def test_spec_and_status_of_a_node_are_written_apart(registry: Registry) -> None:
    _node(registry)
    both = {"spec": {"unschedulable": True}, "status": {"capacity": {"cpu": "8"}}}
    after = registry.patch(kinds.NODES, "n", MERGE, both)
    assert after["spec"] == {"unschedulable": True}
    assert after["status"]["capacity"] == {"cpu": "4"}

    back = {"spec": {"unschedulable": None}, "status": {"capacity": {"cpu": "8"}}}
    after = registry.patch(kinds.NODES, "n", MERGE, back, subresource="status")
    assert after["spec"] == {"unschedulable": True}
    assert after["status"]["capacity"] == {"cpu": "8"}


@pytest.mark.parametrize(
    ("change", "subresource", "causes"),
    [
        pytest.param(
            {"spec": {"taints": [{"key": "a", "effect": "NoWay"}]}},
            "",
            [
                'metadata.taints[0].effect: Unsupported value: "NoWay": supported values: '
                '"NoSchedule", "PreferNoSchedule", "NoExecute"'
            ],
            id="an effect that is none",
        ),
        pytest.param(
            {"spec": {"providerID": "b", "podCIDRs": ["10.0.1.0/24"]}},
            "",
            [
                'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to '
                "valid",
                "spec.providerID: Invalid value: null: field cannot be modified once set",
            ],
            id="a place that is taken once",
        ),
        pytest.param(
            {"spec": {"providerID": None}},
            "",
            ["spec.providerID: Invalid value: null: field cannot be cleared once set"],
            id="a place that is given up",
        ),
        pytest.param(
            {"status": {"addresses": [{"type": "Hostname", "address": "a"}] * 2}},
            "status",
            ['status.addresses[1]: Duplicate value: {"Type":"Hostname","Address":"a"}'],
            id="an address twice",
        ),
    ],
)
def test_a_node_may_not_be_changed_at_will(
    registry: Registry, change: Object, subresource: str, causes: list[str]
) -> None:
    _node(registry, providerID="a", podCIDRs=["10.0.0.0/24"])
    with pytest.raises(StatusError) as refused:
        registry.patch(kinds.NODES, "n", MERGE, change, subresource=subresource)
    details = refused.value.details or {}
    assert [f"{cause['field']}: {cause['message']}" for cause in details["causes"]] == causes
