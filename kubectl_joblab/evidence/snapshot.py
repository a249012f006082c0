"""What is known of a Job at one moment: the Job, its Pods and their attempts, events, logs.

gather.py and recorder.py make snapshots, records.py keeps parts of them, labs/judge/checks.py and
the screens read them. A snapshot is pure data, with pure arithmetic over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence import anchors
from kubectl_joblab.evidence.schedules import Schedule
from kubectl_joblab.evidence.surroundings import Surroundings
from kubectl_joblab.objects import Attempt, Object

CLUSTER, START = "cluster", "start"  # where evidence comes from


class PodRecord(NamedTuple):
    """A Pod and what is known of its attempts, in order.

    pod: the object as last seen. gone: whether the Pod is no longer in the cluster. source:
    CLUSTER, or START where the record that `start` keeps tells more than the cluster does.
    """

    pod: Object
    attempts: tuple[Attempt, ...]
    gone: bool = False
    source: str = CLUSTER

    @property
    def name(self) -> str:
        """The Pod's name."""
        return objects.name(self.pod)

    @property
    def starts(self) -> int:
        """How often the Pod's containers were started, whether each start is known or not."""
        counted = sum(
            int(entry.get("restartCount") or 0) + 1
            for entry in objects.status(self.pod).get("containerStatuses") or []
            if any(attempt.container == entry["name"] for attempt in self.attempts)
        )
        return max(counted, len(self.attempts))

    @property
    def knows_every_start(self) -> bool:
        """Whether an attempt is there for each start, with its end unless the Pod still runs."""
        cut_off = self.gone and any(attempt.finished is None for attempt in self.attempts)
        return self.starts == len(self.attempts) and not cut_off

    def is_latest(self, attempt: Attempt) -> bool:
        """Whether no later start of the attempt's container is known."""
        return all(
            attempt.number >= other.number
            for other in self.attempts
            if other.container == attempt.container
        )

    @property
    def succeeded(self) -> bool:
        """Whether the Pod's phase is Succeeded."""
        return objects.status(self.pod).get("phase") == "Succeeded"

    def shifted(self, by: timedelta) -> PodRecord:
        """The record with its times moved, as the cluster's clock was; see anchors.py."""
        if not by:
            return self
        pod, attempts = anchors.shifted(self.pod, by), anchors.attempts(self.attempts, by)
        return self._replace(pod=pod, attempts=attempts)


class Transition(NamedTuple):
    """What a condition of a Job became at one moment. type, status, reason: the condition's."""

    type: str
    status: str
    reason: str
    time: datetime

    def shifted(self, by: timedelta) -> Transition:
        """The transition with its time moved."""
        return self._replace(time=self.time + by)


