"""Priority: a new Pod gets the priority of its class, and keeps it through updates.

Follows plugin/pkg/admission/priority/admission.go, with the two classes that every cluster has and
no others.
"""

from __future__ import annotations

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.admission.attributes import Attributes

PRIORITY_CLASSES = {
    "system-cluster-critical": 2_000_000_000,
    "system-node-critical": 2_000_001_000,
}
_POLICY = "PreemptLowerPriority"


def admit(attributes: Attributes) -> None:
    """Set priority and preemptionPolicy; 403 for an unknown class, or for another value."""
    if not attributes.is_whole_pod:
        return
    if attributes.old is None:
        _set(attributes)
    else:
        _keep(attributes.obj["spec"], attributes.old["spec"])


def _set(attributes: Attributes) -> None:
    spec = attributes.obj["spec"]
    name = spec.get("priorityClassName", "")
    if name and name not in PRIORITY_CLASSES:
        raise attributes.forbidden(f"no PriorityClass with name {name} was found")
    for key, computed, called in (
        ("priority", PRIORITY_CLASSES.get(name, 0), "integer value of priority"),
        ("preemptionPolicy", _POLICY, "string value of PreemptionPolicy"),
    ):
        given = spec.get(key, computed)
        if given != computed:
            raise attributes.forbidden(
                f"the {called} ({given}) must not be provided in pod spec; priority admission "
                f"controller computed {computed} from the given PriorityClass name"
            )
        spec[key] = computed


def _keep(spec: Object, old: Object) -> None:
    for key in ("priority", "preemptionPolicy"):
        if key in old:
            spec.setdefault(key, old[key])
