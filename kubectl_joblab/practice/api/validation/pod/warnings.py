"""Warnings about what no rule forbids in a Pod or a template, but is odd.

The Pod strategy and the warnings about Jobs call it. Follows warningsForPodSpecAndMeta in
pkg/api/pod/warnings.go and GetWarningsForNodeSelectorTerm in pkg/api/node/util.go; claims and
AppArmor's annotations are left out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import field, names
from kubectl_joblab.practice.api.validation.pod import overlaps
from kubectl_joblab.practice.api.validation.pod.scheduling import PREFERRED, REQUIRED

_NODE_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": (
        "deprecated since v1.22; use Taints and Tolerations instead"
    ),
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "security.alpha.kubernetes.io/sysctls": (
        'non-functional in v1.11+; use the "sysctls" field instead'
    ),
    "security.alpha.kubernetes.io/unsafe-sysctls": (
        'non-functional in v1.11+; use the "sysctls" field instead'
    ),
}
# a kind of volume -> what it is called there, and why not to use it
_VOLUMES = {
    "photonPersistentDisk": (
        "photonPersistentDisk",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    "gitRepo": ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    "scaleIO": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "flocker": ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "quobyte": ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}
_MOST_OF_PORTS = 1_000  # warnings about ports that clash, each with each; they are cut short anyway
_BYTES = ("memory", "ephemeral-storage")
_NO_SELECTOR = "a null labelSelector results in matching no pod"


def for_pod(pod: Object, path: str = "") -> list[str]:
    """What is odd in a Pod or a template. path: what stands before its fields: spec.template."""
    spec, at = pod.get("spec") or {}, f"{path}spec."
    annotations = objects.metadata(pod).get("annotations") or {}
    found = [
        f"{at}nodeSelector[{key}]: {_NODE_LABELS[key]}"
        for key in spec.get("nodeSelector") or ()
        if key in _NODE_LABELS
    ]
    found += _of_node_affinity((spec.get("affinity") or {}).get("nodeAffinity") or {}, at)
    found += _of_spreading(spec, at)
    found += [
        f"{path}metadata.annotations[{key}]: {text}"
        for key, text in _ANNOTATIONS.items()
        if key in annotations
    ]
    volumes = spec.get("volumes") or ()
    found += _of_volumes(volumes, at)
    found += overlaps.warnings(volumes)
    found += _of_hosts_and_secrets(spec, at)
    found += _of_bytes(spec.get("overhead") or {}, f"{at}overhead")
    found += _of_containers(spec, at)
    found += islice(_of_ports(spec, at), _MOST_OF_PORTS)
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        why = "must be >= 0; negative values are invalid and will be treated as 1"
        found.append(f"{at}terminationGracePeriodSeconds: {why}")
    found += _of_pod_affinity(spec.get("affinity") or {}, f"{at}affinity")
    return [*found, *_of_addresses(spec, at)]


def _of_node_affinity(affinity: Object, path: str) -> Iterator[str]:
    at = f"{path}affinity.nodeAffinity."
    terms = (affinity.get(REQUIRED) or {}).get("nodeSelectorTerms") or ()
    for index, term in enumerate(terms):
        yield from _of_term(term, f"{at}{REQUIRED}.nodeSelectorTerms[{index}]", False)
    for index, preferred in enumerate(affinity.get(PREFERRED) or ()):
        term = preferred.get("preference") or {}
        yield from _of_term(term, f"{at}{PREFERRED}[{index}].preference", True)


def _of_term(term: Object, path: str, label_values: bool) -> Iterator[str]:
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        key, at = expression.get("key", ""), f"{path}.matchExpressions[{index}]"
        if key in _NODE_LABELS:
            yield f"{at}.key: {key} is {_NODE_LABELS[key]}"
        for number, value in enumerate(expression.get("values") or () if label_values else ()):
            for wrong in names.is_valid_label_value(value):
                yield f"{at}.values[{number}]: {value} is invalid, {wrong}"


def _of_spreading(spec: Object, path: str) -> Iterator[str]:
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        at = f"{path}topologySpreadConstraints[{index}]"
        key = constraint.get("topologyKey", "")
        if key in _NODE_LABELS:
            yield f"{at}.topologyKey: {key} is {_NODE_LABELS[key]}"
        if constraint.get("labelSelector") is None:
            yield f"{at}.labelSelector: {_NO_SELECTOR}"


def _of_volumes(volumes: Sequence[Object], path: str) -> Iterator[str]:
    for index, volume in enumerate(volumes):
        for kind, (shown, text) in _VOLUMES.items():
            if volume.get(kind) is not None:
                yield f"{path}volumes[{index}].{shown}: {text}"


def _of_hosts_and_secrets(spec: Object, path: str) -> list[str]:
    aliases = [alias.get("ip", "") for alias in spec.get("hostAliases") or ()]
    secrets = [secret.get("name", "") for secret in spec.get("imagePullSecrets") or ()]
    found = [
        f"{path}hostAliases[{index}].ip: duplicate ip {field.shown(address)}"
        for index, address in _repeated(aliases)
    ]
    found += [
        f"{path}imagePullSecrets[{index}].name: duplicate name {field.shown(name)}"
        for index, name in _repeated(secrets)
    ]
    return found + [
        f'{path}imagePullSecrets[{index}].name: invalid empty name ""'
        for index, name in enumerate(secrets)
        if not name
    ]


def _repeated(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The texts that have stood before in a list, with their places."""
    seen: set[str] = set()
    for index, text in enumerate(texts):
        if text in seen:
            yield index, text
        seen.add(text)


