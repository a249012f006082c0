"""What happens to a Job, as changes worth a line: a pure reducer of watch events.

follow.py feeds a Recorder and asks it whether all has been seen; the stream, the live screen, the
record and the checks are made from its state. It opens no connection and reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence import anchors, retry, schedules, snapshot
from kubectl_joblab.evidence.anchors import Anchors
from kubectl_joblab.evidence.causes import forbidden, kinds, table, tries, waiting
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.schedules import Schedule
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.evidence.surroundings import Missing, Surroundings
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Attempt, Object

PATIENCE = timedelta(seconds=5)  # for so long a Pod may be Pending without a line about it
# STATUS of a Pod that is on its way to run
QUIET = ("Pending", "ContainerCreating", "PodInitializing", "Init:0/1")
# pkg/kubelet/kubelet.go: MaxCrashLoopBackOff; this back-off begins with 10 s, too
LONGEST_CRASH_BACKOFF = 300
_NEVER = datetime.max.replace(tzinfo=timezone.utc)


class Change(NamedTuple):
    """One line of the stream.

    age: seconds since the Job's creation, by the server's clock. object: such as pod/NAME. status:
    a STATUS as kubectl prints it, or how a container ended.
    """

    age: float
    object: str
    status: str
    detail: Sentence = ""


class Recorder:
    """A Job that is followed, its Pods and events, and what the stream has told of them."""

    def __init__(self, job: Object, namespace: str) -> None:
        self.job = job
        self.namespace = namespace
        self.gone_at: datetime | None = None  # when the Job was deleted, by the server's time
        self._history: tuple[Transition, ...] = snapshot.transitions(job)
        self._pods: dict[str, PodRecord] = {}
        self._events: dict[str, Object] = {}
        # by a Pod's uid:
        self._told: dict[str, str] = {}  # the status in the last line about it; "job": the Job's
        self._status: dict[str, str] = {}  # its last STATUS, whether there was a line for it or not
        self._quiet_since: dict[str, datetime] = {}  # since when its STATUS is one of QUIET
        self._refused_since: datetime | None = None
        # by a Pod's uid and an attempt's key: the lines by now, where the log is not read whole
        self._written: dict[tuple[str, tuple[str, int]], tuple[str, ...]] = {}
        self._anchors = Anchors(job)
        self._untold: set[str] = set()  # the uids of events that no watch tells any more
        self._arrived: frozenset[Missing] = frozenset()
        self._cron_job: Object | None = None  # of which the Job is
        self._jobs: dict[str, Object] = {}  # that were ever seen of the CronJob, by their uids

    # ---- what is known

    @property
    def name(self) -> str:
        """The Job's name."""
        return objects.name(self.job)

    @property
    def pods(self) -> tuple[PodRecord, ...]:
        """All Pods of the Job that were ever seen, also those that are gone."""
        return snapshot.order(
            record if record.gone else record.shifted(self._anchors.lag(record.pod))
            for record in self._pods.values()
        )

    @property
    def running(self) -> int:
        """How many Pods have a container that runs."""
        return sum(1 for record in self._pods.values() if _runs(record))

    @property
    def history(self) -> tuple[Transition, ...]:
        """What the conditions of the Job became, in the order of time."""
        return self._history

    @property
    def deleted(self) -> bool:
        """Whether the Job was seen to go."""
        return self.gone_at is not None

    @property
    def finished(self) -> bool:
        """Whether the Job is Complete or Failed."""
        return objects.is_finished(self.job)

    @property
    def settled(self) -> bool:
        """Whether nothing more is to come.

        The Job is finished, as many Pods are known as it has counted, and each is at rest or gone;
        one that is being deleted is neither.
        """
        return (
            self.finished
            and self.view(_NEVER).has_every_pod
            and all(
                one.gone or (objects.has_ended(one.pod) and not objects.is_deleted(one.pod))
                for one in self._pods.values()
            )
        )

    @property
    def is_empty(self) -> bool:
        """Whether each Pod of the Job that was ever seen is gone."""
        return all(record.gone for record in self._pods.values())

    def view(self, now: datetime) -> Snapshot:
        """All that is known of the Job, as a snapshot. now: the server's time.

        Of a container that runs its log is what it has written by now; that of one which has ended
        is cut as long as it is not read to its end.
        """
        return Snapshot(
            name=self.name,
            namespace=self.namespace,
            now=now,
            job=self.job,
            pods=tuple(self._with_lines(record) for record in self.pods),
            events=tuple(self._events.values()),
            gone=self.deleted,
            gone_at=self.gone_at,
            history=self._history,
            schedule=self._known_schedule(),
            around=Surroundings(arrived=self._arrived),
        )

    def _known_schedule(self) -> Schedule | None:
        cron_job = self._cron_job
        if cron_job is None:
            return None
        its = (one for one in self._jobs.values() if schedules.is_made_by(cron_job, one))
        return schedules.together(cron_job, its)

    def _with_lines(self, record: PodRecord) -> PodRecord:
        """The record with the lines that are known of logs which are not read whole."""
        uid = objects.uid(record.pod)
        known = [self._written.get((uid, attempt.key)) for attempt in record.attempts]
        if not any(known):
            return record
        return record._replace(
            attempts=tuple(
                attempt._replace(log=lines, log_cut=attempt.finished is not None)
                if lines and attempt.log is None
                else attempt
                for attempt, lines in zip(record.attempts, known, strict=True)
            )
        )

    def add_lines(self, uid: str, key: tuple[str, int], lines: tuple[str, ...]) -> None:
        """Keep what an attempt has written by now, until add_log has its whole log.

        uid and key: as for add_log.
        """
        self._written[uid, key] = lines

    def add_log(
        self, uid: str, key: tuple[str, int], lines: tuple[str, ...] | None, cut: bool
    ) -> None:
        """Keep the log of one attempt. lines: None takes back the log that was kept.

        uid: the Pod's. key: the attempt's. cut: whether the log has more lines than these.
        """
        self._written.pop((uid, key), None)
        record = self._pods[uid]
        attempts = tuple(
            attempt._replace(log=lines, log_cut=cut) if attempt.key == key else attempt
            for attempt in record.attempts
        )
        self._pods[uid] = record._replace(attempts=attempts)

    # ---- what happens

    def on_job(self, kind: str, job: Object, now: datetime) -> list[Change]:
        """Take in a watch event about the Job; the changes that are worth a line.

        kind: the watch event's type, ADDED, MODIFIED or DELETED. now: the server's time.
        """
        if objects.uid(job) != objects.uid(self.job):
            return []  # a Job of the same name, created after ours was deleted
        _, by = self._anchors.tell(job, now)
        self._move(by)
        job = self.job = anchors.shifted(job, self._anchors.lag(job))
        self._history = snapshot.merge_history(self._history, snapshot.transitions(job))
        if kind == "DELETED":
            self.gone_at = objects.deleted_at(job) or now
            return [self._change(self._job_name, "DELETED", objects.completions(job), now)]
        status = objects.job_status(job)
        failed = objects.status(job).get("failed") or 0
        # a Job that is ending counts its Pods one by one; the end says how many
        counted = "" if status == "FailureTarget" else failed
        told = f"{status} {objects.completions(job)} {counted}"
        if self._told.get("job") == told or not objects.status(job):
            return []
        self._told["job"] = told
        # which goes through all Pods: only where there is a line
        return [self._change(self._job_name, status, self._job_detail(status, now), now)]

    def on_pod(self, kind: str, pod: Object, now: datetime) -> list[Change]:
        """Take in a watch event about a Pod; the changes that are worth a line.

        There are none where the Pod is not the Job's. kind and now: as for on_job.
        """
        if (objects.controller(pod) or {}).get("uid") != objects.uid(self.job):
            return []
        uid = objects.uid(pod)
        own, by = self._anchors.tell(pod, now)
        self._move(by)
        if kind == "DELETED":
            lag = self._anchors.lag(pod)
            pod, own = anchors.shifted(pod, lag), own + lag
        before = self._pods[uid].shifted(own) if uid in self._pods else None
        known = before.attempts if before else ()
        pod = _deleted_as_first_asked(pod, before.pod) if before else pod
        attempts = snapshot.merge_attempts(known, objects.attempts(pod))
        self._pods[uid] = PodRecord(pod, attempts, gone=kind == "DELETED")
        changes = [
            self._change(f"pod/{objects.name(pod)}", status, detail, now)
            for status, detail in self._attempt_lines(uid, known, attempts)
        ]
        status = "DELETED" if kind == "DELETED" else objects.pod_status(pod)
        return changes + self._status_line(uid, pod, status, now)

    def on_event(self, kind: str, event: Object, now: datetime) -> None:
        """Take in an event about the Job or one of its Pods, or its newer version.

        Only those about the Job are watched. kind and now: as for on_job.
        """
        uid = objects.uid(event)
        self._anchors.tell(event, now, leads=False)
        if kind == "DELETED" or (event.get("involvedObject") or {}).get("kind") != "Job":
            self._untold.add(uid)
            event = anchors.shifted(event, self._anchors.lag(event))
        self._events[uid] = event
        if event.get("reason") == forbidden.REFUSED and self._refused_since is None:
            self._refused_since = objects.created(event) or now

    def on_schedule(self, seen: Object) -> None:
        """Take in the CronJob that the Job is of, or a Job that may be another of its Jobs.

        Those that go, as their number is limited, have been there all the same.
        """
        if schedules.is_made_by(seen, self.job):
            self._cron_job = seen
        elif objects.controller(seen):
            self._jobs[objects.uid(seen)] = seen

    def on_arrived(self, seen: Snapshot) -> None:
        """Take in what a view of the Job knows by now to be there that messages call missing."""
        if seen.around:
            self._arrived |= seen.around.arrived

    def tick(self, now: datetime) -> list[Change]:
        """The changes that have become worth a line because time has passed."""
        due = [uid for uid, since in self._quiet_since.items() if now - since >= PATIENCE]
        return [
            line
            for uid in due
            for line in self._status_line(uid, self._pods[uid].pod, _status(self._pods[uid]), now)
        ]

    def causes(self, now: datetime, last_line: str | None = None) -> list[Cause]:
        """Why the Job does not succeed, as far as there is something to tell by now.

        last_line: the last line of the newest failed try, where its log is not followed.

        The Job controller tries again after a refusal, so that one is told when it has lasted for
        PATIENCE, or when the Job has Pods beside. A first pull that fails has its line in the
        stream, and may succeed yet. What a try has printed is worth the wait for its log.
        """
        seen = self.view(now)
        return [cause for cause in table.of(seen, last_line) if self._is_due(cause, seen)]

    def _is_due(self, cause: Cause, seen: Snapshot) -> bool:
        if cause.what == waiting.FIRST_PULL:
            return False
        if cause.kind in kinds.REFUSED and cause.fatal:
            return self._refused_since is not None and seen.now - self._refused_since >= PATIENCE
        failed = tries.failed_try(seen) if cause.kind in kinds.RAN else None
        if failed is None or failed.init or failed.record.gone:
            return True
        whole = failed.attempt.log is not None and not failed.attempt.log_cut
        return whole or seen.now - failed.end >= PATIENCE

    def next_try(self) -> datetime | None:
        """When the Job controller may create the next Pod after a failure; None for never."""
        if self.finished or self._is_ending:
            return None
        return retry.after(self.job, self.pods)

    def is_same_line(self, line: str, other: str) -> bool:
        """Whether two log lines with timestamps are one that was read twice."""
        return self._anchors.is_same_line(line, other)

    def _move(self, by: timedelta) -> None:
        """Move the times of all that is kept and not told again."""
        if not by:
            return
        self.job = anchors.shifted(self.job, by)
        self.gone_at = anchors.at(self.gone_at, by)
        self._history = tuple(one.shifted(by) for one in self._history)
        self._refused_since = anchors.at(self._refused_since, by)
        self._quiet_since = {uid: since + by for uid, since in self._quiet_since.items()}
        for uid, record in self._pods.items():
            if record.gone:
                self._pods[uid] = record.shifted(by)
        for uid in self._untold:
            self._events[uid] = anchors.shifted(self._events[uid], by)

    @property
    def _is_ending(self) -> bool:
        """Whether the Job creates no further Pod, though it is not finished yet.

        It has its FailureTarget or its SuccessCriteriaMet, or it has no completions and a success.
        """
        ending = any(
            (objects.condition(self.job, kind) or {}).get("status") == "True"
            for kind in ("FailureTarget", "SuccessCriteriaMet")
        )
        is_queue = objects.spec(self.job).get("completions") is None
        return ending or (is_queue and any(record.succeeded for record in self.pods))

    # ---- lines

    @property
    def _job_name(self) -> str:
        return f"job.batch/{self.name}"

    def age(self, when: datetime) -> float:
        """Seconds from the Job's creation to this moment."""
        created = objects.created(self.job)
        return (when - created).total_seconds() if created else 0.0

    def _change(self, name: str, status: str, detail: Sentence, now: datetime) -> Change:
        return Change(self.age(now), name, status, detail)

    def _job_detail(self, status: str, now: datetime) -> Sentence:
        done = objects.completions(self.job)
        failed = objects.status(self.job).get("failed") or 0
        if status == "FailureTarget" and (grace := self._longest_grace()):
            return phrase("{done}, its Pod has {grace}s to stop", done=done, grace=grace)
        due = self.next_try()
        if not failed and status == "Running" and due is not None and due > now:
            age = objects.human_duration(self.age(due))
            return phrase("{done}, next try at {age}", done=done, age=age)
        if not failed:
            return done
        if status == "Running" and due is not None and due > now:
            return phrase(
                "{done}, {n} failed, next try at {age}",
                done=done,
                n=failed,
                age=objects.human_duration(self.age(due)),
            )
        return phrase("{done}, {n} failed", done=done, n=failed)

    def _longest_grace(self) -> int:
        return max(
            (
                int(objects.metadata(record.pod).get("deletionGracePeriodSeconds") or 0)
                for record in self._pods.values()
                if not record.gone and objects.is_deleted(record.pod)
            ),
            default=0,
        )

    def _attempt_lines(
        self, uid: str, known: tuple[Attempt, ...], attempts: tuple[Attempt, ...]
    ) -> Iterator[tuple[str, Sentence]]:
        """Status and detail of a line for each start and each end of a container that is new."""
        before = {attempt.key: attempt for attempt in known}
        for attempt in attempts:
            old = before.get(attempt.key)
            if old is None and attempt.finished is None:
                self._tell(uid, "Running")
                yield "Running", self._named(uid, attempt, self._start_detail(attempt))
            if attempt.finished is not None and (old is None or old.finished is None):
                status = attempt.reason or "Error"
                self._tell(uid, status)
                yield status, self._named(uid, attempt, self._end_detail(uid, attempt))

    def _named(self, uid: str, attempt: Attempt, detail: Sentence) -> Sentence:
        """The detail, behind the container's name where the Pod has several."""
        if len(objects.spec(self._pods[uid].pod).get("containers") or ()) < 2:
            return detail
        name = attempt.container
        return phrase("{container}: {detail}", container=name, detail=detail) if detail else name

    def _start_detail(self, attempt: Attempt) -> Sentence:
        if attempt.number > 1:
            return phrase("restart {n}", n=attempt.number - 1)
        if (objects.spec(self.job).get("parallelism") or 1) < 2:
            return ""
        return phrase("{n} at once", n=self.running)

    def _end_detail(self, uid: str, attempt: Attempt) -> Sentence:
        ran = 0
        if attempt.started and attempt.finished:
            ran = int((attempt.finished - attempt.started).total_seconds())
        parts: dict[str, object] = {"code": attempt.exit_code, "seconds": ran}
        if held := _back_off(self._pods[uid].pod, attempt):
            wait = objects.human_duration(held)
            return phrase("exit {code}, ran {seconds}s, back-off {wait}", **parts, wait=wait)
        return phrase("exit {code}, ran {seconds}s", **parts)

    def _status_line(self, uid: str, pod: Object, status: str, now: datetime) -> list[Change]:
        """The line for a Pod's new STATUS; none where lines about its containers have told it."""
        known = self._status.get(uid) == status and status not in QUIET
        self._status[uid] = status
        if known or self._told.get(uid) == status or status in ("Running", "Completed", "Error"):
            self._quiet_since.pop(uid, None)
            return []
        if status in QUIET:
            since = self._quiet_since.setdefault(uid, now)
            if now - since < PATIENCE:
                return []
        self._quiet_since.pop(uid, None)
        self._tell(uid, status)
        why = _waits_for(pod)
        return [self._change(f"pod/{objects.name(pod)}", status, "" if why == status else why, now)]

    def _tell(self, uid: str, status: str) -> None:
        self._told[uid] = status


