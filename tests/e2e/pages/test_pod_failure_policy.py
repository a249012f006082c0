"""The official page "Handling retriable and non-retriable pod failures with Pod failure policy".

https://kubernetes.io/docs/tasks/job/pod-failure-policy/: its manifests, with busybox in the place
of bash and shorter sleeps, and its commands in their order. The page drains a node: a practice
cluster of the test's own is drained so; on any other cluster, where others have Pods on the node,
the Pods are evicted one by one, as drain does it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e import cluster as clusters
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

DISRUPTED = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
FORTY_TWO = {"containerName": "main", "operator": "In", "values": [42]}


def job(name: str, script: str, *rules: dict[str, Any], **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", script]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {
            "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
            "podFailurePolicy": {"rules": list(rules)},
            **spec,
        },
    }


def selected(place: Place, kind: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.items(f"{kind} -l job-name={name}")
    return found


def condition(found: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in found["status"]["conditions"] if one["type"] == kind)


def test_a_software_bug_ends_the_job(place: Place) -> None:
    name = "job-pod-failure-policy-failjob"
    script = "echo Hello world! && sleep 3 && exit 42"
    rule = {"action": "FailJob", "onExitCodes": FORTY_TWO}
    place.apply(job(name, script, rule, completions=8, parallelism=2, backoffLimit=6))
    place.await_condition(f"job/{name}", "condition=failed")
    (found,) = selected(place, "jobs", name)
    for kind in ("FailureTarget", "Failed"):
        told = condition(found, kind)
        assert told["reason"] == "PodFailurePolicy"
        start = f"Container main for pod {place.namespace}/{name}-"
        end = " failed with exit code 42 matching FailJob rule at index 0"
        assert (told["message"].startswith(start), told["message"].endswith(end)) == (True, True)
    place.kubectl(f"delete jobs/{name}")


def test_a_drained_node_costs_no_retry(drainable: Place) -> None:
    place, name = drainable, "job-pod-failure-policy-ignore"
    script = "echo Hello world! && sleep 9 && exit 0"
    place.apply(job(name, script, DISRUPTED, completions=4, parallelism=2, backoffLimit=0))
    place.await_condition(f"job/{name}", "jsonpath={.status.ready}=2")
    pods = selected(place, "pods", name)
    node = pods[0]["spec"]["nodeName"]
    if clusters.is_practice():
        drained = place.kubectl(f"drain nodes/{node} --ignore-daemonsets --grace-period=0")
        assert drained.splitlines()[-1] == f"node/{node} drained"
    else:
        for pod in pods:
            evict(place, pod["metadata"]["name"])
    (found,) = selected(place, "jobs", name)
    assert "failed" not in found["status"]
    if clusters.is_practice():
        assert place.kubectl(f"uncordon nodes/{node}") == f"node/{node} uncordoned\n"
    place.await_condition(f"job/{name}", "condition=complete")
    (found,) = selected(place, "jobs", name)
    assert (found["status"]["succeeded"], found["status"].get("failed")) == (4, None)
    place.kubectl(f"delete jobs/{name}")


def evict(place: Place, pod: str) -> None:
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod},
        "deleteOptions": {"gracePeriodSeconds": 0},
    }
    path = f"/api/v1/namespaces/{place.namespace}/pods/{pod}/eviction"
    place.run(f"kubectl create --raw {path} -f -", stdin=json.dumps(body)).expect(0)


def test_a_condition_of_ones_own_ends_the_job(place: Place) -> None:
    name = "job-pod-failure-policy-config-issue"
    rule = {"action": "FailJob", "onPodConditions": [{"type": "ConfigIssue"}]}
    made = job(name, "", rule, completions=8, parallelism=2, backoffLimit=6)
    made["spec"]["template"]["spec"]["containers"][0] = {
        "name": "main",
        "image": "non-existing-repo/non-existing-image:example",
    }
    place.apply(made)
    place.await_condition(f"job/{name}", "jsonpath={.status.active}=2")
    pod = selected(place, "pods", name)[0]["metadata"]["name"]
    patch = {
        "status": {
            "conditions": [
                {
                    "type": "ConfigIssue",
                    "status": "True",
                    "reason": "NonExistingImage",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }
            ]
        }
    }
    (place.home / "patch.yaml").write_text(json.dumps(patch), encoding="utf-8")
    patched = place.kubectl(f"patch pod {pod} --subresource=status --patch-file=patch.yaml")
    assert patched == f"pod/{pod} patched\n"
    place.kubectl(f"delete pods/{pod}")
    place.await_condition(f"job/{name}", "condition=failed")
    (found,) = selected(place, "jobs", name)
    told = condition(found, "Failed")
    assert (told["reason"], told["message"]) == (
        "PodFailurePolicy",
        f"Pod {place.namespace}/{pod} has condition ConfigIssue matching FailJob rule at index 0",
    )
    place.kubectl(f"delete jobs/{name}")


def test_an_index_is_not_retried_in_vain(place: Place) -> None:
    name = "job-backoff-limit-per-index-failindex"
    script = (
        "[ $JOB_COMPLETION_INDEX = 0 ] && exit 1; [ $JOB_COMPLETION_INDEX = 1 ] && exit 42; exit 0"
    )
    rule = {"action": "FailIndex", "onExitCodes": FORTY_TWO}
    spec = {"completions": 4, "parallelism": 2, "completionMode": "Indexed"}
    place.apply(job(name, script, rule, **spec, backoffLimitPerIndex=1))
    place.await_condition(f"job/{name}", "condition=failed")
    (found,) = selected(place, "jobs", name)
    assert (found["status"]["failedIndexes"], found["status"]["failed"]) == ("0,1", 3)
    place.kubectl(f"delete jobs/{name}")
