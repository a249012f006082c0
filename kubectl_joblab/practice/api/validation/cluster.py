"""The rules of Namespaces, Nodes and Events.

The strategies call it. Follows ValidateNamespace, ValidateNode and their changes in
pkg/apis/core/validation/validation.go, and events.go beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, metadata, values
from kubectl_joblab.practice.api.validation.pod import resources, scheduling

_LONGEST_EVENT_FIELD = 128
_NEWER_COMPONENT = "reportingController"  # as events.k8s.io calls it
_UNSET = "needs to be unset"
# what no update over events.k8s.io changes
_FROZEN = (
    *("involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count"),
    *("type", "eventTime", "action", "related", "reportingComponent", "reportingInstance"),
)
_LONGEST_NOTE = 1024
_NO_MATCH = "does not match event.namespace"


def validate_namespace(namespace: Object) -> list[FieldError]:
    """The rules that a Namespace breaks, except those of metadata."""
    found = []
    for finalizer in objects.spec(namespace).get("finalizers") or ():
        found += values.validate_qualified_name(finalizer, "spec.finalizers")
        found += metadata.validate_kube_finalizer_name(finalizer, "spec.finalizers")
    return found


def validate_namespace_status_update(namespace: Object) -> list[FieldError]:
    """The error of a phase that contradicts whether the Namespace is being deleted."""
    phase = objects.status(namespace).get("phase", "")
    if objects.is_deleted(namespace):
        wanted, when = "Terminating", "not empty"
    else:
        wanted, when = "Active", "empty"
    if phase == wanted:
        return []
    why = f"may only be '{wanted}' if `deletionTimestamp` is {when}"
    return [field.invalid("status.Phase", phase, why)]


def validate_node(node: Object) -> list[FieldError]:
    """The rules that a Node breaks, except those of metadata.

    Upstream names metadata in some paths where it means spec.
    """
    taints = objects.spec(node).get("taints") or ()
    found = scheduling.validate_node_taints(taints, "metadata.taints")
    return found + _validate_node_resources(node)


def _validate_node_resources(node: Object) -> list[FieldError]:
    found = []
    for key in ("capacity", "allocatable"):
        for name, value in (objects.status(node).get(key) or {}).items():
            at = f"status.{key}.{name}"
            found += resources.validate_resource_quantity_value(name, value, at)
    return found


def validate_node_update(node: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Node breaks, except those of metadata."""
    found = _validate_node_resources(node)
    seen: list[Object] = []
    for index, address in enumerate(objects.status(node).get("addresses") or ()):
        if address in seen:
            shown = internal.shown("NodeAddress", address)
            found.append(field.duplicate(f"status.addresses[{index}]", shown))
        seen.append(address)
    had, new = objects.spec(old).get("podCIDRs"), objects.spec(node).get("podCIDRs")
    if had and had != new:
        why = 'node updates may not change podCIDR except from "" to valid'
        found.append(field.forbidden("spec.podCIDRs", why))
    found += _validate_provider(objects.spec(node), objects.spec(old))
    taints = objects.spec(node).get("taints") or ()
    return found + scheduling.validate_node_taints(taints, "metadata.taints")


def _validate_provider(spec: Mapping[str, str], old: Mapping[str, str]) -> list[FieldError]:
    new, had = spec.get("providerID"), old.get("providerID")
    if not had or new == had:
        return []
    why = "field cannot be modified once set" if new else "field cannot be cleared once set"
    return [field.invalid("spec.providerID", None, why)]


def validate_lease(lease: Object) -> list[FieldError]:
    """The rules that a Lease breaks, except those of metadata (ValidateLeaseSpec)."""
    spec, found = objects.spec(lease), []
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        at = "spec.leaseDurationSeconds"
        found.append(field.invalid(at, seconds, "must be greater than 0"))
    found += values.validate_nonnegative_field(transitions, "spec.leaseTransitions")
    if spec.get("preferredHolder") and not spec.get("strategy"):
        why = "may only be specified if `strategy` is defined"
        found.append(field.forbidden("spec.preferredHolder", why))
    return found


def validate_event(event: Object, component_at: str = "reportingComponent") -> list[FieldError]:
    """The rules that an Event breaks, new or changed; one with an eventTime has more of them.

    component_at: what the group that was asked calls who reports it.
    """
    space = objects.metadata(event).get("namespace", "")
    about = (event.get("involvedObject") or {}).get("namespace", "")
    at = "involvedObject.namespace"
    if not event.get("eventTime"):
        fits = space in ("", "default") if not about else space == about
        return [] if fits else [field.invalid(at, about, _NO_MATCH)]
    found = []
    if not about and space not in ("default", "kube-system"):
        found.append(field.invalid(at, about, _NO_MATCH))
    component = event.get("reportingComponent", "")
    if not component:
        found.append(field.required(component_at))
    found += values.validate_qualified_name(component, component_at)
    for key in ("reportingInstance", "action", "reason"):
        if not event.get(key):
            found.append(field.required(key))
        found += _validate_length(event, key, _LONGEST_EVENT_FIELD)
    return found + _validate_length(event, "message", _LONGEST_NOTE)


def validate_newer_event(event: Object) -> list[FieldError]:
    """The rules that a new Event of events.k8s.io breaks, in the form of v1.

    Follows ValidateEventCreate in pkg/apis/core/validation/events.go, whose paths are of v1 too.
    """
    found = validate_event(event, _NEWER_COMPONENT)
    found += values.validate_dns1123_subdomain(objects.name(event), "metadata.name")
    found += _validate_series(event)
    if not event.get("eventTime"):
        found.append(field.required("eventTime"))
    if event.get("type") not in ("Normal", "Warning"):
        found.append(field.invalid("type", "", f"has invalid value: {event.get('type', '')}"))
    unset = ("firstTimestamp", "lastTimestamp", "count", "source")
    return found + [field.invalid(key, "", _UNSET) for key in unset if event.get(key)]


def validate_newer_event_update(event: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Event of events.k8s.io breaks: little but its series changes."""
    found = validate_event(event, _NEWER_COMPONENT)
    if event.get("series") != old.get("series"):
        found += _validate_series(event)
    for key in _FROZEN:
        at = _NEWER_COMPONENT if key == "reportingComponent" else key
        found += values.validate_immutable_field(event.get(key), old.get(key), at)
    return found


def _validate_series(event: Object) -> list[FieldError]:
    series = event.get("series")
    if series is None:
        return []
    few = (series.get("count") or 0) < 2
    found = [field.invalid("series.count", "", "should be at least 2")] if few else []
    unseen = not series.get("lastObservedTime")
    return found + ([field.required("series.lastObservedTime")] if unseen else [])


def _validate_length(event: Object, key: str, limit: int) -> list[FieldError]:
    if names.size(event.get(key, "")) <= limit:
        return []
    return [field.invalid(key, "", f"can have at most {limit} characters")]
