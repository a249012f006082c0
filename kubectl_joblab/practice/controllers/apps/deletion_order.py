"""Which Pods a ReplicaSet deletes first, where it has too many. Pure.

Follows getPodsToDelete in pkg/controller/replicaset/replica_set.go and ActivePodsWithRanks in
pkg/controller/controller_utils.go.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.controllers.job import pods

COST = "controller.kubernetes.io/pod-deletion-cost"


def first(
    active: Sequence[Object], related: Iterable[Object], count: int, now: datetime
) -> list[Object]:
    """So many Pods of a ReplicaSet, those to be deleted first.

    related: the Pods of all ReplicaSets that the owner of this one has: of two Pods, the one whose
    node has more of them goes first.
    """
    if count >= len(active):
        return list(active)
    on_node = Counter(
        objects.spec(pod).get("nodeName", "") for pod in related if pods.is_active(pod)
    )

    def compare(one: Object, other: Object) -> int:
        before, after = _key(one, on_node), _key(other, on_node)
        if before != after:
            return -1 if before < after else 1
        return _by_times(one, other, now)

    return sorted(active, key=functools.cmp_to_key(compare))[:count]


def _key(pod: Object, on_node: Counter[str]) -> tuple[object, ...]:
    """What is compared before any time."""
    node = objects.spec(pod).get("nodeName", "")
    return (bool(node), pods.phase_rank(pod), pods.is_ready(pod), cost(pod), -on_node[node])


def cost(pod: Object) -> int:
    """What the deletion of a Pod costs, as its annotation says; 0 where that is no number."""
    text = objects.annotation(pod, COST) or "0"
    wrong = text.startswith("+") or (text[:1] == "0" and text != "0")
    return int(text) if strconv.is_int(text, 32) and not wrong else 0


def _by_times(one: Object, other: Object, now: datetime) -> int:
    """Ready for less time, restarted more often, created later: that one first."""
    uids = -1 if objects.uid(one) < objects.uid(other) else 1
    if pods.is_ready(one) and pods.is_ready(other):
        ready = pods.ready_since(one), pods.ready_since(other)
        if ready[0] != ready[1]:
            return _rank(ready[0], now) - _rank(ready[1], now) or uids
    restarts = pods.restarts(one), pods.restarts(other)
    if restarts[0] != restarts[1]:
        return -1 if restarts[0] > restarts[1] else 1
    created = objects.created(one), objects.created(other)
    if created[0] != created[1]:
        return _rank(created[0], now) - _rank(created[1], now) or uids
    return 0


def _rank(when: datetime | None, now: datetime) -> int:
    """Ages count by their order of magnitude alone (logarithmicRankDiff)."""
    if when is None:
        return -2
    nanoseconds = (now - when).total_seconds() * 1e9
    return int(math.log2(nanoseconds)) if nanoseconds > 0 else -1
