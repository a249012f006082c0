"""The status of a Pod as the node tells it to the API. Pure.

Follows generateAPIPodStatus and convertToAPIContainerStatuses in pkg/kubelet/kubelet_pods.go, and
mergePodStatus and TerminatePod in pkg/kubelet/status/status_manager.go. The Pod worker writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from kubectl_joblab.practice.node import attempts, eviction
from kubectl_joblab.practice.node.attempts import RUNTIME, Attempt, Observed
from kubectl_joblab.practice.node.pod import conditions, phase, requirements
from kubectl_joblab.practice.node.pod.phase import FAILED, TERMINAL

DEADLINE_REASON = "DeadlineExceeded"
DEADLINE_MESSAGE = "Pod was active on the node longer than the specified deadline"
_UNKNOWN: Object = {
    "exitCode": 137,
    "finishedAt": None,
    "message": "The container could not be located when the pod was terminated",
    "reason": "ContainerStatusUnknown",
    "startedAt": None,
}


@dataclass(frozen=True)
class Moment:
    """When and where a status is generated.

    over: whether no container of the Pod runs, and none will be started again. evicted: what the
    Pod is evicted for, "" where it is not.
    """

    now: datetime
    host_ip: str
    over: bool = False
    evicted: str = ""


def generate(pod: Object, observed: Observed, moment: Moment) -> Object:
    """The status that follows from what is observed.

    It may say more than the API may be told yet: see `merged`.
    """
    inits = _statuses(pod, observed, attempts.init_containers(pod), "initContainerStatuses")
    mains = _statuses(pod, observed, attempts.containers(pod), "containerStatuses")
    ephemerals = _ephemeral_statuses(pod, observed)
    initialized = any(observed.attempts.get(one["name"]) for one in attempts.containers(pod))
    old = objects.status(pod)
    told = phase.phase(pod, [*mains, *inits], terminal=moment.over, initialized=initialized)
    if old.get("phase") in TERMINAL:
        told = old["phase"]
    found: Object = {"phase": told}
    if told == old.get("phase"):
        found |= {key: old[key] for key in ("reason", "message") if old.get(key)}
    if is_past_deadline(pod, moment.now):
        found |= {"phase": FAILED, "reason": DEADLINE_REASON, "message": DEADLINE_MESSAGE}
    evicted: Object = {"phase": FAILED, "reason": eviction.REASON, "message": moment.evicted}
    if moment.evicted and moment.over:
        found |= evicted
    owned = conditions.conditions(pod, [*inits, *mains], found["phase"], observed.sandbox)
    if moment.evicted:  # podStatusFn of SyncTerminatingPod: the conditions are made before
        found |= evicted
    found["conditions"] = _timed(pod, owned, moment.now)
    found |= _addresses(pod, observed, moment)
    found |= requirements.of_status(pod)
    found["qosClass"] = old.get("qosClass") or "BestEffort"
    found["startTime"] = old.get("startTime") or clocks.rfc3339(moment.now)
    if generation := objects.metadata(pod).get("generation"):
        found["observedGeneration"] = generation
    told_of = {
        "initContainerStatuses": inits,
        "containerStatuses": mains,
        "ephemeralContainerStatuses": ephemerals,
    }
    return found | {key: entries for key, entries in told_of.items() if entries}


def deadline(pod: Object) -> datetime | None:
    """When the Pod has been active for its activeDeadlineSeconds; None where it has no deadline."""
    seconds = objects.spec(pod).get("activeDeadlineSeconds")
    start = objects.time(objects.status(pod).get("startTime"))
    if seconds is None or start is None:
        return None
    return clocks.after(start, clocks.span(seconds))


def is_past_deadline(pod: Object, now: datetime) -> bool:
    """Whether the Pod has been active for longer than its activeDeadlineSeconds."""
    end = deadline(pod)
    return end is not None and now >= end


def merged(pod: Object, generated: Object, *, may_run: bool) -> Object:
    """The status to write (mergePodStatus).

    Conditions that others own stay. may_run: whether a container may run still: then a terminal
    phase is not told yet.
    """
    old = objects.status(pod)
    kept = [one for one in old.get("conditions") or () if one["type"] not in conditions.OWNED]
    found = {**generated, "conditions": [*kept, *generated["conditions"]]}
    for key in ("resourceClaimStatuses", "extendedResourceClaimStatus", "nominatedNodeName"):
        if key in old:
            found[key] = old[key]
    if may_run and found["phase"] in TERMINAL and old.get("phase") not in TERMINAL:
        for key in ("phase", "reason", "message"):
            found.pop(key, None)
            if key in old:
                found[key] = old[key]
    return found


def terminated(pod: Object) -> Object:
    """The last status of a Pod (TerminatePod).

    All its containers have ended, as far as they have begun, and so has the Pod.
    """
    found: Object = dict(objects.status(pod))
    if inits := found.get("initContainerStatuses"):
        begun = [index for index, entry in enumerate(inits) if _has_begun(entry)]
        lost = begun[-1] + 1 if begun else 1
        found["initContainerStatuses"] = [*map(_ended, inits[:lost]), *inits[lost:]]
    if found.get("containerStatuses") and _has_initialized(pod):
        found["containerStatuses"] = list(map(_ended, found["containerStatuses"]))
    if found.get("phase") not in TERMINAL:
        found["phase"] = FAILED
    return found


def _has_begun(entry: Object) -> bool:
    return "waiting" not in (entry.get("state") or {}) or bool(_last_end(entry))


def _last_end(entry: Object) -> Object | None:
    found: Object | None = (entry.get("lastState") or {}).get("terminated")
    return found


def _has_initialized(pod: Object) -> bool:
    """Whether all init containers of a Pod have done their work (hasPodInitialized)."""
    inits, status = attempts.init_containers(pod), objects.status(pod)
    if not inits or any(map(_has_begun, status.get("containerStatuses") or ())):
        return True
    told = status.get("initContainerStatuses") or ()
    if not told:
        return False
    if attempts.is_sidecar(inits[-1]):
        return bool(told[-1].get("started"))
    ended = told[-1]["state"].get("terminated") or _last_end(told[-1])
    return bool(ended is not None and not ended.get("exitCode"))


def _ended(entry: Object) -> Object:
    if "terminated" in (entry.get("state") or {}):
        return entry
    return {**entry, "state": {"terminated": _UNKNOWN}}


# ---- the parts of a status


def _addresses(pod: Object, observed: Observed, moment: Moment) -> Object:
    found: Object = {"hostIP": moment.host_ip, "hostIPs": [{"ip": moment.host_ip}]}
    ip = observed.sandbox.ip if observed.sandbox is not None else ""
    if objects.spec(pod).get("hostNetwork"):
        ip = moment.host_ip
    return found | ({"podIP": ip, "podIPs": [{"ip": ip}]} if ip else {})


def _timed(pod: Object, owned: Sequence[Object], now: datetime) -> list[Object]:
    """Conditions with times: a condition keeps its time as long as its status is the same."""
    found = []
    for one in owned:
        old = objects.condition(pod, one["type"])
        since = clocks.rfc3339(now)
        if old is not None and old["status"] == one["status"] and old.get("lastTransitionTime"):
            since = old["lastTransitionTime"]
        generation = objects.metadata(pod).get("generation")
        observed = {"observedGeneration": generation} if generation else {}
        found.append({"lastProbeTime": None, "lastTransitionTime": since, **observed, **one})
    return found


def _statuses(
    pod: Object, observed: Observed, containers: Sequence[Object], key: str
) -> list[Object]:
    old = {entry["name"]: entry for entry in objects.status(pod).get(key) or ()}
    init = key == "initContainerStatuses"
    found = [
        _status(pod, observed, container, old.get(container["name"]), init=init)
        for container in containers
    ]
    return found if init else sorted(found, key=lambda one: str(one["name"]))


def _ephemeral_statuses(pod: Object, observed: Observed) -> list[Object]:
    """The statuses of the ephemeral containers, which no probe says anything of."""
    containers = attempts.ephemeral_containers(pod)
    found = _statuses(pod, observed, containers, "ephemeralContainerStatuses")
    for one in found:
        one.pop("started", None)
        one["ready"] = False
    return found


def _status(
    pod: Object, observed: Observed, container: Object, old: Object | None, *, init: bool
) -> Object:
    found: Object = {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "restartCount": 0,
        "ready": False,
        "started": False,
        "lastState": {},
        "state": {"waiting": {"reason": _first_reason(pod)}},
    }
    runs = observed.attempts.get(container["name"]) or ()
    if runs:
        found |= _of_attempt(container, runs[0], observed)
    elif old and "terminated" in (old.get("state") or {}):
        found = dict(old)
    if len(runs) > 1:
        found["lastState"] = {"terminated": _termination(runs[1])}
    waiting = observed.waiting.get(container["name"])
    if waiting and attempts.is_to_start(container, pod, observed) and not _is_over(runs, init=init):
        if ended := found["state"].get("terminated"):
            found["lastState"] = {"terminated": ended}
        found["state"] = {"waiting": _waiting_state(waiting.reason, waiting.message)}
    if mounts := container.get("volumeMounts"):
        found["volumeMounts"] = [_mount_status(mount) for mount in mounts]
    if init and not attempts.is_sidecar(container):
        ended = found["state"].get("terminated")
        found["ready"] = bool(ended is not None and not ended.get("exitCode"))
    return found


def _first_reason(pod: Object) -> str:
    return "PodInitializing" if attempts.init_containers(pod) else "ContainerCreating"


def _is_over(runs: Sequence[Attempt], *, init: bool) -> bool:
    """Whether an init container has succeeded, so that it never starts again."""
    return bool(init and runs and not runs[0].is_running and runs[0].exit_code == 0)


def _of_attempt(container: Object, attempt: Attempt, observed: Observed) -> Object:
    running = attempt.is_running
    found: Object = {
        "image": attempt.image,
        "imageID": attempt.image_id,
        "containerID": RUNTIME + attempt.id,
        "restartCount": attempt.number,
        "started": running and attempt.id in observed.started,
        "ready": running and attempt.id in observed.started and attempt.id in observed.ready,
        "user": dict(attempt.user),
        "resources": container.get("resources") or {},
    }
    if requests := (container.get("resources") or {}).get("requests"):
        found["allocatedResources"] = requests
    if running:
        assert attempt.started is not None
        found["state"] = {"running": {"startedAt": clocks.rfc3339(attempt.started)}}
    else:
        found["state"] = {"terminated": _termination(attempt)}
    return found


def _termination(attempt: Attempt) -> Object:
    found: dict[str, Any] = {
        "containerID": RUNTIME + attempt.id,
        "exitCode": attempt.exit_code,
        "finishedAt": clocks.rfc3339(attempt.finished) if attempt.finished else None,
        "startedAt": clocks.rfc3339(attempt.started) if attempt.started else objects.NEVER,
    }
    texts = {"reason": attempt.reason, "message": attempt.message}
    return found | {key: text for key, text in texts.items() if text}


def _waiting_state(reason: str, message: str) -> Object:
    return {"reason": reason} | ({"message": message} if message else {})


def _mount_status(mount: Mapping[str, Any]) -> Object:
    found: Object = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        found |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return found
