"""The one gatherer: reads what a cluster shows of Jobs into snapshots, and no more than is wanted.

Every command that looks at a Job, a lab's or not, gathers here: one Job by its name, a Job that is
at hand already, or the Jobs of some names in all namespaces. What `start` recorded of a Job is
added to what the cluster still has. Snapshots of a Job that is followed come from recorder.py
instead. Nothing here knows what the evidence is judged by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import prefetch, schedules, snapshot
from kubectl_joblab.evidence.causes import dependencies, kinds, table, tries
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.causes.tries import Try
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.evidence.surroundings import Missing
from kubectl_joblab.objects import Attempt, Object

LOG_BYTES = 1 << 20  # the most that is read of one attempt's log; a lab's logs have a few lines
LAST_LINES = 100  # lines that are looked through where the last one is empty
LAST_LINE_BYTES = 4096  # the most that is read of a last line, which may be of any length
FEW = 5  # Pods whose events are read, one by one
READERS = 8  # logs read at the same time, where those of many Jobs are wanted
# What the kubelet answers, with status 200, where the node has the log no longer: GetContainerLogs
# in pkg/kubelet/kuberuntime/kuberuntime_container.go.
_LOST = "unable to retrieve container logs for "
# the metadata of a Pod that is kept where many are read; no check looks at the rest
_KNOWN_BY = (
    *("name", "namespace", "uid", "annotations", "ownerReferences"),
    *("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
)
_NOTED = "managedFields"  # which command has set which field of an object

# what a Pod or its Job may lack, by kind
_DEPENDENCIES = {
    one.kind: one
    for one in (
        *(resources.CONFIG_MAPS, resources.SECRETS, resources.CLAIMS, resources.SERVICE_ACCOUNTS),
        *(resources.PRIORITY_CLASSES, resources.RUNTIME_CLASSES),
    )
}

Place = tuple[str, str]  # namespace and name
Recorded = Callable[[str], Snapshot | None]  # what is on record of the Job with this uid
Newest = Callable[[str, str], Snapshot | None]  # what was recorded last of a Job of this place
# where Jobs of these names were, as far as they are on record
Places = Callable[[Collection[str]], Iterable[Place]]


Refused = Callable[[str], None]  # hears what the server refuses to show, in its own words


class Wanted(NamedTuple):
    """What is wanted of a Job, beside the Job itself and its Pods.

    logs: whether the log of each attempt is, as far as the cluster has it. saved: whether the logs
    on record are, for a command that reads the others itself as they come. events: whether the
    events of the Job and its Pods are. gone: whether a Job that is not there any more counts, as
    far as it is on record. schedule: whether the CronJob that the Job is of is, with its Jobs.
    """

    logs: bool = False
    saved: bool = False
    events: bool = False
    gone: bool = False
    schedule: bool = False


def _no_newest(_namespace: str, _name: str) -> Snapshot | None:
    return None


def _ignore(_said: str) -> None:
    pass


def _no_places(_names: Collection[str]) -> Iterable[Place]:
    return ()


class Gatherer(NamedTuple):
    """Reads snapshots of Jobs over one client.

    recorded: gives what `start` and `check --wait` have kept of the Job with a uid. newest: gives
    what they have kept last of the Jobs of a name in this cluster. places: where there were such
    Jobs.
    """

    client: Client
    recorded: Recorded
    newest: Newest = _no_newest
    places: Places = _no_places

    def named(self, namespace: str, name: str, wanted: Wanted) -> Snapshot:
        """The Job of this name; where there is none, whether a bare Pod has the name.

        Where Jobs that are gone are wanted, and neither is there, it is the last Job of the name
        that is on record. A Pod that the user may not read counts as none. Raises ApiError for
        anything else that the server refuses, except that it has no such Job or Pod.
        """
        job = self.job(namespace, name)
        return self.of(job, wanted) if job is not None else self.gone(namespace, name, wanted)

    def gone(self, namespace: str, name: str, wanted: Wanted) -> Snapshot:
        """What is known where no Job has the name, as `named` has it. Raises ApiError."""
        missing = self.missing(namespace, name)
        record = self.newest(namespace, name) if wanted.gone and not missing.bare_pod else None
        if record is None or record.job is None:
            return missing
        seen = self._with_left(self.of(record.job, wanted))
        return seen._replace(gone=True, gone_at=record.as_in(seen).gone_at)

    def job(self, namespace: str, name: str) -> Object | None:
        """The Job of this name alone, None where there is none. Raises ApiError otherwise."""
        return self.client.find(resources.JOBS, name, namespace)

    def missing(self, namespace: str, name: str) -> Snapshot:
        """The snapshot where no Job has the name: it tells whether a bare Pod has it."""
        bare = self._has_pod(namespace, name)
        return Snapshot(name, namespace, self.client.now(), None, bare_pod=bare)

    def of(self, job: Object, wanted: Wanted) -> Snapshot:
        """The snapshot of a Job that was just read, with its Pods and what else is wanted."""
        records = [PodRecord(pod, tuple(objects.attempts(pod))) for pod in pods(self.client, job)]
        if wanted.logs:
            records = [with_logs(self.client, record) for record in records]
        return self._completed(_snapshot(job, self.client, records), wanted)

    def everywhere(self, wanted: Mapping[str, Wanted]) -> list[Snapshot]:
        """A snapshot of each Job that has one of these names, in whichever namespace.

        wanted: what else is wanted of the Jobs of a name. Where a namespace has a bare Pod of the
        name instead, there is a snapshot of that; where it has neither, one of the last Job on
        record, if Jobs that are gone are wanted. The order is that of namespaces, then of `wanted`.
        The API server selects by name, so that it sends nothing else that a large cluster holds,
        and of each object only what checks look at is kept in memory.
        """
        lookups = [(kind, name) for kind in (resources.JOBS, resources.PODS) for name in wanted]
        clock = self.client.clock
        found = prefetch.each(lambda one: self._all_named(*one), lookups, clock=clock)
        jobs = {_place(job): job for some in found[: len(wanted)] for job in some}
        bare = {_place(pod) for some in found[len(wanted) :] for pod in some} - jobs.keys()
        records = self._records(jobs, wanted)
        now, order = self.client.now(), list(wanted)
        seen = [
            *(
                self._completed(_snapshot(job, self.client, records[place]), wanted[place[1]])
                for place, job in jobs.items()
            ),
            *(Snapshot(name, namespace, now, None, bare_pod=True) for namespace, name in bare),
            *self._gone_from({*jobs, *bare}, wanted),
        ]
        return sorted(seen, key=lambda one: (one.namespace, order.index(one.name)))

    def _gone_from(self, there: Set[Place], wanted: Mapping[str, Wanted]) -> Iterator[Snapshot]:
        """The Jobs on record that are wanted though they are gone. there: the names in use."""
        names = [name for name, one in wanted.items() if one.gone]
        for namespace, name in sorted({*self.places(names)} - there):
            seen = self.gone(namespace, name, wanted[name])
            if seen.job is not None:
                yield seen

    def with_events(self, seen: Snapshot, *, of_pods: bool = True) -> Snapshot:
        """The snapshot with the events of the Job beside those that it has.

        of_pods: whether with those of its Pods too. Raises ApiError.
        """
        uids = [objects.uid(seen.job)] if seen.job else []
        uids += [objects.uid(record.pod) for record in seen.pods if of_pods]
        found = events(self.client, seen.namespace, uids)
        return seen._replace(events=snapshot.union_events(seen.events, found))

    def with_events_of(self, seen: Snapshot, record: PodRecord) -> Snapshot:
        """The snapshot with the events of this Pod beside those that it has. Raises ApiError."""
        found = events(self.client, seen.namespace, [objects.uid(record.pod)])
        return seen._replace(events=snapshot.union_events(seen.events, found))

    def events_of_pod(self, namespace: str, name: str) -> list[Object]:
        """The events of a Pod that is gone, by its name. Raises ApiError."""
        fields = f"involvedObject.kind=Pod,involvedObject.name={name}"
        return self.client.list(resources.EVENTS, namespace, fields=fields).items

    def with_arrived(self, seen: Snapshot, refused: Refused = _ignore) -> Snapshot:
        """The snapshot that knows which objects, named as missing, are there.

        refused: as for `is_there`. Raises ApiError.
        """
        named = table.missing(seen)
        return dependencies.with_arrived(
            seen, [one for one in named if is_there(self.client, seen.namespace, one, refused)]
        )

    def events_of_gone(self, namespace: str, name: str) -> list[Object]:
        """The events that are left of the last Job of this name and of its Pods, oldest first.

        The Job's own events name its Pods. Raises ApiError.
        """
        about = self.client.list(
            resources.EVENTS, namespace, fields=f"involvedObject.name={name}"
        ).items
        own = [one for one in about if _about(one).get("kind") == "Job"]
        last = max(own, key=lambda one: str(objects.event_time(one)), default=None)
        if last is None:
            return []
        own = [one for one in own if _about(one).get("uid") == _about(last).get("uid")]
        said = (str(one.get("message")).partition("Created pod: ")[2] for one in own)
        made = set(filter(None, said))
        listed = self.client.list(resources.EVENTS, namespace).items if made else []
        of_pods = [
            one
            for one in listed
            if _about(one).get("kind") == "Pod" and _about(one).get("name") in made
        ]
        return sorted([*own, *of_pods], key=lambda one: str(objects.event_time(one)))

    def explained(self, seen: Snapshot) -> list[Cause]:
        """Why any Job does not succeed, of which this is seen. Raises ApiError.

        The events and the end of a log are read where they may tell something.
        """
        if seen.job is not None and not objects.is_true(seen.job, "Complete"):
            seen = self.with_events(seen)
        if seen.over and not table.of(seen):
            for name in lost_pods(seen):
                of_pod = self.events_of_pod(seen.namespace, name)
                seen = seen._replace(events=snapshot.union_events(seen.events, of_pod))
        seen = self.with_arrived(seen)
        found = table.known(seen)
        if any(cause.kind in kinds.RAN for cause in found):
            found = table.known(seen, self.last_line(seen))
        return found

    def last_line(self, seen: Snapshot, *, tolerant: bool = True) -> str | None:
        """The last line with text that the newest failed try has logged; "" where it has none.

        None where the snapshot has its log, or where the cluster has it no longer or the user may
        not read it. tolerant: whether the last is so; else ApiError is raised for it.
        """
        failed = tries.failed_try(seen)
        if failed is None or failed.attempt.log is not None or failed.record.gone:
            return None
        said: str | None = None
        for one in tries.beside(failed):  # one of them may have said why
            try:
                line = self._last_of(seen.namespace, one)
            except ApiError as error:
                if not tolerant and error.code in (401, 403):
                    raise
                return said
            if line:
                return line
            said = line if one == failed else said
        return said

    def _last_of(self, namespace: str, failed: Try) -> str | None:
        """The last line with text that a try has logged. Raises ApiError."""
        lines = self._last_lines(namespace, failed, 1, LAST_LINE_BYTES)
        if lines and not any(map(str.strip, lines)):  # the log may end with empty lines
            lines = self._last_lines(namespace, failed, LAST_LINES, LOG_BYTES)
        said = [line for line in lines if line.strip()]
        if is_lost(lines) or (not said and len(lines) == LAST_LINES):
            return None
        return "".join(said[-1:])

    def _last_lines(self, namespace: str, failed: Try, number: int, limit: int) -> list[str]:
        """The last lines of a try's log. number and limit: the most lines and bytes to read."""
        record, attempt = failed.record, failed.attempt
        return list(
            self.client.logs(
                record.name,
                namespace,
                attempt.container,
                previous=not failed.init and not record.is_latest(attempt),
                tail=number,
                limit_bytes=limit,
            )
        )

    def _with_left(self, seen: Snapshot) -> Snapshot:
        """The snapshot of a Job that is gone, with its Pods that it has left behind.

        Those have no owner any more, but its labels. Raises ApiError.
        """
        labels = selector(seen.job or {})
        items = self.client.list(resources.PODS, seen.namespace, labels=labels).items
        there = {objects.uid(pod) for pod in items}
        return seen._replace(
            pods=tuple(
                record._replace(gone=record.gone and objects.uid(record.pod) not in there)
                for record in seen.pods
            )
        )

    def _completed(self, seen: Snapshot, wanted: Wanted) -> Snapshot:
        """The snapshot with what is on record, and with the events where they are wanted."""
        record = self.recorded(objects.uid(seen.job or {}))
        record = record.as_in(seen) if record else None
        seen = snapshot.with_record(seen, record, logs=wanted.logs or wanted.saved)
        if wanted.schedule:
            seen = seen._replace(schedule=schedules.of(self.client, seen.job))
        if not wanted.events:
            return seen
        return self.with_events(seen._replace(events=record.events if record else None))

    def _has_pod(self, namespace: str, name: str) -> bool:
        try:
            return self.client.find(resources.PODS, name, namespace) is not None
        except ApiError as error:
            if error.code != 403:
                raise
            return False

    # ---- in all namespaces

    def _all_named(self, kind: resources.Resource, name: str) -> list[Object]:
        """The objects of this name, in all namespaces.

        Pods are very many, and few of them have such a name: the API server may answer from its
        cache, so as not to read all Pods from its store for each name.
        """
        fields = f"metadata.name={name}"
        listing = self.client.list(kind, fields=fields, cached=kind is resources.PODS)
        return [_cut(item) for item in listing.items]

    def _records(
        self, jobs: Mapping[Place, Object], wanted: Mapping[str, Wanted]
    ) -> dict[Place, list[PodRecord]]:
        """The Pods of each Job, with their logs where those are wanted."""
        owners = {objects.uid(job): place for place, job in jobs.items()}
        found: dict[Place, list[PodRecord]] = {place: [] for place in jobs}
        silent: list[tuple[Place, PodRecord]] = []
        seen: set[str] = set()
        for pod in self._all_pods(jobs):
            place = owners.get(str((objects.controller(pod) or {}).get("uid")))
            if place is None or objects.uid(pod) in seen:
                continue  # a Pod of an earlier Job of this name, or one that was found twice
            seen.add(objects.uid(pod))
            record = PodRecord(_cut_pod(pod), tuple(objects.attempts(pod)))
            if wanted[place[1]].logs:
                silent.append((place, record))
            else:
                found[place].append(record)
        complete = prefetch.each(
            lambda one: with_logs(self.client, one[1]), silent, READERS, clock=self.client.clock
        )
        for (place, _), record in zip(silent, complete, strict=True):
            found[place].append(record)
        return found

    def _all_pods(self, jobs: Mapping[Place, Object]) -> Iterator[Object]:
        """All Pods that may be of these Jobs; the next page is fetched while one is used."""
        names = sorted({name for _, name in jobs})
        if names:
            labels = f"{objects.JOB_NAME_LABEL} in ({','.join(names)})"
            pages = self.client.pages(resources.PODS, labels=labels)
            for page in prefetch.ahead(pages, self.client.clock):
                yield from page.items
        for job in jobs.values():
            if objects.spec(job).get("manualSelector"):  # its Pods need not carry that label
                yield from pods(self.client, job)


