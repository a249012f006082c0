"""What the node does next with a Pod: which containers to start, which to kill. Pure.

Follows computePodActions and computeInitContainerActions in pkg/kubelet/kuberuntime. The Pod worker
carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts
from kubectl_joblab.practice.node.attempts import Attempt, Observed

LIVENESS, STARTUP = "liveness", "startup"


@dataclass(frozen=True)
class Kill:
    """A container that runs and has to be ended.

    probe: the kind of the probe that has failed, "" where the container has changed.
    """

    container: Object
    attempt: Attempt
    message: str
    probe: str


@dataclass
class Plan:
    """What to do next.

    over: whether the Pod has ended: what runs is to be ended, and nothing is ever started again.
    """

    new_sandbox: bool = False
    ephemerals: list[Object] = field(default_factory=list)
    inits: list[Object] = field(default_factory=list)
    mains: list[Object] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    over: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        starts = self.ephemerals or self.inits or self.mains
        return not (self.new_sandbox or starts or self.kills or self.over)


def plan(pod: Object, observed: Observed) -> Plan:
    """What to do next with a Pod whose containers are as observed."""
    if observed.sandbox is None or not observed.sandbox.ready:
        return _begin(pod, observed)
    ephemerals = attempts.ephemeral_containers(pod)
    # They are never started again, and need not wait for init containers.
    found = Plan(ephemerals=[one for one in ephemerals if not observed.latest(one["name"])])
    initialized = _plan_inits(pod, observed, found)
    if found.over or not initialized:
        return found
    kept = 0
    for container in attempts.containers(pod):
        latest = observed.latest(container["name"])
        if latest is None or not latest.is_running:
            if attempts.is_to_start(container, pod, observed):
                found.mains.append(container)
        elif latest.is_of_other(container):
            _plan_kill(container, latest, "", found, again=True)
        elif probe := observed.failing.get(latest.id):
            _plan_kill(
                container, latest, probe, found, again=attempts.is_restartable(container, pod)
            )
        else:
            kept += 1
    if not kept and not found.mains:
        return Plan(over=True)
    return found


def _plan_kill(
    container: Object, attempt: Attempt, probe: str, found: Plan, *, again: bool
) -> None:
    message = f"Container {container['name']} {_why(probe)}"
    if again:
        message += ", will be restarted"
        found.mains.append(container)
    found.kills.append(Kill(container, attempt, message, probe))


def _why(probe: str) -> str:
    """Why a container is killed. probe: the kind of the probe that has failed, if one has."""
    return f"failed {probe} probe" if probe else "definition changed"


def _begin(pod: Object, observed: Observed) -> Plan:
    """The plan for a Pod without a sandbox: a new one, or one whose node was restarted."""
    mains = attempts.containers(pod)
    ran_before = any(observed.latest(one["name"]) for one in mains)
    wanted = [one for one in mains if attempts.is_to_start(one, pod, observed)]
    if ran_before and not wanted:
        return Plan(over=True)
    inits = attempts.init_containers(pod)
    if inits:
        return Plan(new_sandbox=True, inits=inits[:1])
    return Plan(new_sandbox=True, mains=wanted)


def _plan_inits(pod: Object, observed: Observed, found: Plan) -> bool:
    """Plan for init containers; whether the main containers may run.

    They are looked at from the last to the first: all that come before one that has started are
    done, but sidecars among them are kept running.
    """
    inits = attempts.init_containers(pod)
    if not inits:
        return True
    initialized = begun = any(
        _active(observed, one["name"]) is not None for one in attempts.containers(pod)
    )
    starts: list[Object] = []
    for index in range(len(inits) - 1, -1, -1):
        container = inits[index]
        sidecar = attempts.is_sidecar(container)
        latest = _active(observed, container["name"])
        if latest is None:
            if begun and sidecar:
                starts.append(container)
            continue
        if begun and not sidecar:
            continue
        if sidecar:
            done = _plan_sidecar(container, latest, observed, starts, found)
        elif latest.is_running:
            done = False
        elif latest.exit_code == 0:
            done = True
        elif attempts.should_restart(container, pod, latest.exit_code):
            done = False
            starts.append(container)
        else:
            found.over = True
            return False
        if done and index == len(inits) - 1:
            initialized = True
        elif done and not begun:
            starts.append(inits[index + 1])
        begun = True
    if not begun:
        starts.append(inits[0])
    found.inits = sorted(starts, key=inits.index)
    return initialized


def _plan_sidecar(
    container: Object, latest: Attempt, observed: Observed, starts: list[Object], found: Plan
) -> bool:
    """Plan to keep a sidecar running; whether it lets the next container start."""
    if not latest.is_running:
        starts.append(container)
        return False
    started = latest.id in observed.started
    probe = observed.failing.get(latest.id, "")
    if started and probe != STARTUP and latest.is_of_other(container):
        probe = ""
    elif not probe:
        return started
    message = f"Init container {container['name']} {_why(probe)}"
    found.kills.append(Kill(container, latest, message, probe))
    starts.append(container)
    return started and probe != STARTUP


def _active(observed: Observed, name: str) -> Attempt | None:
    """The last start of a container, if it was in the present sandbox."""
    latest = observed.latest(name)
    if latest is None or observed.sandbox is None or latest.sandbox != observed.sandbox.number:
        return None
    return latest
