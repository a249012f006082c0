"""The pages "Safely Drain a Node" and "Specifying a Disruption Budget for your Application".

https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/ and
https://kubernetes.io/docs/tasks/run-application/configure-pdb/, with a Deployment in the place of
a StatefulSet. The node of a practice cluster of the test's own is drained; on any other cluster,
where others have Pods on it, the drain is tried with a selector, and Pods are evicted by the API
alone.
"""

from __future__ import annotations

import json

import pytest

from tests.e2e import cluster as clusters
from tests.e2e import place as places
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: zk-pdb}
spec:
  minAvailable: 2
  selector: {matchLabels: {app: zookeeper}}
"""


def allowed(place: Place) -> list[str]:
    row = place.kubectl("get poddisruptionbudgets").splitlines()[1].split()
    return row[:4]


def test_a_budget_says_how_many_pods_may_go(drainable: Place) -> None:
    place = drainable
    place.kubectl("apply -f -", stdin=BUDGET)
    place.kubectl("wait pdb/zk-pdb --for=jsonpath={.status.observedGeneration}=1 --timeout=60s")
    assert allowed(place) == ["zk-pdb", "2", "N/A", "0"]
    script = "trap exit TERM; while :; do sleep 0.1; done"
    place.kubectl(
        f"create deployment zookeeper --image=busybox:1.36 --replicas=3 -- sh -c '{script}'"
    )
    place.kubectl("wait pdb/zk-pdb --for=jsonpath={.status.disruptionsAllowed}=1 --timeout=60s")
    assert allowed(place) == ["zk-pdb", "2", "N/A", "1"]
    status = place.get("pdb zk-pdb")["status"]
    counts = ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods")
    assert [status[one] for one in counts] == [3, 2, 1, 3]

    place.kubectl("scale deployment/zookeeper --replicas=2")
    place.kubectl("wait pdb/zk-pdb --for=jsonpath={.status.expectedPods}=2 --timeout=60s")
    pod = place.items("pods -l app=zookeeper --field-selector=status.phase=Running")[0]
    refused = evict(place, pod["metadata"]["name"]).expect(1)
    assert refused.err == (
        "Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's "
        "disruption budget.\n"
    )
    place.kubectl("delete pdb zk-pdb")
    assert '"status":"Success"' in evict(place, pod["metadata"]["name"]).expect(0).out


def evict(place: Place, pod: str) -> places.Outcome:
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
    path = f"/api/v1/namespaces/{place.namespace}/pods/{pod}/eviction"
    return place.run(f"kubectl create --raw {path} -f -", stdin=json.dumps(body))


def test_a_node_is_drained(drainable: Place) -> None:
    place = drainable
    node = place.items("nodes")[0]["metadata"]["name"]
    place.kubectl("create job runs --image=busybox:1.36 -- sleep 600")
    place.kubectl("wait pods -l job-name=runs --for=condition=Ready --timeout=60s")
    (pod,) = place.pods("runs")
    name = pod["metadata"]["name"]
    if not clusters.is_practice():
        line = f"drain {node} --ignore-daemonsets --dry-run=server --pod-selector=job-name=runs"
        tried = place.kubectl(line)
        assert f"evicting pod {place.namespace}/{name} (server dry run)\n" in tried
        return
    place.kubectl("run alone --image=busybox:1.36 -- sleep 600")
    refused = place.run(f"kubectl drain {node}").expect(1)
    assert "cannot delete Pods that declare no controller (use --force to override)" in refused.err
    place.kubectl("delete pod alone --now")
    drained = place.kubectl(f"drain {node} --grace-period=1")
    assert drained.splitlines()[-1] == f"node/{node} drained"
    (row,) = place.kubectl("get nodes").splitlines()[1:]
    assert row.split()[1] == "Ready,SchedulingDisabled"
    for status in ("failed", "active"):
        place.kubectl(f"wait job/runs --for=jsonpath={{.status.{status}}}=1 --timeout=60s")
    place.kubectl("wait pods -l job-name=runs --for=condition=PodScheduled=false --timeout=60s")
    assert place.kubectl(f"uncordon {node}") == f"node/{node} uncordoned\n"
    place.kubectl("wait pods -l job-name=runs --for=condition=Ready --timeout=60s")