def _snapshot(job: Object, client: Client, records: Iterable[PodRecord]) -> Snapshot:
    namespace, name = _place(job)
    return Snapshot(name, namespace, client.now(), job, snapshot.order(records))


def _place(obj: Object) -> Place:
    return str(objects.metadata(obj).get("namespace")), objects.name(obj)


def _cut(obj: Object) -> Object:
    """A copy of the object without what the API server notes for itself, which is most of it.

    The Jobs and Pods of all learners of a class are thousands, and in memory at the same time.
    """
    metadata = {key: value for key, value in objects.metadata(obj).items() if key != _NOTED}
    return {**obj, "metadata": metadata}


def _cut_pod(pod: Object) -> Object:
    """A copy of the Pod without what its containers are made of: checks look at what they did.

    The names and policies of init containers stay, as STATUS and RESTARTS tell sidecars by them.
    """
    spec = objects.spec(pod)
    sidecars = [
        {"name": one["name"], "restartPolicy": one.get("restartPolicy")}
        for one in spec.get("initContainers") or []
    ]
    metadata = objects.metadata(pod)
    known = {key: metadata[key] for key in _KNOWN_BY if key in metadata}
    return {**pod, "metadata": known, "spec": {"initContainers": sidecars}}


# ---- Pods, events, logs


