"""The pages on memory and CPU of containers, and on defaults, bounds and quotas of a namespace.

https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/ and
.../assign-cpu-resource/, without `kubectl top`;
https://kubernetes.io/docs/tasks/administer-cluster/manage-resources/: memory-default-namespace,
memory-constraint-namespace, quota-memory-cpu-namespace and quota-pod-namespace. Those on the CPU
say the same of another resource. A test's own namespace is that of the page.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

SLEEP = ("sleep", "600")


def pod(name: str, *command: str, **resources: Any) -> dict[str, Any]:
    container = {
        "name": f"{name}-ctr",
        "image": "busybox:1.36",
        "command": list(command or SLEEP),
        "resources": resources,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
    }


def limit_range(**limits: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "limits"},
        "spec": {"limits": [{"type": "Container", **limits}]},
    }


def resources_of(place: Place, name: str) -> dict[str, Any]:
    found: dict[str, Any] = place.get(f"pod {name}")["spec"]["containers"][0]["resources"]
    return found


def refused(place: Place, manifest: dict[str, Any]) -> str:
    """What the API server says against a manifest, behind `is forbidden: `."""
    error = place.run("kubectl apply -f -", stdin=json.dumps(manifest)).expect(1).err
    return error.strip().rpartition(" is forbidden: ")[2]


def test_a_container_within_its_limits_one_over_them_and_one_that_fits_nowhere(
    place: Place,
) -> None:
    memory = {"requests": {"memory": "50Mi"}, "limits": {"memory": "100Mi"}}
    cpu = {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}}
    place.apply(
        pod("memory-demo", *SLEEP, **memory),
        pod("memory-demo-2", "tail", "/dev/zero", **memory),
        pod("memory-demo-3", *SLEEP, requests={"memory": "1000Gi"}, limits={"memory": "1000Gi"}),
        pod("cpu-demo", *SLEEP, **cpu),
        pod("cpu-demo-2", *SLEEP, requests={"cpu": "100"}, limits={"cpu": "100"}),
    )
    place.kubectl("wait --for=condition=Ready pod/memory-demo pod/cpu-demo --timeout=60s")
    assert (resources_of(place, "memory-demo"), resources_of(place, "cpu-demo")) == (memory, cpu)

    path = "{.status.containerStatuses[0].lastState.terminated.reason}"
    place.kubectl(f"wait pod/memory-demo-2 --for=jsonpath={path}=OOMKilled --timeout=60s")
    code = path.replace("reason", "exitCode")
    assert place.kubectl(f"get pod memory-demo-2 -o jsonpath={code}") == "137"
    described = place.kubectl("describe pod memory-demo-2")
    assert "      Reason:       OOMKilled\n      Exit Code:    137\n" in described

    for name, resource in (("memory-demo-3", "memory"), ("cpu-demo-2", "cpu")):
        place.kubectl(f"wait pod/{name} --for=condition=PodScheduled=false --timeout=60s")
        described = place.kubectl(f"describe pod {name}")
        assert "Status:           Pending\n" in described
        assert f"0/1 nodes are available: 1 Insufficient {resource}" in described


def test_defaults_of_a_namespace(place: Place) -> None:
    place.apply(limit_range(default={"memory": "512Mi"}, defaultRequest={"memory": "256Mi"}))
    place.apply(
        pod("default-mem-demo"),
        pod("default-mem-demo-2", limits={"memory": "1Gi"}),
        pod("default-mem-demo-3", requests={"memory": "128Mi"}),
    )
    found = [resources_of(place, f"default-mem-demo{number}") for number in ("", "-2", "-3")]
    assert found == [
        {"limits": {"memory": "512Mi"}, "requests": {"memory": "256Mi"}},
        {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}},
        {"limits": {"memory": "512Mi"}, "requests": {"memory": "128Mi"}},
    ]


def test_bounds_of_a_namespace(place: Place) -> None:
    place.apply(limit_range(max={"memory": "1Gi"}, min={"memory": "500Mi"}))
    (shown,) = place.get("limitrange limits")["spec"]["limits"]
    assert (shown["default"], shown["defaultRequest"]) == ({"memory": "1Gi"}, {"memory": "1Gi"})

    fits = {"limits": {"memory": "800Mi"}, "requests": {"memory": "600Mi"}}
    place.apply(pod("constraints-mem-demo", **fits))
    place.kubectl("delete pod constraints-mem-demo --now")
    much = pod("more", limits={"memory": "1500Mi"}, requests={"memory": "800Mi"})
    maximum = "maximum memory usage per Container is 1Gi, but limit is 1500Mi"
    assert refused(place, much) == maximum
    little = pod("less", limits={"memory": "800Mi"}, requests={"memory": "100Mi"})
    minimum = "minimum memory usage per Container is 500Mi, but request is 100Mi"
    assert refused(place, little) == minimum
    place.apply(pod("constraints-mem-demo-4"))
    given = {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}}
    assert resources_of(place, "constraints-mem-demo-4") == given


def test_a_quota_of_memory_and_cpu(place: Place) -> None:
    hard = "requests.cpu=1,requests.memory=1Gi,limits.cpu=2,limits.memory=2Gi"
    place.kubectl(f"create quota mem-cpu-demo --hard={hard}")
    used = "{.status.used.requests\\.memory}"
    place.kubectl(f"wait quota/mem-cpu-demo --for=jsonpath='{used}'=0 --timeout=60s")
    first = {"limits": {"memory": "800Mi", "cpu": "800m"}}
    second = {"limits": {"memory": "1Gi", "cpu": "800m"}}
    place.apply(pod("quota-mem-cpu-demo", **first, requests={"memory": "600Mi", "cpu": "400m"}))
    place.kubectl(f"wait quota/mem-cpu-demo --for=jsonpath='{used}'=600Mi --timeout=60s")
    assert place.get("quota mem-cpu-demo")["status"]["used"] == {
        "limits.cpu": "800m",
        "limits.memory": "800Mi",
        "requests.cpu": "400m",
        "requests.memory": "600Mi",
    }
    more = pod("quota-mem-cpu-demo-2", **second, requests={"memory": "700Mi", "cpu": "400m"})
    assert refused(place, more) == (
        "exceeded quota: mem-cpu-demo, requested: requests.memory=700Mi, "
        "used: requests.memory=600Mi, limited: requests.memory=1Gi"
    )
    without = "failed quota: mem-cpu-demo: must specify limits.cpu for: bare-ctr"
    assert refused(place, pod("bare")).startswith(without)


def test_a_quota_of_pods(place: Place) -> None:
    place.kubectl("create quota pod-demo --hard=pods=2")
    place.kubectl("wait quota/pod-demo --for=jsonpath={.status.used.pods}=0 --timeout=60s")
    place.kubectl("create deployment pod-quota-demo --image=busybox:1.36 --replicas=3 -- sleep 600")
    available = "jsonpath={.status.availableReplicas}=2"
    place.kubectl(f"wait deployment/pod-quota-demo --for={available} --timeout=60s")
    place.kubectl("wait deployment/pod-quota-demo --for=condition=ReplicaFailure --timeout=60s")
    status = place.get("deployment pod-quota-demo")["status"]
    (failure,) = (one for one in status["conditions"] if one["type"] == "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    assert "exceeded quota: pod-demo, requested: pods=1, used: pods=2" in failure["message"]
    assert place.get("quota pod-demo")["status"]["used"] == {"pods": "2"}
