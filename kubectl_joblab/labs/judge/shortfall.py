"""Why a check has failed, where neither its lab nor any refusal, log or field says more.

checks.py asks it last, so that no FAIL is without a reason. It goes by what the cluster shows.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.evidence import ending, schedules
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.judge import measures
from kubectl_joblab.labs.judge.measures import Measure
from kubectl_joblab.language import Sentence, phrase


def of(assertion: model.Assertion, found: Measure, seen: Snapshot) -> Sentence:
    """Why the assertion does not hold, in a sentence."""
    if seen.job is None and seen.bare_pod:
        return phrase("a Pod was created by this name, and no Job that looks after it")
    if seen.gone and not seen.finished and not measures.attempts(seen):
        return phrase("the Job was deleted before its end, and no container of it was seen to run")
    if assertion.kind == "condition" and (how := _end(seen)):
        return how
    if assertion.kind in ("cronJob", "scheduled") and not schedules.maker(seen.job):
        return phrase("no CronJob has made this Job")
    if assertion.kind == "exitCodes" and measures.attempts(seen):
        return phrase("exit codes of the tries: {codes}", codes=found.observed_text)
    return phrase(
        "expected {expected}, observed {observed}",
        expected=found.expected_text,
        observed=found.observed_text,
    )


def _end(seen: Snapshot) -> Sentence | None:
    """How the Job has ended, None where it has not."""
    job = seen.job or {}
    kind = next((one for one in ("Failed", "Complete") if objects.is_true(job, one)), None)
    if kind is None:
        return None
    if limit := ending.of(seen):
        return phrase("the Job is {status}: {why}", status=kind, why=limit.says)
    condition = objects.condition(job, kind) or {}
    why = condition.get("message") or condition.get("reason")
    return phrase("the Job is {status}: {why}", status=kind, why=why) if why else None
