"""What a timeline shows of a Job or of a CronJob's runs, as a picture, as facts and for programs.

The timeline in characters is summary.py's. simulate prints the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.screens import summary
from kubectl_joblab.evidence import ending, snapshot
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.language import Language, Sentence, phrase, plural
from kubectl_joblab.objects import Attempt, Object
from kubectl_joblab.printing import picture, timeline
from kubectl_joblab.printing.picture import Mark, Picture, Row, Span
from kubectl_joblab.printing.timeline import Lane

SHOWN = 12  # gaps in the line about them
Facts = Iterator[tuple[Sentence, Sentence]]


# ---- facts


def facts(seen: Snapshot) -> Facts:
    """What the Pods of a Job come to: how many, their tries, and the gaps between these."""
    pods = plural(len(seen.pods), "{n} Pod", "{n} Pods")
    together = phrase("{pods}, at most {n} at once", pods=pods, n=at_once(seen))
    yield "Pods", together if seen.pods else pods
    if (gone := objects.ended_pods(seen.job or {}) - len(seen.pods)) > 0:
        yield phrase("Gone"), plural(gone, "{n} Pod, and its tries", "{n} Pods, and their tries")
    lost = sum(record.starts - len(record.attempts) for record in seen.pods)
    if lost:
        yield phrase("Gone"), plural(lost, "{n} earlier try", "{n} earlier tries")
    if codes := _codes(seen):
        yield phrase("Tries"), phrase("exit {codes}", codes=codes)
    if waits := [one.seconds for one in ending.gaps(seen) if one.seconds]:
        shown = ", ".join(objects.human_duration(one) for one in waits[:SHOWN])
        yield phrase("Gaps"), shown + (", ..." if len(waits) > SHOWN else "")


def facts_of_job(seen: Snapshot) -> Facts:
    """The facts of a Job that was not simulated: also its conditions, deadline and limit."""
    yield from facts(seen)
    held = [f"{_at(seen, start)}-{_at(seen, end)}" for start, end in suspended(seen)]
    if held:
        yield phrase("Suspended"), ", ".join(held)
    if (due := deadline(seen)) is not None:
        yield phrase("Deadline"), _at(seen, due)
    if marked := list(_conditions(seen)):
        yield "Conditions", ", ".join(marked)
    if limit := ending.of(seen):
        yield phrase("Limit"), limit.says


def at_once(seen: Snapshot) -> int:
    """How many Pods ran at the same time, at the most."""
    return snapshot.peak(snapshot.runs(record, seen.now) for record in seen.pods)


def _codes(seen: Snapshot) -> str:
    """The exit codes of all tries in order; more than three of the same as in `1 (x7)`."""
    codes = [one.exit_code for one in ending.attempts(seen) if one.exit_code is not None]
    parts = []
    for code, group in groupby(codes):
        count = len(list(group))
        parts.append(f"{code} (x{count})" if count > 3 else ", ".join([str(code)] * count))
    return ", ".join(parts)


# ---- moments


def since(seen: Snapshot, when: datetime | None) -> float | None:
    """The seconds from the Job's creation to a moment."""
    created = objects.created(seen.job or {})
    return (when - created).total_seconds() if when and created else None


def _at(seen: Snapshot, when: datetime) -> str:
    return _time(since(seen, when) or 0)


def _time(seconds: float) -> str:
    return objects.human_duration(seconds)


def deadline(seen: Snapshot) -> datetime | None:
    """When activeDeadlineSeconds ends the Job, None where it has none or has not started."""
    length = objects.spec(seen.job or {}).get("activeDeadlineSeconds")
    started = objects.time(objects.status(seen.job or {}).get("startTime"))
    if length is None or started is None:
        return None
    try:
        return started + timedelta(seconds=int(length))
    except OverflowError:
        return None


def conditions(seen: Snapshot) -> list[Transition]:
    """The conditions that became true, but for Suspended."""
    return [one for one in seen.transitions if one.status == "True" and one.type != "Suspended"]


def _conditions(seen: Snapshot) -> Iterator[str]:
    """Each condition with its time; a reason that several share stands behind the last."""
    found = conditions(seen)
    for place, one in enumerate(found):
        shared = any(later.reason == one.reason for later in found[place + 1 :])
        reason = f" ({one.reason})" if one.reason and not shared else ""
        yield f"{one.type} {_at(seen, one.time)}{reason}"