class Snapshot(NamedTuple):
    """The evidence about one Job name in one namespace.

    now: the server's time. job: None where there is none. pods: as `order` sorts them. events: of
    the Job and its Pods, None where nobody asked for them. bare_pod: where there is no Job, whether
    a Pod has the name. gone: whether the Job itself is in the cluster no longer, so that `job` is
    what was last seen of it. gone_at: when it was asked to go, or seen to go, by the server's time;
    None where nobody knows. history: what was seen of the Job's conditions, beside what `job` has.
    answers: by the id of a question, whether the learner's answer is right; None where the run does
    not say so yet, and no entry for a question that was not answered.
    around: what is around the Job, None where nobody asked for it.
    schedule: the CronJob that the Job is of, with all its Jobs; None where it is of none, or nobody
    asked for it.
    """

    name: str
    namespace: str
    now: datetime
    job: Object | None
    pods: tuple[PodRecord, ...] = ()
    events: tuple[Object, ...] | None = None
    bare_pod: bool = False
    gone: bool = False
    gone_at: datetime | None = None
    history: tuple[Transition, ...] = ()
    answers: Mapping[str, bool | None] = {}
    around: Surroundings | None = None
    schedule: Schedule | None = None

    @property
    def finished(self) -> bool:
        """Whether the Job is Complete or Failed."""
        return self.job is not None and objects.is_finished(self.job)

    @property
    def over(self) -> bool:
        """Whether the Job does nothing any more: it is finished, or gone."""
        return self.finished or self.gone

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """What is known of the Job's conditions, from the first that became something."""
        return merge_history(self.history, transitions(self.job or {}))

    @property
    def has_tries(self) -> bool:
        """Whether a container is known to have begun, so that `logs` has something to tell."""
        return any(
            record.attempts or any(one.exit_code for one in objects.init_attempts(record.pod))
            for record in self.pods
        )

    @property
    def has_every_pod(self) -> bool:
        """Whether the snapshot has as many Pods as the Job has counted as succeeded or failed."""
        return len(self.pods) >= objects.ended_pods(self.job or {})

    @property
    def has_every_start(self) -> bool:
        """Whether the snapshot has every Pod, and each start of its containers with its end."""
        return self.has_every_pod and all(record.knows_every_start for record in self.pods)

    def as_in(self, newer: Snapshot) -> Snapshot:
        """The snapshot with its times as a newer one of the same Job has them; see anchors.py.

        How far they have moved is told by the Job, and by each Pod that both have: where the Job
        is gone, by those that it left.
        """
        known = {objects.uid(record.pod): record.pod for record in self.pods}
        ways = [anchors.moved(self.job or {}, newer.job or {})]
        ways += [
            anchors.moved(known[uid], record.pod)
            for record in newer.pods
            if (uid := objects.uid(record.pod)) in known
        ]
        by = min(ways)
        if not by:
            return self
        return self._replace(
            job=anchors.shifted(self.job, by) if self.job else None,
            pods=tuple(record.shifted(by) for record in self.pods),
            events=self.events and tuple(anchors.shifted(one, by) for one in self.events),
            gone_at=anchors.at(self.gone_at, by),
            history=tuple(one.shifted(by) for one in self.history),
        )


def order(pods: Iterable[PodRecord]) -> tuple[PodRecord, ...]:
    """Pods in the order of their creation, then by name."""
    return tuple(sorted(pods, key=lambda record: (str(objects.created(record.pod)), record.name)))


def transitions(job: Object) -> tuple[Transition, ...]:
    """What the Job's conditions last became; those without a time are left out."""
    return tuple(
        Transition(
            str(entry.get("type")), str(entry.get("status")), str(entry.get("reason") or ""), time
        )
        for entry in objects.status(job).get("conditions") or []
        if (time := objects.time(entry.get("lastTransitionTime"))) is not None
    )


def merge_history(
    older: Iterable[Transition], newer: Iterable[Transition]
) -> tuple[Transition, ...]:
    """All transitions of both, each once, in the order of time.

    Times are whole seconds: within one, transitions stay in the order in which they were seen.
    """
    return tuple(sorted(dict.fromkeys((*older, *newer)), key=lambda one: one.time))


