"""When the Job controller tries again: the wait after a failure, and what is said of it.

recorder.py asks while a Job is followed, status and diagnose of what they have read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from kubectl_joblab import objects
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

# pkg/controller/job/job_controller.go: DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff
BACKOFF, LONGEST_BACKOFF = 10, 600
# conditions with which the Job controller makes no Pod any more
_ENDING = ("FailureTarget", "SuccessCriteriaMet")


def doubled(times: int, longest: int) -> int:
    """The seconds of a back-off that was doubled so often. A server may count to 2**31."""
    return min(BACKOFF << min(times, 10), longest)


def after(job: Object, pods: Iterable[PodRecord]) -> datetime | None:
    """When the Job controller may create the next Pod after a failure; None where none is due.

    Follows pkg/controller/job/backoff_utils.go: the wait is 10 s, doubled for each further failure
    since the last success, at most 10 minutes, and begins at the newest failure's end.
    """
    idle = objects.is_finished(job) or objects.status(job).get("active")
    ending = objects.is_deleted(job) or any(objects.is_true(job, kind) for kind in _ENDING)
    spec, status = objects.spec(job), objects.status(job)
    queue_is_done = spec.get("completions") is None and status.get("succeeded")
    if idle or ending or queue_is_done or spec.get("suspend"):
        return None
    failures = 0
    newest: datetime | None = None
    for record in sorted(pods, key=_end, reverse=True):
        if record.succeeded:
            break
        if objects.status(record.pod).get("phase") == "Failed":
            failures += 1
            newest = newest or _end(record)
    if newest is None:
        return None
    return newest + timedelta(seconds=doubled(failures - 1, LONGEST_BACKOFF))


def says(seen: Snapshot) -> Sentence:
    """When the next try is, and how many have failed of those that there may be; "" for none."""
    job = seen.job or {}
    when = None if seen.over else after(job, seen.pods)
    if when is None:
        return ""
    left = (when - seen.now).total_seconds()
    if left <= 0:
        return phrase("due now")
    wait = objects.human_duration(left)
    spec, failed = objects.spec(job), objects.status(job).get("failed") or 0
    ended = sum(objects.status(one.pod).get("phase") == "Failed" for one in seen.pods)
    is_counted = failed >= ended and "backoffLimitPerIndex" not in spec
    if not is_counted or spec.get("backoffLimit") is None or spec.get("completions", 1) != 1:
        return phrase("in {wait}", wait=wait)
    return phrase(
        "in {wait}; {failed} of {most} tries failed",
        failed=failed,
        most=int(spec["backoffLimit"]) + 1,
        wait=wait,
    )


def _end(record: PodRecord) -> datetime:
    made = (*record.attempts, *objects.init_attempts(record.pod))
    ends = [attempt.finished for attempt in made if attempt.finished]
    return max(ends, default=objects.created(record.pod) or objects.FIRST)