def suspended(seen: Snapshot) -> list[tuple[datetime, datetime]]:
    """From when to when the Job was suspended, as far as that is known.

    Of a Job that was created so, and has been resumed, only the end is told: no Pod is older.
    """
    known = [one for one in seen.transitions if one.type == "Suspended"]
    held = [
        (one.time, after.time if after else _end(seen))
        for one, after in pairwise([*known, None])
        if one is not None and one.status == "True"
    ]
    created = objects.created(seen.job or {})
    if known and known[0].status != "True" and created and _is_first(seen, known[0]):
        held.insert(0, (created, known[0].time))
    return held


def _is_first(seen: Snapshot, resumed: Transition) -> bool:
    """Whether a Job was resumed before it had any Pod."""
    ages = [objects.created(record.pod) for record in seen.pods]
    return all(age is None or age >= resumed.time for age in ages)


def _end(seen: Snapshot) -> datetime:
    """Where the timeline of a Job ends: when it was finished, or now."""
    ended = objects.finished_at(seen.job or {}) or seen.now
    ends = [one.finished for record in seen.pods for one in record.attempts if one.finished]
    return max([ended, *ends])


# ---- the picture


def of_job(seen: Snapshot, text: Language) -> Picture:
    """The picture of a Job."""
    job = seen.job or {}
    origin, end = objects.created(job) or seen.now, _end(seen)
    lanes = summary.lanes(seen.pods, seen.transitions)
    rows = [_row(lane, lanes, origin, end, text) for lane in lanes]
    held = [
        Span(picture.SUSPENDED, (start - origin).total_seconds(), (until - origin).total_seconds())
        for start, until in suspended(seen)
    ]
    if held:
        rows.insert(0, Row(f"job/{seen.name}", held, text(phrase("suspended"))))
    seconds = (end - origin).total_seconds()
    due = since(seen, deadline(seen))
    marks = [Mark(since(seen, one.time) or 0, one.type) for one in conditions(seen)]
    if due is not None and due <= seconds:
        marks.insert(0, Mark(due, text(phrase("deadline"))))
    lines = [f"{text(key)}: {text(value)}" for key, value in facts_of_job(seen)]
    title = f"job.batch/{seen.name}: {objects.job_status(job)}, {objects.completions(job)}"
    return Picture(title, seconds, rows, marks, lines)


def _row(lane: Lane, lanes: Sequence[Lane], origin: datetime, end: datetime, text: Language) -> Row:
    tail = timeline.tail_of(lane, live=False, text=text)
    found = [
        Span(kind, (start - origin).total_seconds(), (until - origin).total_seconds())
        for kind, start, until in _times(lane, lanes, origin, end)
        if until > start or kind in (picture.RUNNING, picture.FAILED)
    ]
    return Row(objects.name(lane.pod), found, tail)


