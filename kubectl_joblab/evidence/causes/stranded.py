"""Pods that nobody serves: no scheduler takes them, or their node is lost.

A Pod that is bound to a node which is not there, or asks for a scheduler that does not run, waits
without any event. Which nodes are worth a look is told by the Pods alone; each is asked for once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object

SLOW = timedelta(
    seconds=10
)  # in which a scheduler takes a Pod, and a kubelet one that it was given
_READY = "Ready"


def unnoticed(seen: Snapshot) -> Iterator[Cause]:
    """A Pod of which no scheduler has said anything."""
    for record in seen.pods:
        age = seen.now - (objects.created(record.pod) or seen.now)
        spec, status = objects.spec(record.pod), objects.status(record.pod)
        waits = status.get("phase", "Pending") == "Pending" and not objects.is_deleted(record.pod)
        told = spec.get("nodeName") or status.get("conditions") or status.get("containerStatuses")
        scheduler = str(spec.get("schedulerName") or "")
        if record.gone or not waits or told or not scheduler or age < SLOW:
            continue
        name = f"pod/{record.name}"
        yield Cause(
            "scheduler",
            True,
            name,
            phrase("no scheduler has looked at it"),
            phrase("spec.schedulerName is {name}", name=scheduler),
            kinds.anew(
                phrase(
                    "See whether a scheduler of that name runs; it takes the Pod by itself. To have"
                    " another, leave out schedulerName."
                ),
                kinds.FOR_THAT,
            ),
            f"kubectl describe pod {record.name}",
            id="scheduler-missing",
            shows=(
                kinds.field(name, record.pod, "spec.schedulerName"),
                Fact(name, "status.phase", str(status.get("phase") or "Pending")),
            ),
        )
        return  # the Pods of a Job have the same scheduler


def pointed(seen: Snapshot) -> list[str]:
    """The names of the nodes of which Pods show that they may be lost, each once."""
    names = [
        str(objects.spec(record.pod)["nodeName"]) for record in seen.pods if _points(record, seen)
    ]
    return list(dict.fromkeys(names))


def _points(record: PodRecord, seen: Snapshot) -> bool:
    """Whether a Pod has a node that does nothing for it."""
    pod = record.pod
    if record.gone or not objects.spec(pod).get("nodeName") or objects.has_ended(pod):
        return False
    if (due := objects.time(objects.metadata(pod).get("deletionTimestamp"))) is not None:
        return seen.now - due >= SLOW
    entries = objects.status(pod).get("containerStatuses") or []
    if not entries:
        return seen.now - (objects.created(pod) or seen.now) >= SLOW
    # MarkPodsNotReady in pkg/controller/util/node/controller_utils.go: Ready alone becomes False
    ready = objects.condition(pod, _READY) or {}
    return ready.get("status") == "False" and all(one.get("ready") for one in entries)


def lost_nodes(seen: Snapshot) -> Iterator[Cause]:
    """A node that is not there, or not ready, to which a Pod is bound that waits for it."""
    nodes = seen.around.nodes if seen.around else {}
    for record in seen.pods:
        node = str(objects.spec(record.pod).get("nodeName") or "")
        if node not in nodes or not _points(record, seen):
            continue
        found = nodes[node]
        if found is not None and objects.is_true(found, _READY):
            continue
        yield _lost(record, node, found)
        return


def _lost(record: PodRecord, node: str, found: Object | None) -> Cause:
    name, ready = f"node/{node}", objects.condition(found or {}, _READY) or {}
    held = kinds.field(f"pod/{record.name}", record.pod, "spec.nodeName")
    if found is None:
        return Cause(
            "node",
            True,
            name,
            phrase("not there"),
            phrase("pod/{name} is bound to it", name=record.name),
            kinds.anew(
                phrase(
                    "A Pod of a node that is gone is deleted after some time, and another follows."
                    " Where the template names the node, leave out nodeName."
                ),
                kinds.FOR_THAT,
            ),
            "kubectl get nodes",
            id="node-lost",
            shows=(held, Fact(name, "metadata.name", "not found")),
        )
    return Cause(
        "node",
        True,
        name,
        phrase("Ready is {status}", status=ready.get("status") or "Unknown"),
        str(ready.get("message") or ""),
        phrase(
            "Have the node come back. Or delete it from the cluster if it will not: its Pods are"
            " deleted then, and others follow."
        ),
        f"kubectl describe node {node}",
        id="node-lost",
        shows=(held, *kinds.condition(name, found, _READY)),
    )
