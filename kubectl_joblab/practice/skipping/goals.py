"""What one can skip to: a condition of a Job, a number of its Pods, or of their tries.

A Goal is asked whenever the cluster has nothing to do. It remembers the Pods that it has seen, as
those that are gone count too.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.skipping.engine import REACHED, Goal


def condition(registry: Registry, namespace: str, name: str, kind: str) -> Goal:
    """Until a Job has a condition of this type that is true. 404 where there is no such Job."""
    return _of_job(registry, namespace, name, lambda job: objects.is_true(job, kind))


def pods(registry: Registry, namespace: str, name: str, number: int) -> Goal:
    """Until a Job has had so many Pods."""
    return _of_tries(registry, namespace, name, lambda seen: len(seen) >= number)


def tries(registry: Registry, namespace: str, name: str, number: int) -> Goal:
    """Until the Pods of a Job and the restarts of their containers are so many together."""
    return _of_tries(registry, namespace, name, lambda seen: sum(seen.values()) >= number)


def _of_tries(
    registry: Registry, namespace: str, name: str, enough: Callable[[dict[str, int]], bool]
) -> Goal:
    """enough: given the tries of each Pod that was seen, by its uid."""
    seen: dict[str, int] = {}

    def reached(job: Object) -> bool:
        seen.update(_tries(registry, job))
        return enough(seen)

    return _of_job(registry, namespace, name, reached)


def _of_job(
    registry: Registry, namespace: str, name: str, reached: Callable[[Object], bool]
) -> Goal:
    uid = objects.uid(registry.get(kinds.JOBS, name, namespace))

    def goal() -> str:
        try:
            job = registry.get(kinds.JOBS, name, namespace)
        except StatusError:
            return "gone"
        if objects.uid(job) != uid:
            return "gone"
        if reached(job):
            return REACHED
        return "finished" if objects.is_finished(job) else ""

    return goal


def _tries(registry: Registry, job: Object) -> dict[str, int]:
    """How often containers of each Pod of a Job were started: once, and once for each restart."""
    found = {}
    for kind, pod in registry.owned(objects.uid(job)):
        if kind is kinds.PODS:
            entries = objects.status(pod).get("containerStatuses") or ()
            found[objects.uid(pod)] = 1 + sum(int(one["restartCount"]) for one in entries)
    return found