def _times(
    lane: Lane, lanes: Sequence[Lane], origin: datetime, end: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    """The times of a lane: what it waits for, and each of its tries."""
    created, last, failed = objects.created(lane.pod) or origin, None, False
    if before := timeline.held_since(lane, lanes):
        yield picture.BACKOFF, before, created
    for one in lane.attempts:
        begun = one.started or one.finished
        if begun is None:
            continue
        if last is not None:
            yield picture.BACKOFF if failed else picture.WAITING, last, begun
        elif one.number == 1:  # else what was before is not known any more
            yield picture.WAITING, created, begun
        last = one.finished or (end if timeline.is_open(lane) else begun)
        failed = bool(one.exit_code) and not lane.stopped
        yield picture.FAILED if failed else picture.RUNNING, begun, last
    if last is None and timeline.is_open(lane):
        yield picture.WAITING, created, end
    elif last is not None and timeline.is_open(lane) and lane.attempts[-1].exit_code:
        yield picture.BACKOFF, last, end


# ---- a CronJob's runs


def run(job: Object, pods: Sequence[Object] | None, now: datetime) -> Lane:
    """The lane of a run of a CronJob, which is a Job: the tries of all its Pods as one.

    pods: those that are still there, None where they may not be read. Of a run whose Pods are gone
    or not to be read there is from when to when it took.
    """
    status = objects.job_status(job)
    goes_on = status not in ("Complete", "Failed")
    phase = {
        "Complete": "Succeeded",
        "Failed": "Failed",
        "Suspended": "Failed",
    }  # waits for nothing
    as_pod = {
        "metadata": objects.metadata(job),
        "status": {"phase": phase.get(status, "Running")},
    }
    shown = pods if pods or goes_on else None
    attempts = _whole(job, now) if shown is None else _as_one(job, shown)
    said = (objects.condition(job, "Failed") or {}).get("reason") if status == "Failed" else ""
    if goes_on:
        said = _waits_by(pods or ())
    return Lane(as_pod, attempts, tail=f"{status}: {said}" if said and said != status else status)


def started(job: Object) -> datetime | None:
    """When a run of a CronJob began."""
    return objects.time(objects.status(job).get("startTime")) or objects.created(job)


def _whole(job: Object, now: datetime) -> list[Attempt]:
    """A run of which no try is known."""
    begun, code = started(job), {"Complete": 0, "Failed": 1}.get(objects.job_status(job))
    if begun is None or begun > now:
        return []
    return [Attempt("job", 1, begun, objects.finished_at(job), code)]


def _as_one(job: Object, pods: Sequence[Object]) -> list[Attempt]:
    """What the tries of all Pods are together: those that overlap are one, which ends as the last.

    The first has the number 1 where none is known to be gone.
    """
    tries = [(one, _end_of(one, pod)) for pod in pods for one in objects.attempts(pod)]
    known = sorted(
        (one._replace(started=one.started or end, finished=end) for one, end in tries),
        key=lambda one: one.started or objects.LAST,
    )
    is_whole = objects.ended_pods(job) <= len(pods) and not any(
        _earlier_are_gone(pod) for pod in pods
    )
    found: list[Attempt] = []
    for one in known:
        before = found[-1] if found else None
        if before and (before.finished is None or (one.started or objects.LAST) < before.finished):
            last = max(before, one, key=lambda some: some.finished or objects.LAST)
            found[-1] = last._replace(number=before.number, started=before.started)
        else:
            found.append(one._replace(number=len(found) + (1 if is_whole else 2)))
    return found


def _end_of(one: Attempt, pod: Object) -> datetime | None:
    """When a try ended, None while it goes on. That of a lost Pod may never be told."""
    return one.finished or (one.started if objects.has_ended(pod) else None)


def _earlier_are_gone(pod: Object) -> bool:
    """Whether a container was started before the first try that its Pod still tells of."""
    known = list(objects.attempts(pod))
    return any(
        min(one.number for one in known if one.container == name) > 1
        for name in {one.container for one in known}
    )


def _waits_by(pods: Sequence[Object]) -> str:
    """The STATUS of the newest Pod that has not ended, such as CrashLoopBackOff."""
    still = [pod for pod in pods if not objects.has_ended(pod)]
    newest = max(still, key=lambda pod: str(objects.created(pod)), default=None)
    return objects.pod_status(newest) if newest else ""


def end_of_runs(jobs: Sequence[Object], now: datetime) -> datetime:
    """Where the timeline of a CronJob's runs ends: with the last, or now."""
    return max(objects.finished_at(job) or now for job in jobs)


def of_runs(
    name: str,
    lanes: Sequence[Lane],
    origin: datetime,
    end: datetime,
    begun: datetime,
    text: Language,
) -> Picture:
    """The picture of a CronJob's last runs, of which there is at least one.

    begun: the origin by the clock that the schedule goes by.
    """
    rows = [_row(lane, lanes, origin, end, text) for lane in lanes]
    runs = text(plural(len(lanes), "{n} run", "{n} runs"))
    first = text(phrase("0s is {time}", time=begun.isoformat().replace("+00:00", "Z")))
    seconds = (end - origin).total_seconds()
    return Picture(f"cronjob.batch/{name}: {runs}", seconds, rows, (), [first])


# ---- for programs


def items(seen: Snapshot) -> list[dict[str, Any]]:
    """The Pods and their tries, in seconds since the Job's creation."""
    return [_pod(seen, record) for record in seen.pods]


def _pod(seen: Snapshot, record: PodRecord) -> dict[str, Any]:
    index = objects.annotation(record.pod, objects.INDEX_ANNOTATION)
    return {
        "pod": record.name,
        "index": None if index is None else int(index),
        "createdSeconds": since(seen, objects.created(record.pod)),
        "deleted": record.gone,
        "tries": [_try(seen, one) for one in record.attempts],
    }


def _try(seen: Snapshot, one: Attempt) -> dict[str, Any]:
    return {
        "container": one.container,
        "number": one.number,
        "startedSeconds": since(seen, one.started),
        "finishedSeconds": since(seen, one.finished),
        "exitCode": one.exit_code,
        "reason": one.reason or None,
    }
