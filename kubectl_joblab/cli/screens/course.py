"""What simulate prints: kubectl's row of the Job, a timeline, and how and why it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kubectl_joblab import objects
from kubectl_joblab.cli.screens import chart, summary
from kubectl_joblab.cli.session import Session
from kubectl_joblab.evidence import ending
from kubectl_joblab.labs.definition import model
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.printing import describe, tables

if TYPE_CHECKING:
    from kubectl_joblab.cli.simulation import Simulated


def lines(session: Session, course: Simulated, *, told: bool) -> list[str]:
    """The whole screen. told: whether the user has said what a try does."""
    seen = course.seen
    text = session.text
    facts = [(text(key), text(value)) for key, value in _facts(course)]
    return [
        *([] if told else [*_made_up(session), ""]),
        *tables.jobs([seen.job or {}], course.ended or seen.now),
        *summary.timeline_of(session, seen),
        "",
        text(phrase("Simulated, in no cluster:")),
        *describe.entries(facts, indent=2),
    ]


def _made_up(session: Session) -> list[str]:
    """That nobody has said what a try does: what follows is no forecast of what this Job's do."""
    said = phrase(
        "What if each try fails? Nothing is told of what the Pods do, so each try runs 1s and exits"
        " 1: this is no forecast. --each tells another story."
    )
    return session.fold(said)


def _facts(course: Simulated) -> Iterator[tuple[Sentence, Sentence]]:
    yield from chart.facts(course.seen)
    if course.drained:
        yield phrase("Drained"), plural(course.drained, "{n} Pod evicted", "{n} Pods evicted")
    yield phrase("Ends"), _end(course)
    if limit := ending.of(course.seen):
        yield phrase("Limit"), limit.says


def _end(course: Simulated) -> Sentence:
    job = course.seen.job or {}
    if course.ended is None:
        return _never(course)
    kind = objects.job_status(job)
    after = objects.human_duration(chart.since(course.seen, course.ended) or 0)
    reason = (objects.condition(job, kind) or {}).get("reason")
    return phrase("{status} after {after}: {reason}", status=kind, after=after, reason=reason)


def _never(course: Simulated) -> Sentence:
    """Why the Job has not ended."""
    spec = objects.spec(course.seen.job or {})
    if not course.idle:
        spent = objects.human_duration(course.at_most)
        return phrase("not within {spent}; --at-most lets more time pass", spent=spent)
    if spec.get("suspend"):
        return phrase("never: spec.suspend is true; try it with false")
    if spec.get("managedBy") not in (None, "kubernetes.io/job-controller"):
        return phrase("never: spec.managedBy leaves it to another controller")
    if spec.get("parallelism") == 0:
        return phrase("never: spec.parallelism is 0; try it with 1 or more")
    if any(objects.status(one.pod).get("phase") == "Running" for one in course.seen.pods):
        return phrase("never: a Pod runs on, and no limit ends it")
    return phrase("never: its Pods are not scheduled, and no limit ends it")


def document(session: Session, course: Simulated) -> dict[str, Any]:
    """What -o json and -o yaml print; times are seconds since the Job's creation."""
    seen = course.seen
    job = seen.job or {}
    limit = ending.of(seen)
    kind = objects.job_status(job)
    return {
        "apiVersion": model.LIST_FORMAT,
        "kind": "Simulation",
        "namespace": seen.namespace,
        "job": seen.name,
        "status": kind,
        "reason": (objects.condition(job, kind) or {}).get("reason"),
        "endsAfterSeconds": chart.since(seen, course.ended),
        "end": session.text(_end(course)),
        "limit": limit.field if limit else None,
        "limitText": session.text(limit.says) if limit else None,
        "pods": len(seen.pods),
        "atOnce": chart.at_once(seen),
        "succeeded": objects.status(job).get("succeeded") or 0,
        "failed": objects.status(job).get("failed") or 0,
        "gapsSeconds": [one.seconds for one in ending.gaps(seen)],
        "items": chart.items(seen),
    }
