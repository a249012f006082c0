"""What the workers of all Pods of a node share.

The kubelet makes one NodeContext and hands it to each worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.events import Recorder
from kubectl_joblab.practice.node.images.pull import Images
from kubectl_joblab.practice.node.images.roots import Roots
from kubectl_joblab.practice.node.process.runtime import Runtime
from kubectl_joblab.practice.node.volumes.tokens import PodTokens

_FIRST_ADDRESS = IPv4Address("10.244.0.2")
_LAST_ADDRESS = IPv4Address("10.244.255.254")


class Addresses:
    """Made-up addresses of Pods: nothing answers there, but each Pod has its own."""

    def __init__(self) -> None:
        self._next = _FIRST_ADDRESS

    def new(self) -> str:
        """An address that no Pod has had lately."""
        address = self._next
        self._next = _FIRST_ADDRESS if address == _LAST_ADDRESS else address + 1
        return str(address)

    def note(self, address: str) -> None:
        """Do not give out this address again soon: a Pod of an earlier server has it."""
        taken = IPv4Address(address)
        if self._next <= taken < _LAST_ADDRESS:
            self._next = taken + 1


class Due(NamedTuple):
    """When a Pod's worker has something to do, and for what, as in clock.Wait.

    what: "" for housekeeping, for which no time is skipped.
    """

    at: datetime
    what: str = ""
    why: str = ""


@dataclass(frozen=True)
class NodeContext:
    """The node as its workers see it.

    pods: the folder that has a folder for each Pod. host: the root of the node's own files, which
    hostPath volumes show. allocatable: the node's resources for Pods, as
    quantities.
    """

    registry: Registry
    recorder: Recorder
    runtime: Runtime
    clock: Clock
    images: Images
    roots: Roots
    pods: Path
    host: Path
    host_ip: str
    allocatable: Mapping[str, str]
    service: dict[str, str]
    tokens: PodTokens
    addresses: Addresses = field(default_factory=Addresses)

    def pod_event(self, pod: Object, type_: str, reason: str, message: str) -> None:
        """Record an event about a Pod."""
        self.recorder.event(pod, type_, reason, message)

    def container_event(
        self, pod: Object, container: Object, type_: str, reason: str, message: str
    ) -> None:
        """Record an event about a container of a Pod."""
        spec, name = objects.spec(pod), container["name"]
        kinds = ("initContainers", "ephemeralContainers")
        named = [kind for kind in kinds if name in [one["name"] for one in spec.get(kind) or ()]]
        path = f"spec.{(*named, 'containers')[0]}{{{name}}}"
        self.recorder.event(pod, type_, reason, message, path)
