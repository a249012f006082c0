"""Which Pods of a ReplicaSet go first: a table of pairs, the first of which goes first."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.controllers.apps import deletion_order

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def _pod(
    uid: str = "m",
    *,
    node: str = "n",
    phase: str = "Running",
    ready: float | None = 1000,
    cost: str = "",
    restarts: int = 0,
    age: float = 5000,
) -> Object:
    def ago(seconds: float) -> str:
        return clocks.rfc3339(NOW - timedelta(seconds=seconds))

    meta: Object = {"name": uid, "uid": uid, "creationTimestamp": ago(age)}
    if cost:
        meta["annotations"] = {deletion_order.COST: cost}
    conditions = []
    if ready is not None:
        conditions.append({"type": "Ready", "status": "True", "lastTransitionTime": ago(ready)})
    status = {
        "phase": phase,
        "conditions": conditions,
        "containerStatuses": [{"name": "c", "restartCount": restarts}],
    }
    return {"metadata": meta, "spec": {"nodeName": node} if node else {}, "status": status}


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        (_pod(node=""), _pod()),
        (_pod(phase="Pending"), _pod(phase="Unknown")),
        (_pod(phase="Unknown"), _pod()),
        (_pod(ready=None), _pod()),
        (_pod(cost="-1"), _pod()),
        (_pod(), _pod(cost="5")),
        (_pod(cost="x"), _pod(cost="1")),
        (_pod(node="crowded"), _pod()),
        (_pod(ready=10), _pod(ready=1000)),
        (_pod("a", ready=1000), _pod("b", ready=1001)),
        (_pod("a", ready=1001), _pod("b", ready=1000)),
        (_pod(restarts=3), _pod()),
        (_pod(age=100), _pod(age=5000)),
        (_pod("a", age=5001), _pod("b", age=5000)),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_pods_this_one_is_deleted_first(
    sooner: Object, later: Object, swapped: bool
) -> None:
    pair = [later, sooner] if swapped else [sooner, later]
    related = [_pod(node="crowded"), _pod(node="crowded"), _pod()]
    assert deletion_order.first(pair, related, 1, NOW) == [sooner]


def test_where_all_go_nothing_is_sorted() -> None:
    pair = [_pod("b"), _pod("a", node="")]
    assert deletion_order.first(pair, pair, 2, NOW) == pair
