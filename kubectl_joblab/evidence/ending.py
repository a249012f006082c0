"""Which limit of a Job's spec has ended it: pure, over a snapshot that has every Pod.

simulate and the timeline say it. What the limit is called is the field's name; a message of the Job
controller is read only for the number of a rule, which stands nowhere else. Counts are in what the
limit counts: Pods, or restarts where Pods restart in place. Where what is known does not come to
what the limit must have counted, it is said without a count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence import tally
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.evidence.tally import FailedIndexes, Tally
from kubectl_joblab.language import Phrase, Sentence, phrase, plural
from kubectl_joblab.objects import Attempt, Object

_RULE = re.compile(r"rules? at index (\d+)")  # of podFailurePolicy, and of successPolicy


class Limit(NamedTuple):
    """What has ended a Job. field: of its spec. says: what it has done, in a sentence."""

    field: str
    says: Sentence


def of(seen: Snapshot) -> Limit | None:
    """The limit that has ended the Job of a snapshot, None where it goes on or none is known."""
    job = seen.job or {}
    decided = _decided(job)
    if decided is None:
        return None
    made = _BY_REASON.get(str(decided.get("reason")))
    return made(seen, decided) if made else None


def _decided(job: Object) -> Object | None:
    """The condition that first said how the Job ends."""
    for kind in ("FailureTarget", "SuccessCriteriaMet", "Failed", "Complete"):
        if objects.is_true(job, kind):
            return dict(objects.condition(job, kind) or {})
    return None


def attempts(seen: Snapshot) -> list[Attempt]:
    """The tries of all Pods of a snapshot, in the order of their starts."""
    found = [one for record in seen.pods for one in record.attempts]
    return sorted(found, key=lambda one: str(one.started or one.finished))


class Gap(NamedTuple):
    """A time in which no try of a Job ran and none was begun.

    after: the Pod whose try was the last to end. before: the Pod of the next one, the same where
    its container was started again.
    """

    since: datetime
    until: datetime
    after: Object
    before: Object

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.until - self.since).total_seconds()


def gaps(seen: Snapshot) -> list[Gap]:
    """The gaps between the tries of a Job, in the order of time.

    There are gaps of 0 seconds where one try follows another at once. A Pod begins its first try
    with its creation: how long its node takes to start it is no gap.
    """
    found: list[Gap] = []
    last: _Span | None = None
    for span in sorted(_spans(seen), key=lambda one: one[:2]):
        if last is not None and span.begun >= last.end:
            found.append(Gap(last.end, span.begun, last.pod, span.pod))
        last = span if last is None or span.end >= last.end else last
    return found


class _Span(NamedTuple):
    begun: datetime
    end: datetime
    pod: Object


def _spans(seen: Snapshot) -> Iterator[_Span]:
    for record in seen.pods:
        begun = objects.created(record.pod)
        for one in record.attempts:
            since = begun or one.started
            if since is not None:
                yield _Span(since, one.finished or max(seen.now, since), record.pod)
            begun = None


def _deadline(seen: Snapshot, decided: Object) -> Limit:
    seconds = _spec(seen, "activeDeadlineSeconds")
    resumed = objects.condition(seen.job or {}, "Suspended")
    if resumed and resumed.get("status") == "False":
        said = phrase("deadline {seconds}s since it was resumed ends it", seconds=seconds)
    elif _own_deadline(seen) is not None:
        said = phrase("the Job's deadline {seconds}s ends it", seconds=seconds)
    else:
        said = phrase("deadline {seconds}s ends it", seconds=seconds)
    counted = _counted(seen, decided, by_end=False)
    if counted is None:
        return Limit("activeDeadlineSeconds", said)
    if _restarts_in_place(seen) and not counted.failed:
        most = max(int(_spec(seen, "backoffLimit") or 0), 1)
        which = phrase("restart {n} of {most}", n=counted.restarts + 1, most=most)
        moment = phrase("before {which}", which=which)
        return Limit("activeDeadlineSeconds", _by_restart(seen, said, moment))
    return Limit("activeDeadlineSeconds", _placed(seen, said, counted))


def _back_off(seen: Snapshot, decided: Object) -> Limit:
    limit = int(_spec(seen, "backoffLimit") or 0)
    said = phrase("backoffLimit {limit} ends it", limit=limit)
    counted = _counted(seen, decided, by_end=True)
    if counted and counted.failed > limit:
        said = _placed(seen, said, counted, by_end=True)
    elif counted and _restarts_in_place(seen) and counted.restarts >= max(limit, 1):
        said = _by_restart(seen, said, _after_restarts(counted))
    return Limit("backoffLimit", said)


def _failure_policy(seen: Snapshot, decided: Object) -> Limit:
    said = phrase("podFailurePolicy rule {rule} ends it", rule=_rule(decided))
    counted = _counted(seen, decided, by_end=True)
    if counted and counted.failed:
        said = _placed(seen, said, counted, by_end=True)
    return Limit("podFailurePolicy", said)


def _failed_indexes(seen: Snapshot, _: Object) -> Limit:
    """What has failed the indexes: their limit, a rule of podFailurePolicy, or some each."""
    found = tally.failed_indexes(seen)
    limit = _spec(seen, "backoffLimitPerIndex")
    told = {
        "indexes": objects.status(seen.job or {}).get("failedIndexes") or "",
        "limit": limit,
        "rule": ",".join(map(str, found.rules)),
    }
    if _spec(seen, "podFailurePolicy") and not seen.has_every_start:
        text = plural(found.number, "failed index {indexes}", "failed indexes {indexes}", **told)
    elif found.by_rule == found.number:
        text = plural(
            found.number,
            "podFailurePolicy rule {rule} has failed index {indexes}",
            "podFailurePolicy rule {rule} has failed indexes {indexes}",
            **told,
        )
        return Limit("podFailurePolicy", text)
    elif found.by_rule:
        text = phrase(
            "indexes {indexes}: {some} failed by backoffLimitPerIndex {limit}, {others} by"
            " podFailurePolicy",
            some=found.number - found.by_rule,
            others=found.by_rule,
            **told,
        )
    else:
        text = _by_index_limit(seen, found, told)
    return Limit("backoffLimitPerIndex", text)


def _by_index_limit(seen: Snapshot, found: FailedIndexes, told: Mapping[str, Any]) -> Phrase:
    """That the limit of each index has failed some; after how many tries where all had as many."""
    text = plural(
        found.number,
        "backoffLimitPerIndex {limit} has failed index {indexes}",
        "backoffLimitPerIndex {limit} has failed indexes {indexes}",
        **told,
    )
    if not (seen.has_every_start and found.evenly):
        return text
    tries: Phrase = plural(int(told["limit"]) + 1, "{n} try", "{n} tries")
    if found.number > 1:
        tries = phrase("{tries} each", tries=tries)
    return phrase("{said} {moment}", said=text, moment=phrase("after {which}", which=tries))


def _most_failed(seen: Snapshot, _: Object) -> Limit:
    listed = objects.status(seen.job or {}).get("failedIndexes") or ""
    text = plural(
        tally.number(listed),
        "maxFailedIndexes {limit} ends it at {n} failed index: {indexes}",
        "maxFailedIndexes {limit} ends it at {n} failed indexes: {indexes}",
        limit=_spec(seen, "maxFailedIndexes"),
        indexes=listed,
    )
    return Limit("maxFailedIndexes", text)


def _success_policy(seen: Snapshot, decided: Object) -> Limit:
    listed = str(objects.status(seen.job or {}).get("completedIndexes") or "")
    text = plural(
        tally.number(listed),
        "successPolicy rule {rule} ends it at {done}: index {indexes}",
        "successPolicy rule {rule} ends it at {done}: indexes {indexes}",
        rule=_rule(decided),
        done=_done(seen),
        indexes=listed,
    )
    return Limit("successPolicy", text)


def _completions(seen: Snapshot, _: Object) -> Limit:
    done = _done(seen)
    if _spec(seen, "completions") is None:
        text = phrase("work queue done, {done}", done=done)
    else:
        text = phrase("{done} completions", done=done)
    if seen.has_every_start:
        tries = plural(tally.tries(seen), "{n} try", "{n} tries")
        text = phrase("{said}, in {tries}", said=text, tries=tries)
    return Limit("completions", text)


_BY_REASON = {
    "DeadlineExceeded": _deadline,
    "BackoffLimitExceeded": _back_off,
    "PodFailurePolicy": _failure_policy,
    "FailedIndexes": _failed_indexes,
    "MaxFailedIndexesExceeded": _most_failed,
    "SuccessPolicy": _success_policy,
    "CompletionsReached": _completions,
}


# ---- how far the Job had come


def _counted(seen: Snapshot, decided: Object, *, by_end: bool) -> Tally | None:
    """What the Job had counted when its end was decided, None where that is not known."""
    if not seen.has_every_start or tally.was_held(seen):
        return None
    return tally.at(seen, objects.time(decided.get("lastTransitionTime")), by_end=by_end)


def _placed(seen: Snapshot, said: Phrase, counted: Tally, *, by_end: bool = False) -> Phrase:
    """A sentence with how far the Job had come in tries or in failed Pods.

    by_end: whether the end of a Pod decided.
    """
    has_one_by_one = _is_single(seen) and not tally.starts_again(seen)
    moment = _try(seen, counted, by_end=by_end) if has_one_by_one else _failures(seen, counted)
    text = phrase("{said} {moment}", said=said, moment=moment)
    if not counted.by_own_deadline:
        return text
    own, cut = _own_deadline(seen), counted.by_own_deadline
    if cut == counted.failed:
        return plural(
            cut,
            "{said}, at the Pod's deadline {seconds}s",
            "{said}, each at the Pod's deadline {seconds}s",
            said=text,
            seconds=own,
        )
    return phrase("{said}, {n} at the Pod's deadline {seconds}s", said=text, n=cut, seconds=own)


def _try(seen: Snapshot, counted: Tally, *, by_end: bool) -> Phrase:
    """Before, during or after which try it was; nobody knows how many will be ignored."""
    most = int(_spec(seen, "backoffLimit") or 0) + 1
    is_before = not by_end and not counted.running
    number = counted.begun + is_before
    if counted.ignored:
        which = phrase("try {n} ({ignored} ignored)", n=number, ignored=counted.ignored)
    elif number > most:
        which = phrase("try {n}", n=number)
    else:
        which = phrase("try {n} of {most}", n=number, most=most)
    if is_before:
        return phrase("before {which}", which=which)
    return phrase("after {which}", which=which) if by_end else phrase("during {which}", which=which)


def _failures(seen: Snapshot, counted: Tally) -> Phrase:
    """How far a Job of several Pods had come."""
    failed = plural(counted.failed, "{n} failed Pod", "{n} failed Pods")
    failures = phrase("after {which}", which=failed)
    if not counted.failed and not counted.ignored:
        failures = phrase("before any Pod failed")
    if counted.ignored:
        failures = phrase(
            "{failures} ({ignored} ignored)", failures=failures, ignored=counted.ignored
        )
    text = phrase("at {done}, {failures}", done=_done(seen), failures=failures)
    if _spec(seen, "backoffLimitPerIndex") is None:
        return text
    listed = objects.status(seen.job or {}).get("failedIndexes")
    if not listed:
        return phrase("{said}, no index failed", said=text)
    return plural(
        tally.number(listed),
        "{said}, index {indexes} failed",
        "{said}, indexes {indexes} failed",
        said=text,
        indexes=listed,
    )


def _by_restart(seen: Snapshot, said: Phrase, moment: Phrase) -> Phrase:
    """A sentence with how far a Job had come whose Pods restart in place."""
    if not _is_single(seen):
        moment = phrase("at {done}, {failures}", done=_done(seen), failures=moment)
    return phrase("{said} {moment}", said=said, moment=moment)


def _after_restarts(counted: Tally) -> Phrase:
    restarts = plural(counted.restarts, "{n} restart", "{n} restarts")
    if counted.restarting > 1:
        restarts = phrase("{restarts} in {pods} Pods", restarts=restarts, pods=counted.restarting)
    return phrase("after {which}", which=restarts)


def _is_single(seen: Snapshot) -> bool:
    """Whether one Pod at a time tries, and one success is all that is wanted."""
    spec = objects.spec(seen.job or {})
    alone = spec.get("completions", 1) == 1 and spec.get("parallelism", 1) == 1
    return alone and "backoffLimitPerIndex" not in spec and "backoffLimit" in spec


def _restarts_in_place(seen: Snapshot) -> bool:
    policy = objects.field(seen.job or {}, "spec.template.spec.restartPolicy")
    return bool(policy == tally.RESTARTS)


def _own_deadline(seen: Snapshot) -> object:
    """The activeDeadlineSeconds of the Job's Pods."""
    return objects.field(seen.job or {}, "spec.template.spec.activeDeadlineSeconds")


def _done(seen: Snapshot) -> Sentence:
    """How many have succeeded, of how many where that is set."""
    job = seen.job or {}
    if objects.spec(job).get("completions") is not None:
        return objects.completions(job)
    return phrase("{n} succeeded", n=objects.status(job).get("succeeded") or 0)


def _spec(seen: Snapshot, field: str) -> Any:
    return objects.spec(seen.job or {}).get(field)


def _rule(condition: Object) -> str:
    found = _RULE.search(str(condition.get("message")))
    return found[1] if found else "?"
