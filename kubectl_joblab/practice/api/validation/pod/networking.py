"""The rules of a Pod's network: DNS, addresses, ports of the host, host names.

The rules of a spec call them. Follows validatePodDNSConfig, validatePodHostNetworkDeps,
validatePodHostName and ValidateHostAliases in pkg/apis/core/validation/validation.go, and
k8s.io/apimachinery/pkg/util/validation/ip.go.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.field import FieldError
from kubectl_joblab.practice.api.validation import values

_MOST_NAMESERVERS = 3
_MOST_SEARCHES = 32
_LONGEST_SEARCHES = 2048
_LONGEST_OVERRIDE = 64
_UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SEARCH = rf"{_UNDERSCORE_LABEL}(\.{_UNDERSCORE_LABEL})*"
_SEARCH_WRONG = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' "
    "or '.', and must start and end with an alphanumeric character"
)


def validate_host_network(spec: Object, path: str, *, in_pod: bool) -> list[FieldError]:
    """The errors of host ports that differ from the container's (validatePodHostNetworkDeps)."""
    if not spec.get("hostNetwork"):
        return []
    found = []
    for index, container in enumerate(spec.get("containers") or ()):
        for number, port in enumerate(container.get("ports") or ()):
            host = port.get("hostPort", 0)
            if (in_pod or host) and host != port.get("containerPort", 0):
                at = f"{path}.containers[{index}].ports[{number}].hostPort"
                why = "must match `containerPort` when `hostNetwork` is true"
                found.append(field.invalid(at, host, why))
    return found


def validate_hostname_override(name: str, spec: Object, path: str) -> list[FieldError]:
    """The errors of a hostnameOverride that is no host name, or cannot have an effect."""
    found = [
        field.forbidden(path, f"may not be specified when {key} is true")
        for key in ("setHostnameAsFQDN", "hostNetwork")
        if spec.get(key)
    ]
    if names.size(name) > _LONGEST_OVERRIDE:
        found.append(field.too_long(path, _LONGEST_OVERRIDE))
    return found + values.validate_dns1123_subdomain(name, path)


def validate_dns_config(spec: Object, path: str) -> list[FieldError]:
    """The rules that dnsConfig breaks, which dnsPolicy None needs."""
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            why = "must provide `dnsConfig` when `dnsPolicy` is None"
            return [field.required(path, why)]
        if not config.get("nameservers"):
            why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [field.required(f"{path}.nameservers", why)]
    if not config:
        return []
    found = _validate_nameservers(config.get("nameservers") or [], f"{path}.nameservers")
    found += _validate_searches(config.get("searches") or [], f"{path}.searches")
    for index, option in enumerate(config.get("options") or ()):
        if not option.get("name"):
            found.append(field.required(f"{path}.options[{index}]", "must not be empty"))
    return found


def _validate_nameservers(servers: Sequence[str], path: str) -> list[FieldError]:
    found = []
    if len(servers) > _MOST_NAMESERVERS:
        why = f"must not have more than {_MOST_NAMESERVERS} nameservers"
        found.append(field.invalid(path, servers, why))
    for index, server in enumerate(servers):
        found += validate_ip(server, f"{path}[{index}]")
    return found


def _validate_searches(searches: Sequence[str], path: str) -> list[FieldError]:
    found = []
    if len(searches) > _MOST_SEARCHES:
        why = f"must not have more than {_MOST_SEARCHES} search paths"
        found.append(field.invalid(path, searches, why))
    if names.size(" ".join(searches)) > _LONGEST_SEARCHES:
        why = (
            f"must not have more than {_LONGEST_SEARCHES} characters (including spaces) in the "
            "search list"
        )
        found.append(field.invalid(path, searches, why))
    for index, search in enumerate(searches):
        if search != ".":
            name = search.removesuffix(".")
            found += values.each(f"{path}[{index}]", name, _search_wrong(name))
    return found


def _search_wrong(name: str) -> list[str]:
    limit = names.LONGEST_SUBDOMAIN
    found = [names.too_long(limit)] if names.size(name) > limit else []
    if not re.fullmatch(_SEARCH, name):
        found.append(names.pattern_wrong(_SEARCH_WRONG, _SEARCH, "example.com"))
    return found


def validate_ip(text: str, path: str) -> list[FieldError]:
    """The errors of a text that is no IP address, or one that can be read in two ways."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        if re.fullmatch(r"(0*(25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}", text):
            why = "must not have leading 0s"
        return [field.invalid(path, text, why)]
    if getattr(address, "ipv4_mapped", None):
        return [field.invalid(path, text, "must not be an IPv4-mapped IPv6 address")]
    return []


def validate_host_alias(alias: Object, path: str) -> list[FieldError]:
    """The rules that an entry of hostAliases breaks."""
    found = validate_ip(alias.get("ip", ""), f"{path}.ip")
    for index, name in enumerate(alias.get("hostnames") or ()):
        found += values.validate_dns1123_subdomain(name, f"{path}.hostnames[{index}]")
    return found
