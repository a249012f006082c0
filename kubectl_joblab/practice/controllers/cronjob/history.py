"""Which finished Jobs of a CronJob are more than it keeps. Pure.

Follows cleanupFinishedJobs and removeOldestJobs in pkg/controller/cronjob/cronjob_controllerv2.go,
and byJobStartTime in utils.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.objects import Object


def surplus(cronjob: Object, jobs: Sequence[Object]) -> list[Object]:
    """The Jobs to delete: the oldest that succeeded, then the oldest that failed."""
    return [
        *_oldest(jobs, "Complete", cronjob["spec"].get("successfulJobsHistoryLimit")),
        *_oldest(jobs, "Failed", cronjob["spec"].get("failedJobsHistoryLimit")),
    ]


def finished(job: Object) -> str:
    """The condition by which a Job has ended, Complete or Failed; "" while it goes on."""
    for condition in objects.status(job).get("conditions") or ():
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return str(condition["type"])
    return ""


def _oldest(jobs: Sequence[Object], how: str, kept: int | None) -> list[Object]:
    found = sorted((job for job in jobs if finished(job) == how), key=_age)
    return [] if kept is None else found[: max(0, len(found) - kept)]


def _age(job: Object) -> tuple[bool, str, str]:
    """What sorts Jobs by their start; those that never started come last."""
    start = objects.status(job).get("startTime") or ""
    return not start, start, objects.name(job)