def lost_pods(seen: Snapshot) -> list[str]:
    """The names of Pods that are gone, as the Job's own events tell; a few of them."""
    there = {one.name for one in seen.pods if not one.gone}
    return sorted(kinds.made_pods(seen) - there)[:FEW]


def selector(job: Object) -> str:
    """The matchLabels of the Job's selector, as the value of a labelSelector option."""
    labels = (objects.spec(job).get("selector") or {}).get("matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def pods(client: Client, job: Object) -> list[Object]:
    """The Pods that this Job owns: selected by its selector, then by its uid. Raises ApiError."""
    namespace = str(objects.metadata(job).get("namespace"))
    items = client.list(resources.PODS, namespace, labels=selector(job)).items
    return [pod for pod in items if is_owned(pod, job)]


def pods_of_runs(client: Client, jobs: Sequence[Object]) -> list[list[Object]]:
    """The Pods of each of a CronJob's Jobs, all asked for at once. Raises ApiError.

    A CronJob's Jobs have no selector of their own making, so their Pods carry the Job's name.
    """
    if not jobs:
        return []
    namespace = str(objects.metadata(jobs[0]).get("namespace"))
    labels = f"{objects.JOB_NAME_LABEL} in ({','.join(sorted(map(objects.name, jobs)))})"
    found = [
        pod for page in client.pages(resources.PODS, namespace, labels=labels) for pod in page.items
    ]
    return [[pod for pod in found if is_owned(pod, job)] for job in jobs]


def is_owned(pod: Object, job: Object) -> bool:
    """Whether the Job is the Pod's controller."""
    return (objects.controller(pod) or {}).get("uid") == objects.uid(job)


def events(client: Client, namespace: str, uids: Iterable[str]) -> list[Object]:
    """The events about the objects with these uids, oldest first.

    They are selected by uid, as an earlier Job may have had the same name. Raises ApiError.
    """
    found = [
        event
        for uid in uids
        for event in client.list(
            resources.EVENTS, namespace, fields=f"involvedObject.uid={uid}"
        ).items
    ]
    return sorted(found, key=lambda event: str(objects.event_time(event)))


def is_there(client: Client, namespace: str, wanted: Missing, refused: Refused) -> bool:
    """Whether an object that was missing is there by now, with its key.

    One that the user may not read counts as missing, and refused is called with the server's words.
    Raises ApiError for anything else.
    """
    resource = _DEPENDENCIES[wanted.kind]
    try:
        found = client.find(resource, wanted.name, namespace if resource.namespaced else "")
    except ApiError as error:
        if error.code not in (401, 403):
            raise
        refused(error.text)
        return False
    if found is None or not wanted.key:
        return found is not None
    return any(wanted.key in (found.get(part) or ()) for part in ("data", "binaryData"))


def _about(event: Object) -> Object:
    """The reference to the object that an event is about."""
    found: Object = event.get("involvedObject") or {}
    return found


def with_logs(client: Client, record: PodRecord) -> PodRecord:
    """The Pod with the logs of its attempts, as far as the cluster still has them.

    Raises ApiError where the user may not read logs.
    """
    attempts = tuple(
        attempt if attempt.log is not None else _with_log(client, record, attempt)
        for attempt in record.attempts
    )
    return record._replace(attempts=attempts)


def _with_log(client: Client, record: PodRecord, attempt: Attempt) -> Attempt:
    namespace = str(objects.metadata(record.pod).get("namespace"))
    try:
        lines = client.logs(
            record.name,
            namespace,
            attempt.container,
            previous=not record.is_latest(attempt),
            limit_bytes=LOG_BYTES,
        )
        log = tuple(lines)
    except ApiError as error:
        if error.code in (401, 403):
            raise
        return attempt  # the container or its log is gone
    if is_lost(log):
        return attempt
    cut = sum(map(size, log)) >= LOG_BYTES
    return attempt._replace(log=log, log_cut=cut)


def size(line: str) -> int:
    """The bytes of a log line, its end included."""
    return len(line.encode()) + 1


def is_lost(log: Sequence[str]) -> bool:
    """Whether these lines are no log, but the kubelet's message that it has the log no longer."""
    return len(log) == 1 and _LOST in log[0]
