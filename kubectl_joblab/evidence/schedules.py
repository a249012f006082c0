"""What a cluster shows of a CronJob: the object itself, and the Jobs that it has made and kept.

Commands about CronJobs read it here; a Job of a CronJob is a Job like any other, and gather.py
reads what there is of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError
from kubectl_joblab.objects import Object


class Schedule(NamedTuple):
    """A CronJob, and its Jobs that are still there, from the first created to the last."""

    cron_job: Object
    jobs: tuple[Object, ...]

    @property
    def name(self) -> str:
        """The CronJob's name."""
        return objects.name(self.cron_job)

    @property
    def scheduled(self) -> tuple[Object, ...]:
        """Those of its Jobs that its schedule has made, and nobody by hand."""
        scheduled = objects.SCHEDULED_ANNOTATION
        return tuple(job for job in self.jobs if objects.annotation(job, scheduled) is not None)


def read(client: Client, namespace: str, name: str) -> Schedule:
    """The CronJob of this name, with its Jobs. Raises ApiError, with code 404 where none is there.

    Its Jobs need not carry any label, so all of the namespace are read.
    """
    cron_job = client.get(resources.CRON_JOBS, name, namespace)
    found = [
        job
        for page in client.pages(resources.JOBS, namespace)
        for job in page.items
        if is_made_by(cron_job, job)
    ]
    return together(cron_job, found)


def together(cron_job: Object, jobs: Iterable[Object]) -> Schedule:
    """A CronJob and its Jobs, which are put into order."""
    return Schedule(cron_job, tuple(sorted(jobs, key=_age)))


def of(client: Client, job: Object | None) -> Schedule | None:
    """The CronJob that a Job is made by, or from, with its Jobs.

    None where it is of none, where that is gone, or where the user may not read it.
    """
    name = maker(job)
    if job is None or not name:
        return None
    try:
        found = read(client, str(objects.metadata(job).get("namespace")), name)
    except ApiError as error:
        if error.code not in (403, 404):
            raise
        return None
    return found if is_made_by(found.cron_job, job) else None


def maker(job: Object | None) -> str:
    """The name of the CronJob that a Job is made by, or from; "" where it is of none."""
    owner = objects.controller(job or {}) or {}
    return str(owner.get("name")) if owner.get("kind") == resources.CRON_JOBS.kind else ""


def is_made_by(cron_job: Object, job: Object) -> bool:
    """Whether the CronJob is the Job's controller."""
    return (objects.controller(job) or {}).get("uid") == objects.uid(cron_job)


def _age(job: Object) -> tuple[str, str]:
    return str(objects.created(job)), objects.name(job)
