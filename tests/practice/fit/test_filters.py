"""Whether a Pod fits a node, and the scheduler's words where it does not."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.fit import amounts, filters, messages
from kubectl_joblab.practice.fit.filters import Misfit
from kubectl_joblab.practice.fit.snapshot import NodeInfo, Placed, Snapshot
from tests.practice import kubelet

NOT_HELPFUL = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."
NO_VICTIMS = "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."


def container(**requests: str) -> Object:
    return {"name": "main", "resources": {"requests": requests}}


def pod(*containers: Object, **spec: Any) -> Object:
    whole = {"containers": list(containers or (container(),)), **spec}
    return {"metadata": {"name": "p", "namespace": "default"}, "spec": whole}


def affinity(*terms: Object) -> Object:
    required = {"nodeSelectorTerms": list(terms)}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def expression(key: str, operator: str, *values: str) -> Object:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


def named(operator: str, *names: str) -> Object:
    field = {"key": "metadata.name", "operator": operator, "values": list(names)}
    return {"matchFields": [field]}


def node(**spec: Any) -> Object:
    return {**kubelet.node(), "spec": spec}


def misfit(one: Object, on: Object, *beside: Object) -> Misfit | None:
    placed = {("default", str(n)): Placed.of(other) for n, other in enumerate(beside)}
    info = NodeInfo(on, placed)
    return filters.misfit(one, info, Snapshot({"node1": info}))


TAINT: Object = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
HOSTNAME = "kubernetes.io/hostname"


@pytest.mark.parametrize(
    ("one", "on", "beside", "why"),
    [
        pytest.param(pod(), node(), [], None, id="nothing asked for"),
        pytest.param(
            pod(nodeSelector={HOSTNAME: "node1"}), node(), [], None, id="the label is there"
        ),
        pytest.param(
            pod(nodeSelector={"disk": "ssd"}),
            node(),
            [],
            f"1 node(s) didn't match Pod's node affinity/selector. {NOT_HELPFUL}",
            id="no such label",
        ),
        pytest.param(
            pod(affinity=affinity(expression("disk", "Exists"), expression(HOSTNAME, "Exists"))),
            node(),
            [],
            None,
            id="one of two affinity terms",
        ),
        pytest.param(
            pod(affinity=affinity(expression(HOSTNAME, "NotIn", "node1"))),
            node(),
            [],
            f"1 node(s) didn't match Pod's node affinity/selector. {NOT_HELPFUL}",
            id="affinity to other nodes",
        ),
        pytest.param(
            pod(affinity=affinity({})),
            node(),
            [],
            f"1 node(s) didn't match Pod's node affinity/selector. {NOT_HELPFUL}",
            id="an empty term selects nothing",
        ),
        pytest.param(
            pod(affinity=affinity(named("In", "node1"))), node(), [], None, id="this node by name"
        ),
        pytest.param(
            pod(affinity=affinity(named("In", "node9"))),
            node(),
            [],
            f"1 node(s) didn't satisfy plugin(s) [NodeAffinity]. {NOT_HELPFUL}",
            id="another node by name",
        ),
        pytest.param(
            pod(),
            node(taints=[TAINT]),
            [],
            f"1 node(s) had untolerated taint(s). {NOT_HELPFUL}",
            id="a taint",
        ),
        pytest.param(
            pod(tolerations=[{"key": "dedicated", "operator": "Exists"}]),
            node(taints=[TAINT]),
            [],
            None,
            id="tolerated by key",
        ),
        pytest.param(
            pod(tolerations=[{"key": "dedicated", "value": "db", "effect": "NoSchedule"}]),
            node(taints=[TAINT]),
            [],
            None,
            id="tolerated by value",
        ),
        pytest.param(
            pod(tolerations=[{"key": "dedicated", "value": "web"}]),
            node(taints=[TAINT]),
            [],
            f"1 node(s) had untolerated taint(s). {NOT_HELPFUL}",
            id="another value",
        ),
        pytest.param(
            pod(),
            node(taints=[TAINT | {"effect": "PreferNoSchedule"}]),
            [],
            None,
            id="a taint that is only a preference",
        ),
        pytest.param(
            pod(),
            node(unschedulable=True),
            [],
            f"1 node(s) were unschedulable. {NOT_HELPFUL}",
            id="cordoned",
        ),
        pytest.param(
            pod(tolerations=[{"operator": "Exists"}]),
            node(unschedulable=True),
            [],
            None,
            id="cordoned and tolerated",
        ),
        pytest.param(
            pod(container(cpu="50")),
            node(),
            [],
            f"1 Insufficient cpu. {NOT_HELPFUL}",
            id="more than the node has",
        ),
        pytest.param(
            pod(container(cpu="1")),
            node(),
            [pod(container(cpu="1500m"))],
            f"1 Insufficient cpu. {NO_VICTIMS}",
            id="more than is left",
        ),
        pytest.param(
            pod(container(cpu="500m")),
            node(),
            [pod(container(cpu="1500m"))],
            None,
            id="just enough",
        ),
        pytest.param(
            pod(container(cpu="1", memory="900Gi")),
            node(),
            [pod(container(cpu="1500m"))],
            f"1 Insufficient cpu, 1 Insufficient memory. {NOT_HELPFUL}",
            id="several resources",
        ),
        pytest.param(
            pod(container(**{"nvidia.com/gpu": "1", "ephemeral-storage": "1Gi"})),
            node(),
            [],
            f"1 Insufficient ephemeral-storage, 1 Insufficient nvidia.com/gpu. {NOT_HELPFUL}",
            id="resources the node does not know",
        ),
        pytest.param(
            pod(),
            kubelet.node(pods="1") | {"spec": {}},
            [pod()],
            f"1 Too many pods. {NO_VICTIMS}",
            id="as many Pods as there may be",
        ),
        pytest.param(
            pod(container(cpu="50"), nodeSelector={"disk": "ssd"}),
            node(taints=[TAINT]),
            [],
            f"1 node(s) had untolerated taint(s). {NOT_HELPFUL}",
            id="the first filter that says no is heard",
        ),
    ],
)
def test_a_pod_fits_or_the_scheduler_says_why(
    one: Object, on: Object, beside: list[Object], why: str | None
) -> None:
    found = misfit(one, on, *beside)
    shown = None if found is None else messages.of_misfits([found])
    assert shown == (None if why is None else f"0/1 nodes are available: {why}")


def test_nodes_are_told_together() -> None:
    one = pod(container(cpu="3"))
    found = [
        misfit(one, node(taints=[TAINT])),
        misfit(one, kubelet.node(cpu="4"), one),
        misfit(one, node()),
    ]
    assert messages.of_misfits([one for one in found if one]) == (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
        "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, "
        "2 Preemption is not helpful for scheduling."
    )


def test_without_nodes_there_is_nothing_to_tell() -> None:
    assert messages.of_misfits([]) == "no nodes available to schedule pods"


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        pytest.param({}, "300m", id="the containers' sum"),
        pytest.param(
            {"initContainers": [container(cpu="200m")]}, "300m", id="a small init container"
        ),
        pytest.param(
            {"initContainers": [container(cpu="2")]}, "2", id="an init container that needs more"
        ),
        pytest.param(
            {"initContainers": [container(cpu="100m") | {"restartPolicy": "Always"}]},
            "400m",
            id="a sidecar runs beside them",
        ),
        pytest.param(
            {
                "initContainers": [
                    container(cpu="100m") | {"restartPolicy": "Always"},
                    container(cpu="350m"),
                ]
            },
            "450m",
            id="a sidecar runs beside later init containers",
        ),
        pytest.param({"resources": {"requests": {"cpu": "5"}}}, "5", id="the Pod's own request"),
        pytest.param({"overhead": {"cpu": "50m"}}, "350m", id="overhead comes on top"),
    ],
)
def test_a_pod_needs_what_it_needs_at_its_neediest_moment(spec: Object, cpu: str) -> None:
    one = pod(container(cpu="100m"), container(cpu="200m"), **spec)
    assert amounts.requests(one) == amounts.requests(pod(container(cpu=cpu)))


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"cpu": "1e999999999"}, True),
        ({"memory": "1e30"}, True),
        ({"example.com/gpu": "1e100"}, True),
        ({"memory": "9e18"}, False),
    ],
)
def test_an_amount_beyond_64_bits_is_nothing_as_upstreams_scheduler_counts(
    asked: dict[str, str], fits: bool
) -> None:
    wanted = pod(container(**asked), container(**asked))
    assert (misfit(wanted, node()) is None) == fits


def test_a_claim_that_a_controller_would_make_is_waited_for() -> None:
    claim = {"name": "data", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}
    assert filters.refused(pod(volumes=[claim]), Snapshot({})) == (
        'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-data"'
    )
