"""Reads all Jobs and CronJobs of a namespace, or of all, to tell which of them are not well.

Jobs and Pods come page by page, and of each only what a cause is known by is kept, and only where a
Job is not Complete: the objects of a large cluster are never in memory at the same time. No log is
read. diagnosis.py reads one Job with all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client, Resource
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import gather, prefetch, snapshot
from kubectl_joblab.evidence.causes import cron, dependencies, table
from kubectl_joblab.evidence.causes.cron import Made
from kubectl_joblab.evidence.causes.table import Findings
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.evidence.surroundings import Missing, Surroundings
from kubectl_joblab.objects import Object

MOST_PODS = 20  # that are kept of a Job: the newest
_OF_JOBS = (
    objects.JOB_NAME_LABEL
)  # a label that each Pod of a Job has, unless its selector is by hand
# what is kept of an object's metadata
_METADATA = (
    *("name", "namespace", "uid", "labels", "ownerReferences", "finalizers", "managedFields"),
    *("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
_CONTAINER = ("name", "command", "args", "resources", "restartPolicy")
_OF_POD = (
    *("schedulingGates", "schedulerName", "nodeName"),
    *("restartPolicy", "terminationGracePeriodSeconds"),
)


class Row(NamedTuple):
    """A Job or a CronJob that is not well. found: has a root, or nothing is left that tells it."""

    kind: str
    namespace: str
    name: str
    subject: Object
    found: Findings


class Overview(NamedTuple):
    """What is not well, and how much was looked at.

    refused: what the server has refused to show, in its own words. hides_pods: whether Pods are
    among that, so that one that is not seen need not be gone.
    """

    rows: tuple[Row, ...]
    jobs: int
    cron_jobs: int
    refused: tuple[str, ...]
    hides_pods: bool = False


class _Kept:
    """A Job that is not Complete, as far as it is kept, with its newest Pods."""

    __slots__ = ("job", "pods")

    def __init__(self, job: Object) -> None:
        self.job = job
        self.pods: list[PodRecord] = []

    def add(self, record: PodRecord) -> None:
        """Keep a Pod, and the newest alone where they are many."""
        self.pods.append(record)
        if len(self.pods) > 2 * MOST_PODS:
            self.pods = list(snapshot.order(self.pods)[-MOST_PODS:])


class _Reading:
    """One reading of a namespace, or of all: "" for all."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self.refused: list[str] = []
        self.hides_pods = False
        self.kept: dict[str, _Kept] = {}
        self.of_cron_jobs: dict[str, list[Object]] = {}  # by the uid of their CronJob
        self._there: dict[tuple[str, Missing], bool] = {}
        self.number = 0

    def jobs(self) -> None:
        """Read the Jobs, which have to be readable. Raises ApiError."""
        pages = self._client.pages(resources.JOBS, self._namespace)
        for page in prefetch.ahead(pages, self._client.clock):
            self.number += len(page.items)
            for job in page.items:
                self._take(job)

    def _take(self, job: Object) -> None:
        owner = objects.controller(job) or {}
        is_well = objects.is_true(job, "Complete") and not objects.is_deleted(job)
        if is_well and owner.get("kind") != "CronJob":
            return
        cut = _cut_job(job)
        if not is_well:
            self.kept[objects.uid(job)] = _Kept(cut)
        if owner.get("kind") == "CronJob":
            self.of_cron_jobs.setdefault(str(owner.get("uid")), []).append(cut)

    def pods(self) -> None:
        """Read the Pods of the Jobs that are kept."""
        if not self.kept:
            return
        known = len(self.refused)
        for pod in self._all(resources.PODS, labels=_OF_JOBS):
            kept = self.kept.get(str((objects.controller(pod) or {}).get("uid")))
            if kept is not None:
                kept.add(PodRecord(_cut_pod(pod), tuple(objects.attempts(pod))))
        self.hides_pods = len(self.refused) > known

    def has_waiting(self) -> bool:
        """Whether a Pod is there whose containers are being made, which wait for its volumes."""
        return any(
            objects.status(one.pod).get("phase") == "Pending" and not one.attempts
            for kept in self.kept.values()
            for one in kept.pods
        )

    def events(self, fields: str) -> dict[str, list[Object]]:
        """Events by the uid of what they are about."""
        found: dict[str, list[Object]] = {}
        for event in self._all(resources.EVENTS, fields=fields):
            about = event.get("involvedObject") or {}
            found.setdefault(str(about.get("uid")), []).append(event)
        return found

    def cron_jobs(self) -> list[Object]:
        """The CronJobs, without their templates."""
        return [_cut_cron_job(one) for one in self._all(resources.CRON_JOBS)]

    def with_arrived(self, seen: Snapshot) -> Snapshot:
        """As gather.py has it; what many Jobs lack is asked for once."""
        named = table.missing(seen)
        for one in named:
            place = (seen.namespace, one)
            if place not in self._there:
                self._there[place] = gather.is_there(self._client, *place, self.refused.append)
        there = [one for one in named if self._there[seen.namespace, one]]
        return dependencies.with_arrived(seen, there)

    def _all(self, kind: Resource, *, labels: str = "", fields: str = "") -> Iterator[Object]:
        """All objects, as far as the user may read them."""
        try:
            pages = self._client.pages(kind, self._namespace, labels=labels, fields=fields)
            for page in prefetch.ahead(pages, self._client.clock):
                yield from page.items
        except ApiError as error:
            if error.code not in (401, 403):
                raise
            self.refused.append(error.text)


