"""timeline: when the Pods of a Job ran, or the last runs of a CronJob, as text or as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import subject
from kubectl_joblab.cli.screens import chart, summary
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.cli.syntax.target import CRON_JOB, JOB
from kubectl_joblab.client import cluster_clock
from kubectl_joblab.errors import ApiError
from kubectl_joblab.evidence import gather, schedules
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs.definition import model
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import describe, dump, picture, tables
from kubectl_joblab.printing import timeline as drawing
from kubectl_joblab.printing.timeline import Lane

RUNS = 10  # of a CronJob, the last ones


@declare.command(
    "timeline",
    short_help="Draw when the Pods of a Job ran, also as a picture",
    help="Draw a lane for each Pod of a Job: when it waited, ran, failed and was held back; below\n"
    "the conditions, the deadline and the time in which the Job was suspended.\n"
    "Of a CronJob: its last runs that are still there, a lane each with all tries of the run.\n"
    "-o svg is one file for a browser.",
    examples=[
        ("When the Pods of a Job ran", "kubectl joblab timeline job/report"),
        ("The same as a picture", "kubectl joblab timeline job/report -o svg > report.svg"),
        ("The last runs of a CronJob", "kubectl joblab timeline cronjob/nightly"),
    ],
)
@declare.target_argument(JOB, CRON_JOB)
@declare.output("text", "json", "yaml", "svg")
def timeline(session: Session, /, job_or_cronjob: str, output: str) -> int:
    """Print the timeline in a format; without one as text."""
    meant = subject.require(session, job_or_cronjob, JOB, CRON_JOB)
    if meant.kind == CRON_JOB:
        return _runs(session, meant.name, output)
    found = subject.locate(session, meant.typed, "", "", recorded=True)
    if found.gone:
        seen = session.gatherer.gone(session.namespace, meant.name, Wanted(gone=True))
    else:
        seen = session.gatherer.of(found.job, Wanted())
    if output == "svg":
        session.out(picture.svg(chart.of_job(seen, session.text), session.text))
    elif output in ("json", "yaml"):
        session.out(dump.dump(_document(session, seen), output))
    else:
        facts = [
            (session.text(key), session.text(value)) for key, value in chart.facts_of_job(seen)
        ]
        session.out(
            *tables.jobs([seen.job or {}], seen.now),
            *summary.timeline_of(session, seen),
            "",
            phrase("Not shown by {command}:", command="kubectl get"),
            *describe.entries(facts, indent=2),
        )
        session.next(subject.of_any("logs" if seen.has_tries else "diagnose", seen.name))
    return 0


def _document(session: Session, seen: Snapshot) -> dict[str, Any]:
    """What -o json and -o yaml print; times are seconds since the Job's creation."""
    job = seen.job or {}
    kind = objects.job_status(job)
    return {
        "apiVersion": model.LIST_FORMAT,
        "kind": "Timeline",
        "namespace": seen.namespace,
        "job": seen.name,
        "uid": objects.uid(job),
        "created": objects.metadata(job).get("creationTimestamp"),
        "status": kind,
        "deleted": seen.gone,
        "finishedSeconds": chart.since(seen, objects.finished_at(job)),
        "deadlineSeconds": chart.since(seen, chart.deadline(seen)),
        "suspendedSeconds": [
            [chart.since(seen, start), chart.since(seen, end)]
            for start, end in chart.suspended(seen)
        ],
        "conditions": [
            {
                "type": one.type,
                "status": one.status,
                "reason": one.reason or None,
                "atSeconds": chart.since(seen, one.time),
            }
            for one in seen.transitions
        ],
        "atOnce": chart.at_once(seen),
        "complete": seen.has_every_start,
        "text": {session.text(key): session.text(value) for key, value in chart.facts_of_job(seen)},
        "items": chart.items(seen),
    }


# ---- a CronJob


def _runs(session: Session, name: str, output: str) -> int:
    found = schedules.read(session.client, session.namespace, name)
    now, jobs = session.client.now(), found.jobs[-RUNS:]
    if output in ("json", "yaml"):
        document = {
            "apiVersion": model.LIST_FORMAT,
            "kind": "Timeline",
            "namespace": session.namespace,
            "cronJob": name,
            "runs": [
                {
                    "job": objects.name(job),
                    "created": objects.metadata(job).get("creationTimestamp"),
                    "started": objects.status(job).get("startTime"),
                    "seconds": _seconds(job),
                    "status": objects.job_status(job),
                    "reason": (objects.condition(job, objects.job_status(job)) or {}).get("reason"),
                }
                for job in jobs
            ],
        }
        session.out(dump.dump(document, output))
    elif not jobs:
        session.err(phrase("cronjob.batch/{name} has no Jobs any more, or none yet.", name=name))
    else:
        _draw_runs(session, name, jobs, now, output)
    return 0


def _draw_runs(
    session: Session, name: str, jobs: Sequence[Object], now: datetime, output: str
) -> None:
    """Print the picture of runs, or the lines. jobs: at least one, in order."""
    lanes = _lanes(session, jobs, now)
    origin, end = objects.created(jobs[0]) or now, chart.end_of_runs(jobs, now)
    if output == "svg":
        begun = origin + cluster_clock.ahead_if_told(session.client)
        drawn = chart.of_runs(name, lanes, origin, end, begun, session.text)
        session.out(picture.svg(drawn, session.text))
        return
    title, drawn_lines = drawing.draw(lanes, origin, end, text=session.text)
    session.out(
        *tables.jobs(list(jobs), now),
        "",
        session.text(phrase("Timeline: {title}", title=title)),
        *drawn_lines,
    )
    session.next(subject.of_any("timeline", objects.name(jobs[-1])))


def _lanes(session: Session, jobs: Sequence[Object], now: datetime) -> list[Lane]:
    """The lanes of runs; without their tries where Pods may not be read."""
    try:
        pods = gather.pods_of_runs(session.client, jobs)
    except ApiError as error:
        if error.code != 403:
            raise
        session.warn(phrase("no right to list Pods, which would show the tries of each run"))
        return [chart.run(job, None, now) for job in jobs]
    return [chart.run(job, own, now) for job, own in zip(jobs, pods, strict=True)]


def _seconds(job: Object) -> float | None:
    """How long a run took, None while it goes on."""
    begun, ended = chart.started(job), objects.finished_at(job)
    return (ended - begun).total_seconds() if begun and ended else None
