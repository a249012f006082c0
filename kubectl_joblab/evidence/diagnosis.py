"""Reads what `diagnose` judges: a Job or a CronJob, with all that may tell why it is as it is.

Unlike gather.py, whose evidence verdicts rest on, it goes on where the user may not read something,
and says what that was. overview.py reads many Jobs at once, with less of each.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from kubectl_joblab import objects
from kubectl_joblab.client import cluster_clock, resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import anchors, gather, schedules, snapshot
from kubectl_joblab.evidence.causes import cron, dependencies, probes, stranded, table
from kubectl_joblab.evidence.causes.cron import Made
from kubectl_joblab.evidence.causes.table import Findings
from kubectl_joblab.evidence.causes.tries import failed_try
from kubectl_joblab.evidence.gather import Gatherer
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.evidence.surroundings import Surroundings
from kubectl_joblab.objects import Object

T = TypeVar("T")
U = TypeVar("U")
_PODS, _EVENTS, _LOG = "pods", "events", "log"
_OF_RUNTIME = (1, 255)  # exit codes of a program that could not be executed


class Diagnosis(NamedTuple):
    """Why a Job or a CronJob is as it is.

    subject: the object, None where it is gone without a trace. seen: what is seen of a Job.
    refused: what the server has refused to show, in its own words. events: those that are left.
    unsure: whether what was refused might name another cause than the one that is found.
    """

    name: str
    namespace: str
    subject: Object | None
    found: Findings
    seen: Snapshot | None = None
    refused: tuple[str, ...] = ()
    events: tuple[Object, ...] = ()
    unsure: bool = False

    @property
    def is_known(self) -> bool:
        """Whether there is evidence enough to say that something is wrong, or that nothing is."""
        if self.found.root is not None and not self.found.lost:
            return not self.unsure
        if self.subject is None or self.found.lost:
            return False
        return not self.refused or objects.is_true(self.subject, "Complete")


class Unread:
    """Stands for what may not be read, where None says that it is not there."""


class _Reader:
    """Reads what the user may read, and notes what not."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.unread: set[str] = set()

    def read(self, call: Callable[[], T], otherwise: U, what: str = "") -> T | U:
        """What a call returns; something else where the server refuses it. Raises ApiError.

        what: by which it is then among what is unread.
        """
        try:
            return call()
        except ApiError as error:
            if error.code not in (401, 403):
                raise
            self.unread.add(what)
            self.note(error.text)
            return otherwise

    def note(self, said: str) -> None:
        """Note what the server has refused to show, each once."""
        if said not in self.refused:
            self.refused.append(said)


def job(gatherer: Gatherer, namespace: str, name: str) -> Diagnosis:
    """Why the Job of this name is as it is. Raises ApiError where Jobs may not be read."""
    found = gatherer.job(namespace, name)
    if found is None:
        return _gone(gatherer, namespace, name)
    return of_job(gatherer, found)


def of_job(gatherer: Gatherer, job: Object) -> Diagnosis:
    """Why a Job is as it is that was just read. Raises ApiError."""
    namespace = str(objects.metadata(job).get("namespace"))
    reader = _Reader()
    seen = _seen(gatherer, job, reader)
    last_line = _last_line(gatherer, seen, reader)
    found = table.findings(seen, last_line)
    return Diagnosis(
        seen.name,
        namespace,
        job,
        found,
        seen,
        tuple(reader.refused),
        tuple(seen.events or ()),
        _is_unsure(seen, reader.unread),
    )


def _is_unsure(seen: Snapshot, unread: Container[str]) -> bool:
    """Whether a try may have failed for a reason that only what may not be read would tell.

    Events tell of probes; the log, of a program that the container's runtime could not execute: it
    ends with 1 or 255 then, at once.
    """
    failed = failed_try(seen)
    if failed is None:
        return False
    attempt = failed.attempt
    at_once = attempt.exit_code in _OF_RUNTIME and attempt.started == attempt.finished
    has_probe = probes.has_probe(failed.record, attempt.container)
    return (_EVENTS in unread and has_probe) or (_LOG in unread and at_once)


def _seen(gatherer: Gatherer, job: Object, reader: _Reader) -> Snapshot:
    """The Job with its Pods, its events and what is around it."""
    client, namespace = gatherer.client, str(objects.metadata(job).get("namespace"))
    none: list[Object] = []
    chosen = reader.read(
        lambda: client.list(resources.PODS, namespace, labels=gather.selector(job)).items,
        none,
        _PODS,
    )
    own = [pod for pod in chosen if gather.is_owned(pod, job)]
    records = [PodRecord(pod, tuple(objects.attempts(pod))) for pod in own]
    nothing: Object | None = None
    place = reader.read(lambda: client.find(resources.NAMESPACES, namespace), nothing)
    strangers = tuple(pod for pod in chosen if not gather.is_owned(pod, job))
    seen = Snapshot(
        objects.name(job),
        namespace,
        client.now(),
        job,
        snapshot.order(records),
        around=Surroundings(place, strangers, hides_pods=_PODS in reader.unread),
    )
    record = gatherer.recorded(objects.uid(job))
    seen = snapshot.with_record(seen, record.as_in(seen) if record else None, logs=True)
    seen = seen._replace(events=tuple(_events(gatherer, seen, reader)))
    seen = gatherer.with_arrived(_with_nodes(gatherer, seen, reader), reader.note)
    return _with_claims(gatherer, seen, reader)


