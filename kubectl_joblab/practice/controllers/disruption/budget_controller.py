"""Keeps the status of each PodDisruptionBudget: how many of its Pods may be evicted now.

Follows pkg/controller/disruption/disruption.go; health.py works out what is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.api import budgets, selectors
from kubectl_joblab.practice.api.errors import StatusError
from kubectl_joblab.practice.api.registry import kinds
from kubectl_joblab.practice.api.registry.operations import Registry
from kubectl_joblab.practice.clock import Clock
from kubectl_joblab.practice.controllers import tasks
from kubectl_joblab.practice.controllers.disruption import health, scales
from kubectl_joblab.practice.controllers.disruption.health import Disrupted, Expected
from kubectl_joblab.practice.controllers.disruption.scales import UnknownScaleError
from kubectl_joblab.practice.controllers.disruption.stale import StaleDisruptions
from kubectl_joblab.practice.controllers.informer import Informer
from kubectl_joblab.practice.controllers.workqueue import CONTROLLER_RETRIES, WorkQueue
from kubectl_joblab.practice.events import Recorder

RECORDED_AS = "controllermanager"
_UNMANAGED = (
    "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a "
    "result, the status of the PDB cannot be calculated correctly, which may result in undefined "
    'behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an '
    "integer value."
)
_LIST = "[]LabelSelectorRequirement"

Key = tuple[str, str]  # namespace and name


class DisruptionController:
    """Writes the status of budgets, and clears marks of evictions that did not come about."""

    name = "disruption-controller"

    def __init__(self, registry: Registry, clock: Clock, recorder: Recorder) -> None:
        self._registry = registry
        self._clock = clock
        self._recorder = recorder

    async def run(self) -> None:
        """Keep the budgets' status, until cancelled."""
        self._queue: WorkQueue[Key] = WorkQueue(
            self._clock, lambda key: ("PodDisruptionBudget", *key), *CONTROLLER_RETRIES
        )
        self._budgets: dict[Key, Object] = {}
        self._stale = StaleDisruptions(self._registry, self._clock)
        await tasks.together(
            Informer(self._registry, kinds.POD_DISRUPTION_BUDGETS, self._budget_changed).run(),
            Informer(self._registry, kinds.PODS, self._pod_changed).run(),
            self._queue.work(self._sync),
            self._stale.run(),
        )

    # ---- what changes

    def _budget_changed(self, old: Object | None, new: Object | None) -> None:
        key = _key(new or old or {})
        if new is None:
            self._budgets.pop(key, None)
            self._queue.cancel(key)
        else:
            self._budgets[key] = new
            self._queue.add(key)

    def _pod_changed(self, old: Object | None, new: Object | None) -> None:
        pod = new or old or {}
        there = [one for key, one in self._budgets.items() if key[0] == _key(pod)[0]]
        found = budgets.covering(there, pod)
        if found:
            self._queue.add(_key(found[0]))
        if len(found) > 1:
            about = "/".join(f'"{part}"' for part in _key(pod))
            chosen = f'Chose "{objects.name(found[0])}" arbitrarily.'
            text = f"Pod {about} matches multiple PodDisruptionBudgets.  {chosen}"
            self._recorder.event(pod, "Warning", "MultiplePodDisruptionBudgets", text)
        self._stale.pod_changed(pod, gone=new is None)

    # ---- one budget

    def _sync(self, key: Key) -> None:
        try:
            budget = self._registry.get(kinds.POD_DISRUPTION_BUDGETS, key[1], key[0])
        except StatusError:
            return  # it is gone
        now = self._clock.now()
        pods = self._pods(budget)
        try:
            wanted = self._expected(budget, pods)
        except UnknownScaleError as error:
            text = f"Failed to calculate the number of expected pods: {error}"
            self._tell(budget, "Warning", "CalculateExpectedPodCountFailed", text)
            self._write(budget, health.failed(budget, str(error), now))
            return
        leaving = health.disrupted(budget, pods, now)
        self._tell_late(budget, leaving)
        current = health.healthy(pods, leaving)
        self._write(budget, health.status(budget, wanted, current, leaving, now))
        self._recheck(key, leaving, now)

    def _pods(self, budget: Object) -> list[Object]:
        selector = selectors.of(objects.spec(budget).get("selector"))
        listed = self._registry.list(kinds.PODS, _key(budget)[0]).items
        found = [pod for pod in listed if selector.matches(objects.labels(pod))]
        if not found:
            self._tell(budget, "Normal", "NoPods", "No matching pods found")
        return found

    def _expected(self, budget: Object, pods: Sequence[Object]) -> Expected:
        spec, scale = dict(objects.spec(budget)), 0
        if health.needs_scale(spec):
            scale, unmanaged = scales.total(self._registry, pods)
            if unmanaged:
                text = _UNMANAGED.format(_selector(spec.get("selector")))
                self._tell(budget, "Warning", "UnmanagedPods", text)
        return health.expected(spec, len(pods), scale)

    def _tell_late(self, budget: Object, leaving: Disrupted) -> None:
        namespace = _key(budget)[0]
        for pod in leaving.late:
            # upstream names the namespace twice
            text = f"Pod was expected by PDB {namespace}/{namespace} to be deleted but it wasn't"
            self._tell(pod, "Warning", "NotDeleted", text)

    def _recheck(self, key: Key, leaving: Disrupted, now: datetime) -> None:
        if leaving.recheck is not None:
            seconds = (leaving.recheck - now).total_seconds()
            self._queue.add_after(key, max(seconds, 0.005), "counted", "eviction timeout")

    def _write(self, budget: Object, status: Object) -> None:
        if status != objects.status(budget):
            namespace, name = _key(budget)
            changed = {**budget, "status": status}
            self._registry.update(
                kinds.POD_DISRUPTION_BUDGETS, name, changed, namespace, subresource="status"
            )

    def _tell(self, obj: Object, kind: str, reason: str, message: str) -> None:
        self._recorder.event(obj, kind, reason, message)


def _key(obj: Object) -> Key:
    return obj["metadata"]["namespace"], objects.name(obj)


def _selector(selector: Object | None) -> str:
    """A selector as Go prints a pointer to one (LabelSelector.String)."""
    if selector is None:
        return "nil"
    labels = selector.get("matchLabels") or {}
    mapped = "".join(f"{key}: {labels[key]}," for key in sorted(labels))
    listed = "".join(map(_requirement, selector.get("matchExpressions") or ()))
    parts = f"MatchLabels:map[string]string{{{mapped}}}", f"MatchExpressions:{_LIST}{{{listed}}}"
    return f"&LabelSelector{{{','.join(parts)},}}"


def _requirement(one: Object) -> str:
    values = " ".join(one.get("values") or ())
    parts = f"Key:{one['key']}", f"Operator:{one['operator']}", f"Values:[{values}]"
    return f"LabelSelectorRequirement{{{','.join(parts)},}},"
