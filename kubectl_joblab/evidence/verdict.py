"""The one line that says how a Job or a CronJob stands: its STATUS, its tries, how they ended."""

from __future__ import annotations

import itertools

from kubectl_joblab import objects
from kubectl_joblab.evidence.causes.failing import memory_limit
from kubectl_joblab.evidence.causes.tries import all_failed, rounds, spans
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.objects import Object

_MOST_GAPS = 6


def of_job(seen: Snapshot) -> Sentence:
    """Such as `Failed: BackoffLimitExceeded. 3 tries, gaps 10s 20s; exit 137 each: OOMKilled`."""
    job = seen.job or {}
    head = status(job)
    tries, codes = _tries(seen), _codes(seen)
    if not tries:
        return head
    if not codes:
        return phrase("{head}. {tries}", head=head, tries=tries)
    return phrase("{head}. {tries}; {codes}", head=head, tries=tries, codes=codes)


def status(job: Object) -> str:
    """STATUS as kubectl prints it, with the reason of that condition, where one has it."""
    word = objects.job_status(job)
    reason = (objects.condition(job, word) or {}).get("reason")
    return f"{word}: {reason}" if reason and reason != "JobSuspended" else word


def of_cron_job(cron: Object) -> Sentence:
    """The schedule, when a Job was last due and when one last succeeded."""
    spec, seen = objects.spec(cron), objects.status(cron)
    zone = spec.get("timeZone")
    schedule = f"{spec.get('schedule')}{f' {zone}' if zone else ''}"
    last, won = seen.get("lastScheduleTime"), seen.get("lastSuccessfulTime")
    return phrase(
        "schedule {schedule}; last scheduled {last}, last successful {won}",
        schedule=schedule,
        last=last or "<none>",
        won=won or "<none>",
    )


def _tries(seen: Snapshot) -> Sentence:
    """How many tries there were, and how long it was from the end of one to the next."""
    number = sum(map(rounds, seen.pods))
    counted = objects.ended_pods(seen.job or {})
    if not seen.pods and counted:
        return plural(counted, "{n} Pod is gone", "{n} Pods are gone")
    if not number:
        return ""
    said = plural(number, "{n} try", "{n} tries")
    gaps = _gaps(seen)
    return phrase("{tries}, gaps {gaps}", tries=said, gaps=gaps) if gaps else said


def _gaps(seen: Snapshot) -> str:
    """The waits between tries that came one after the other; "" where tries ran side by side."""
    spec = objects.spec(seen.job or {})
    width = spec.get("parallelism", 1)
    if min(width, spec.get("completions", width)) > 1:
        return ""
    found = sorted(spans(seen.pods), key=lambda one: (one[1], one[2] or objects.LAST))
    waits: list[int] = []
    for (_, _, end), (_, start, _) in itertools.pairwise(found):
        if end is None or start < end:
            return ""
        waits.append(int((start - end).total_seconds()))
    if not any(all_failed(seen.pods)):
        return ""
    shown = [objects.human_duration(one) for one in waits[:_MOST_GAPS]]
    return " ".join([*shown, *(["..."] if len(waits) > _MOST_GAPS else [])])


def _codes(seen: Snapshot) -> Sentence:
    """How the failed tries ended: with which exit codes, and for which reason."""
    failed = [one for one in all_failed(seen.pods) if one.attempt.exit_code is not None]
    if not failed:
        return ""
    codes = list(dict.fromkeys(str(one.attempt.exit_code) for one in failed))
    reasons = {one.attempt.reason for one in failed} - {"", "Error"}
    same = len(codes) == 1 and len(failed) > 1
    said: Sentence = phrase("exit {codes}", codes=", ".join(codes))
    if same:
        said = phrase("exit {code} each", code=codes[0])
    if len(reasons) != 1:
        return said
    (reason,) = reasons
    limit = memory_limit(failed[-1].record.pod, failed[-1].attempt.container)
    if reason == "OOMKilled" and limit:
        return phrase("{codes}: {reason}, limit {limit}", codes=said, reason=reason, limit=limit)
    return phrase("{codes}: {reason}", codes=said, reason=reason)