def read(client: Client, namespace: str) -> Overview:
    """What is not well in a namespace, "" for all, in the order of names. Raises ApiError."""
    reading = _Reading(client, namespace)
    reading.jobs()
    reading.pods()
    crons = reading.cron_jobs()
    warned = reading.events("involvedObject.kind=Job") if reading.kept else {}
    mounts = reading.events("reason=FailedMount") if reading.has_waiting() else {}
    told = reading.events("involvedObject.kind=CronJob") if crons else {}
    now = client.now()
    found: dict[str, Findings] = {}
    rows = []
    for uid, kept in reading.kept.items():
        events = list(warned.get(uid, ()))
        for record in kept.pods:
            events += mounts.get(objects.uid(record.pod), ())
        place = str(objects.metadata(kept.job).get("namespace"))
        seen = Snapshot(
            objects.name(kept.job),
            place,
            now,
            kept.job,
            snapshot.order(kept.pods[-MOST_PODS:]),
            tuple(events),
            around=Surroundings(hides_pods=reading.hides_pods),
        )
        found[uid] = table.findings(reading.with_arrived(seen))
        if found[uid].root is not None:
            rows.append(Row("job", place, seen.name, kept.job, found[uid]))
    rows += _of_cron_jobs(crons, reading, found, told)
    rows.sort(key=lambda row: (row.namespace, row.kind, row.name))
    refused = tuple(dict.fromkeys(reading.refused))
    return Overview(tuple(rows), reading.number, len(crons), refused, reading.hides_pods)


def _of_cron_jobs(
    crons: list[Object],
    reading: _Reading,
    found: dict[str, Findings],
    told: dict[str, list[Object]],
) -> Iterator[Row]:
    """The CronJobs that are not well for a reason of their own: their Jobs have rows."""
    for one in crons:
        uid = objects.uid(one)
        jobs = sorted(reading.of_cron_jobs.get(uid, ()), key=lambda job: str(objects.created(job)))
        made = [Made(job, found.get(objects.uid(job), Findings())) for job in jobs]
        why = cron.findings(one, made, told.get(uid, ()))
        if why.root is not None and why.root.kind == "cron":
            place = str(objects.metadata(one).get("namespace"))
            yield Row("cronjob", place, objects.name(one), one, why)


# ---- what is kept of objects


def _cut_job(job: Object) -> Object:
    spec = {key: value for key, value in objects.spec(job).items() if key != "template"}
    return {**job, "metadata": _cut_metadata(job), "spec": spec}


def _cut_cron_job(one: Object) -> Object:
    spec = {key: value for key, value in objects.spec(one).items() if key != "jobTemplate"}
    return {**one, "metadata": _cut_metadata(one), "spec": spec}


def _cut_pod(pod: Object) -> Object:
    spec = objects.spec(pod)
    kept: Object = {
        key: [{name: one[name] for name in _CONTAINER if name in one} for one in spec[key]]
        for key in ("containers", "initContainers")
        if spec.get(key)
    }
    kept |= {key: spec[key] for key in _OF_POD if key in spec}
    metadata = _cut_metadata(pod)
    metadata.pop("managedFields", None)
    return {**pod, "metadata": metadata, "spec": kept}


def _cut_metadata(obj: Object) -> Object:
    metadata = objects.metadata(obj)
    found = {key: metadata[key] for key in _METADATA if key in metadata}
    scheduled = objects.annotation(obj, objects.SCHEDULED_ANNOTATION)
    if scheduled is not None:
        found["annotations"] = {objects.SCHEDULED_ANNOTATION: scheduled}
    found["managedFields"] = [
        one
        for one in found.get("managedFields") or ()
        if {"f:suspend", "f:parallelism"} & set((one.get("fieldsV1") or {}).get("f:spec") or ())
    ]
    return found
