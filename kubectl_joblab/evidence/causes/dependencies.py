"""The objects that Pods depend on: which of them messages name as missing, and unbound claims.

A message stays when what it names has been created: until the kubelet, the scheduler or the Job
controller tries again, which all do by themselves. A Pod names its claims, and its scheduler only
says that one of them is not bound. Why tells the claim's own events: those of
pkg/controller/volume/persistentvolume and of provisioners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes import kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.evidence.surroundings import Missing, Surroundings
from kubectl_joblab.objects import Object

# what the scheduler says of an unbound claim: pkg/scheduler/framework/plugins/volumebinding
NOT_BOUND = r"unbound immediate PersistentVolumeClaims|didn't find available persistent"
MISSING = r'persistentvolumeclaim "([^"]*)" not found'
_BOUND = "Bound"
# kinds of causes whose messages are Kubernetes' own, and may name what is missing
TELLING = frozenset(("config", "mount", "unschedulable", *kinds.REFUSED))
# how messages name an object that is not there: the API server's of what is not found, and those of
# plugin/pkg/admission/priority and runtimeclass
_ABSENT = (
    ("ConfigMap", r'configmap "([^"]*)" not found'),
    ("Secret", r'secret "([^"]*)" not found'),
    ("PersistentVolumeClaim", MISSING),
    ("ServiceAccount", r'serviceaccount "([^"]*)" not found'),
    ("PriorityClass", r"no PriorityClass with name (\S+) was found"),
    ("RuntimeClass", r'RuntimeClass "([^"]*)" not found'),
)
# a key that a variable names: pkg/kubelet/kubelet_pods.go
_KEY_OF = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) [^/\s]+/(\S+)")
# and one that a volume names: pkg/volume/configmap and pkg/volume/secret
_KEY_IN_VOLUME = re.compile(r'for volume "([^"]*)" : .*non-existent (?:config|secret) key: (\S+)')


class Told(NamedTuple):
    """What shows why a claim is not bound, and the command that shows more of it."""

    run: str
    shows: tuple[Fact, ...]


def missing(cause: Cause, seen: Snapshot) -> tuple[Missing, ...]:
    """What a cause names as missing; of a volume with several sources it may be a key of each."""
    said = str(cause.because)
    if cause.kind not in TELLING:
        return ()
    if found := _KEY_OF.search(said):
        return (Missing(found[2], found[3], found[1]),)
    if found := _KEY_IN_VOLUME.search(said):
        return tuple(_with_key(found[1], found[2], cause, seen))
    for kind, pattern in _ABSENT:
        if found := re.search(pattern, said):
            return (Missing(kind, found[1]),)
    return ()


def _with_key(volume: str, key: str, cause: Cause, seen: Snapshot) -> Iterable[Missing]:
    """The objects of a volume of the cause's Pod that are asked for a key."""
    pod = next((one.pod for one in seen.pods if f"pod/{one.name}" == cause.object), {})
    volumes = objects.spec(pod).get("volumes") or ()
    mounted: Object = next((one for one in volumes if one.get("name") == volume), {})
    for source in (mounted, *((mounted.get("projected") or {}).get("sources") or ())):
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            chosen = source.get(field) or {}
            if any(item.get("key") == key for item in chosen.get("items") or ()):
                yield Missing(kind, str(chosen.get("name") or chosen.get("secretName")), key)


def has_arrived(cause: Cause, seen: Snapshot) -> bool:
    """Whether all that a cause names as missing is there by now, so that the Job goes on."""
    named = missing(cause, seen)
    return bool(named and seen.around and seen.around.arrived.issuperset(named))


def with_arrived(seen: Snapshot, arrived: Iterable[Missing]) -> Snapshot:
    """The snapshot that knows of these, too, that they are there by now."""
    around = seen.around or Surroundings()
    return seen._replace(around=around._replace(arrived=around.arrived.union(arrived)))


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
