"""Whether a Pod that fitted no node may fit one now that another Pod has come, gone or changed.

Without these hints each Pod that waits would be tried again whenever anything happens, and would
say so each time. Follows the queueing hints (isSchedulableAfter...) of the plugins in
pkg/scheduler/framework/plugins.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.fit import node_ports, pod_affinity, topology_spread
from kubectl_joblab.practice.fit.filters import Misfit
from kubectl_joblab.practice.fit.snapshot import Snapshot

_COMPANY = {pod_affinity.NOT_TOGETHER, pod_affinity.NOT_APART, pod_affinity.KEPT_OFF}
_SPREAD = {topology_spread.REASON, topology_spread.NO_LABEL}


def helps(
    waiting: Object,
    misfits: Iterable[Misfit],
    old: Object | None,
    new: Object | None,
    seen: Snapshot,
) -> bool:
    """Whether to try a Pod again.

    misfits: why it fitted none of the nodes. old, new: a Pod on a node before and after a change;
    None before for one that has come, None after for one that has gone.
    """
    reasons = {reason for one in misfits for reason in one.reasons}
    company, spread = reasons & _COMPANY, reasons & _SPREAD
    if company and pod_affinity.may_help(waiting, old, new, seen):
        return True
    if spread and topology_spread.may_help(waiting, old, new):
        return True
    if new is not None or old is None:
        return False
    if node_ports.REASON in reasons and not node_ports.are_free(waiting, [old]):
        return True
    return bool(reasons - _COMPANY - _SPREAD - {node_ports.REASON}) and any(
        one.resolvable for one in misfits
    )


def is_told(old: Object | None, new: Object | None) -> bool:
    """Whether a change of a Pod is one that may help anybody."""
    if old is None or new is None:
        return True
    return objects.labels(old) != objects.labels(new)
