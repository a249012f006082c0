"""Tells the API a Pod's status, and that a Pod that is deleted may go.

The Pod worker calls it. It writes only what has changed, as the kubelet's status manager does.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions, Preconditions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry


def current(registry: Registry, pod: Object) -> Object | None:
    """The Pod as it is now; None where it is gone, or another has its name."""
    try:
        found = registry.get(kinds.PODS, objects.name(pod), objects.metadata(pod)["namespace"])
    except StatusError:
        return None
    return found if objects.uid(found) == objects.uid(pod) else None


def write(registry: Registry, pod: Object, status: Object) -> Object:
    """Write the status; the Pod as it is then. `pod` is as it is now."""
    if status == objects.status(pod):
        return pod
    namespace = objects.metadata(pod)["namespace"]
    new = {**pod, "status": status}
    return registry.update(kinds.PODS, objects.name(pod), new, namespace, subresource="status")


def remove(registry: Registry, pod: Object) -> None:
    """Say that nothing of a deleted Pod is left here."""
    name, namespace = objects.name(pod), objects.metadata(pod)["namespace"]
    same = Preconditions(uid=objects.uid(pod))
    options = DeleteOptions(grace_period_seconds=0, preconditions=same)
    try:
        registry.delete(kinds.PODS, name, namespace, options)
    except StatusError as error:
        if error.code not in (404, 409):
            raise
