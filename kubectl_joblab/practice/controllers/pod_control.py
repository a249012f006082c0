"""What controllers do to Pods, and the events they record of it.

The Job controller uses it. Where the API refuses, the event that tells so is recorded and
StatusError is raised. Follows RealPodControl in pkg/controller/controller_utils.go.
"""

from __future__ import annotations

from collections.abc import Callable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.events import Recorder


def namespace_ends(error: StatusError) -> bool:
    """Whether something was refused because its namespace is being deleted."""
    causes = (error.details or {}).get("causes") or ()
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)


class PodControl:
    """Creates, deletes and changes Pods on behalf of their owners."""

    def __init__(self, registry: Registry, recorder: Recorder) -> None:
        self._registry = registry
        self._recorder = recorder

    def create(self, owner: Object, pod: Object) -> None:
        """Create a Pod for the owner."""
        try:
            made = self._registry.create(kinds.PODS, pod, owner["metadata"]["namespace"])
        except StatusError as error:
            self._tell(owner, "Warning", "FailedCreate", f"Error creating: {error.message}")
            raise
        self._tell(owner, "Normal", "SuccessfulCreate", f"Created pod: {objects.name(made)}")

    def delete(self, owner: Object, pod: Object) -> None:
        """Delete a Pod of the owner."""
        name = objects.name(pod)
        try:
            self._registry.delete(kinds.PODS, name, owner["metadata"]["namespace"])
        except StatusError as error:
            self._tell(owner, "Warning", "FailedDelete", f"Error deleting: {error.message}")
            raise
        self._tell(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name}")

    def adopt(self, pod: Object, reference: Object, finalizer: str) -> Object:
        """Give a Pod a controller and a finalizer; the Pod as the API has it afterwards."""

        def change(meta: Object) -> Object:
            references = [*(meta.get("ownerReferences") or ()), reference]
            finalizers = [*(meta.get("finalizers") or ()), finalizer]
            return {"ownerReferences": references, "finalizers": list(dict.fromkeys(finalizers))}

        return self._change(pod, change)

    def release(self, pod: Object, uid: str, finalizer: str) -> None:
        """Take the owner of this uid, and the finalizer, from a Pod."""

        def change(meta: Object) -> Object:
            references = meta.get("ownerReferences") or ()
            others = [one for one in references if one["uid"] != uid]
            return {"ownerReferences": others, **_without(meta, finalizer)}

        self._change(pod, change)

    def remove_finalizer(self, pod: Object, finalizer: str) -> None:
        """Take a finalizer from a Pod. A Pod that was deleted may be gone afterwards."""
        self._change(pod, lambda meta: _without(meta, finalizer))

    def _change(self, pod: Object, change: Callable[[Object], Object]) -> Object:
        """Change metadata of a Pod as it is now, which may differ from the Pod that is given."""
        name, namespace = objects.name(pod), pod["metadata"]["namespace"]
        current = self._registry.get(kinds.PODS, name, namespace)
        meta = {**current["metadata"], **change(current["metadata"])}
        meta = {key: value for key, value in meta.items() if value != []}
        return self._registry.update(kinds.PODS, name, {**current, "metadata": meta}, namespace)

    def _tell(self, owner: Object, kind: str, reason: str, message: str) -> None:
        self._recorder.event(owner, kind, reason, message)


def _without(meta: Object, finalizer: str) -> Object:
    return {"finalizers": [one for one in meta.get("finalizers") or () if one != finalizer]}
