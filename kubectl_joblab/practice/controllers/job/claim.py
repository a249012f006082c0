"""Which Pods are a Job's: by their controller, and by the Job's selector where they have none.

Pods that match and have no controller are adopted, Pods that no longer match are released. Follows
getPodsForJob in pkg/controller/job/job_controller.go and pkg/controller/controller_ref_manager.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import selectors
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.api.selectors import LabelSelector
from kubectl_joblab.practice.controllers import owners
from kubectl_joblab.practice.controllers.job import pods, spec
from kubectl_joblab.practice.controllers.pod_control import PodControl


def claimed(registry: Registry, control: PodControl, job: Object) -> list[Object]:
    """The Pods of a Job, once it has adopted and released what it has to."""
    selector = selectors.of(spec.selector(job))
    found = []
    for pod in owners.candidates(registry, kinds.PODS, job):
        if objects.controller(pod) is None:
            found += _adopted(control, job, pod, selector)
        elif _kept(control, job, pod, selector):
            found.append(pod)
    return found


def _adopted(
    control: PodControl, job: Object, pod: Object, selector: LabelSelector
) -> list[Object]:
    """The Pod with its new controller, in a list that is empty where it is not to be adopted."""
    if not selector.matches(objects.labels(pod)):
        return []
    if objects.is_deleted(job) or objects.is_deleted(pod):
        return []
    return [control.adopt(pod, owners.controller_reference(job), pods.TRACKING_FINALIZER)]


def _kept(control: PodControl, job: Object, pod: Object, selector: LabelSelector) -> bool:
    if selector.matches(objects.labels(pod)):
        return True
    if not objects.is_deleted(job):
        control.release(pod, objects.uid(job), pods.TRACKING_FINALIZER)
    return False