def _back_off(pod: Object, attempt: Attempt) -> int:
    """Seconds until the kubelet starts the container again; 0 where it does so at once or never.

    The first restart is immediate. STATUS says CrashLoopBackOff only when the wait is over.
    """
    again = objects.spec(pod).get("restartPolicy") == "OnFailure" and attempt.exit_code
    if not again or attempt.number < 2 or objects.is_deleted(pod) or objects.has_ended(pod):
        return 0
    return retry.doubled(attempt.number - 2, LONGEST_CRASH_BACKOFF)


def _status(record: PodRecord) -> str:
    return "DELETED" if record.gone else objects.pod_status(record.pod)


def _runs(record: PodRecord) -> bool:
    return not record.gone and any(a.started and not a.finished for a in record.attempts)


def _deleted_as_first_asked(pod: Object, before: Object) -> Object:
    """The Pod with the time of its deletion as it was noted first. before: the Pod until now.

    When the kubelet deletes it at last, with a grace of 0, an API server of 1.37 notes the time of
    that instead: later than the end of a container that was stopped, which would seem to have
    failed by itself.
    """
    known = objects.metadata(before)
    if "deletionTimestamp" not in known:
        return pod
    marks = ("deletionTimestamp", "deletionGracePeriodSeconds")
    first = {key: known[key] for key in marks if key in known}
    return {**pod, "metadata": {**objects.metadata(pod), **first}}


def _waits_for(pod: Object) -> Sentence:
    """Why a Pod is not scheduled, as a reason in one word; "" where it is, or may be."""
    scheduled = objects.condition(pod, "PodScheduled") or {}
    reason = str(scheduled.get("reason") or "")
    return reason if scheduled.get("status") == "False" else ""
