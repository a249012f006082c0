"""cron: when a CronJob runs next, and of its last times why each ran or did not."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.jobs import subject
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.cli.syntax.target import CRON_JOB
from kubectl_joblab.client import cluster_clock
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.evidence import anchors, gather, schedules, slots
from kubectl_joblab.evidence.slots import Plan, Slot
from kubectl_joblab.formats import golocation
from kubectl_joblab.formats.cron import CronError
from kubectl_joblab.labs.definition import model
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import dump

NUMBER = 5  # of times, in each direction
NEXT = ("NEXT", "YOURS", "IN")
LAST = ("LAST", "RESULT", "JOB", "WHY")
NONE = "<none>"
_RESULTS = {
    slots.GONE: "Ran",
    slots.REPLACED: "Replaced",
    slots.DUE: "Due",
    slots.UNKNOWN: "Unknown",
}


@declare.command(
    "cron",
    short_help="Show when a CronJob runs, and why it ran or did not",
    help="Show the next five times of a CronJob, in its time zone and in yours, and of the last\n"
    "five why each ran or did not: suspended, an earlier Job that was still active under Forbid,\n"
    "startingDeadlineSeconds, missed runs, an unknown time zone. What is left of the past are\n"
    "the CronJob's Jobs and events; where these are gone, it says so.",
    examples=[
        ("When does it run next, and did it run", "kubectl joblab cron cronjob/nightly"),
        ("For a program", "kubectl joblab cron cronjob/nightly -o json"),
    ],
)
@declare.target_argument(CRON_JOB)
@declare.output("json", "yaml")
def cron(session: Session, /, cronjob: str, output: str) -> int:
    """Print the times, or the document of a format."""
    meant = subject.require(session, cronjob, CRON_JOB)
    found = schedules.read(session.client, session.namespace, meant.name)
    ahead = cluster_clock.ahead(session.client)
    now = session.client.now() + ahead
    plan = _plan(session, found, now, ahead)
    if output in ("json", "yaml"):
        session.out(dump.dump(_document(session, found.name, plan), output))
        return 0
    _print(session, found, plan, now)
    ran = next((one.job for one in plan.last if one.job is not None), None)
    if ran is not None:
        session.next(subject.of_any("timeline", objects.name(ran)))
    else:
        session.next(f"kubectl describe cronjob {found.name}")
    return 0


def _plan(session: Session, found: schedules.Schedule, now: datetime, ahead: timedelta) -> Plan:
    """The times by the clock that the schedule goes by.

    now: by that clock. ahead: as `cluster_clock.ahead` has it.
    """
    try:
        events = gather.events(session.client, session.namespace, [objects.uid(found.cron_job)])
    except ApiError as error:
        if error.code != 403:
            raise
        session.warn(phrase("no right to list events, which may say why a Job did not run"))
        events = []
    try:
        cron_job, *jobs = (anchors.shifted(one, ahead) for one in (found.cron_job, *found.jobs))
        events = [anchors.shifted(one, ahead) for one in events]
        return slots.plan(cron_job, jobs, events, now, NUMBER)
    except CronError as error:
        text = objects.spec(found.cron_job).get("schedule")
        message = f'error: cronjob.batch/{found.name}: invalid schedule "{text}": {error}'
        raise JoblabError(message, next=f"kubectl edit cronjob {found.name}") from error


def _print(session: Session, found: schedules.Schedule, plan: Plan, now: datetime) -> None:
    spec = objects.spec(found.cron_job)
    session.out(
        phrase(
            "cronjob.batch/{name}: {schedule} in {zone}, {policy}",
            name=found.name,
            schedule=spec.get("schedule"),
            zone=plan.zone,
            policy=spec.get("concurrencyPolicy") or "Allow",
        ),
        "",
    )
    zone = _zone(plan.zone)
    rows = [
        [_shown(one, zone), _shown(one, None), objects.human_duration((one - now).total_seconds())]
        for one in plan.next
    ]
    if rows:
        session.out(*session.table(NEXT, rows))
    if plan.never:
        session.out(plan.never)
    if not plan.last:
        return
    past = [
        [
            _shown(one.time, zone),
            _result(one),
            _name(one.job or one.holder) or NONE,
            session.text(one.says) or NONE,
        ]
        for one in plan.last
    ]
    session.out("", *session.layout(LAST, past, close=True))


def _zone(name: str) -> tzinfo | None:
    try:
        return golocation.location(name)
    except golocation.LocationError:
        return None


def _shown(when: datetime, zone: tzinfo | None) -> str:
    """A time in a zone, in the local one where there is none: 2026-12-01 03:00 +0100."""
    there = when.astimezone(zone)
    seconds = ":%S" if when.second else ""
    return there.strftime(f"%Y-%m-%d %H:%M{seconds} %z")


def _result(slot: Slot) -> str:
    if slot.job is not None:
        return objects.job_status(slot.job)
    return _RESULTS.get(slot.why, "Skipped")


def _document(session: Session, name: str, plan: Plan) -> dict[str, Any]:
    """What -o json and -o yaml print."""
    zone = _zone(plan.zone)
    return {
        "apiVersion": model.LIST_FORMAT,
        "kind": "CronTimes",
        "namespace": session.namespace,
        "cronJob": name,
        "timeZone": plan.zone,
        "never": _text(session, plan.never),
        "next": [_times(one, zone) for one in plan.next],
        "last": [
            {
                **_times(one.time, zone),
                "result": _result(one),
                "why": one.why,
                "text": _text(session, one.says),
                "job": _name(one.job),
                "activeJob": _name(one.holder),
            }
            for one in plan.last
        ],
    }


def _times(when: datetime, zone: tzinfo | None) -> dict[str, str]:
    return {
        "time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "inZone": when.astimezone(zone).isoformat(),
        "yours": when.astimezone().isoformat(),
    }


def _text(session: Session, says: Sentence) -> str | None:
    return session.text(says) or None


def _name(job: Object | None) -> str | None:
    return None if job is None else objects.name(job)
