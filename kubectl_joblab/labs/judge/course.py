"""Assertions about a Job's course: what it went through, what is gone, what came instead.

assertions.py lists them among all kinds. They go by what was seen while it happened, which the
record of the Job keeps: its conditions as they changed, Pods that were deleted, the moment at which
the Job went. answered is about what the learner has said of the course before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot, Transition
from kubectl_joblab.labs.judge import measures
from kubectl_joblab.labs.judge.measures import Measure
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

# ---- conditions


def suspended(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """The seconds for which the Job was suspended, in all; at least, where some of it is lost."""
    known = _suspensions(seen)
    changes = list(_in_turn(known))
    since: datetime | None = None
    seconds = 0.0
    for one in changes:
        if one.status == "True":
            since = one.time
        elif since is not None:
            seconds, since = seconds + (one.time - since).total_seconds(), None
    if since is not None:
        until = seen.gone_at or objects.finished_at(seen.job or {}) or seen.now
        seconds += max((until - since).total_seconds(), 0)
    told = sum(count for _, count in _events_of_suspensions(seen))
    states = ["False", *(one.status for one in changes)]
    now = (objects.condition(seen.job or {}, "Suspended") or {}).get("status", "False")
    alternate = all(one != other for one, other in pairwise(states))
    complete = alternate and states[-1] == now and len(known) >= told
    return measures.count(options, int(seconds), complete, lambda n: phrase("{n}s suspended", n=n))


def _suspensions(seen: Snapshot) -> list[Transition]:
    """When the Job was suspended and resumed, each time once, as conditions and events tell it.

    The event of a change may be a second later than what the condition says.
    """
    found = [one for one in seen.transitions if one.type == "Suspended"]
    untold = list(found)
    for event, count in _events_of_suspensions(seen):
        status = "True" if event["reason"] == "Suspended" else "False"
        times = [objects.time(event.get(key)) for key in ("firstTimestamp", "lastTimestamp")]
        for when in filter(None, times[: min(count, 2)]):
            told = Transition("Suspended", status, f"Job{event['reason']}", when)
            same = [one for one in untold if one.status == status and _is_told_by(one, told)]
            if same:
                untold.remove(same[0])
            else:
                found.append(told)
    return found


def _is_told_by(change: Transition, told: Transition) -> bool:
    return timedelta(0) <= told.time - change.time <= timedelta(seconds=1)


def _events_of_suspensions(seen: Snapshot) -> Iterator[tuple[Object, int]]:
    """The events about suspensions, each with how often that was."""
    for event in seen.events or ():
        if event.get("reason") in ("Suspended", "Resumed"):
            yield event, int(event.get("count") or 1)


def _in_turn(changes: Iterable[Transition]) -> Iterator[Transition]:
    """The changes in the order of time; within one second, those of one kind after the other."""
    status = "False"
    for _, group in groupby(sorted(changes, key=lambda one: one.time), key=lambda one: one.time):
        left = list(group)
        while left:
            one = next((one for one in left if one.status != status), left[0])
            left.remove(one)
            status = one.status
            yield one


def condition_order(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """Which of the conditions became True, in the order in which they did."""
    types, known = options["types"], seen.transitions
    order = [one.type for one in known if one.type in types and one.status == "True"]
    rest = iter(order)
    holds = all(one in rest for one in types)
    # what a condition was before, only a record tells
    lost = {one.type for one in known if one.status == "False"} - set(order)
    return Measure(
        list(types),
        order,
        holds,
        ", ".join(types),
        ", ".join(order) or "<none>",
        settled=holds,
        complete=not lost & set(types),
    )


# ---- what is gone, and what comes instead


def deleted(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """Whether the Job that was seen is gone, or each Pod that was seen or counted."""
    return _deleted_pods(seen) if options["kind"] == "Pod" else _deleted_job(options, seen)


def _deleted_pods(seen: Snapshot) -> Measure:
    total = max(len(seen.pods), objects.ended_pods(seen.job or {}))
    left = sum(not record.gone for record in seen.pods)
    holds = total > 0 and left == 0
    return Measure(
        0,
        left,
        holds,
        phrase("each Pod deleted"),
        phrase("{n} of {total} Pods deleted", n=total - left, total=total),
        settled=holds and seen.over,
        outlasts=True,
    )


def _deleted_job(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    least = options.get("after")
    wanted: Sentence = phrase("Job deleted")
    if least is not None:
        wanted = phrase("{n}s after its end or later", n=least)
    if not seen.gone:
        there = phrase("not found") if seen.job is None else f"Job {seen.name}"
        return Measure(True, False, False, wanted, there, outlasts=True)
    end = objects.finished_at(seen.job or {})
    if least is None:
        return Measure(True, True, True, wanted, phrase("Job deleted"), settled=True)
    if end is None:
        return Measure(least, None, False, wanted, phrase("before its end"), settled=True)
    if seen.gone_at is None:
        return Measure(least, None, False, wanted, phrase("Job deleted"), complete=False)
    seconds = int((seen.gone_at - end).total_seconds())
    return Measure(
        least,
        seconds,
        seconds >= least,
        wanted,
        phrase("{n}s after its end", n=seconds),
        ">=",
        settled=True,
    )


def replaced(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """Whether Pods that took a deleted one's place were created before its end, or after it."""
    expected = options["created"]
    orders = [_order(old, new) for old, new in _replacements(seen.pods)]
    known = [one for one in orders if one]
    holds = bool(orders) and all(one == expected for one in orders)
    words = {
        "after": phrase("after the old Pod's end"),
        "before": phrase("before the old Pod's end"),
    }
    observed: Sentence = phrase("no Pod replaced")
    if orders:
        fits = sum(one == expected for one in orders)
        observed = phrase("{n} of {total} Pods", n=fits, total=len(orders))
    return Measure(
        expected,
        known[0] if len(set(known)) == 1 else known,
        holds,
        words[expected],
        observed,
        settled=any(one != expected for one in known),
        complete=len(known) == len(orders) and seen.has_every_pod,
    )


