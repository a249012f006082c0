"""Whether the ports that a Pod asks for on its node are free.

Follows pkg/scheduler/framework/plugins/nodeports/node_ports.go, GetHostPorts in
pkg/scheduler/util/utils.go and HostPortInfo in k8s.io/kube-scheduler/framework/types.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

REASON = "node(s) didn't have free ports for the requested pod ports"
_EVERY = "0.0.0.0"  # noqa: S104 -- an address that a Pod may ask for; nothing is bound to it

Port = tuple[str, str, int]  # address, protocol, number


def are_free(pod: Object, others: Iterable[Object]) -> bool:
    """Whether no other Pod has a port that this one asks for."""
    wanted = host_ports(pod)
    if not wanted:
        return True
    taken = {port for other in others for port in host_ports(other)}
    return not any(_conflict(port, one) for port in wanted for one in taken)


def host_ports(pod: Object) -> set[Port]:
    """The ports of its node that a Pod has, or asks for."""
    spec = objects.spec(pod)
    sidecars = [
        one for one in spec.get("initContainers") or () if one.get("restartPolicy") == "Always"
    ]
    return {
        (port.get("hostIP") or _EVERY, port.get("protocol") or "TCP", port["hostPort"])
        for container in [*sidecars, *(spec.get("containers") or ())]
        for port in container.get("ports") or ()
        if port.get("hostPort")
    }


def _conflict(one: Port, other: Port) -> bool:
    same_address = one[0] == other[0] or _EVERY in (one[0], other[0])
    return same_address and one[1:] == other[1:]
