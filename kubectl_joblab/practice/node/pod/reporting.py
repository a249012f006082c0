"""Writes a Pod's status to the API, and deletes there a Pod that has ended here.

The Pod worker and the kubelet call it. A status is written only where it has changed, as by the
kubelet's status manager.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.options import DeleteOptions, Preconditions
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry


def current(registry: Registry, pod: Object) -> Object | None:
    """The Pod as the API has it now; None where it is gone, or another Pod has its name."""
    try:
        found = registry.get(kinds.PODS, objects.name(pod), objects.metadata(pod)["namespace"])
    except StatusError:
        return None
    return found if objects.uid(found) == objects.uid(pod) else None


def write(registry: Registry, pod: Object, status: Object) -> Object:
    """Write the status of a Pod, and return the Pod as the API has it afterwards.

    pod: as the API has it before; nothing is written where this is its status already.
    """
    if status == objects.status(pod):
        return pod
    namespace = objects.metadata(pod)["namespace"]
    new = {**pod, "status": status}
    return registry.update(kinds.PODS, objects.name(pod), new, namespace, subresource="status")


def remove(registry: Registry, pod: Object) -> None:
    """Delete a Pod for good: its deletion was asked for and nothing of it runs here."""
    name, namespace = objects.name(pod), objects.metadata(pod)["namespace"]
    same = Preconditions(uid=objects.uid(pod))
    options = DeleteOptions(grace_period_seconds=0, preconditions=same)
    try:
        registry.delete(kinds.PODS, name, namespace, options)
    except StatusError as error:
        if error.code not in (404, 409):  # gone already, or another Pod has its name
            raise