def _of_bytes(amounts: Object, path: str) -> Iterator[str]:
    for name in _BYTES:
        value = amounts.get(name, "")
        # only a fraction of a byte is written with a suffix this small
        small = value.endswith(("m", "u", "n"))
        if small and not quantity.parse(value).is_whole:
            why = f"fractional byte value {field.shown(value)} is invalid, must be an integer"
            yield f"{path}[{name}]: {why}"


def _containers(spec: Object, path: str) -> Iterator[tuple[Object, str]]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            yield container, f"{path}{kind}[{index}]"


def _of_containers(spec: Object, path: str) -> Iterator[str]:
    for container, at in _containers(spec, path):
        resources = container.get("resources") or {}
        for name in _BYTES:
            for key in ("limits", "requests"):
                amounts = resources.get(key) or {}
                if name in amounts:
                    yield from _of_bytes({name: amounts[name]}, f"{at}.resources.{key}")
        yield from _of_env(container.get("env") or (), f"{at}.env")


def _of_env(variables: Sequence[Object], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name, value = variable.get("name", ""), variable.get("value", "")
        reference = f"$({name})"
        extends = not variable.get("valueFrom") and reference in value and value != reference
        if name in seen and not extends:
            text = f"hides previous definition of {field.shown(name)}"
            yield f"{path}[{index}]: {text}, which may be dropped when using apply"
        seen.add(name)


def _of_ports(spec: Object, path: str) -> Iterator[str]:
    known: dict[tuple[Any, Any], _Ports] = {}
    listed = [
        (f"{at}.ports[{index}]", port)
        for container, at in _containers(spec, path)
        for index, port in enumerate(container.get("ports") or ())
    ]
    for at, port in listed:
        if port.get("hostIP") and not port.get("hostPort"):
            yield f"{at}: hostIP set without hostPort: {_go_port(port)}"
        others = known.setdefault((port.get("containerPort"), port.get("protocol")), _Ports())
        for how, other_at in others.clashes(port):
            yield f"{at}: {how} port definition with {other_at}"
        others.add(at, port)
    yield from _of_port_names(listed)


class _Ports:
    """The ports of one number and protocol, by what they are on the host.

    So a port is compared with those alone that it clashes with, however many there are.
    """

    def __init__(self) -> None:
        self._all: list[tuple[str, Object]] = []
        self._at: dict[tuple[int, str], list[int]] = {}

    def add(self, at: str, port: Object) -> None:
        """Add a port, whose path is given."""
        place = port.get("hostPort", 0), port.get("hostIP", "")
        for known in {place, (place[0], "any" if place[1] else ""), (place[0], "each")}:
            self._at.setdefault(known, []).append(len(self._all))
        self._all.append((at, port))

    def clashes(self, port: Object) -> Iterator[tuple[str, str]]:
        """How a port clashes with others, and their paths, in the order in which they stand."""
        mine, here = port.get("hostPort", 0), port.get("hostIP", "")
        if not mine:
            near: Iterable[int] = range(len(self._all))
        else:
            same = self._at.get((mine, here), ())
            other = self._at.get((mine, "" if here else "any"), ())
            near = sorted({*same, *other, *self._at.get((0, "each"), ())})
        for index in near:
            at, known = self._all[index]
            if how := _clash(port, known):
                yield how, at


def _clash(port: Object, other: Object) -> str:
    mine, theirs = port.get("hostPort", 0), other.get("hostPort", 0)
    here, there = port.get("hostIP", ""), other.get("hostIP", "")
    if here == there and mine == theirs:
        return "duplicate"
    if not mine or not theirs:
        return "overlapping"
    return "dangerously ambiguous" if mine == theirs and bool(here) != bool(there) else ""


def _go_port(port: Object) -> str:
    """A ContainerPort as Go's %+v prints it."""
    return (
        f"{{Name:{port.get('name', '')} HostPort:0 ContainerPort:{port.get('containerPort', 0)} "
        f"Protocol:{port.get('protocol', '')} HostIP:{port['hostIP']}}}"
    )


def _of_port_names(listed: Sequence[tuple[str, Object]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for at, port in listed:
        if not (name := port.get("name")):
            continue
        if other := seen.get(name):
            text = f"duplicate port name {field.shown(name)} with {other}"
            yield f"{at}: {text}, services and probes that select ports by name will use {other}"
        else:
            seen[name] = at


def _of_pod_affinity(affinity: Object, path: str) -> Iterator[str]:
    for kind in ("podAffinity", "podAntiAffinity"):
        of_kind = affinity.get(kind) or {}
        for index, term in enumerate(of_kind.get(REQUIRED) or ()):
            if term.get("labelSelector") is None:
                yield f"{path}.{kind}.{REQUIRED}[{index}].labelSelector: {_NO_SELECTOR}"
        for index, weighted in enumerate(of_kind.get(PREFERRED) or ()):
            if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
                at = f"{path}.{kind}.{PREFERRED}[{index}].podAffinityTerm.labelSelector"
                yield f"{at}: {_NO_SELECTOR}"


def _of_addresses(spec: Object, path: str) -> Iterator[str]:
    servers = (spec.get("dnsConfig") or {}).get("nameservers") or ()
    listed = [(f"{path}dnsConfig.nameservers[{i}]", one) for i, one in enumerate(servers)]
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        listed.append((f"{path}hostAliases[{index}].ip", alias.get("ip", "")))
    for at, text in listed:
        canonical = str(ipaddress.ip_address(text))
        if canonical != text:
            why = f"should be in RFC 5952 canonical format ({field.shown(canonical)})"
            yield f"{at}: IPv6 address {field.shown(text)} {why}"
