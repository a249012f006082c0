"""The phase of a Pod, computed from the states of its containers. Pure.

Follows getPhase in pkg/kubelet/kubelet_pods.go; pod/status.py calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubectl_joblab.objects import Object
from kubectl_joblab.practice.node import attempts

PENDING, RUNNING, SUCCEEDED, FAILED = "Pending", "Running", "Succeeded", "Failed"
TERMINAL = (SUCCEEDED, FAILED)

Statuses = Mapping[str, Object]


def phase(pod: Object, entries: Iterable[Object], *, terminal: bool, initialized: bool) -> str:
    """The phase that follows from the containers' statuses, which are the entries.

    terminal: whether nothing will be started any more, whatever the restart policies say.
    initialized: whether one of the main containers has ever started.
    """
    statuses = {entry["name"]: entry for entry in entries}
    inits = _Inits(pod, statuses)
    mains = _Mains(pod, statuses)
    mains.add_sidecars(pod, statuses)
    if inits.failed_for_good:
        return FAILED
    if inits.pending or (mains.pending_sidecars and not initialized) or mains.waiting:
        return PENDING
    if mains.unknown:
        return PENDING
    if mains.running:
        return RUNNING
    if not mains.stopped:
        return PENDING
    if not terminal and mains.stopped != mains.stopped_for_good:
        return RUNNING
    return SUCCEEDED if mains.stopped == mains.succeeded else FAILED


def _last_end(entry: Object) -> Object | None:
    last: Object | None = (entry.get("lastState") or {}).get("terminated")
    return last


class _Inits:
    """Counts of the init containers that are no sidecars."""

    def __init__(self, pod: Object, statuses: Statuses) -> None:
        self.pending = 0
        self.failed_for_good = 0
        for container in attempts.init_containers(pod):
            if not attempts.is_sidecar(container):
                self._count(container, pod, statuses.get(container["name"], {}))

    def _count(self, container: Object, pod: Object, entry: Object) -> None:
        state = entry.get("state") or {}
        ended = state.get("terminated") or (_last_end(entry) if "waiting" in state else None)
        if ended is None:
            self.pending += 1
        elif ended.get("exitCode"):
            restarts = attempts.should_restart(container, pod, ended["exitCode"])
            self.failed_for_good += not restarts


class _Mains:
    """Counts of the main containers and, once they are added, of the sidecars."""

    def __init__(self, pod: Object, statuses: Statuses) -> None:
        self.unknown = self.running = self.waiting = 0
        self.stopped = self.stopped_for_good = self.succeeded = 0
        self.pending_sidecars = 0
        for container in attempts.containers(pod):
            self._count(container, pod, statuses.get(container["name"]))

    def _count(self, container: Object, pod: Object, entry: Object | None) -> None:
        state = (entry or {}).get("state") or {}
        if entry is None or not state:
            self.unknown += 1
        elif "running" in state:
            self.running += 1
        elif "terminated" in state:
            self._stop(container, pod, state["terminated"].get("exitCode", 0))
            self.succeeded += not state["terminated"].get("exitCode")
        elif last := _last_end(entry):
            self._stop(container, pod, last.get("exitCode", 0))
        else:
            self.waiting += 1

    def _stop(self, container: Object, pod: Object, exit_code: int) -> None:
        self.stopped += 1
        self.stopped_for_good += not attempts.should_restart(container, pod, exit_code)

    def add_sidecars(self, pod: Object, statuses: Statuses) -> None:
        """Count the sidecars too, but for those that have ended."""
        for container in attempts.init_containers(pod):
            if not attempts.is_sidecar(container):
                continue
            entry = statuses.get(container["name"])
            state = (entry or {}).get("state") or {}
            if entry is None or not state:
                self.unknown += 1
                self.pending_sidecars += entry is not None
            elif "running" in state:
                self.running += 1
                self.pending_sidecars += not entry.get("started")
            elif "waiting" in state and not _last_end(entry):
                self.waiting += 1
                self.pending_sidecars += 1
