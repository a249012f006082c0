"""The downward API: fields and resources of a Pod, as text for its containers.

Environment variables and volumes are made of it. Follows pkg/fieldpath/fieldpath.go,
pkg/api/v1/resource/helpers.go and podFieldSelectorRuntimeValue in pkg/kubelet/kubelet_pods.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.formats import gojson, quantity
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts

_PLAIN_FIELDS = ("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName")


@dataclass(frozen=True)
class NodeFacts:
    """What the node knows of a Pod besides what stands in it.

    allocatable: the node's resources for Pods, as quantities. seen: when the node first saw the
    Pod, as the API writes times.
    """

    host_ip: str
    pod_ip: str
    allocatable: Mapping[str, str]
    seen: str = ""


def field(pod: Object, path: str, facts: NodeFacts) -> str:
    """The value of a fieldRef with this path, "" where the Pod has no such field."""
    if path in ("status.hostIP", "status.hostIPs"):
        return facts.host_ip
    if path in ("status.podIP", "status.podIPs"):
        return facts.pod_ip
    if subscripted := re.fullmatch(r"metadata\.(annotations|labels)\['(.*)'\]", path, re.DOTALL):
        return _mapping(pod, subscripted[1], facts).get(subscripted[2], "")
    if path in ("metadata.annotations", "metadata.labels"):
        return _listed(_mapping(pod, path.partition(".")[2], facts))
    return str(objects.field(pod, path) or "")


def _mapping(pod: Object, name: str, facts: NodeFacts) -> dict[str, str]:
    found = dict(objects.metadata(pod).get(name) or {})
    if name == "annotations":  # the kubelet adds these to its own copy of the Pod
        found |= {"kubernetes.io/config.seen": facts.seen, "kubernetes.io/config.source": "api"}
    return found


def _listed(mapping: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={gojson.quote(mapping[key])}" for key in sorted(mapping))


def resource(container: Object, selector: Object, facts: NodeFacts) -> str:
    """The value of a resourceFieldRef, in units of its divisor, rounded up.

    A limit that is not set is what the node can give (ExtractContainerResourceValue).
    """
    kind, _, name = selector["resource"].partition(".")
    scale = quantity.MILLI if name == "cpu" else 0

    def scaled(text: str) -> int:
        return quantity.parse(text).scaled_value(scale)

    amount = scaled(((container.get("resources") or {}).get(kind) or {}).get(name, "0"))
    if kind == "limits" and not amount:
        amount = scaled(facts.allocatable.get(name, "0"))
    divisor = scaled(selector.get("divisor") or "0") or scaled("1")
    return str(-(-amount // divisor))  # rounded up


def container(pod: Object, name: str) -> Object:
    """The container of this name, whatever its type."""
    return next(one for one in attempts.all_containers(pod) if one["name"] == name)
