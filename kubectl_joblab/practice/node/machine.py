"""What this machine is, as its Node tells it.

The kubelet asks once. Values come from the system, and are left out where the system has none.
"""

from __future__ import annotations

import os
import platform
import re
import socket
from dataclasses import dataclass
from pathlib import Path

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_RESERVED_KIB = 100 * 1024  # evictionHard memory.available
_LONGEST_NAME = 63
_PODS = 110


@dataclass(frozen=True)
class Machine:
    """A machine.

    capacity, allocatable: resources of the machine, and what is left of them for Pods, as
    quantities. info: nodeInfo of the Node's status.
    """

    name: str
    ip: str
    capacity: dict[str, str]
    allocatable: dict[str, str]
    info: dict[str, object]

    @classmethod
    def this(cls, disk: Path) -> Machine:
        """The machine that this runs on. disk: a folder where Pods write."""
        statistics = os.statvfs(disk)
        memory = _memory_kib()
        capacity = {
            "cpu": str(os.cpu_count() or 1),
            "ephemeral-storage": f"{statistics.f_frsize * statistics.f_blocks // 1024}Ki",
            "hugepages-1Gi": "0",
            "hugepages-2Mi": "0",
            "memory": f"{memory}Ki",
            "pods": str(_PODS),
        }
        allocatable = capacity | {"memory": f"{max(memory - _RESERVED_KIB, 0)}Ki"}
        return cls(_name(), _address(), capacity, allocatable, _info())


def _name() -> str:
    """The host name, changed where an object cannot be called so."""
    name = re.sub(r"[^a-z0-9.-]+", "-", platform.node().lower())[:_LONGEST_NAME].strip("-.")
    return name or "localhost"


def _address() -> str:
    """The address that other machines see. No packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # reserved for documentation, RFC 5737
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _memory_kib() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024


def architecture() -> str:
    """The machine's architecture as Go calls it."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


def _info() -> dict[str, object]:
    identity = _read("/etc/machine-id")
    return {
        "architecture": architecture(),
        "bootID": _read("/proc/sys/kernel/random/boot_id"),
        "kernelVersion": platform.release(),
        "kubeProxyVersion": "",
        "machineID": identity,
        "operatingSystem": platform.system().lower(),
        "osImage": _system_name(),
        "systemUUID": identity,
    }


def _system_name() -> str:
    found = re.search(r'^PRETTY_NAME="?([^"\n]*)', _read("/etc/os-release"), re.MULTILINE)
    return found[1] if found else platform.platform(terse=True)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
