"""Why a CronJob makes no Job, or makes Jobs that are not well.

The events are those of pkg/controller/cronjob/cronjob_controllerv2.go, which looks at a CronJob
every ten seconds at the latest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.evidence import slots
from kubectl_joblab.evidence.causes import forbidden, held, kinds
from kubectl_joblab.evidence.causes.kinds import Cause, Fact, job_word
from kubectl_joblab.evidence.causes.table import Findings
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

_TOO_SHORT = 10  # seconds of startingDeadlineSeconds within which the controller may not look
MANY = 10  # finished Jobs of one CronJob that are kept, or Jobs of it that run at once
_NO_ZONE = "UnknownTimeZone"
_INVALID = (_NO_ZONE, "UnparseableSchedule", "UnParseableCronJobSchedule")
_NEVER, _MISSED = "InvalidSchedule", ("MissSchedule", "TooManyMissedTimes")
_ACTIVE, _DELETED, _ENDED = "JobAlreadyActive", "SuccessfulDelete", "SawCompletedJob"
_OF_DELETED, _OF_ENDED = re.compile(r"Deleted job (\S+)"), re.compile(r"completed job: (\S+),")
_FAILED = "condition: Failed"


_CORRECT_SCHEDULE = phrase("No day or time fits the schedule, so no Job is ever due: correct it.")


class Made(NamedTuple):
    """A Job of a CronJob, and why it is as it is."""

    job: Object
    found: Findings


def findings(cron: Object, made: Sequence[Made], events: Sequence[Object]) -> Findings:
    """Why a CronJob is as it is. made: its Jobs, the newest last. events: those about itself."""
    suspended = _suspended(cron)
    if suspended is not None:
        never = next(_never_due(cron), None)  # of which the controller says nothing meanwhile
        return suspended if never is None else suspended._replace(root=never, meant=None)
    roots = [
        *_unreadable(cron, events),
        *_too_short(cron, made),
        *_refused(cron, made, events),
        *(list(_forbidden(cron, made, events)) or list(_failed(made))),
        *_replaced(cron, events),
        *_missed(cron, events),
        *_at_once(cron, made),
        *_piled_up(cron, made),
    ]
    if not roots and (gone := _failed_and_gone(cron, made, events)) is not None:
        return Findings(gone, lost=True)
    return Findings(roots[0] if roots else None, also=tuple(roots[1:]))


def word(cron: Object) -> str:
    """The CronJob as kubectl names it."""
    return f"cronjob.batch/{objects.name(cron)}"


def _cause(
    cron: Object, name: str, what: Sentence, because: Sentence, fix: Sentence, **more: Any
) -> Cause:
    """A cause of this id, of the CronJob. more: the fields that differ from what is usual."""
    run = f"kubectl describe cronjob {objects.name(cron)}"
    return Cause("cron", True, word(cron), what, because, fix, run, id=name)._replace(**more)


def _suspended(cron: Object) -> Findings | None:
    if not objects.spec(cron).get("suspend"):
        return None
    by = held.setter(cron, "spec", "suspend")
    found = _cause(
        cron,
        "cron-suspended",
        "spec.suspend true",
        phrase("it makes no Job until someone resumes it"),
        phrase("Resume it: set spec.suspend to false."),
        run=f'kubectl patch cronjob {objects.name(cron)} -p \'{{"spec":{{"suspend":false}}}}\'',
        shows=(kinds.field(word(cron), cron, "spec.suspend"), *_set_by(cron, by)),
    )
    if by is not None and not by.is_person:
        return Findings(found)
    return Findings(meant=found)


def _set_by(cron: Object, by: held.Setter | None) -> tuple[Fact, ...]:
    if by is None:
        return ()
    when = f" {by.when:%Y-%m-%dT%H:%M:%SZ}" if by.when else ""
    return (Fact(word(cron), "managedFields of spec.suspend", by.manager + when),)


def _unreadable(cron: Object, events: Sequence[Object]) -> Iterator[Cause]:
    """A schedule or a zone that the controller cannot use, in its own words."""
    newest = kinds.events_of(events, _NEVER, *_INVALID)[-1:]
    for event in newest:
        never = event.get("reason") == _NEVER
        path = "spec.timeZone" if event.get("reason") == _NO_ZONE else "spec.schedule"
        yield _cause(
            cron,
            "cron-never-due" if never else "cron-schedule-invalid",
            str(event.get("reason")),
            str(event.get("message") or ""),
            _CORRECT_SCHEDULE if never else phrase("Correct spec.schedule or spec.timeZone."),
            shows=(kinds.event(event), kinds.field(word(cron), cron, path)),
        )


def _never_due(cron: Object) -> Iterator[Cause]:
    """A schedule to which no day fits, as the schedule alone tells."""
    if slots.is_never_due(cron, objects.created(cron) or objects.FIRST):
        yield _cause(
            cron,
            "cron-never-due",
            f"spec.schedule {objects.spec(cron).get('schedule')}",
            phrase("no day has such a time, and spec.suspend is true as well"),
            _CORRECT_SCHEDULE,
            run=f"kubectl edit cronjob {objects.name(cron)}",
            shows=(
                kinds.field(word(cron), cron, "spec.schedule"),
                kinds.field(word(cron), cron, "spec.suspend"),
            ),
        )


def _too_short(cron: Object, made: Sequence[Made]) -> Iterator[Cause]:
    seconds = objects.spec(cron).get("startingDeadlineSeconds")
    if made or seconds is None or seconds >= _TOO_SHORT:
        return
    if objects.status(cron).get("lastScheduleTime"):
        return
    yield _cause(
        cron,
        "cron-deadline-too-short",
        f"spec.startingDeadlineSeconds {seconds}",
        phrase("the controller looks every 10s, and starts no Job that is later than that"),
        phrase("Raise startingDeadlineSeconds to 10 or more, or leave it out."),
        shows=(kinds.field(word(cron), cron, "spec.startingDeadlineSeconds"),),
    )


def _refused(cron: Object, made: Sequence[Made], events: Sequence[Object]) -> Iterator[Cause]:
    """The refusal of a Job by the API server, where none was made after it."""
    refusals = kinds.events_of(events, forbidden.REFUSED)
    if not refusals:
        return
    newest = max((objects.created(one.job) or objects.FIRST for one in made), default=None)
    if newest is not None and newest > (objects.event_time(refusals[-1]) or objects.LAST):
        return
    place = str(objects.metadata(cron).get("namespace"))
    found, run = forbidden.known(str(refusals[-1].get("message")), objects.name(cron), place)
    yield _cause(
        cron,
        found.id,
        forbidden.REFUSED,
        str(refusals[-1].get("message") or ""),
        kinds.correction(found.fix),
        run=run.replace("describe job ", "describe cronjob "),
        shows=(kinds.event(refusals[-1]),),
    )


def _replaced(cron: Object, events: Sequence[Object]) -> Iterator[Cause]:
    """Runs that concurrencyPolicy Replace has ended, where none was done since."""
    if objects.spec(cron).get("concurrencyPolicy") != "Replace":
        return
    ended = {name for event in kinds.events_of(events, _ENDED) for name in _jobs(event, _OF_ENDED)}
    replaced = [
        event
        for event in kinds.events_of(events, _DELETED)
        if any(name not in ended for name in _jobs(event, _OF_DELETED))
    ]
    won = objects.time(objects.status(cron).get("lastSuccessfulTime"))
    if not replaced or (won and won >= (objects.event_time(replaced[-1]) or objects.FIRST)):
        return
    schedule = kinds.field(word(cron), cron, "spec.schedule")
    yield _cause(
        cron,
        "cron-replaced",
        phrase("a run takes longer than it is to the next one"),
        phrase("concurrencyPolicy Replace deletes it then, with its Pod, and begins anew"),
        phrase(
            "Let the schedule leave more time, have the program be done sooner, or set"
            " concurrencyPolicy Forbid, so that a run may end."
        ),
        shows=(kinds.event(replaced[-1]), _policy(cron), schedule),
    )


def _of_failed_run(cron: Object, events: Sequence[Object]) -> tuple[Object, list[str]] | None:
    """The event that tells that the last run failed, with the name of its Job.

    cleanupFinishedJobs deletes a Job of which failedJobsHistoryLimit keeps none before
    syncCronJob would say how it ended: then the deletion is told, and no success.
    """
    ended, deleted = kinds.events_of(events, _ENDED), kinds.events_of(events, _DELETED)
    if ended and _FAILED in str(ended[-1].get("message")):
        return ended[-1], _jobs(ended[-1], _OF_ENDED)
    status, keeps = objects.status(cron), objects.spec(cron).get("failedJobsHistoryLimit")
    due, won = (objects.time(status.get(key)) for key in ("lastScheduleTime", "lastSuccessfulTime"))
    if keeps != 0 or not deleted or due is None or (won and won >= due):
        return None
    if (objects.event_time(deleted[-1]) or objects.FIRST) < due:
        return None
    return deleted[-1], _jobs(deleted[-1], _OF_DELETED)


def _jobs(event: Object, pattern: re.Pattern[str]) -> list[str]:
    """The Job that an event names, if it does."""
    return pattern.findall(str(event.get("message") or ""))


def _policy(cron: Object) -> Fact:
    return kinds.field(word(cron), cron, "spec.concurrencyPolicy")


def _failed_and_gone(cron: Object, made: Sequence[Made], events: Sequence[Object]) -> Cause | None:
    """That the last run failed, of which only the event is left."""
    path = "spec.failedJobsHistoryLimit"
    told = _of_failed_run(cron, events)
    if told is None:
        return None
    event, names = told
    newest = max((objects.created(one.job) or objects.FIRST for one in made), default=None)
    if newest and newest > (objects.event_time(event) or objects.FIRST):
        return None  # another has begun since
    if any(objects.name(one.job) in names for one in made):
        return None
    return _cause(
        cron,
        "cron-run-failed",
        phrase("job.batch/{name} failed, and is gone", name=names[0] if names else ""),
        phrase("failedJobsHistoryLimit says how many failed Jobs stay"),
        phrase("Raise failedJobsHistoryLimit, so that a failed Job can be looked at."),
        shows=(
            kinds.event(event),
            *(
                [kinds.field(word(cron), cron, path)]
                if objects.field(cron, path) is not None
                else []
            ),
        ),
    )


def _forbidden(cron: Object, made: Sequence[Made], events: Sequence[Object]) -> Iterator[Cause]:
    """An active Job that lets no other begin, with what keeps it."""
    skipped = kinds.events_of(events, _ACTIVE)[-1:]
    active = [one for one in made if _is_active(one.job)]
    if objects.spec(cron).get("concurrencyPolicy") != "Forbid" or not skipped or not active:
        return
    name = objects.name(active[0].job)
    root = active[0].found.root
    runs = phrase("{job} has not ended yet", job=job_word(name))
    yield _cause(
        cron,
        "cron-forbid-behind-job",
        _ACTIVE,
        phrase("{one}; {other}", one=runs, other=root.line) if root else runs,
        phrase(
            "Have that Job end: mend it or delete it, and give the template an"
            " activeDeadlineSeconds. Or let runs overlap by concurrencyPolicy Allow or Replace."
        ),
        run=f"kubectl joblab diagnose job/{name}",
        shows=(
            kinds.event(skipped[0]),
            _policy(cron),
            *(root.shows if root else ()),
        ),
    )


def _is_active(job: Object) -> bool:
    """Whether the controller counts a Job as active: one that was made by hand it does not."""
    scheduled = objects.annotation(job, objects.SCHEDULED_ANNOTATION) is not None
    return scheduled and not objects.is_finished(job)


def _failed(made: Sequence[Made]) -> Iterator[Cause]:
    """Why the newest Job is not well."""
    for one in made[-1:]:
        if one.found.root is not None:
            yield one.found.root


def _missed(cron: Object, events: Sequence[Object]) -> Iterator[Cause]:
    for event in kinds.events_of(events, *_MISSED)[-1:]:
        yield _cause(
            cron,
            "cron-missed",
            str(event.get("reason")),
            str(event.get("message") or ""),
            phrase(
                "The controller was away, or the CronJob was changed, when it was due. Raise"
                " startingDeadlineSeconds to have such a run made up for."
            ),
            shows=(kinds.event(event),),
        )


def _at_once(cron: Object, made: Sequence[Made]) -> Iterator[Cause]:
    """Many Jobs at once, where none has succeeded since the first of them began.

    Where some do succeed, runs that take longer than it is to the next one are as many as they
    need to be.
    """
    active = [one.job for one in made if _is_active(one.job)]
    if len(active) < MANY or objects.spec(cron).get("concurrencyPolicy", "Allow") != "Allow":
        return
    won = objects.time(objects.status(cron).get("lastSuccessfulTime"))
    if won and won >= (objects.created(active[0]) or objects.FIRST):
        return
    name = objects.name(active[0])
    yield _cause(
        cron,
        "cron-jobs-pile-up",
        phrase("{n} of its Jobs run at once", n=len(active)),
        phrase(
            "none has succeeded since {job} began, and concurrencyPolicy Allow starts the next one"
            " all the same",
            job=job_word(name),
        ),
        phrase(
            "See why they do not end. Set concurrencyPolicy Forbid or Replace, and give the"
            " template an activeDeadlineSeconds."
        ),
        run=f"kubectl joblab diagnose job/{name}",
        shows=(
            kinds.field(word(cron), cron, "spec.schedule"),
            _policy(cron),
            *(kinds.field(job_word(objects.name(one)), one, "status.active") for one in active[:2]),
        ),
    )


def _piled_up(cron: Object, made: Sequence[Made]) -> Iterator[Cause]:
    """Finished Jobs that a history keeps, with their Pods and logs."""
    finished = [one for one in made if objects.is_finished(one.job)]
    if len(finished) <= MANY:
        return
    paths = ("spec.successfulJobsHistoryLimit", "spec.failedJobsHistoryLimit")
    yield _cause(
        cron,
        "cron-history",
        phrase("{n} finished Jobs are kept", n=len(finished)),
        phrase("each keeps its Pods and their logs"),
        phrase(
            "Lower successfulJobsHistoryLimit and failedJobsHistoryLimit, or have the template set"
            " ttlSecondsAfterFinished."
        ),
        shows=tuple(
            kinds.field(word(cron), cron, path)
            for path in paths
            if objects.field(cron, path) is not None
        ),
    )
