"""What the scheduler says of a Pod that fits no node.

Follows FitError in pkg/scheduler/framework/types.go and DefaultPreemption, as far as all Pods have
the same priority: so none is preempted.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab.practice.fit.filters import Misfit

_FOUND_NONE = "No preemption victims found for incoming pod"
_NO_HELP = "Preemption is not helpful for scheduling"


def of_misfits(misfits: Sequence[Misfit]) -> str:
    """The message where each node has refused a Pod."""
    if not misfits:
        return "no nodes available to schedule pods"
    counts: dict[str, int] = {}
    for one in misfits:
        for reason in one.reasons:
            counts[reason] = counts.get(reason, 0) + 1
    nodes = f"0/{len(misfits)} nodes are available:"
    return f"{nodes} {_listed(counts)}. preemption: {nodes} {_preemption(misfits)}."


def of_refusal(nodes: int, why: str) -> str:
    """The message where no node was looked at."""
    if not nodes:
        return "no nodes available to schedule pods"
    return f"0/{nodes} nodes are available: {why}. not found"


def _preemption(misfits: Sequence[Misfit]) -> str:
    helpful = sum(one.resolvable for one in misfits)
    return _listed({_FOUND_NONE: helpful, _NO_HELP: len(misfits) - helpful})


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(sorted(f"{count} {text}" for text, count in counts.items() if count))
