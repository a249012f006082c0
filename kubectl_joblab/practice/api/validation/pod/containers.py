"""The rules of containers: ordinary ones, init containers and ephemeral ones.

Follows validateContainers, validateInitContainers, validateEphemeralContainers and what they call
in pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values
from kubectl_joblab.practice.api.validation.pod import (
    environment,
    mounts,
    probes,
    resources,
    security,
)
from kubectl_joblab.practice.api.validation.pod.volumes import PULL_POLICIES

_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_RESTART_POLICIES = ("Always", "Never", "OnFailure")
_RULE_ACTIONS = ("Restart", "RestartAllContainers")
_RESIZE_POLICIES = ("NotRequired", "RestartContainer")
_MOST_RULES = 20
_MOST_EXIT_CODES = 255
_FOR_SIDECARS = "may not be set for init containers without restartPolicy=Always"
_RULES_NEED_POLICY = "must specify restartPolicy when restart rules are used"
_NOT_EPHEMERAL = "cannot be set for an Ephemeral Container"
_POINTERS = (*probes.PROBES, "lifecycle")  # an empty one counts, as a pointer to it does in Go
_RESTARTS = ("resizePolicy", "restartPolicy", "restartPolicyRules")
_ONLY_IN_PODS = ("ports", "resources", *_RESTARTS, *_POINTERS)


@dataclass(frozen=True)
class Setting:
    """What the rules of a container need to know of its Pod. volumes: those without errors."""

    volumes: Mapping[str, Object]
    restart_policy: str
    grace: int | None
    host_users: bool


def validate_containers(
    containers: Sequence[Object], setting: Setting, path: str
) -> list[FieldError]:
    """The rules that spec.containers breaks."""
    if not containers:
        return [field.required(path)]
    found = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        at, name = f"{path}[{index}]", container.get("name", "")
        found += _validate_common(container, setting, at)
        if name in seen:
            found.append(field.duplicate(f"{at}.name", name))
        seen.add(name)
        if (lifecycle := container.get("lifecycle")) is not None:
            found += probes.validate_lifecycle(lifecycle, setting.grace, f"{at}.lifecycle")
        found += probes.validate_probes(container, at)
        found += _validate_restart_policy(container, at)
    return found + _validate_host_ports(containers, path)


def validate_init_containers(
    containers: Sequence[Object], regular: Sequence[Object], setting: Setting, path: str
) -> list[FieldError]:
    """The rules that spec.initContainers breaks."""
    found = []
    seen = {container.get("name", "") for container in regular}
    for index, container in enumerate(containers):
        at, name = f"{path}[{index}]", container.get("name", "")
        found += _validate_common(container, setting, at)
        found += _validate_init_restart_policy(container, at)
        if name in seen:
            found.append(field.duplicate(f"{at}.name", name))
        elif name:
            seen.add(name)
        found += _validate_host_ports([container], path)
        if container.get("restartPolicy") == "Always":
            if (lifecycle := container.get("lifecycle")) is not None:
                found += probes.validate_lifecycle(lifecycle, setting.grace, f"{at}.lifecycle")
            found += probes.validate_probes(container, at)
        else:
            found += _validate_no_sidecar(container, at)
    return found


def _validate_no_sidecar(container: Object, path: str) -> list[FieldError]:
    found = [
        field.forbidden(f"{path}.{key}", _FOR_SIDECARS)
        for key in ("lifecycle", *probes.PROBES)
        if container.get(key) is not None
    ]
    for index, policy in enumerate(container.get("resizePolicy") or ()):
        if policy.get("restartPolicy") == "RestartContainer":
            why = "must not be set to 'RestartContainer' for non-sidecar initContainers"
            at = f"{path}.resizePolicy[{index}].restartPolicy"
            found.append(field.invalid(at, "RestartContainer", why))
    return found


def validate_ephemeral_containers(
    ephemeral: Sequence[Object], others: Sequence[Object], setting: Setting, path: str
) -> list[FieldError]:
    """The rules that spec.ephemeralContainers breaks. others: all other containers."""
    found = []
    known = {container.get("name", "") for container in others}
    seen = set(known)
    for index, container in enumerate(ephemeral):
        at, name = f"{path}[{index}]", container.get("name", "")
        found += _validate_common(container, setting, at)
        found += validate_image_only_for_pod(container, at)
        if name in seen:
            found.append(field.duplicate(f"{at}.name", name))
        seen.add(name)
        target = container.get("targetContainerName", "")
        if target and target not in known:
            found.append(field.not_found(f"{at}.targetContainerName", target))
        found += _validate_ephemeral_fields(container, at)
    return found


def _validate_ephemeral_fields(container: Object, path: str) -> list[FieldError]:
    found = [
        field.forbidden(f"{path}.{key}", _NOT_EPHEMERAL)
        for key in _ONLY_IN_PODS
        if container.get(key) or (key in _POINTERS and container.get(key) is not None)
    ]
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        for key in ("subPath", "subPathExpr"):
            if mount.get(key):
                at = f"{path}.volumeMounts[{index}].{key}"
                found.append(field.forbidden(at, _NOT_EPHEMERAL))
    return found


def validate_image_only_for_pod(container: Object, path: str) -> list[FieldError]:
    """The error of an image with spaces around it, which only a template may have."""
    image = container.get("image", "")
    if image == image.strip():
        return []
    why = "must not have leading or trailing whitespace"
    return [field.invalid(f"{path}.image", image, why)]


def _validate_common(container: Object, setting: Setting, path: str) -> list[FieldError]:
    """The rules that all kinds of containers share (validateContainerCommon upstream)."""
    name, volumes = container.get("name", ""), setting.volumes
    at = f"{path}.name"
    found = values.validate_dns1123_label(name, at) if name else [field.required(at)]
    if not container.get("image"):
        found.append(field.required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy", "")
    found += values.validate_choice(policy, _MESSAGE_POLICIES, f"{path}.terminationMessagePolicy")
    if ports := container.get("ports"):
        found += _validate_ports(ports, f"{path}.ports")
    if variables := container.get("env"):
        found += environment.validate_env(variables, f"{path}.env")
    if sources := container.get("envFrom"):
        found += environment.validate_env_from(sources, f"{path}.envFrom")
    found += mounts.validate_volume_mounts(container, volumes, path)
    found += mounts.validate_volume_devices(container, volumes, path)
    pull = container.get("imagePullPolicy", "")
    found += values.validate_choice(pull, PULL_POLICIES, f"{path}.imagePullPolicy")
    if requirements := container.get("resources"):
        found += resources.validate_resource_requirements(requirements, f"{path}.resources")
    if policies := container.get("resizePolicy"):
        found += _validate_resize_policy(policies, setting, f"{path}.resizePolicy")
    if context := container.get("securityContext"):
        found += security.validate_security_context(
            context, f"{path}.securityContext", host_users=setting.host_users
        )
    return found


def _validate_ports(ports: Sequence[Object], path: str) -> list[FieldError]:
    found = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        at = f"{path}[{index}]"
        if name := port.get("name"):
            wrong = names.is_valid_port_name(name)
            found += values.each(f"{at}.name", name, wrong)
            if not wrong and name in seen:
                found.append(field.duplicate(f"{at}.name", name))
            seen.update([] if wrong else [name])
        if number := port.get("containerPort"):
            found += values.each(f"{at}.containerPort", number, names.is_valid_port_num(number))
        else:
            found.append(field.required(f"{at}.containerPort"))
        if host := port.get("hostPort"):
            found += values.each(f"{at}.hostPort", host, names.is_valid_port_num(host))
        found += values.validate_choice(port.get("protocol", ""), _PROTOCOLS, f"{at}.protocol")
    return found


def _validate_host_ports(containers: Sequence[Object], path: str) -> list[FieldError]:
    """The errors of two ports that are the same on the host (checkHostPortConflicts)."""
    found = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports") or ()):
            if not (host := port.get("hostPort")):
                continue
            this = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{host}"
            if this in seen:
                found.append(field.duplicate(f"{path}[{index}].ports[{number}].hostPort", this))
            seen.add(this)
    return found


def _validate_resize_policy(
    policies: Sequence[Object], setting: Setting, path: str
) -> list[FieldError]:
    found = []
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        resource, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if resource in seen:
            found.append(field.duplicate(f"{path}[{index}]", resource))
        seen.add(resource)
        found += values.validate_choice(resource, ("cpu", "memory"), path)
        found += values.validate_choice(restart, _RESIZE_POLICIES, path)
        if setting.restart_policy == "Never" and restart != "NotRequired":
            why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            found.append(field.invalid(path, restart, why))
    return found


def _validate_restart_policy(container: Object, path: str) -> list[FieldError]:
    """The rules of a container's own restartPolicy (validateContainerRestartPolicy)."""
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    if policy is None and not rules:
        return []
    found = []
    at = f"{path}.restartPolicy"
    if policy is None:
        found.append(field.required(at, _RULES_NEED_POLICY))
    else:
        found += values.validate_enum(policy, _RESTART_POLICIES, at)
    if len(rules) > _MOST_RULES:
        found.append(field.too_many(f"{path}.restartPolicyRules", len(rules), _MOST_RULES))
    for index, rule in enumerate(rules):
        found += _validate_restart_rule(rule, f"{path}.restartPolicyRules[{index}]")
    return found


def _validate_init_restart_policy(container: Object, path: str) -> list[FieldError]:
    if container.get("restartPolicy") is None and container.get("restartPolicyRules"):
        return [field.required(f"{path}.restartPolicy", _RULES_NEED_POLICY)]
    return _validate_restart_policy(container, path)


def _validate_restart_rule(rule: Object, path: str) -> list[FieldError]:
    found = values.validate_enum(rule.get("action", ""), _RULE_ACTIONS, f"{path}.action")
    at = f"{path}.exitCodes"
    codes = rule.get("exitCodes")
    if codes is None:
        return [*found, field.required(at, "must be specified")]
    found += values.validate_enum(codes.get("operator", ""), ("In", "NotIn"), f"{at}.operator")
    count = len(codes.get("values") or ())
    if count > _MOST_EXIT_CODES:
        found.append(field.too_many(f"{at}.values", count, _MOST_EXIT_CODES))
    return found
