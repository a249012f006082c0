"""RuntimeClass: there are no runtime classes here, so a Pod that wants one is refused.

Follows plugin/pkg/admission/runtimeclass/admission.go.
"""

from __future__ import annotations

from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.admission.attributes import Attributes


def admit(attributes: Attributes) -> None:
    """Raise 403 where a new Pod names a runtime class, or an overhead, which only a class sets."""
    if attributes.old is not None or not attributes.is_whole_pod:
        return
    spec = attributes.obj["spec"]
    if runtime := spec.get("runtimeClassName"):
        raise attributes.forbidden(f"pod rejected: RuntimeClass {field.shown(runtime)} not found")
    if spec.get("overhead"):
        raise attributes.forbidden(
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
        )
