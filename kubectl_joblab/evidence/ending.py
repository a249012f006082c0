"""Which limit of a Job's spec has ended it: pure, over a snapshot that has every Pod.

simulate and the timeline say it. What the limit is called is the field's name; a message of the Job
controller is read only for the number of a rule, which stands nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import Snapshot
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


def gaps(seen: Snapshot) -> list[float]:
    """The seconds in which no try of the Job ran and none was begun, in the order of time.

    There are gaps of 0 seconds where one try follows another at once. A Pod begins its first try
    with its creation: how long its node takes to start it is no gap.
    """
    waits: list[float] = []
    last: datetime | None = None
    for begun, end in sorted(_spans(seen)):
        if last is not None and begun >= last:
            waits.append((begun - last).total_seconds())
        last = max(last, end) if last is not None else end
    return waits


def _spans(seen: Snapshot) -> Iterator[tuple[datetime, datetime]]:
    for record in seen.pods:
        begun = objects.created(record.pod)
        for one in record.attempts:
            since = begun or one.started
            if since is not None:
                yield since, one.finished or max(seen.now, since)
            begun = None


def _deadline(seen: Snapshot, decided: Object) -> Limit:
    said = phrase("deadline {seconds}s ends it", seconds=_spec(seen, "activeDeadlineSeconds"))
    return Limit("activeDeadlineSeconds", _placed(seen, decided, said))


def _back_off(seen: Snapshot, decided: Object) -> Limit:
    said = phrase("backoffLimit {limit} ends it", limit=_spec(seen, "backoffLimit"))
    return Limit("backoffLimit", _placed(seen, decided, said, by_try=True))


def _failure_policy(seen: Snapshot, decided: Object) -> Limit:
    said = phrase("podFailurePolicy rule {rule} ends it", rule=_rule(decided))
    return Limit("podFailurePolicy", _placed(seen, decided, said, by_try=True))


def _failed_indexes(seen: Snapshot, _: Object) -> Limit:
    text = phrase(
        "backoffLimitPerIndex {limit} has failed indexes {indexes}",
        limit=_spec(seen, "backoffLimitPerIndex"),
        indexes=objects.status(seen.job or {}).get("failedIndexes") or "",
    )
    return Limit("backoffLimitPerIndex", text)


def _most_failed(seen: Snapshot, _: Object) -> Limit:
    text = phrase(
        "maxFailedIndexes {limit} ends it, as indexes {indexes} have failed",
        limit=_spec(seen, "maxFailedIndexes"),
        indexes=objects.status(seen.job or {}).get("failedIndexes") or "",
    )
    return Limit("maxFailedIndexes", text)


def _success_policy(seen: Snapshot, decided: Object) -> Limit:
    text = phrase(
        "successPolicy rule {rule} ends it at {done}",
        rule=_rule(decided),
        done=objects.completions(seen.job or {}),
    )
    return Limit("successPolicy", text)


def _completions(seen: Snapshot, _: Object) -> Limit:
    if not seen.has_every_start:
        done = objects.completions(seen.job or {})
        return Limit("completions", phrase("{done} completions", done=done))
    text = plural(
        len(attempts(seen)),
        "{done} completions, in {n} try",
        "{done} completions, in {n} tries",
        done=objects.completions(seen.job or {}),
    )
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


def _placed(seen: Snapshot, decided: Object, said: Phrase, *, by_try: bool = False) -> Phrase:
    """A sentence with the moment of which it is, where every try is known."""
    if not seen.has_every_start:
        return said
    moment = _moment(seen, _time(decided), by_try=by_try)
    return phrase("{said} {moment}", said=said, moment=moment)


def _moment(seen: Snapshot, when: datetime | None, *, by_try: bool = False) -> Phrase:
    """During or after which try something was, or how far a Job of several completions had come.

    by_try: whether the end of a try decided.
    """
    spec = objects.spec(seen.job or {})
    known = [one for one in attempts(seen) if one.started and (not when or one.started <= when)]
    single = spec.get("completions", 1) == 1 and spec.get("parallelism", 1) == 1
    if not single or "backoffLimitPerIndex" in spec or "backoffLimit" not in spec:
        failed = sum(1 for one in known if one.exit_code and _is_over(one, when, by_try))
        return plural(
            failed,
            "at {done}, after {n} failed try",
            "at {done}, after {n} failed tries",
            done=objects.completions(seen.job or {}),
        )
    number, most = len(known), int(spec["backoffLimit"]) + 1
    if known and not _is_over(known[-1], when, by_try):
        return phrase("during {which}", which=_which(number, most))
    if by_try:
        return phrase("after {which}", which=_which(number, most))
    return phrase("before {which}", which=_which(number + 1, most))


def _which(number: int, most: int) -> Phrase:
    """A try, and how many there may be; what a limit does not count may make them more."""
    if number > most:
        return phrase("try {n}", n=number)
    return phrase("try {n} of {most}", n=number, most=most)


def _is_over(attempt: Attempt, when: datetime | None, by_try: bool) -> bool:
    """Whether a try had ended when something was decided; times are whole seconds.

    by_try: whether a try's end decided, so that it may be of the same second.
    """
    if attempt.finished is None or when is None:
        return attempt.finished is not None
    return attempt.finished <= when if by_try else attempt.finished < when


def _time(condition: Object) -> datetime | None:
    return objects.time(condition.get("lastTransitionTime"))


def _spec(seen: Snapshot, field: str) -> object:
    return objects.spec(seen.job or {}).get(field)


def _rule(condition: Object) -> str:
    found = _RULE.search(str(condition.get("message")))
    return found[1] if found else "?"
