"""The rules of a new Pod.

The strategy calls it; changes and status have modules of their own. Follows ValidatePodCreate and
validatePodMetadataAndSpec in pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.pod import containers
from kubectl_joblab.practice.api.validation.pod.spec import (
    validate_pod_spec,
    validate_pod_specific_annotations,
)

MIRROR_ANNOTATION = "kubernetes.io/config.mirror"


def validate_pod_create(pod: Object) -> list[FieldError]:
    """The rules that a new Pod breaks, except those of metadata."""
    spec = pod["spec"]
    found = validate_pod_metadata_and_spec(pod)
    if spec.get("ephemeralContainers"):
        found.append(field.forbidden("spec.ephemeralContainers", "cannot be set on create"))
    if spec.get("nodeName") and spec.get("schedulingGates"):
        why = "cannot be set until all schedulingGates have been cleared"
        found.append(field.forbidden("spec.nodeName", why))
    return found


def validate_pod_metadata_and_spec(pod: Object) -> list[FieldError]:
    """The rules that a Pod breaks, among them those that a template need not keep."""
    spec, annotations = pod["spec"], objects.metadata(pod).get("annotations") or {}
    found = _validate_mirror(annotations, spec)
    found += validate_pod_specific_annotations(annotations, "metadata.annotations")
    found += validate_pod_spec(spec, "spec", pod_name=objects.name(pod))
    if not spec.get("serviceAccountName"):
        found += _validate_no_tokens(spec)
    grace = spec.get("terminationGracePeriodSeconds")
    found += values.validate_nonnegative_field(grace, "spec.terminationGracePeriodSeconds")
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            found += containers.validate_image_only_for_pod(container, f"spec.{kind}[{index}]")
    return found


def _validate_mirror(annotations: Object, spec: Object) -> list[FieldError]:
    if MIRROR_ANNOTATION not in annotations or spec.get("nodeName"):
        return []
    at = f"metadata.annotations[{MIRROR_ANNOTATION}]"
    why = "must set spec.nodeName if mirror pod annotation is set"
    return [field.invalid(at, annotations[MIRROR_ANNOTATION], why)]


def _validate_no_tokens(spec: Object) -> list[FieldError]:
    found = []
    for index, volume in enumerate(spec.get("volumes") or ()):
        for number, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                at = f"spec.volumes[{index}].projected.sources[{number}].serviceAccountToken"
                why = "must not be specified when serviceAccountName is not set"
                found.append(field.forbidden(at, why))
    return found
