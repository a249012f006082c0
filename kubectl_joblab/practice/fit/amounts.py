"""How much Pods request of a node's resources, and whether that is there.

Follows PodRequests in k8s.io/component-helpers/resource/helpers.go and fitsRequest in
pkg/scheduler/framework/plugins/noderesources/fit.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.formats import quantity
from kubectl_joblab.objects import Object

# how much of each resource, as the scheduler counts: thousandths of a CPU, whole units of others
Amounts = dict[str, int]
ALWAYS_LISTED = ("cpu", "memory", "ephemeral-storage")


class Shortage(NamedTuple):
    """A resource of which a node has too little for a Pod (InsufficientResource)."""

    resource: str
    requested: int
    used: int
    capacity: int

    @property
    def reason(self) -> str:
        """It in the scheduler's words."""
        return "Too many pods" if self.resource == "pods" else f"Insufficient {self.resource}"

    @property
    def resolvable(self) -> bool:
        """Whether there would be enough if other Pods were not on the node."""
        return self.resource == "pods" or self.requested <= self.capacity


def shortages(wanted: Amounts, node: Object, placed: Sequence[Amounts]) -> list[Shortage]:
    """The resources that a Pod requests and a node has not left; placed: what its Pods request."""
    allocatable = of(objects.status(node).get("allocatable"))
    found, room = [], allocatable.get("pods", 0)
    if len(placed) + 1 > room:
        found.append(Shortage("pods", 1, len(placed), room))
    wanted = {name: amount for name, amount in wanted.items() if amount}
    used = total(placed) if wanted else {}
    for name in sorted(wanted, key=lambda name: (name not in ALWAYS_LISTED, name)):
        short = Shortage(name, wanted[name], used.get(name, 0), allocatable.get(name, 0))
        if short.requested > short.capacity - short.used:
            found.append(short)
    return found


def requests(pod: Object) -> Amounts:
    """What a Pod requests of a node: the most that it needs at one time."""
    spec = objects.spec(pod)
    running = total(_container(one) for one in spec.get("containers") or ())
    beside: Amounts = {}  # what the sidecars need that have started by then
    initializing: Amounts = {}
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            running = total((running, _container(container)))
            beside = total((beside, _container(container)))
            initializing = _most(initializing, beside)
        else:
            initializing = _most(initializing, total((beside, _container(container))))
    needed = _most(running, initializing)
    needed |= of((spec.get("resources") or {}).get("requests"))
    return total((needed, of(spec.get("overhead"))))


def _container(container: Object) -> Amounts:
    return of((container.get("resources") or {}).get("requests"))


def of(resources: Object | None) -> Amounts:
    """Quantities as amounts."""
    return {
        name: quantity.parse(text).scaled_value(quantity.MILLI if name == "cpu" else 0)
        for name, text in (resources or {}).items()
    }


def total(parts: Iterable[Amounts]) -> Amounts:
    """Several amounts together."""
    found: Amounts = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = found.get(name, 0) + amount
    return found


def _most(one: Amounts, other: Amounts) -> Amounts:
    return {name: max(one.get(name, 0), other.get(name, 0)) for name in one | other}
