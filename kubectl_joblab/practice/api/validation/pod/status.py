"""The rules of a Pod's status, which are those of what a kubelet may report.

The strategy calls it. Follows ValidatePodStatusUpdate in pkg/apis/core/validation/validation.go;
devices, claims and volume health, which no Pod of the practice cluster has, are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.pod import networking, update

_SYSTEM_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
_STATUSES = (
    ("containerStatuses", "containers"),
    ("initContainerStatuses", "initContainers"),
    ("ephemeralContainerStatuses", ""),
)


def validate_pod_status_update(pod: Object, old: Object) -> list[FieldError]:
    """The rules that a new status breaks."""
    status, before = objects.status(pod), objects.status(old)
    spec = old["spec"]
    found = update.validate_annotation_updates(pod, old)
    found += _validate_conditions(status.get("conditions") or ())
    found += _validate_nominated_node(pod, old)
    found += values.validate_immutable_field(
        status.get("qosClass", ""), before.get("qosClass", ""), "status.qosClass"
    )
    restarts_all = _restarts_all(spec)
    for key, kind in _STATUSES:
        if not restarts_all or not kind:
            new, had = status.get(key) or (), before.get(key) or ()
            found += _validate_transitions(new, had, spec, kind, f"status.{key}")
    found += _validate_ips(status, before, "podIP", "podIPs")
    return found + _validate_ips(status, before, "hostIP", "hostIPs")


def _validate_conditions(conditions: Sequence[Object]) -> list[FieldError]:
    found = []
    for index, condition in enumerate(conditions):
        kind = condition.get("type", "")
        if kind not in _SYSTEM_CONDITIONS:
            at = f"status.conditions[{index}].Type"
            found += values.validate_qualified_name(kind, at)
    return found


def _validate_nominated_node(pod: Object, old: Object) -> list[FieldError]:
    name = objects.status(pod).get("nominatedNodeName", "")
    if not name or name == objects.status(old).get("nominatedNodeName", ""):
        return []
    found = values.validate_dns1123_subdomain(name, "status.nominatedNodeName")
    if old["spec"].get("nodeName"):
        why = "may not be set on pods that are already bound to a node"
        found.append(field.forbidden("status.nominatedNodeName", why))
    return found


def _validate_transitions(
    new: Sequence[Object], old: Sequence[Object], spec: Object, kind: str, path: str
) -> list[FieldError]:
    """The errors of containers that have ended for good and run again."""
    found = []
    states = {entry.get("name"): entry.get("state") or {} for entry in new}
    known = {one.get("name"): one for one in spec.get(kind) or ()}
    for index, entry in enumerate(old):
        name = entry.get("name")
        ended = (entry.get("state") or {}).get("terminated")
        if ended is None or name not in states or states[name].get("terminated") is not None:
            continue
        container = known.get(name)
        if container is None or not _should_restart(container, spec, ended.get("exitCode", 0)):
            why = "may not be transitioned to non-terminated state"
            found.append(field.forbidden(f"{path}[{index}].state", why))
    return found


def _restarts_all(spec: Object) -> bool:
    """Whether the end of a container may restart all (AllContainersCouldRestart upstream)."""
    return any(
        rule.get("action") == "RestartAllContainers"
        for kind in ("initContainers", "containers")
        for container in spec.get(kind) or ()
        for rule in container.get("restartPolicyRules") or ()
    )


def _should_restart(container: Object, spec: Object, code: int) -> bool:
    """Whether a container is started again after this exit code.

    Follows ContainerShouldRestart in pkg/api/v1/pod/util.go.
    """
    policy = container.get("restartPolicy")
    if policy is not None:
        for rule in container.get("restartPolicyRules") or ():
            if _matches(rule, code):
                return True
    policy = policy or spec.get("restartPolicy")
    return code != 0 if policy == "OnFailure" else policy != "Never"


def _matches(rule: Object, code: int) -> bool:
    codes = rule.get("exitCodes") or {}
    return (code in (codes.get("values") or ())) == (codes.get("operator") == "In")


def _validate_ips(status: Any, before: Any, one: str, several: str) -> list[FieldError]:
    listed = [entry.get("ip", "") for entry in status.get(several) or ()]
    known = [entry.get("ip", "") for entry in before.get(several) or ()]
    wrong, unequal = [], []
    for index, address in enumerate(listed):
        if address not in known:
            wrong += networking.validate_ip(address, f"status.{several}[{index}]")
    if listed and status.get(one, "") != listed[0]:
        at, why = f"status.{several}[0].ip", f"must be equal to `{one}`"
        unequal.append(field.invalid(at, listed[0], why))
    return unequal + wrong
