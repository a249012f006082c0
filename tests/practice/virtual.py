"""Virtual time for tests: the product's own, by the name that tests import it from."""

from kubectl_joblab.practice.simulation.virtual import (
    START,
    CountingIds,
    DeadlockError,
    VirtualClock,
    VirtualLoop,
    VirtualTime,
    current,
    run,
)

__all__ = [
    "START",
    "CountingIds",
    "DeadlockError",
    "VirtualClock",
    "VirtualLoop",
    "VirtualTime",
    "current",
    "run",
]
