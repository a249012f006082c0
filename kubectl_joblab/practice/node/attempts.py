"""What the node knows of a Pod's containers: each start of each, and the sandbox they share.

The Pod worker keeps it, `pod/status.py` tells it to the API, `pod/plan.py` decides by it. The
kubelet's counterpart is PodStatus in pkg/kubelet/container/runtime.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object

RUNNING = "running"
EXITED = "exited"
RUNTIME = "containerd://"  # how container ids begin in the API
EARLIER = -1  # the number of the sandbox that a Pod had before the node was restarted


@dataclass(frozen=True)
class Attempt:
    """One start of a container.

    state: RUNNING or EXITED. number: what the API calls restartCount, 0 for the first start. user:
    the container's user as its status tells it. started: None where the program could not be
    started. sandbox: the number of the Pod's sandbox that the container was started in. asked: the
    image as the container named it then, "" where that is not known any more.
    """

    name: str
    id: str
    number: int
    image: str
    image_id: str
    user: Mapping[str, object]
    state: str
    started: datetime | None
    finished: datetime | None = None
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    sandbox: int = EARLIER
    asked: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the container runs."""
        return self.state == RUNNING

    def is_of_other(self, container: Object) -> bool:
        """Whether the container has changed since, and so has to be started again.

        Follows containerChanged in pkg/kubelet/kuberuntime: the image counts, and the name.
        """
        return bool(self.asked) and self.asked != container["image"]

    def ended(self, at: datetime, code: int, reason: str, message: str) -> Attempt:
        """The attempt after its end, with the exit code, and reason and message of its state."""
        return replace(
            self, state=EXITED, finished=at, exit_code=code, reason=reason, message=message
        )


@dataclass(frozen=True)
class Waiting:
    """Why a container does not run: what its state says until the next try."""

    reason: str
    message: str


@dataclass(frozen=True)
class Sandbox:
    """What a Pod's containers share.

    ip: the Pod's address, "" until it has one. ready: False once the sandbox has been taken down.
    number: counts the sandboxes that the Pod has had.
    """

    ip: str
    ready: bool = True
    number: int = 0


@dataclass(frozen=True)
class Observed:
    """All that the node knows of a Pod's containers at one moment.

    attempts: the starts of each container, the latest first, two at most. waiting: why a
    container's last start has failed. started, ready: the ids of attempts whose startup probe, or
    readiness probe, has succeeded; an attempt without such a probe is among them. failing: by id of
    an attempt, the kind of the probe that has failed for good.
    """

    attempts: Mapping[str, Sequence[Attempt]] = field(default_factory=dict)
    sandbox: Sandbox | None = None
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    started: frozenset[str] = frozenset()
    ready: frozenset[str] = frozenset()
    failing: Mapping[str, str] = field(default_factory=dict)

    def latest(self, name: str) -> Attempt | None:
        """The last start of a container, None where it was never started."""
        found = self.attempts.get(name)
        return found[0] if found else None

    def running(self) -> list[Attempt]:
        """The attempts that run."""
        return [found[0] for found in self.attempts.values() if found and found[0].is_running]


def is_sidecar(container: Object) -> bool:
    """Whether an init container goes on running beside the main containers."""
    return bool(container.get("restartPolicy") == "Always")


def init_containers(pod: Object) -> list[Object]:
    """The Pod's init containers, in the order in which they start."""
    return list(objects.spec(pod).get("initContainers") or ())


def containers(pod: Object) -> list[Object]:
    """The Pod's main containers."""
    return list(objects.spec(pod).get("containers") or ())


def ephemeral_containers(pod: Object) -> list[Object]:
    """The containers that were added to the Pod while it was there, to look into it."""
    return list(objects.spec(pod).get("ephemeralContainers") or ())


def all_containers(pod: Object) -> list[Object]:
    """All containers of the Pod, of every type."""
    return [*init_containers(pod), *containers(pod), *ephemeral_containers(pod)]


def should_restart(container: Object, pod: Object, exit_code: int) -> bool:
    """Whether a container that has ended is to be started again (ContainerShouldRestart)."""
    policy = container.get("restartPolicy")
    if policy is not None:
        for rule in container.get("restartPolicyRules") or ():
            if _matches(rule.get("exitCodes") or {}, exit_code):
                return True
    policy = policy or objects.spec(pod).get("restartPolicy") or "Always"
    return bool(policy == "Always" or (policy == "OnFailure" and exit_code != 0))


def _matches(codes: Object, exit_code: int) -> bool:
    among = exit_code in (codes.get("values") or ())
    return among if codes.get("operator") == "In" else not among


def is_restartable(container: Object, pod: Object) -> bool:
    """Whether a container may ever be started again (IsContainerRestartable)."""
    if container.get("restartPolicyRules"):
        return True
    policy = container.get("restartPolicy") or objects.spec(pod).get("restartPolicy")
    return bool(policy != "Never")


def is_to_start(container: Object, pod: Object, observed: Observed) -> bool:
    """Whether a container that does not run is to be started (ShouldContainerBeRestarted)."""
    if objects.is_deleted(pod):
        return False
    latest = observed.latest(container["name"])
    if latest is None:
        return True
    return not latest.is_running and should_restart(container, pod, latest.exit_code)


# ---- remembered from the API, when the node starts again


def recalled(pod: Object, now: datetime) -> dict[str, list[Attempt]]:
    """The attempts that a Pod's status in the API tells of, by container.

    A container that ran has ended meanwhile, as after a reboot of a real node. Its exit code is 255
    and the reason Unknown: so containerd says of a container whose process it does not find
    (internal/cri/server/restart.go).
    """
    status = objects.status(pod)
    entries: Iterable[Object] = [
        *(status.get("initContainerStatuses") or ()),
        *(status.get("containerStatuses") or ()),
        *(status.get("ephemeralContainerStatuses") or ()),
    ]
    return {entry["name"]: found for entry in entries if (found := _recalled(entry, now))}


def _recalled(entry: Object, now: datetime) -> list[Attempt]:
    count, state = int(entry.get("restartCount", 0)), entry.get("state") or {}
    last = (entry.get("lastState") or {}).get("terminated")
    found = []
    if running := state.get("running"):
        started = objects.time(running.get("startedAt"))
        attempt = _attempt(entry, entry.get("containerID", ""), count, started)
        found.append(attempt.ended(now, 255, "Unknown", ""))
    elif ended := state.get("terminated"):
        found.append(_terminated(entry, ended, count))
    if last:
        found.append(_terminated(entry, last, count - len(found)))
    return [attempt for attempt in found if attempt.id]


def _terminated(entry: Object, ended: Object, number: int) -> Attempt:
    began = ended.get("startedAt")
    attempt = _attempt(
        entry,
        ended.get("containerID") or "",
        number,
        None if began == objects.NEVER else objects.time(began),
    )
    return replace(
        attempt,
        state=EXITED,
        finished=objects.time(ended.get("finishedAt")),
        exit_code=int(ended.get("exitCode", 0)),
        reason=ended.get("reason") or "",
        message=ended.get("message") or "",
    )


def _attempt(entry: Object, identity: str, number: int, started: datetime | None) -> Attempt:
    return Attempt(
        entry["name"],
        identity.removeprefix(RUNTIME),
        number,
        entry["image"],
        entry.get("imageID") or "",
        entry.get("user") or {},
        RUNNING,
        started,
    )