def _replacements(pods: Sequence[PodRecord]) -> Iterator[tuple[PodRecord, PodRecord]]:
    """Each Pod that was deleted, with the Pod that took its place.

    That is the first Pod, of the same index, that was created since the deletion was asked for and
    takes no other's place.
    """
    asked = [(when, old) for old in pods if (when := objects.deleted_at(old.pod)) is not None]
    free = list(pods)
    for when, old in sorted(asked, key=lambda one: one[0]):
        index = objects.annotation(old.pod, objects.INDEX_ANNOTATION)
        for new in free:
            created = objects.created(new.pod)
            same = objects.annotation(new.pod, objects.INDEX_ANNOTATION) == index
            if new is not old and same and created is not None and created >= when:
                free.remove(new)
                yield old, new
                break


def _order(old: PodRecord, new: PodRecord) -> str:
    """Whether the new Pod was created before the old one's end, or after it; "" if not known."""
    end, created = measures.last_end(old), objects.created(new.pod)
    runs = any(attempt.finished is None for attempt in old.attempts)
    if created is None or (old.gone and (end is None or runs)):
        return ""
    return "before" if end is None or runs or created < end else "after"


def answered(options: Mapping[str, Any], seen: Snapshot) -> Measure:
    """Whether the learner has answered a question, and rightly."""
    question = options["question"]
    said, right = question in seen.answers, seen.answers.get(question)
    observed: Sentence = phrase("a right answer") if right else phrase("a wrong answer")
    if right is None:
        observed = "<unknown>" if said else phrase("no answer")
    return Measure(
        True,
        right,
        right is True,
        phrase("a right answer"),
        observed,
        settled=right is not None,
        complete=not said or right is not None,
    )
