"""What the Job of a CronJob can look like beside the CronJob and its other Jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.evidence.schedules import Schedule
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.objects import Object
from tests.labs import builders as b

UID = "cron-uid"


def cron_job(**more: Any) -> Object:
    """A CronJob that runs each minute. more: what its spec has beside, or status."""
    status = more.pop("status", {})
    metadata = {"name": "minute", "namespace": b.NAMESPACE, "uid": UID}
    spec = {"schedule": "* * * * *", "suspend": False, **more}
    return {"kind": "CronJob", "metadata": metadata, "spec": spec, "status": status}


def owned(job: Object, *, scheduled: bool = False) -> Object:
    """The Job as one of the CronJob. scheduled: whether its schedule has made it."""
    owner = {"kind": "CronJob", "name": "minute", "uid": UID, "controller": True}
    marks = {objects.SCHEDULED_ANNOTATION: "2026-01-01T00:01:00Z"} if scheduled else {}
    metadata = {**job["metadata"], "ownerReferences": [owner], "annotations": marks}
    return {**job, "metadata": metadata}


def of(seen: Snapshot, number: int, **more: Any) -> Snapshot:
    """The same Job, taken from a CronJob by hand, whose schedule has made so many Jobs.

    more: of the CronJob, as for `cron_job`.
    """
    job = owned(seen.job or {})
    made = [owned(b.job(f"minute-{n}", uid=f"uid-{n}"), scheduled=True) for n in range(number)]
    return seen._replace(job=job, schedule=Schedule(cron_job(**more), (job, *made)))


def states(running: Snapshot, done: Snapshot, failed: Snapshot) -> Iterator[tuple[str, Snapshot]]:
    """States of a Job that is taken from a CronJob, while it runs and in the end."""
    yield "of a suspended CronJob, running", of(running, 0, suspend=True)
    yield "of a suspended CronJob, failed", of(failed, 0, suspend=True)
    for name, seen in (("", done._replace(now=b.at(30))), (", late", done)):
        yield f"of a suspended CronJob, finished{name}", of(seen, 0, suspend=True)
        yield f"of a CronJob, before its first run{name}", of(seen, 0)
        yield f"of a CronJob with a run{name}", of(seen, 1)
        yield f"of a CronJob with a run, suspended again{name}", of(seen, 1, suspend=True)
    yield "of a CronJob that runs each hour", of(done, 1, schedule="0 * * * *")
