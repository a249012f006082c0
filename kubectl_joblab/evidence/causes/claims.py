"""PersistentVolumeClaims for which Pods wait: which they are, and what tells why they are unbound.

A Pod names its claims, and its scheduler only says that one of them is not bound. Why tells the
claim's own events: those of pkg/controller/volume/persistentvolume and of provisioners.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Fact
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.objects import Object

# what the scheduler says of an unbound claim: pkg/scheduler/framework/plugins/volumebinding
NOT_BOUND = r"unbound immediate PersistentVolumeClaims|didn't find available persistent"
MISSING = r'persistentvolumeclaim "[^"]*" not found'
_BOUND = "Bound"


class Told(NamedTuple):
    """What shows why a claim is not bound, and the command that shows more of it."""

    run: str
    shows: tuple[Fact, ...]


def wanted(seen: Snapshot) -> list[str]:
    """The names of the claims for which Pods of a Job wait, each once."""
    found = [
        name
        for record in seen.pods
        if not record.gone and re.search(NOT_BOUND, _why(record.pod))
        for name in _names(record.pod)
    ]
    return list(dict.fromkeys(found))


def _why(pod: Object) -> str:
    """Why the scheduler finds no node for a Pod, in its own words."""
    return str((objects.condition(pod, "PodScheduled") or {}).get("message") or "")


def _names(pod: Object) -> list[str]:
    volumes = objects.spec(pod).get("volumes") or ()
    return [
        str(one["persistentVolumeClaim"].get("claimName"))
        for one in volumes
        if one.get("persistentVolumeClaim")
    ]


def told(seen: Snapshot, record: PodRecord) -> Told | None:
    """What the first unbound claim of a Pod shows; None where none was read."""
    names = _names(record.pod)
    for claim in seen.around.claims if seen.around else ():
        name = objects.name(claim)
        if name not in names or objects.status(claim).get("phase") == _BOUND:
            continue
        word = f"persistentvolumeclaim/{name}"
        about = [
            one for one in seen.events or () if kinds.about(one).get("uid") == objects.uid(claim)
        ]
        newest = sorted(about, key=lambda one: objects.event_time(one) or objects.FIRST)[-1:]
        fields = [
            kinds.field(word, claim, path)
            for path in ("status.phase", "spec.storageClassName")
            if objects.field(claim, path) is not None
        ]
        run = f"kubectl describe persistentvolumeclaim {name}"
        return Told(run, (*fields, *map(kinds.event, newest)))
    return None
