"""The Node and its Lease: made when the kubelet starts, and renewed from time to time.

Follows pkg/kubelet/kubelet_node_status.go and k8s.io/component-helpers/apimachinery/lease. Nobody
waits for the Lease, because the node and the API are one process; it is there to be looked at.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import kubectl_joblab
from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.api.documents import discovery
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.node import machine
from kubectl_joblab.practice.node.images import catalogue
from kubectl_joblab.practice.node.images.catalogue import Tools
from kubectl_joblab.practice.node.machine import Machine

HEARTBEAT_SECONDS = 300.0  # nodeStatusReportFrequency
LEASE_SECONDS = 40  # nodeLeaseDurationSeconds
RENEWAL_SECONDS = 10.0  # a fourth of it
FIRST_RETRY = 0.1  # before the Lease is tried again, then twice as long each time
LEASES = "kube-node-lease"  # the namespace
CONTAINERS = "kubectl-joblab/containers"  # the annotation that says how containers run here
_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "is posting ready status"),
)


class Registration:
    """Keeps the Node of this machine. why_no_namespaces: why containers are plain processes."""

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        this: Machine,
        tools: Tools,
        why_no_namespaces: str,
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._machine = this
        self._tools = tools
        self._why_no_namespaces = why_no_namespaces

    async def keep(self) -> None:
        """Write the Node every five minutes and its Lease every ten seconds, until cancelled."""
        due, retry = self._clock.now(), FIRST_RETRY
        while True:
            if self._clock.now() >= due:
                self.write()
                due = self._clock.now() + timedelta(seconds=HEARTBEAT_SECONDS)
            wait = RENEWAL_SECONDS
            if not self.renew():
                wait, retry = retry, min(retry * 2, RENEWAL_SECONDS)
            left = (due - self._clock.now()).total_seconds()
            await self._clock.sleep(max(min(wait, left), 0))

    def renew(self) -> bool:
        """Say in the Lease that the node is there; False as long as its namespace is not."""
        name = self._machine.name
        with contextlib.suppress(StatusError):
            node = self._registry.get(kinds.NODES, name)
            owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": objects.uid(node)}
            lease = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": name, "ownerReferences": [owner]},
                "spec": {
                    "holderIdentity": name,
                    "leaseDurationSeconds": LEASE_SECONDS,
                    "renewTime": clocks.rfc3339_micro(self._clock.now()),
                },
            }
            self._registry.update(kinds.LEASES, name, lease, LEASES)
            return True
        return False

    def write(self) -> None:
        """Create the Node, or bring it up to date. Users' own labels and annotations stay."""
        try:
            node = self._registry.get(kinds.NODES, self._machine.name)
        except StatusError:
            node = self._registry.create(kinds.NODES, self._new())
        meta = objects.metadata(node)
        wanted = self._new()["metadata"]
        labels = {**(meta.get("labels") or {}), **wanted["labels"]}
        annotations = {**(meta.get("annotations") or {}), **wanted["annotations"]}
        if labels != meta.get("labels") or annotations != meta.get("annotations"):
            changed = {**node, "metadata": {**meta, "labels": labels, "annotations": annotations}}
            node = self._registry.update(kinds.NODES, self._machine.name, changed)
        told = {**node, "status": self._status(node)}
        self._registry.update(kinds.NODES, self._machine.name, told, subresource="status")

    def _new(self) -> Object:
        architecture, system = machine.architecture(), self._machine.info["operatingSystem"]
        labels = {
            "beta.kubernetes.io/arch": architecture,
            "beta.kubernetes.io/os": system,
            "kubernetes.io/arch": architecture,
            "kubernetes.io/hostname": self._machine.name,
            "kubernetes.io/os": system,
        }
        why = self._why_no_namespaces
        kind = f"processes, because {why}" if why else "processes in namespaces"
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": self._machine.name,
                "labels": labels,
                "annotations": {CONTAINERS: kind},
            },
            "spec": {},
        }

    def _status(self, node: Object) -> Object:
        runtime = f"joblab://{kubectl_joblab.__version__}"
        info: dict[str, Any] = {
            **self._machine.info,
            "containerRuntimeVersion": runtime,
            "kubeletVersion": discovery.GIT_VERSION,
        }
        return {
            "addresses": [
                {"address": self._machine.ip, "type": "InternalIP"},
                {"address": self._machine.name, "type": "Hostname"},
            ],
            "allocatable": self._machine.allocatable,
            "capacity": self._machine.capacity,
            "conditions": [self._condition(node, *one) for one in _CONDITIONS],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
            "images": [
                {"names": [one.reference], "sizeBytes": one.size}
                for one in catalogue.present(self._tools)
            ],
            "nodeInfo": info,
        }

    def _condition(self, node: Object, kind: str, state: str, reason: str, message: str) -> Object:
        now = clocks.rfc3339(self._clock.now())
        old = objects.condition(node, kind)
        since = old["lastTransitionTime"] if old and old["status"] == state else now
        return {
            "type": kind,
            "status": state,
            "lastHeartbeatTime": now,
            "lastTransitionTime": since,
            "reason": reason,
            "message": f"kubelet {message}",
        }
