"""Pods that keep the tracking finalizer although no Job will count them any more.

Their Job is gone, is finished, or has released them. Follows the orphan queue of
pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.selectors import LabelSelector
from kubectl_joblab.practice.controllers.job import pods, spec
from kubectl_joblab.practice.controllers.pod_control import PodControl


@dataclass(frozen=True)
class OrphanQuery:
    """Where to look for orphans: at one Pod by name, or at all that a selector finds."""

    namespace: str
    name: str = ""
    selector: LabelSelector = field(default_factory=LabelSelector)


def of_pod(pod: Object) -> OrphanQuery:
    """The query for one Pod."""
    return OrphanQuery(pod["metadata"]["namespace"], objects.name(pod))


def of_job(job: Object) -> OrphanQuery:
    """The query for all Pods that a Job selects."""
    return OrphanQuery(job["metadata"]["namespace"], "", selectors.of(spec.selector(job)))


class OrphanSync:
    """Takes the finalizer from Pods that are orphans."""

    def __init__(self, registry: Registry, control: PodControl) -> None:
        self._registry = registry
        self._control = control

    def sync(self, where: OrphanQuery) -> None:
        """Take the finalizer from the orphans of a query. StatusError where the API refuses."""
        for pod in self._registry.awake(kinds.PODS, where.namespace):  # its finalizer keeps it so
            named = not where.name or objects.name(pod) == where.name
            if named and where.selector.matches(objects.labels(pod)) and self._is_orphan(pod):
                self._control.remove_finalizer(pod, pods.TRACKING_FINALIZER)

    def _is_orphan(self, pod: Object) -> bool:
        owner = objects.controller(pod)
        if not pods.is_tracked(pod):
            return False
        if owner is None:
            return True
        if (owner["kind"], owner["apiVersion"]) != ("Job", "batch/v1"):
            return False
        job = controller_of(self._registry, pod["metadata"]["namespace"], owner)
        if job is None:
            return True
        return objects.is_finished(job) and not spec.is_managed_elsewhere(job)


def controller_of(registry: Registry, namespace: str, reference: Any) -> Object | None:
    """The Job that a reference means; None where it is gone or another Job has its name."""
    if reference["kind"] != "Job":
        return None
    try:
        job = registry.get(kinds.JOBS, reference["name"], namespace)
    except StatusError:
        return None
    return job if objects.uid(job) == reference["uid"] else None
