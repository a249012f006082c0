"""When a Pod that waits is tried again: only for what may help it."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.fit import (
    hints,
    node_ports,
    pod_affinity,
    topology_spread,
)
from kubectl_joblab.practice.fit.filters import Misfit
from kubectl_joblab.practice.fit.snapshot import Snapshot


def pod(app: str = "", namespace: str = "default", **spec: Any) -> Object:
    labels = {"app": app} if app else {}
    return {"metadata": {"name": "p", "namespace": namespace, "labels": labels}, "spec": spec}


def beside(kind: str) -> Object:
    term = {"topologyKey": "host", "labelSelector": {"matchLabels": {"app": "a"}}}
    return {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def port(number: int) -> Object:
    return pod(containers=[{"ports": [{"containerPort": 1, "hostPort": number}]}])


TOGETHER = pod(affinity=beside("podAffinity"))
APART = pod("a", affinity=beside("podAntiAffinity"))
SPREAD = pod(
    topologySpreadConstraints=[
        {
            "whenUnsatisfiable": "DoNotSchedule",
            "topologyKey": "host",
            "maxSkew": 1,
            "labelSelector": {"matchLabels": {"app": "a"}},
        }
    ]
)
ROOM = Misfit(("Insufficient cpu",), True)
CHANGES: dict[str, tuple[Object, Misfit, Object | None, Object | None, bool]] = {
    "room, and one has gone": (pod(), ROOM, pod(), None, True),
    "room, and one has come": (pod(), ROOM, None, pod(), False),
    "more room than the node has": (pod(), Misfit(("Insufficient cpu",)), pod(), None, False),
    "company has come": (TOGETHER, Misfit((pod_affinity.NOT_TOGETHER,)), None, pod("a"), True),
    "other company": (TOGETHER, Misfit((pod_affinity.NOT_TOGETHER,)), None, pod("b"), False),
    "company of elsewhere": (
        TOGETHER,
        Misfit((pod_affinity.NOT_TOGETHER,)),
        None,
        pod("a", "other"),
        False,
    ),
    "one is labelled as wanted": (
        TOGETHER,
        Misfit((pod_affinity.NOT_TOGETHER,)),
        pod(),
        pod("a"),
        True,
    ),
    "its like has gone": (APART, Misfit((pod_affinity.NOT_APART,), True), pod("a"), None, True),
    "another has gone": (APART, Misfit((pod_affinity.NOT_APART,), True), pod("b"), None, False),
    "its like is labelled otherwise": (
        APART,
        Misfit((pod_affinity.NOT_APART,), True),
        pod("a"),
        pod("b"),
        True,
    ),
    "who kept it off has gone": (
        pod("a"),
        Misfit((pod_affinity.KEPT_OFF,), True),
        pod("c", affinity=beside("podAntiAffinity")),
        None,
        True,
    ),
    "one that counts has gone": (
        SPREAD,
        Misfit((topology_spread.REASON,), True),
        pod("a"),
        None,
        True,
    ),
    "one that does not count": (
        SPREAD,
        Misfit((topology_spread.REASON,), True),
        pod("a", "other"),
        None,
        False,
    ),
    "its port is free": (port(80), Misfit((node_ports.REASON,), True), port(80), None, True),
    "another port is free": (port(80), Misfit((node_ports.REASON,), True), port(81), None, False),
}


@pytest.mark.parametrize(
    ("waiting", "misfit", "old", "new", "helped"), CHANGES.values(), ids=CHANGES
)
def test_a_change_helps_or_not(
    waiting: Object, misfit: Misfit, old: Object | None, new: Object | None, helped: bool
) -> None:
    assert hints.helps(waiting, [misfit], old, new, Snapshot({})) == helped
