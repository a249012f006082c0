"""The conditions of a Pod that the node owns. Pure.

Follows pkg/kubelet/status/generate.go; pod/status.py calls it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.attempts import Sandbox
from kubectl_joblab.practice.node.pod.phase import FAILED, SUCCEEDED

# those of PodConditionByKubelet in pkg/kubelet/types/pod_status.go that a Pod here may have
OWNED = (
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
)
_ENDS = {SUCCEEDED: "PodCompleted", FAILED: "PodFailed"}


def conditions(
    pod: Object, entries: Sequence[Object], phase: str, sandbox: Sandbox | None
) -> list[Object]:
    """The conditions that the node owns, without their times.

    entries: the statuses of all containers.
    """
    statuses = {entry["name"]: entry for entry in entries}
    containers_ready = _containers_ready(pod, statuses, phase)
    return [
        _ready_to_start(sandbox),
        {"type": "Initialized", **_initialized(pod, statuses, phase)},
        {"type": "Ready", **_ready(pod, containers_ready)},
        {"type": "ContainersReady", **containers_ready},
        {"type": "PodScheduled", "status": "True"},
    ]


def _false(reason: str, message: str = "") -> Object:
    found = {"status": "False", "reason": reason}
    return found | ({"message": message} if message else {})


def _ready_to_start(sandbox: Sandbox | None) -> Object:
    kind: Object = {"type": "PodReadyToStartContainers"}
    if sandbox is not None and sandbox.ready:
        return kind | {"status": "True"}
    why = "no pod sandbox exists" if sandbox is None else "pod sandbox is not ready"
    return kind | _false("PodSandboxNotReady", why)


def _initialized(pod: Object, statuses: Mapping[str, Object], phase: str) -> Object:
    inits = attempts.init_containers(pod)
    unknown = [one["name"] for one in inits if one["name"] not in statuses]
    if phase == SUCCEEDED and not unknown:
        return {"status": "True", "reason": "PodCompleted"}
    mains = [statuses.get(one["name"]) or {} for one in attempts.containers(pod)]
    if any("waiting" not in (one.get("state") or {"waiting": {}}) for one in mains):
        return {"status": "True"}
    incomplete = [
        one["name"]
        for one in inits
        if one["name"] in statuses and not _is_initialized(one, statuses[one["name"]])
    ]
    message = _message(unknown, incomplete, "incomplete")
    return _false("ContainersNotInitialized", message) if message else {"status": "True"}


def _is_initialized(container: Object, entry: Object) -> bool:
    key = "started" if attempts.is_sidecar(container) else "ready"
    return bool(entry.get(key))


def _containers_ready(pod: Object, statuses: Mapping[str, Object], phase: str) -> Object:
    counted = [one for one in attempts.init_containers(pod) if attempts.is_sidecar(one)]
    names = [one["name"] for one in counted + attempts.containers(pod)]
    unknown = [name for name in names if name not in statuses]
    if phase == FAILED or (phase == SUCCEEDED and not unknown):
        return _false(_ENDS[phase])
    unready = [name for name in names if name in statuses and not statuses[name].get("ready")]
    message = _message(unknown, unready, "unready")
    return _false("ContainersNotReady", message) if message else {"status": "True"}


def _message(unknown: Sequence[str], others: Sequence[str], word: str) -> str:
    texts = []
    for names, kind in ((unknown, "unknown"), (others, word)):
        if names:
            texts.append(f"containers with {kind} status: [{' '.join(names)}]")
    return ", ".join(texts)


def _ready(pod: Object, containers_ready: Object) -> Object:
    if containers_ready["status"] != "True":
        return containers_ready
    texts = []
    for gate in objects.spec(pod).get("readinessGates") or ():
        kind = gate["conditionType"]
        found = objects.condition(pod, kind)
        if found is None:
            text = f'corresponding condition of pod readiness gate "{kind}" does not exist.'
            texts.append(text)
        elif found["status"] != "True":
            texts.append(
                f'the status of pod readiness gate "{kind}" is not "True", but {found["status"]}'
            )
    return _false("ReadinessGatesNotReady", ", ".join(texts)) if texts else {"status": "True"}
