"""What a quota's namespace uses, counted anew.

Pure. Follows CalculateUsage in k8s.io/apiserver/pkg/quota/v1/resources.go and syncResourceQuota in
pkg/controller/resourcequota/resource_quota_controller.go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import resourcelists
from kubectl_joblab.practice.api.quota import evaluators, scopes
from kubectl_joblab.practice.api.resourcelists import ZERO, ResourceList


def status(
    quota: Object,
    resources: Iterable[str],
    listed: Callable[[str], Iterable[Object]],
    now: datetime,
) -> Object:
    """The status that a quota should have.

    resources: the kinds that may count, by their plurals with their groups; listed: the objects of
    one in the quota's namespace.
    """
    hard: dict[str, str] = objects.spec(quota).get("hard") or {}
    used = resourcelists.of(objects.status(quota).get("used"))
    for resource in resources:
        used |= _of_kind(quota, hard, resource, listed, now)
    return {"hard": dict(hard), "used": resourcelists.texts(resourcelists.masked(used, hard))}


def _of_kind(
    quota: Object,
    hard: Collection[str],
    resource: str,
    listed: Callable[[str], Iterable[Object]],
    now: datetime,
) -> ResourceList:
    evaluator = evaluators.of(resource)
    names = evaluator.matching(hard)
    if not names:
        return {}
    asked = scopes.of_quota(objects.spec(quota))
    total: ResourceList = dict.fromkeys(names, ZERO)
    for obj in listed(resource):
        if all(evaluator.matches_scope(requirement, obj) for requirement in asked):
            total = resourcelists.added(total, evaluator.usage(obj, now))
    return resourcelists.masked(total, names)