def _with_nodes(gatherer: Gatherer, seen: Snapshot, reader: _Reader) -> Snapshot:
    """The snapshot with the nodes that may be lost, as Pods show; of most Jobs there are none."""
    nodes: dict[str, Object | None] = {}
    for name in stranded.pointed(seen)[: gather.FEW]:
        find = partial(gatherer.client.find, resources.NODES, name)
        unread = Unread()
        found = reader.read(find, unread)
        if not isinstance(found, Unread):
            nodes[name] = found
    return seen._replace(around=(seen.around or Surroundings())._replace(nodes=nodes))


def _with_claims(gatherer: Gatherer, seen: Snapshot, reader: _Reader) -> Snapshot:
    """The snapshot with the claims for which Pods wait, and their events."""
    read: list[Object] = []
    events = list(seen.events or ())
    nothing: Object | None = None
    for name in dependencies.wanted(seen)[: gather.FEW]:
        find = partial(gatherer.client.find, resources.CLAIMS, name, seen.namespace)
        if (claim := reader.read(find, nothing)) is None:
            continue
        read.append(claim)
        about = [objects.uid(claim)]
        told = partial(gather.events, gatherer.client, seen.namespace, about)
        events += reader.read(told, list[Object]())
    around = (seen.around or Surroundings())._replace(claims=tuple(read))
    return seen._replace(around=around, events=tuple(events))


def _events(gatherer: Gatherer, seen: Snapshot, reader: _Reader) -> list[Object]:
    """The events of the Job, and of those Pods that do not run, are gone, or failed at a probe."""
    client, none = gatherer.client, list[Object]()
    uid = objects.uid(seen.job or {})
    found = reader.read(lambda: gather.events(client, seen.namespace, [uid]), none, _EVENTS)
    known = seen._replace(events=tuple(found))
    if objects.is_true(seen.job or {}, "Complete"):
        return found
    waiting = [one for one in seen.pods if not one.gone and not one.attempts][-gather.FEW :]
    failed = failed_try(seen)
    if (
        failed
        and not failed.record.gone
        and probes.has_probe(failed.record, failed.attempt.container)
    ):
        waiting.append(failed.record)
    for record in waiting:
        about = [objects.uid(record.pod)]
        found += reader.read(partial(gather.events, client, seen.namespace, about), none)
    for name in gather.lost_pods(known):
        found += reader.read(partial(gatherer.events_of_pod, seen.namespace, name), none)
    return found


def _last_line(gatherer: Gatherer, seen: Snapshot, reader: _Reader) -> str | None:
    """The end of the log of the newest failed try."""
    nothing: str | None = None
    return reader.read(lambda: gatherer.last_line(seen, tolerant=False), nothing, _LOG)


def _gone(gatherer: Gatherer, namespace: str, name: str) -> Diagnosis:
    """What is known of a Job that is not there: by what was recorded, else by its events."""
    reader, none = _Reader(), list[Object]()
    events = tuple(reader.read(lambda: gatherer.events_of_gone(namespace, name), none))
    record = gatherer.newest(namespace, name)
    if record is None or record.job is None:
        return Diagnosis(name, namespace, None, Findings(), None, tuple(reader.refused), events)
    seen = record._replace(gone=True, events=snapshot.union_events(record.events, events))
    found = table.findings(seen)
    return Diagnosis(name, namespace, record.job, found, seen, tuple(reader.refused), events)


# ---- CronJobs


def cron_job(gatherer: Gatherer, namespace: str, name: str) -> Diagnosis:
    """Why the CronJob of this name is as it is, its times by the clock that its schedule goes by.

    Raises ApiError.
    """
    schedule = schedules.read(gatherer.client, namespace, name)
    reader, none = _Reader(), list[Object]()
    uid = objects.uid(schedule.cron_job)
    events = reader.read(lambda: gather.events(gatherer.client, namespace, [uid]), none)
    looked = _looked_at(gatherer, schedule.jobs)
    for one in looked.values():
        reader.refused += [said for said in one.refused if said not in reader.refused]
    made = [
        Made(job, looked[objects.uid(job)].found if objects.uid(job) in looked else Findings())
        for job in schedule.jobs
    ]
    found = cron.findings(schedule.cron_job, made, events)
    ahead = cluster_clock.ahead_if_told(gatherer.client)
    return Diagnosis(
        name,
        namespace,
        anchors.shifted(schedule.cron_job, ahead),
        found,
        None,
        tuple(reader.refused),
        tuple(events),
        any(one.unsure for one in looked.values() if one.found.root == found.root),
    )


def _looked_at(gatherer: Gatherer, jobs: Sequence[Object]) -> dict[str, Diagnosis]:
    """The last Job of a CronJob and those that go on, by their uids: the others are only told."""
    return {
        objects.uid(one): of_job(gatherer, one)
        for one in jobs
        if one is jobs[-1] or not objects.is_finished(one)
    }
