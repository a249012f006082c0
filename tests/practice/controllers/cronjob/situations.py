"""CronJobs in situations, for the controller to decide about; each is a line of situations.yaml.

about: a sentence
spec: what differs from a CronJob that starts a Job each hour
created, last, now: times; 8:30 is one of 2026-03-10, 9d8:30 one nine days later, both in UTC
jobs: what there is: a run's time and its state, with `active: false` where the status does not
    know it, `owned: false` where it is somebody else's; `gone` where only the status knows it
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab.objects import Object
from kubectl_joblab.practice import clock as clocks
from tests import tables

FILE = Path(__file__).with_name("situations.yaml")
DAY = datetime(2026, 3, 10, tzinfo=timezone.utc)
_TIME = re.compile(r"(?:(\d+)d)?(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?")


class Situation(NamedTuple):
    """A CronJob with its Jobs at one moment."""

    about: str
    cronjob: Object
    jobs: list[Object]
    now: datetime


def load() -> list[Situation]:
    """All situations."""
    return [_situation(**one) for one in tables.read(FILE)]


def moment(text: str) -> datetime:
    """A time of the situations."""
    found = _TIME.fullmatch(text)
    assert found, text
    days, hours, minutes, seconds = found.groups()
    return DAY + timedelta(
        days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds or 0)
    )


def _situation(
    about: str,
    now: str,
    spec: Object | None = None,
    created: str = "0:00",
    last: str = "",
    jobs: list[Object] | None = None,
    deleted: bool = False,
) -> Situation:
    made = [_job(**one) for one in jobs or ()]
    status: Object = {}
    if running := [_reference(job) for job, known, _ in made if known]:
        status["active"] = running
    if last:
        status["lastScheduleTime"] = clocks.rfc3339(moment(last))
    cronjob: Object = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": "c",
            "namespace": "default",
            "uid": "c-uid",
            "creationTimestamp": clocks.rfc3339(moment(created)),
            **({"deletionTimestamp": clocks.rfc3339(moment(now))} if deleted else {}),
        },
        "spec": {
            "schedule": "0 * * * *",
            "concurrencyPolicy": "Allow",
            "suspend": False,
            "jobTemplate": {
                "metadata": {"labels": {"a": "b"}, "annotations": {"x": "y"}},
                "spec": {"template": {"metadata": {}, "spec": {"containers": []}}},
            },
            **(spec or {}),
        },
        "status": status,
    }
    return Situation(about, cronjob, [job for job, _, there in made if there], moment(now))


def _job(
    run: str, state: str, active: bool = True, owned: bool = True
) -> tuple[Object, bool, bool]:
    due = moment(run)
    name = f"c-{int(due.timestamp()) // 60}"
    status: Object = {"startTime": clocks.rfc3339(due)}
    if state in ("Complete", "Failed"):
        status["conditions"] = [{"type": state, "status": "True"}]
    if state == "Complete":
        status["completionTime"] = clocks.rfc3339(due + timedelta(minutes=5))
    meta: Object = {"name": name, "namespace": "default", "uid": f"{name}-uid"}
    if owned:
        meta["ownerReferences"] = [
            {"apiVersion": "batch/v1", "kind": "CronJob", "name": "c", "uid": "c-uid"}
            | {"controller": True, "blockOwnerDeletion": True}
        ]
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": status}
    return job, active, state != "gone"


def _reference(job: Object) -> Object:
    meta: dict[str, Any] = job["metadata"]
    return {"kind": "Job", "apiVersion": "batch/v1"} | {
        key: meta[key] for key in ("namespace", "name", "uid")
    }
