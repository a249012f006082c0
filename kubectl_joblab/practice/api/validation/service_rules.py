"""The rules of Services.

The strategy calls it. Follows validateService, ValidateServiceUpdate and what they call in
pkg/apis/core/validation/validation.go; of load balancers and of two stacks it knows little.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import metadata, values
from kubectl_joblab.practice.api.validation.pod import networking

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_OF_NODES = ("NodePort", "LoadBalancer")
_POLICIES = ("Cluster", "Local")
_TRAFFIC = ("PreferClose", "PreferSameZone", "PreferSameNode")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_LONGEST_AFFINITY = 86400


def validate_service(service: Object) -> list[FieldError]:
    """The rules that a Service breaks, except those of metadata."""
    spec = service["spec"]
    ports = spec.get("ports") or []
    found: list[FieldError] = []
    if not ports and not _is_headless(spec) and spec["type"] != "ExternalName":
        found.append(field.required("spec.ports"))
    found += _of_type(spec)
    found += _ports(ports)
    found += metadata.validate_labels(spec.get("selector") or {}, "spec.selector")
    found += _affinity(spec)
    found += _addresses(spec)
    found += values.validate_enum(spec["type"], _TYPES, "spec.type")
    found += _numbers(spec, ports)
    if spec["type"] != "LoadBalancer":
        if spec.get("allocateLoadBalancerNodePorts") is not None:
            found.append(_only_balanced("spec.allocateLoadBalancerNodePorts"))
        if spec.get("loadBalancerClass") is not None:
            found.append(_only_balanced("spec.loadBalancerClass"))
    return found + list(_traffic(spec))


def _only_balanced(path: str) -> FieldError:
    return field.forbidden(path, "may only be used when `type` is 'LoadBalancer'")


def validate_service_update(service: Object, old: Object) -> list[FieldError]:
    """The rules that a changed Service breaks: its address stays."""
    spec, had = service["spec"], objects.spec(old)
    found = []
    if "ExternalName" not in (spec["type"], had.get("type")):
        new, before = spec.get("clusterIPs") or [], had.get("clusterIPs") or []
        if before and not new:
            why = "primary clusterIP can not be unset"
            found.append(field.invalid("spec.clusterIPs[0]", spec.get("clusterIPs"), why))
        elif before and new[0] != before[0]:
            found.append(field.invalid("spec.clusterIPs[0]", new, "may not change once set"))
    return found + validate_service(service)


def _is_headless(spec: Object) -> bool:
    return bool(spec.get("clusterIP") == "None")


def _of_type(spec: Object) -> Iterator[FieldError]:
    kind = spec["type"]
    if kind in _OF_NODES and _is_headless(spec):
        why = f"may not be set to 'None' for {kind} services"
        yield field.invalid("spec.clusterIPs[0]", "None", why)
    if kind != "ExternalName":
        return
    for key in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(key):
            yield field.forbidden(f"spec.{key}", "may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if name:
        yield from values.validate_dns1123_subdomain(name, "spec.externalName")
    else:
        yield field.required("spec.externalName")


def _ports(ports: list[Object]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, port in enumerate(ports):
        path, name = f"spec.ports[{index}]", port.get("name", "")
        if len(ports) > 1 and not name:
            yield field.required(f"{path}.name")
        elif name:
            yield from values.validate_dns1123_label(name, f"{path}.name")
            if name in seen:
                yield field.duplicate(f"{path}.name", name)
            seen.add(name)
        number = port.get("port", 0)
        yield from values.each(f"{path}.port", number, names.is_valid_port_num(number))
        yield from values.validate_choice(port["protocol"], _PROTOCOLS, f"{path}.protocol")
        target, at = port["targetPort"], f"{path}.targetPort"
        if isinstance(target, str):
            yield from values.each(at, target, names.is_valid_port_name(target))
        else:
            yield from values.each(at, target, names.is_valid_port_num(target))
        if (protocol := port.get("appProtocol")) is not None:
            yield from values.validate_qualified_name(protocol, f"{path}.appProtocol")


def _affinity(spec: Object) -> Iterator[FieldError]:
    path, affinity = "spec.sessionAffinity", spec["sessionAffinity"]
    yield from values.validate_enum(affinity, ("ClientIP", "None"), path)
    if affinity == "ClientIP":
        seconds = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
        if not 0 < seconds <= _LONGEST_AFFINITY:
            why = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            at = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
            yield field.invalid(at, seconds, why)


def _addresses(spec: Object) -> Iterator[FieldError]:
    if spec["type"] == "ExternalName":
        return
    addresses, first = spec.get("clusterIPs") or [], spec.get("clusterIP", "")
    if first and addresses[0] != first:
        yield field.invalid("spec.clusterIPs", addresses, "first value must match `clusterIP`")
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        yield from values.validate_enum(family, _FAMILIES, f"spec.ipFamilies[{index}]")
    policy = spec.get("ipFamilyPolicy", "SingleStack")
    yield from values.validate_enum(policy, _FAMILY_POLICIES, "spec.ipFamilyPolicy")
    for index, address in enumerate(addresses):
        if address != "None" or index:
            yield from networking.validate_ip(address, f"spec.clusterIPs[{index}]")
    for index, address in enumerate(spec.get("externalIPs") or ()):
        yield from networking.validate_ip(address, f"spec.externalIPs[{index}]")


def _numbers(spec: Object, ports: list[Object]) -> Iterator[FieldError]:
    """Port numbers that are used twice, or where they may not be."""
    at = "spec.ports[{}]"
    if spec["type"] == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                why = "may not be used when `type` is 'ClusterIP'"
                yield field.forbidden(f"{at.format(index)}.nodePort", why)
    seen = set()
    for index, port in enumerate(ports):
        key = port["protocol"], port.get("nodePort")
        if key[1] and key in seen:
            yield field.duplicate(f"{at.format(index)}.nodePort", key[1])
        seen.add(key)
    used = set()
    for index, port in enumerate(ports):
        pair = port["protocol"], port.get("port", 0)
        if pair in used:
            yield field.duplicate(at.format(index), _shown(*pair))
        used.add(pair)


def _shown(protocol: str, port: int) -> Object:
    """A port as Go prints upstream's internal struct, whose fields have no JSON names."""
    return {
        "Name": "",
        "Protocol": protocol,
        "AppProtocol": None,
        "Port": port,
        "TargetPort": 0,
        "NodePort": 0,
    }


def _traffic(spec: Object) -> Iterator[FieldError]:
    reachable = spec["type"] in _OF_NODES or (
        spec["type"] == "ClusterIP" and spec.get("externalIPs")
    )
    policy, path = spec.get("externalTrafficPolicy", ""), "spec.externalTrafficPolicy"
    if reachable:
        yield from values.validate_enum(policy, _POLICIES, path)
    elif policy:
        why = "may only be set for externally-accessible services"
        yield field.invalid(path, policy, why)
    if (inside := spec.get("internalTrafficPolicy")) is not None:
        yield from values.validate_enum(inside, _POLICIES, "spec.internalTrafficPolicy")
    if (spread := spec.get("trafficDistribution")) is not None:
        yield from values.validate_enum(spread, _TRAFFIC, "spec.trafficDistribution")
