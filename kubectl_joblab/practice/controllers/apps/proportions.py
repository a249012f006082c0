"""How many Pods each ReplicaSet of a Deployment is to have. Pure.

Follows pkg/controller/deployment/util/deployment_util.go, and scale in sync.go.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.apps import revisions
from kubectl_joblab.practice.controllers.apps.revisions import replicas


def is_rolling(deployment: Object) -> bool:
    """Whether old Pods go while new ones come."""
    return bool(objects.spec(deployment)["strategy"]["type"] == "RollingUpdate")


def max_surge(deployment: Object) -> int:
    """How many Pods there may be more than desired."""
    return _fenceposts(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Object) -> int:
    """How many Pods there may be fewer than desired."""
    wanted = replicas(deployment)
    if not is_rolling(deployment) or not wanted:
        return 0
    return min(_fenceposts(deployment)[1], wanted)


def _fenceposts(deployment: Object) -> tuple[int, int]:
    """maxSurge and maxUnavailable in numbers, never both none (ResolveFenceposts)."""
    rolling, wanted = objects.spec(deployment)["strategy"]["rollingUpdate"], replicas(deployment)
    surge = _scaled(rolling["maxSurge"], wanted, up=True)
    unavailable = _scaled(rolling["maxUnavailable"], wanted, up=False)
    return surge, unavailable if surge or unavailable else 1


def _scaled(value: int | str, total: int, *, up: bool) -> int:
    """A number, or a percentage of the total (GetScaledValueFromIntOrPercent)."""
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total
    return -(-share // 100) if up else share // 100


def limits(deployment: Object) -> tuple[int, int]:
    """How many Pods are desired, and the most there may be."""
    wanted = replicas(deployment)
    return wanted, wanted + max_surge(deployment)


def of_new(deployment: Object, sets: Sequence[Object], new: Object) -> int:
    """How many the new ReplicaSet is to have now (NewRSNewReplicas)."""
    wanted, most = limits(deployment)
    if not is_rolling(deployment):
        return wanted
    room = most - sum(map(replicas, sets))
    if room <= 0:
        return replicas(new)
    return replicas(new) + min(room, wanted - replicas(new))


def proportional(deployment: Object, sets: Sequence[Object]) -> list[tuple[Object, int]]:
    """The sizes of several ReplicaSets that want Pods, when the Deployment is scaled.

    In the order in which they are scaled: what is added or removed is shared out by size.
    """
    wanted, most = limits(deployment)
    to_add = (most if wanted else 0) - sum(map(replicas, sets))
    ordered = sorted(sets, key=revisions.age, reverse=to_add > 0)
    ordered.sort(key=replicas, reverse=True)
    if not to_add:
        return [(one, replicas(one)) for one in ordered]
    added, sizes = 0, []
    for one in ordered:
        share = _share(deployment, one, to_add, added)
        sizes.append(replicas(one) + share)
        added += share
    sizes[0] = max(0, sizes[0] + to_add - added)
    return list(zip(ordered, sizes, strict=True))


def _share(deployment: Object, one: Object, to_add: int, added: int) -> int:
    """How many of those to be added or removed are this ReplicaSet's."""
    if to_add == added:
        return 0
    fraction, allowed = _fraction(deployment, one), to_add - added
    return min(fraction, allowed) if to_add > 0 else max(fraction, allowed)


def _fraction(deployment: Object, one: Object) -> int:
    if not replicas(deployment):
        return -replicas(one)
    before = revisions.most(one) or int(objects.status(deployment).get("replicas") or 0)
    if not before:
        return 0
    size = replicas(one) * limits(deployment)[1] / before
    return math.floor(size + 0.5) - replicas(one)
