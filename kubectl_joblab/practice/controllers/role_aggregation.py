"""Gathers the rules of ClusterRoles that consist of those of others: admin, edit, view.

Follows pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import PatchOptions
from kubectl_joblab.practice.api.patch import dispatch
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import WorkQueue

_APPLY = PatchOptions(field_manager="clusterrole-aggregation-controller", force=True)


class ClusterRoleAggregation:
    """Keeps the rules of each ClusterRole that has an aggregationRule."""

    name = "clusterrole-aggregation-controller"

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def run(self) -> None:
        """Gather rules, until cancelled."""
        self._queue: WorkQueue[str] = WorkQueue(self._clock, lambda name: ("ClusterRole", "", name))
        await tasks.together(
            Informer(self._registry, kinds.CLUSTER_ROLES, self._role_changed).run(),
            self._queue.work(self._sync),
        )

    def _role_changed(self, _old: Object | None, _new: Object | None) -> None:
        """Look at all roles that aggregate: nobody knows which of them a change concerns."""
        for role in self._registry.list(kinds.CLUSTER_ROLES).items:
            if role.get("aggregationRule") is not None:
                self._queue.add(objects.name(role))

    def _sync(self, name: str) -> None:
        try:
            role = self._registry.get(kinds.CLUSTER_ROLES, name)
        except StatusError as error:
            if error.code != 404:
                raise
            return
        if role.get("aggregationRule") is None:
            return
        rules = gathered(role, self._registry.list(kinds.CLUSTER_ROLES).items)
        if rules != (role.get("rules") or []):
            wanted = {
                "apiVersion": kinds.CLUSTER_ROLES.api_version,
                "kind": kinds.CLUSTER_ROLES.kind,
                "metadata": {"name": name},
                **({"rules": rules} if rules else {}),
            }
            self._registry.patch(kinds.CLUSTER_ROLES, name, dispatch.APPLY, wanted, options=_APPLY)


def gathered(role: Object, roles: Iterable[Object]) -> list[Object]:
    """The rules of the roles that an aggregationRule selects, each once. roles: by name."""
    found: list[Object] = []
    others = [one for one in roles if objects.name(one) != objects.name(role)]
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        matches = selectors.of(selector).matches
        for other in others:
            if matches(objects.labels(other)):
                found += [rule for rule in other.get("rules") or () if rule not in found]
    return found
