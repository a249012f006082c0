"""The rules of Deployments and ReplicaSets, new, changed and of their status.

The strategies call it. Follows pkg/apis/apps/validation/validation.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, selectors
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import internal, shares, values
from kubectl_joblab.practice.api.validation.pod.spec import validate_pod_template_spec
from kubectl_joblab.practice.api.validation.selectors import validate_label_selector

STRATEGIES = ("Recreate", "RollingUpdate")
_ABOVE = "cannot be greater than status.replicas"
_COUNTS = {
    "Deployment": (
        *("observedGeneration", "replicas", "updatedReplicas", "readyReplicas"),
        *("availableReplicas", "unavailableReplicas", "terminatingReplicas", "collisionCount"),
    ),
    "ReplicaSet": (
        *("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
        *("observedGeneration", "terminatingReplicas"),
    ),
}
_PARTS = {"Deployment": "updatedReplicas", "ReplicaSet": "fullyLabeledReplicas"}


# ---- Deployments


def validate_deployment(deployment: Object) -> list[FieldError]:
    """The rules that a Deployment breaks, except those of metadata."""
    spec: Object = deployment["spec"]
    found = values.validate_nonnegative_field(spec.get("replicas"), "spec.replicas")
    found += _validate_selected(spec)
    found += _validate_strategy(spec["strategy"], "spec.strategy")
    for key in ("minReadySeconds", "revisionHistoryLimit"):
        found += values.validate_nonnegative_field(spec.get(key), f"spec.{key}")
    rollback = objects.annotation(deployment, "deprecated.deployment.rollback.to") or ""
    if rollback.startswith("-") and rollback[1:].isdigit():
        found += values.validate_nonnegative_field(int(rollback), "spec.rollback.version")
    deadline, path = spec["progressDeadlineSeconds"], "spec.progressDeadlineSeconds"
    found += values.validate_nonnegative_field(deadline, path)
    if deadline <= (spec.get("minReadySeconds") or 0):
        found.append(field.invalid(path, deadline, "must be greater than minReadySeconds"))
    return found


def validate_deployment_update(deployment: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Deployment breaks."""
    return validate_deployment(deployment) + _validate_same_selector(deployment, old)


def validate_deployment_status_update(deployment: Object, old: Object) -> list[FieldError]:
    """The rules that a changed status of a Deployment breaks."""
    found = _validate_status(deployment, "Deployment")
    before, now = (objects.status(one).get("collisionCount") for one in (old, deployment))
    if before is not None and (now is None or now < before):
        found.append(field.invalid("status.collisionCount", now or 0, "cannot be decremented"))
    return found


def _validate_strategy(strategy: Object, path: str) -> list[FieldError]:
    kind, rolling = strategy["type"], strategy.get("rollingUpdate")
    if kind == "RollingUpdate":
        return _validate_rolling(rolling or {}, f"{path}.rollingUpdate")
    if kind != "Recreate":
        shown = internal.shown("DeploymentStrategy", strategy)
        if rolling is not None:  # whose fields are no pointers in the internal type
            shown["RollingUpdate"] = {
                "MaxUnavailable": rolling.get("maxUnavailable", 0),
                "MaxSurge": rolling.get("maxSurge", 0),
            }
        return [field.not_supported(path, shown, STRATEGIES)]
    why = "may not be specified when strategy `type` is 'Recreate'"
    return [] if rolling is None else [field.forbidden(f"{path}.rollingUpdate", why)]


def _validate_rolling(rolling: Object, path: str) -> list[FieldError]:
    unavailable, surge = rolling["maxUnavailable"], rolling["maxSurge"]
    found = shares.validate_share(unavailable, f"{path}.maxUnavailable")
    found += shares.validate_share(surge, f"{path}.maxSurge")
    if shares.is_zero(unavailable) and shares.is_zero(surge):
        why = "may not be 0 when `maxSurge` is 0"
        found.append(field.invalid(f"{path}.maxUnavailable", unavailable, why))
    return found + shares.validate_at_most_all(unavailable, f"{path}.maxUnavailable")


# ---- ReplicaSets


def validate_replica_set(replica_set: Object) -> list[FieldError]:
    """The rules that a ReplicaSet breaks, except those of metadata."""
    spec: Object = replica_set["spec"]
    found = []
    for key in ("replicas", "minReadySeconds"):
        found += values.validate_nonnegative_field(spec.get(key), f"spec.{key}")
    return found + _validate_selected(spec)


def validate_replica_set_update(replica_set: Object, old: Object) -> list[FieldError]:
    """The rules that a changed ReplicaSet breaks."""
    return validate_replica_set(replica_set) + _validate_same_selector(replica_set, old)


def validate_replica_set_status_update(replica_set: Object) -> list[FieldError]:
    """The rules that a changed status of a ReplicaSet breaks."""
    return _validate_status(replica_set, "ReplicaSet")


# ---- both


def _validate_selected(spec: Object) -> list[FieldError]:
    """The rules of the selector, and of the template whose Pods it selects."""
    selector, path, found = spec.get("selector"), "spec.selector", []
    if selector is None:
        found.append(field.required(path))
    else:
        found += validate_label_selector(selector, path)
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            shown = internal.served("LabelSelector", selector)
            why = "empty selector is invalid for deployment"
            found.append(field.invalid(path, shown, why))
    if selector is not None and validate_label_selector(selector, path):
        shown = internal.served("LabelSelector", selector)
        return [*found, field.invalid(path, shown, "invalid label selector")]
    return found + _validate_template(spec["template"], selector)


def _validate_template(template: Object, selector: Object | None) -> list[FieldError]:
    """The rules of a template (ValidatePodTemplateSpecForReplicaSet)."""
    path, found = "spec.template", []
    labels = (template.get("metadata") or {}).get("labels")
    if selector is None or not selectors.of(selector).matches(labels or {}):
        shown = {key: labels[key] for key in sorted(labels)} if labels is not None else None
        why = "`selector` does not match template `labels`"
        found.append(field.invalid(f"{path}.metadata.labels", shown, why))
    found += validate_pod_template_spec(template, path)
    spec = template.get("spec") or {}
    policy = spec.get("restartPolicy", "")
    if policy != "Always":
        found.append(field.not_supported(f"{path}.spec.restartPolicy", policy, ("Always",)))
    if spec.get("activeDeadlineSeconds") is not None:
        why = "activeDeadlineSeconds in ReplicaSet is not Supported"
        found.append(field.forbidden(f"{path}.spec.activeDeadlineSeconds", why))
    return found


def _validate_same_selector(obj: Object, old: Object) -> list[FieldError]:
    new, before = objects.spec(obj).get("selector"), objects.spec(old).get("selector")
    if new == before:
        return []
    shown = None if new is None else internal.served("LabelSelector", new)
    return [field.invalid("spec.selector", shown, values.IMMUTABLE)]


def _validate_status(obj: Object, kind: str) -> list[FieldError]:
    status, found = objects.status(obj), []
    for key in _COUNTS[kind]:
        found += values.validate_nonnegative_field(status.get(key), f"status.{key}")
    total = status.get("replicas") or 0
    for key in (_PARTS[kind], "readyReplicas", "availableReplicas"):
        if (status.get(key) or 0) > total:
            found.append(field.invalid(f"status.{key}", status[key], _ABOVE))
    available = status.get("availableReplicas") or 0
    if available > (status.get("readyReplicas") or 0):
        why = "cannot be greater than readyReplicas"
        found.append(field.invalid("status.availableReplicas", available, why))
    return found
