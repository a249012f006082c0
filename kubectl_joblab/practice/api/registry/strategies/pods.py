"""The strategy of Pods. Follows pkg/registry/core/pod/strategy.go."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import names, quality
from kubectl_joblab.practice.api.defaults import disabled
from kubectl_joblab.practice.api.defaults.pods import set_pod_defaults
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go.govalues import go_text
from kubectl_joblab.practice.api.kind import Strategy
from kubectl_joblab.practice.api.registry.strategies import label_keys
from kubectl_joblab.practice.api.validation.pod import warnings
from kubectl_joblab.practice.api.validation.pod.create import validate_pod_create
from kubectl_joblab.practice.api.validation.pod.status import validate_pod_status_update
from kubectl_joblab.practice.api.validation.pod.update import (
    validate_pod_ephemeral_containers_update,
    validate_pod_update,
)

_ODD_NAME = (
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; "
    "a DNS label is recommended: "
)
_GATED = {
    "type": "PodScheduled",
    "status": "False",
    "lastProbeTime": None,
    "reason": "SchedulingGated",
    "message": "Scheduling is blocked due to non-empty scheduling gates",
}
# what an update of the status never takes away
_KEPT = (
    "qosClass",
    "observedGeneration",
    "resourceClaimStatuses",
    "extendedResourceClaimStatus",
    "nodeAllocatableResourceClaimStatuses",
)
# what ResetObjectMetaForStatus of k8s.io/apimachinery/pkg/apis/meta/v1 puts back
_META = ("annotations", "deletionTimestamp", "finalizers", "labels", "ownerReferences")


class _PodStrategy(Strategy):
    generation = True
    graceful = True

    def rests(self, obj: Object) -> bool:
        """Whether a Pod has ended, and nobody waits for it."""
        is_kept = objects.is_deleted(obj) or objects.metadata(obj).get("finalizers")
        return objects.has_ended(obj) and not is_kept

    def default(self, obj: Object) -> None:
        set_pod_defaults(obj)

    def prepare_for_create(self, obj: Object) -> None:
        """Replace the status by that of a Pod which nobody has scheduled."""
        disabled.drop_disabled_pod_fields(obj["spec"])
        obj["status"] = {"phase": "Pending", "qosClass": quality.class_of(obj["spec"])}
        if obj["spec"].get("schedulingGates"):
            obj["status"]["conditions"] = [_gated(obj)]
        label_keys.merge(obj)

    def validate(self, obj: Object) -> list[FieldError]:
        return validate_pod_create(obj)

    def warnings(self, obj: Object, old: Object | None = None) -> list[str]:
        """What is odd in a new Pod; an update is not warned of."""
        if old is not None:
            return []
        wrong = names.is_dns1123_label(objects.name(obj))
        found = [_ODD_NAME + go_text(wrong)] if wrong else []
        return found + warnings.for_pod(obj)

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        obj["status"] = old.get("status") or {}
        disabled.drop_disabled_pod_fields(obj["spec"])

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return validate_pod_update(obj, old)

    reset_by_status = (
        ("spec",),
        ("metadata", "deletionTimestamp"),
        ("metadata", "ownerReferences"),
    )

    def prepare_for_status_update(self, obj: Object, old: Object) -> None:
        """Put back the spec, the owners, and the parts of status that a kubelet does not report."""
        obj["spec"] = old["spec"]
        obj["metadata"].pop("deletionTimestamp", None)
        obj["metadata"].pop("ownerReferences", None)
        if owners := old["metadata"].get("ownerReferences"):
            obj["metadata"]["ownerReferences"] = owners
        status, before = obj["status"], objects.status(old)
        for key in _KEPT:
            if key in before:
                status.setdefault(key, before[key])
        _keep_condition_generations(status, before.get("conditions") or ())

    def validate_status_update(self, obj: Object, old: Object) -> list[FieldError]:
        return validate_pod_status_update(obj, old)


class EphemeralContainersStrategy(_PodStrategy):
    """The strategy of pods/ephemeralcontainers: nothing else of a Pod is changed."""

    owned = ("spec", "ephemeralContainers")

    def prepare_for_update(self, obj: Object, old: Object) -> None:
        added = obj["spec"].get("ephemeralContainers")
        obj["spec"] = {**old["spec"], "ephemeralContainers": added or []}
        obj["status"] = old.get("status") or {}
        for key in _META:
            obj["metadata"].pop(key, None)
            if key in old["metadata"]:
                obj["metadata"][key] = old["metadata"][key]
        disabled.drop_disabled_pod_fields(obj["spec"])

    def validate_update(self, obj: Object, old: Object) -> list[FieldError]:
        return validate_pod_ephemeral_containers_update(obj, old)


class PodStrategy(_PodStrategy):
    parts = MappingProxyType({"ephemeralcontainers": EphemeralContainersStrategy()})


def _gated(pod: Object) -> Object:
    """The condition that says that a Pod is not to be scheduled yet."""
    return {**_GATED, "lastTransitionTime": pod["metadata"]["creationTimestamp"]}


def _keep_condition_generations(status: Object, before: Sequence[Object]) -> None:
    """Let a condition that is reported without observedGeneration keep the one that it had."""
    known: dict[str, list[int]] = {}
    for condition in before:
        generations = known.setdefault(condition["type"], [])
        generations.append(condition.get("observedGeneration", 0))
    for condition in status.get("conditions") or ():
        generations = known.get(condition.get("type", "")) or [0]
        if generation := condition.get("observedGeneration") or generations.pop(0):
            condition["observedGeneration"] = generation
