"""What a cluster shows of a CronJob: the object itself, and the Jobs that it has made and kept.

Commands about CronJobs read it here; a Job of a CronJob is a Job like any other, and gather.py
reads what there is of it.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client
from kubectl_joblab.objects import Object


class Schedule(NamedTuple):
    """A CronJob, and its Jobs that are still there, from the first created to the last."""

    cron_job: Object
    jobs: tuple[Object, ...]

    @property
    def name(self) -> str:
        """The CronJob's name."""
        return objects.name(self.cron_job)


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
    return Schedule(cron_job, tuple(sorted(found, key=_age)))


def is_made_by(cron_job: Object, job: Object) -> bool:
    """Whether the CronJob is the Job's controller."""
    return (objects.controller(job) or {}).get("uid") == objects.uid(cron_job)


def _age(job: Object) -> tuple[str, str]:
    return str(objects.created(job)), objects.name(job)
