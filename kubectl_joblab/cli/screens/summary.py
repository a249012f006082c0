"""The summary of a Job that was followed: kubectl's tables, a timeline, the last log lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence import snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase
from kubectl_joblab.printing import labelled, tables, timeline
from kubectl_joblab.printing.timeline import Lane

MOST_LANES = 40  # in a summary; a Job may have thousands of Pods


def lanes(records: tuple[PodRecord, ...], history: Sequence[Transition]) -> list[Lane]:
    """The lanes of the timeline, one for each of these Pods. history: of the Job's conditions."""
    suspended = [one.time for one in history if one.type == "Suspended" and one.status == "True"]
    return [
        Lane(
            record.pod, record.attempts, record.gone, any(_ended_by(record, at) for at in suspended)
        )
        for record in records
    ]


def _ended_by(record: PodRecord, suspended: datetime) -> bool:
    """Whether the Pod was deleted when its Job was suspended; times are whole seconds."""
    created = objects.created(record.pod)
    ends = [attempt.finished for attempt in record.attempts if attempt.finished]
    return bool(
        record.gone
        and created
        and created <= suspended
        and ends
        and max(ends) >= suspended - timedelta(seconds=1)
    )


def prefix(record: PodRecord, container: str) -> str:
    """What a log line begins with, as kubectl begins the lines of several Pods."""
    return f"[pod/{record.name}/{container}]"


def lines(session: Session, exercise: Exercise | None, seen: Snapshot) -> list[str]:
    """The lines of the whole summary, each part below the command that would print it.

    exercise: None for the Job of no lab.
    """
    job = tables.jobs([seen.job or {}], seen.now)
    if seen.gone:
        job = [f'Error from server (NotFound): jobs.batch "{seen.name}" not found']
    present = [record.pod for record in seen.pods if not record.gone]
    selector = f"{objects.JOB_NAME_LABEL}={seen.name}"
    pods = tables.pods(sorted(present, key=objects.name), seen.now)
    return [
        *head(session, exercise, "job", f"kubectl get job {seen.name}"),
        *job,
        *head(session, exercise, "pods", f"kubectl get pods -l {selector}"),
        *(pods or [f"No resources found in {seen.namespace} namespace."]),
        *_scheduled(session, seen),
        *timeline_of(session, seen),
        *_logs(session, exercise, seen),
    ]


def _scheduled(session: Session, seen: Snapshot) -> list[str]:
    """The Jobs that the schedule of the Job's CronJob has made, where a lab asks for them."""
    made = seen.schedule.scheduled if seen.schedule else ()
    if not made:
        return []
    names = " ".join(map(objects.name, made))
    table = tables.jobs(list(made), seen.now)
    return [*head(session, None, "job", f"kubectl get job {names}"), *table]


def head(session: Session, exercise: Exercise | None, part: str, command: str) -> list[str]:
    """The command of a part, below the task that the command answers, if there is one."""
    tasks = [
        f"# {number}. {session.text(task.text)}"
        for number, task in (exercise.tasks if exercise else ())
        if task.shows == part
    ]
    return ["", *tasks, f"# {session.with_flags(command)}"]


def timeline_of(session: Session, seen: Snapshot) -> list[str]:
    """The timeline of a Job's Pods below its title; with --plain in words."""
    origin = objects.created(seen.job or {})
    if origin is None or not seen.pods:
        return []
    if session.plain:
        return _runs(session, seen, origin)
    end = objects.finished_at(seen.job or {}) or seen.now
    title, drawn = timeline.draw(
        lanes(seen.pods, seen.transitions), origin, end, rows=MOST_LANES, text=session.text
    )
    return ["", session.text(phrase("Timeline: {title}", title=title)), *drawn]


def _runs(session: Session, seen: Snapshot, origin: datetime) -> list[str]:
    """What the timeline draws, in words."""
    most = snapshot.peak(snapshot.runs(record, seen.now) for record in seen.pods)
    runs, hidden = timeline.runs(lanes(seen.pods, seen.transitions), origin, MOST_LANES)
    return [
        "",
        session.text(phrase("Timeline: times since the Job was created")),
        *labelled.rows(timeline.RUNS, runs),
        *_more(session, hidden),
        *([session.text(phrase("At most {n} at once.", n=most))] if len(seen.pods) > 1 else []),
    ]


def _logs(session: Session, exercise: Exercise | None, seen: Snapshot) -> list[str]:
    last = [
        f"{prefix(record, attempt.container)} {_last_line(attempt.log)}"
        for record in sorted(seen.pods, key=_by_age)
        for attempt in record.attempts
        if attempt.log
    ]
    if not last:
        return []
    if any(record.gone for record in seen.pods):
        title = phrase("Logs: the last line of each try, saved before the Pod was deleted")
    elif any(len(record.attempts) > 1 for record in seen.pods):
        title = phrase("Logs: the last line of each try")
    else:
        title = phrase("Logs: the last line of each Pod")
    heading = head(session, exercise, "logs", f"kubectl logs job/{seen.name}")
    shown = heading if len(heading) > 2 else [""]  # the command shows less than is shown here
    return [
        *shown,
        session.text(title),
        *last[:MOST_LANES],
        *_more(session, len(last) - MOST_LANES),
    ]


def _by_age(record: PodRecord) -> tuple[datetime, str]:
    """What puts Pods in the order of their creation; those of one second by their names."""
    return objects.created(record.pod) or objects.FIRST, record.name


def _last_line(log: Sequence[str]) -> str:
    """The last line with text; the last where none has any."""
    return next((line for line in reversed(log) if line.strip()), log[-1])


def _more(session: Session, hidden: int) -> list[str]:
    return [session.text(phrase("and {n} more", n=hidden))] if hidden > 0 else []
