"""The addresses and node ports of Services, which no two of them may share.

The writer has them given out before a Service is judged by its rules. Follows
pkg/registry/core/service/storage/{alloc,storage}.go; there is one range, of IPv4. Nothing listens
at what is given out.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import errors, field

ADDRESSES = IPv4Network("10.96.0.0/16")
API_ADDRESS = "10.96.0.1"  # of the Service kubernetes
PORTS = range(30000, 32768)
_LOWER = 256  # addresses that are given out to who asks for them, while there are others
_OF_NODES = ("NodePort", "LoadBalancer")

# all Services that are stored
Stored = Callable[[], list[Object]]


def allocate(service: Object, old: Object | None, stored: Stored) -> None:
    """Give a Service what it needs and does not have; 422 where what it asks for is taken."""
    spec = service["spec"]
    _keep(spec, objects.spec(old or {}))
    if spec["type"] == "ExternalName":
        return
    _normalize(spec, objects.spec(old or {}))
    _set_families(spec)
    others = [one for one in stored() if objects.uid(one) != objects.uid(service)]
    if spec.get("clusterIP") != "None":
        _set_address(service, others, new=old is None)
    if spec["type"] in _OF_NODES and spec.get("allocateLoadBalancerNodePorts") is not False:
        _set_ports(service, others)


def _keep(spec: Object, old: Mapping[str, Any]) -> None:
    """Keep what the Service has been given before (patchAllocatedValues)."""
    if not old:
        return
    if "ExternalName" not in (spec["type"], old.get("type")):
        if not spec.get("clusterIP") and not spec.get("clusterIPs"):
            spec |= {key: old[key] for key in ("clusterIP", "clusterIPs") if key in old}
        for key in ("ipFamilies", "ipFamilyPolicy"):
            if key in old:
                spec.setdefault(key, old[key])
    if spec["type"] in _OF_NODES and old.get("type") in _OF_NODES:
        had = {(one["protocol"], one["port"]): one for one in old.get("ports") or ()}
        for port in spec.get("ports") or ():
            before = had.get((port["protocol"], port.get("port")))
            if before is not None and before.get("nodePort") and not port.get("nodePort"):
                port["nodePort"] = before["nodePort"]


def _normalize(spec: Object, old: Mapping[str, Any]) -> None:
    """Have the one address and the list of addresses say the same (NormalizeClusterIPs)."""
    one, several = spec.get("clusterIP"), spec.get("clusterIPs")
    if one and (not several or (one != old.get("clusterIP") and several == old.get("clusterIPs"))):
        spec["clusterIPs"] = [one]
    elif several and not one and not old:
        spec["clusterIP"] = several[0]


def _set_families(spec: Object) -> None:
    if spec.get("clusterIP") == "None" and not spec.get("selector"):
        spec.setdefault("ipFamilyPolicy", "RequireDualStack")
        spec.setdefault("ipFamilies", ["IPv4", "IPv6"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    spec.setdefault("ipFamilies", ["IPv4"])


def _set_address(service: Object, others: Iterable[Object], *, new: bool) -> None:
    spec = service["spec"]
    taken = {str(objects.spec(one).get("clusterIP")) for one in others}
    if not spec.get("clusterIP"):
        usable = ADDRESSES.num_addresses - 2 - _LOWER
        for number in _from(service, "", _LOWER + 1, usable):
            if (address := str(ADDRESSES[number])) not in taken:
                spec |= {"clusterIP": address, "clusterIPs": [address]}
                return
    elif new and (why := _wrong(spec["clusterIP"], taken)):
        shown = f"failed to allocate IP {spec['clusterIP']}: {why}"
        error = field.invalid("spec.clusterIPs", spec["clusterIPs"], shown)
        raise errors.invalid("", "Service", objects.name(service), [error])


def _wrong(address: str, taken: set[str]) -> str:
    try:
        inside = IPv4Address(address) in ADDRESSES
    except ValueError:
        return ""  # its rules say so
    if not inside:
        return (
            f"the provided IP ({address}) is not in the valid range. The range of valid IPs is "
            f"{ADDRESSES}"
        )
    return "provided IP is already allocated" if address in taken else ""


def _set_ports(service: Object, others: Iterable[Object]) -> None:
    taken = {
        (port["protocol"], port.get("nodePort"))
        for one in others
        for port in objects.spec(one).get("ports") or ()
    }
    for index, port in enumerate(service["spec"].get("ports") or ()):
        protocol, asked = port["protocol"], port.get("nodePort")
        if not asked:
            free = _from(service, port.get("name", ""), PORTS.start, len(PORTS))
            port["nodePort"] = next(one for one in free if (protocol, one) not in taken)
        elif (protocol, asked) in taken:
            _refuse(service, index, asked, "provided port is already allocated")
        elif asked not in PORTS:
            text = f"{PORTS.start}-{PORTS.stop - 1}"
            why = f"provided port is not in the valid range. The range of valid ports is {text}"
            _refuse(service, index, asked, why)
        taken.add((protocol, port["nodePort"]))


def _refuse(service: Object, index: int, port: int, why: str) -> None:
    error = field.invalid(f"spec.ports[{index}].nodePort", port, why)
    raise errors.invalid("", "Service", objects.name(service), [error])


def _from(service: Object, more: str, first: int, count: int) -> Iterator[int]:
    """So many numbers from the first on, each once, beginning at one that is made of the uid.

    So a test that fixes the uid fixes them too.
    """
    start = zlib.crc32((objects.uid(service) + more).encode())
    return (first + (start + step) % count for step in range(count))
