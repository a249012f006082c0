"""Whether a write fits into the quotas of its namespace, and what it uses of each.

Pure. Follows CheckRequest in k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import resourcelists
from kubectl_joblab.practice.api.quota.evaluators import Evaluator
from kubectl_joblab.practice.api.resourcelists import ResourceList


class Refused(Exception):  # noqa: N818 -- a write is
    """A write does not fit into a quota; the text says why, in upstream's words."""


def charged(
    quotas: Sequence[Object],
    obj: Object,
    old: Object | None,
    evaluator: Evaluator,
    now: datetime,
) -> list[Object]:
    """The quotas that the write changes, as they are afterwards.

    old: None where the object is created. Raises Refused.
    """
    # 1. Which quotas are about the object, and does it say what they need to know?
    matching = [quota for quota in quotas if evaluator.matches(quota, obj)]
    for quota in matching:
        _check_known(quota, obj, evaluator)
    # 2. What does it use, and more than before?
    asked = evaluator.usage(obj, now)
    found = []
    for quota in matching:
        delta = asked
        if old is not None and evaluator.matches(quota, old):
            delta = resourcelists.increase(asked, evaluator.usage(old, now))
        if delta := resourcelists.without_zeros(delta):
            found.append((quota, delta))
    # 3. Is there as much left?
    return [_with_more(quota, delta) for quota, delta in found]


def _check_known(quota: Object, obj: Object, evaluator: Evaluator) -> None:
    status, name = objects.status(quota), objects.name(quota)
    limited = evaluator.matching(status.get("hard") or {})
    if why := evaluator.constraints(limited, obj):
        raise Refused(f"failed quota: {name}: {why}")
    if any(one not in (status.get("used") or {}) for one in limited):
        named = ",".join(sorted(limited))
        raise Refused(f"status unknown for quota: {name}, resources: {named}")


def _with_more(quota: Object, delta: ResourceList) -> Object:
    status = objects.status(quota)
    hard = resourcelists.of(status.get("hard"))
    used = resourcelists.of(status.get("used"))
    requested = resourcelists.masked(delta, hard)
    new = resourcelists.added(used, requested)
    if over := resourcelists.exceeding(resourcelists.masked(new, requested), hard):
        shown = [
            resourcelists.shown(resourcelists.masked(one, over)) for one in (requested, used, hard)
        ]
        raise Refused(
            f"exceeded quota: {objects.name(quota)}, requested: {shown[0]}, used: {shown[1]}, "
            f"limited: {shown[2]}"
        )
    return {**quota, "status": {**status, "used": resourcelists.texts(new)}}