def merge_attempts(older: Iterable[Attempt], newer: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """All attempts of both, in order; of one that is in both the newer, with the log of either."""
    merged = {attempt.key: attempt for attempt in older}
    for attempt in newer:
        before = merged.get(attempt.key)
        if before is not None and before.finished is not None and attempt.finished is None:
            continue  # an end that was seen stays seen
        if attempt.log is None and before is not None:
            attempt = attempt._replace(log=before.log, log_cut=before.log_cut)
        merged[attempt.key] = attempt
    return tuple(sorted(merged.values(), key=lambda attempt: (attempt.number, attempt.container)))


def merge(cluster: Snapshot, recorded: Iterable[PodRecord], *, logs: bool) -> Snapshot:
    """The cluster's snapshot, with what was recorded of the same Job where the cluster says less.

    A Pod of which the record says more has START as its source. logs: whether logs were asked for;
    where they were not, a log that only the record has does not count as more.
    """
    seen = {objects.uid(record.pod): record for record in cluster.pods}
    return cluster._replace(
        pods=tuple(
            _marked(seen.get(objects.uid(record.pod)), record, logs)
            for record in union(recorded, cluster.pods)
        )
    )


def with_record(seen: Snapshot, record: Snapshot | None, *, logs: bool) -> Snapshot:
    """The snapshot, with the Pods and the history on record of the same Job.

    logs: as for `merge`.
    """
    if record is None:
        return seen
    record = record.as_in(seen)
    if seen.job and record.job and anchors.moved(seen.job, record.job):
        seen = seen._replace(job=record.job)  # which is gone; what it left tells the time
    history = merge_history(record.transitions, seen.transitions)
    return merge(seen, record.pods, logs=logs)._replace(history=history)


def union_events(
    older: Iterable[Object] | None, newer: Iterable[Object] | None
) -> tuple[Object, ...] | None:
    """All events of both, oldest first, the newer version of each; None where there are neither."""
    if older is None and newer is None:
        return None
    found = {objects.uid(event): event for event in (*(older or ()), *(newer or ()))}
    return tuple(sorted(found.values(), key=lambda event: str(objects.event_time(event))))


def _marked(seen: PodRecord | None, known: PodRecord, logs: bool) -> PodRecord:
    """The record of a Pod, with its source.

    seen: the Pod as the cluster shows it, None where it is gone there. known: what the cluster and
    the record say together.
    """
    if seen is None:
        return known._replace(gone=True, source=START)
    if _says_more(known.attempts, seen.attempts, logs):
        return known._replace(source=START)
    return seen


def union(older: Iterable[PodRecord], newer: Iterable[PodRecord]) -> tuple[PodRecord, ...]:
    """All Pods of two records of one Job; the newer wins, but attempts and logs are not lost."""
    pods = {objects.uid(record.pod): record for record in older}
    for record in newer:
        before = pods.get(objects.uid(record.pod))
        attempts = _filled(before.attempts if before else (), record.attempts)
        pods[objects.uid(record.pod)] = record._replace(attempts=attempts)
    return order(pods.values())


def left(pods: Iterable[PodRecord]) -> Iterator[PodRecord]:
    """Pods that were followed, as the cluster still shows them: without what is gone by now."""
    for record in pods:
        if not record.gone:
            shown = {attempt.key for attempt in objects.attempts(record.pod)}
            kept = tuple(attempt for attempt in record.attempts if attempt.key in shown)
            yield record._replace(attempts=kept)


def _filled(recorded: Iterable[Attempt], seen: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The attempts that the cluster shows, and the attempts and logs that only the record has."""
    kept = {attempt.key: attempt for attempt in recorded}
    logs = [
        _with_log_of(kept[attempt.key], attempt)
        if attempt.log is None and attempt.key in kept
        else attempt
        for attempt in seen
    ]
    return merge_attempts((), [*(kept | {attempt.key: attempt for attempt in logs}).values()])


def _with_log_of(older: Attempt, newer: Attempt) -> Attempt:
    """The attempt with the log that was read of it before; read while it ran, that has no end."""
    ended_since = older.finished is None and newer.finished is not None
    return newer._replace(log=older.log, log_cut=older.log_cut or ended_since)


def _says_more(merged: Sequence[Attempt], seen: Sequence[Attempt], logs: bool) -> bool:
    if len(merged) > len(seen):
        return True
    return logs and any(
        a.log is not None and b.log is None for a, b in zip(merged, seen, strict=True)
    )


# ---- arithmetic of runs


Interval = tuple[datetime, datetime]


def runs(record: PodRecord, now: datetime) -> list[Interval]:
    """When the Pod's containers ran: from start to finish, or to now for one that still runs.

    Of a container whose Pod was gone before its end was seen, only the start is sure.
    """
    return [
        (
            attempt.started,
            attempt.finished or (attempt.started if record.gone else max(now, attempt.started)),
        )
        for attempt in record.attempts
        if attempt.started is not None
    ]


def peak(pods: Iterable[list[Interval]]) -> int:
    """How many Pods ran at the same time, at the most. pods: the runs of each.

    Intervals are half open and times are whole seconds, so the number is never higher than it
    really was. Any run at all, though it began and ended within one second, counts as one.
    """
    changes: list[tuple[datetime, int]] = []
    any_run = False
    for intervals in pods:
        for start, end in _union(intervals):
            any_run = True
            if start < end:
                changes += [(start, 1), (end, -1)]
    highest = count = 0
    for _, change in sorted(changes):  # at one moment the ends (-1) come before the starts
        count += change
        highest = max(highest, count)
    return max(highest, int(any_run))


def _union(intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals of one Pod, joined where they overlap: its containers run together."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
