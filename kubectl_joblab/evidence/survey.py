"""Reads the Jobs of labs in every namespace, and what belongs to them, in few requests.

check -A calls it; gather.py reads one Job alone. The API server chooses by the names of the labs'
Jobs, so that what else a cluster holds stays there, and what comes is cut down at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.evidence import gather, prefetch, snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.objects import Object

READERS = 8  # logs read at the same time
# what an object is known by; the rest of its metadata is for those who write it
_KNOWN_BY = (
    *("name", "namespace", "uid", "annotations", "ownerReferences"),
    *("creationTimestamp", "deletionTimestamp"),
)

Place = tuple[str, str]  # namespace and name


def snapshots(client: resources.Client, wanted: Mapping[str, bool]) -> list[Snapshot]:
    """What the namespaces have of these names: Jobs, and bare Pods in the place of one.

    wanted: the names, and whether the logs of their Pods are needed. In the order of namespaces,
    then of the names.
    """
    lookups = [(kind, name) for kind in (resources.JOBS, resources.PODS) for name in wanted]
    found = prefetch.each(lambda one: _named(client, *one), lookups, clock=client.clock)
    jobs = {_place(job): job for some in found[: len(wanted)] for job in some}
    bare = {_place(pod) for some in found[len(wanted) :] for pod in some} - jobs.keys()
    records = _records(client, jobs, wanted)
    now, order = client.now(), list(wanted)
    return [
        Snapshot(
            name=place[1],
            namespace=place[0],
            now=now,
            job=jobs.get(place),
            pods=snapshot.order(records.get(place, ())),
            bare_pod=place in bare,
        )
        for place in sorted([*jobs, *bare], key=lambda place: (place[0], order.index(place[1])))
    ]


def _named(client: resources.Client, kind: resources.Resource, name: str) -> list[Object]:
    """The objects of this name, in all namespaces.

    Bare Pods are rare among very many: the API server need not read them all anew for each name.
    """
    fields = f"metadata.name={name}"
    listing = client.list(kind, fields=fields, cached=kind is resources.PODS)
    return [_cut(item) for item in listing.items]


def _place(obj: Object) -> Place:
    return str(objects.metadata(obj).get("namespace")), objects.name(obj)


def _cut(obj: Object) -> Object:
    """The object without what nothing is judged by."""
    metadata = objects.metadata(obj)
    return {**obj, "metadata": {key: metadata[key] for key in _KNOWN_BY if key in metadata}}


# ---- Pods


def _records(
    client: resources.Client, jobs: Mapping[Place, Object], wanted: Mapping[str, bool]
) -> dict[Place, list[PodRecord]]:
    """The Pods of each Job, with their logs where those are needed."""
    owners = {objects.uid(job): place for place, job in jobs.items()}
    found: dict[Place, list[PodRecord]] = {place: [] for place in jobs}
    silent: list[tuple[Place, PodRecord]] = []
    seen: set[str] = set()
    for pod in _pods(client, jobs):
        place = owners.get(str((objects.controller(pod) or {}).get("uid")))
        if place is None or objects.uid(pod) in seen:
            continue  # of an earlier Job of this name, or found twice
        seen.add(objects.uid(pod))
        record = PodRecord(_cut_pod(pod), tuple(objects.attempts(pod)))
        if wanted[place[1]]:
            silent.append((place, record))
        else:
            found[place].append(record)

    def read(one: tuple[Place, PodRecord]) -> PodRecord:
        return gather.with_logs(client, one[1])

    complete = prefetch.each(read, silent, READERS, clock=client.clock)
    for (place, _), record in zip(silent, complete, strict=True):
        found[place].append(record)
    return found


def _pods(client: resources.Client, jobs: Mapping[Place, Object]) -> Iterator[Object]:
    """All that may be Pods of these Jobs, a page being got while one is used."""
    names = sorted({name for _, name in jobs})
    if names:
        labels = f"{objects.JOB_NAME_LABEL} in ({','.join(names)})"
        for page in prefetch.ahead(client.pages(resources.PODS, labels=labels), client.clock):
            yield from page.items
    for (namespace, _), job in jobs.items():
        if objects.spec(job).get("manualSelector"):  # whose Pods need not carry that label
            yield from gather.pods(client, namespace, job)


def _cut_pod(pod: Object) -> Object:
    """The Pod without what its containers are: who judges them looks at what they did."""
    spec = objects.spec(pod)
    sidecars = [
        {"name": one["name"], "restartPolicy": one.get("restartPolicy")}
        for one in spec.get("initContainers") or []
    ]
    return {**_cut(pod), "spec": {"initContainers": sidecars}}
