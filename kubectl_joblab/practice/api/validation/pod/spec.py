"""The rules of a Pod's spec, in a Pod and in a template.

The rules of Pods and of Jobs call them. Follows ValidatePodSpec and ValidatePodTemplateSpec in
pkg/apis/core/validation/validation.go. Rules for Windows, for dynamic resource allocation and for
the annotations that stood for AppArmor before its field did are left out.
"""

from __future__ import annotations

import re
from typing import Any

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.go import strconv
from kubectl_joblab.practice.api.validation import metadata, values
from kubectl_joblab.practice.api.validation.pod import (
    containers,
    networking,
    resources,
    scheduling,
    security,
    volumes,
)

RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
_LARGEST = 2**31 - 1


def validate_pod_template_spec(template: Object, path: str) -> list[FieldError]:
    """The rules that a template breaks."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    annotations = meta.get("annotations") or {}
    found = metadata.validate_labels(meta.get("labels") or {}, f"{path}.labels")
    found += metadata.validate_annotations(annotations, f"{path}.annotations")
    found += validate_pod_specific_annotations(annotations, f"{path}.annotations")
    found += validate_pod_spec(spec, f"{path}.spec")
    if spec.get("ephemeralContainers"):
        why = "ephemeral containers not allowed in pod template"
        found.append(field.forbidden(f"{path}.spec.ephemeralContainers", why))
    return found


def validate_pod_specific_annotations(annotations: Object, path: str) -> list[FieldError]:
    """The error of a Pod deletion cost that is no number (ValidatePodSpecificAnnotations)."""
    key = "controller.kubernetes.io/pod-deletion-cost"
    cost = annotations.get(key)
    if cost is None:
        return []
    if re.fullmatch(r"-?(0|[1-9][0-9]*)", cost) and strconv.is_int(cost, 32):
        return []
    return [field.invalid(f"{path}[{key}]", cost, "must be a 32bit integer")]


def validate_pod_spec(spec: Object, path: str, *, pod_name: str | None = None) -> list[FieldError]:
    """The rules that a spec breaks. pod_name: None for the spec of a template."""
    grace = spec.get("terminationGracePeriodSeconds")
    found = []
    if grace is None:
        found.append(field.required(f"{path}.terminationGracePeriodSeconds"))
    good, wrong = volumes.validate_volumes(
        spec.get("volumes") or (), pod_name or "", f"{path}.volumes"
    )
    setting = containers.Setting(
        good, spec.get("restartPolicy", ""), grace, spec.get("hostUsers", True)
    )
    found += wrong
    found += _validate_all_containers(spec, setting, path)
    found += resources.validate_pod_resources(spec, f"{path}.resources")
    found += networking.validate_host_network(spec, path, in_pod=pod_name is not None)
    policy, dns = spec.get("restartPolicy", ""), spec.get("dnsPolicy", "")
    found += values.validate_choice(policy, RESTART_POLICIES, f"{path}.restartPolicy")
    found += values.validate_choice(dns, _DNS_POLICIES, f"{path}.dnsPolicy")
    found += metadata.validate_labels(spec.get("nodeSelector") or {}, f"{path}.nodeSelector")
    found += security.validate_pod_security_context(
        spec.get("securityContext"), f"{path}.securityContext"
    )
    found += _validate_rare(spec, path)
    found += _validate_names(spec, path)
    return found + _validate_late(spec, path)


def _validate_all_containers(
    spec: Object, setting: containers.Setting, path: str
) -> list[FieldError]:
    regular, init = spec.get("containers") or [], spec.get("initContainers") or []
    found = containers.validate_containers(regular, setting, f"{path}.containers")
    if init:
        at = f"{path}.initContainers"
        found += containers.validate_init_containers(init, regular, setting, at)
    if ephemeral := spec.get("ephemeralContainers"):
        at = f"{path}.ephemeralContainers"
        found += containers.validate_ephemeral_containers(ephemeral, [*regular, *init], setting, at)
    return found


def _validate_rare(spec: Object, path: str) -> list[FieldError]:
    """The rules of what most specs do not have, from shareProcessNamespace on, in order."""
    found = []
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        why = "ShareProcessNamespace and HostPID cannot both be enabled"
        found.append(field.invalid(f"{path}.shareProcessNamespace", True, why))
    found += scheduling.validate_affinity(spec.get("affinity"), f"{path}.affinity")
    found += networking.validate_dns_config(spec, f"{path}.dnsConfig")
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        at = f"{path}.readinessGates[{index}].conditionType"
        found += values.validate_qualified_name(gate.get("conditionType", ""), at)
    if gates := spec.get("schedulingGates"):
        found += scheduling.validate_scheduling_gates(gates, f"{path}.schedulingGates")
    if constraints := spec.get("topologySpreadConstraints"):
        at = f"{path}.topologySpreadConstraints"
        found += scheduling.validate_topology_spread_constraints(constraints, at)
    if spec.get("hostUsers") is False:
        found += _validate_host_users(spec, path)
    if (name := spec.get("hostnameOverride")) is not None:
        found += networking.validate_hostname_override(name, spec, f"{path}.hostnameOverride")
    return found


def _validate_host_users(spec: Object, path: str) -> list[FieldError]:
    why = "when `hostUsers` is false"
    shown = (("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC"))
    found = [field.forbidden(f"{path}.{name}", why) for key, name in shown if spec.get(key)]
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            if container.get("volumeDevices"):
                found.append(field.forbidden(f"{path}.{kind}[{index}].volumeDevices", why))
    return found


def _validate_names(spec: Object, path: str) -> list[FieldError]:
    """The rules of names and the deadline, from serviceAccountName to subdomain, in order."""
    account, old = spec.get("serviceAccountName", ""), spec.get("serviceAccount", "")
    found = []
    if account:
        found += values.validate_dns1123_subdomain(account, f"{path}.serviceAccountName")
    if old != account:
        why = f"must be the same as serviceAccountName: {field.shown(account)}"
        found.append(field.invalid(f"{path}.deprecatedServiceAccount", old, why))
    if node := spec.get("nodeName"):
        found += values.validate_dns1123_subdomain(node, f"{path}.nodeName")
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _LARGEST:
        at = f"{path}.activeDeadlineSeconds"
        found.append(field.invalid(at, deadline, names.between(1, _LARGEST)))
    for key in ("hostname", "subdomain"):
        if name := spec.get(key):
            found += values.validate_dns1123_label(name, f"{path}.{key}")
    return found


def _validate_late(spec: Object, path: str) -> list[FieldError]:
    """The rules of the rest, from tolerations on, in upstream's order."""
    found = []
    if tolerations := spec.get("tolerations"):
        found += scheduling.validate_tolerations(tolerations, f"{path}.tolerations")
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        found += networking.validate_host_alias(alias, f"{path}.hostAliases[{index}]")
    for key in ("priorityClassName", "runtimeClassName"):
        if name := spec.get(key):
            found += values.validate_dns1123_subdomain(name, f"{path}.{key}")
    if (preemption := spec.get("preemptionPolicy")) is not None:
        at = f"{path}.preemptionPolicy"
        found += values.validate_choice(preemption, _PREEMPTION_POLICIES, at)
    if overhead := spec.get("overhead"):
        limits = {"limits": overhead}  # which is how upstream validates it
        found += resources.validate_resource_requirements(limits, f"{path}.overhead")
    if (system := spec.get("os")) is not None:
        found += _validate_os(system, f"{path}.os")
    return found + _validate_file_keys(spec, path)


def _validate_os(system: Object, path: str) -> list[FieldError]:
    name = system.get("name", "")
    if not name:
        return [field.required(f"{path}.name")]
    return values.validate_enum(name, ("linux", "windows"), path)


def _validate_file_keys(spec: Object, path: str) -> list[FieldError]:
    """The errors of fileKeyRefs into volumes that are no emptyDir (validateFileKeyRefVolumes)."""
    found = []
    sources = {volume.get("name", ""): volume for volume in spec.get("volumes") or ()}
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            for number, variable in enumerate(container.get("env") or ()):
                if ref := (variable.get("valueFrom") or {}).get("fileKeyRef"):
                    at = f"{path}.{kind}[{index}].env[{number}].valueFrom.fileKeyRef.volumeName"
                    found += _validate_file_volume(ref.get("volumeName", ""), sources, at)
    return found


def _validate_file_volume(name: str, sources: dict[str, Any], path: str) -> list[FieldError]:
    if name not in sources:
        return [field.not_found(path, name)]
    if sources[name].get("emptyDir") is None:
        why = "referenced volume must be of type emptyDir"
        return [field.invalid(path, name, why)]
    return []
