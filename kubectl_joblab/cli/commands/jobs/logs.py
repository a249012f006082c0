"""logs: the logs of all Pods and all tries of a Job, also of Pods that are deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.commands.jobs import saving, watched
from kubectl_joblab.cli.commands.jobs import subject as one_job
from kubectl_joblab.cli.commands.jobs.subject import Located
from kubectl_joblab.cli.screens import summary, verdicts
from kubectl_joblab.cli.screens.warnings import Warnings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.evidence import gather
from kubectl_joblab.evidence.causes import failing, table, waiting
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import PodRecord, Snapshot
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.language import Sentence, phrase, plural
from kubectl_joblab.objects import Attempt


@declare.command(
    "logs",
    short_help="Print the logs of all Pods and tries of the Job",
    help="Print the logs of all Pods of the Job, and of all tries, each line with its Pod.\n"
    "What start saved of a Pod that is deleted is printed too, also where its Job is.",
    examples=[
        ("The logs of lab 4", "kubectl joblab logs retry"),
        ("The logs of a Job of your own, try by try", "kubectl joblab logs job/report"),
        ("The last line of each try", "kubectl joblab logs retry --tail=1"),
        ("Follow them until the Job is finished", "kubectl joblab logs parallelism -f"),
        (
            "Follow a Job of your own, and end as the Job does",
            "kubectl joblab logs job/report -f --exit-status",
        ),
        ("Write each try into a file", "kubectl joblab logs job/report --save=report-logs"),
    ],
)
@one_job.arguments
@declare.option("-f", "--follow", is_flag=True, help="Go on until the Job is finished.")
@declare.option(
    "--tail", takes="integer", bounds=(-1, None), default=-1, help="Lines of each log; -1: all."
)
@declare.option("--timestamps", is_flag=True, help="Print when each line was written.")
@declare.option("-p", "--previous", is_flag=True, help="Only tries before the last of each Pod.")
@declare.option(
    "--exit-status",
    is_flag=True,
    help="Exit with 0 if the Job is Complete, 2 if it Failed, else 1.",
)
@declare.option("--save", help="Write the log of each try into a file in this folder instead.")
def logs(
    session: Session,
    /,
    subject: str,
    variant: str,
    name: str,
    follow: bool,
    tail: int,
    timestamps: bool,
    previous: bool,
    exit_status: bool,
    save: str,
) -> int:
    """Print the log of each try, with its Pod before each line, or follow a Job that still runs."""
    found = one_job.locate(session, subject, variant, name, recorded=True)
    job, gone = found.job, found.gone
    if follow and not previous and not gone and not objects.is_finished(job):
        recorder = _follow(session, found, None if tail < 0 else tail, timestamps)
        job = recorder.job
        if exit_status and recorder.deleted and not recorder.finished:
            raise watched.deleted(recorder)
        if not save:
            return watched.exit_code(job) if exit_status else 0
    code = watched.exit_code(job) if exit_status else 0
    seen = session.gatherer.of(job, Wanted(saved=True))._replace(gone=gone)
    if not seen.pods:
        raise _nothing(session, seen, found)
    if save:
        tries = [one for record in seen.pods for one in _tries(record, previous)]
        if not saving.save(session, tries, Path(save), timestamps=timestamps):
            raise _not_started(seen, _causes(session, seen, found), found)
        _say_gone(session, seen)
        return code
    tries, wrote = [one for record in seen.pods for one in _tries(record, previous)], False
    for one in tries:
        if _print(session, one.record, one.attempt, None if tail < 0 else tail, timestamps):
            wrote = True
    if tries and not wrote and tail:
        session.err(_silent(tries))
    _say_gone(session, seen)
    # to judge takes the lab's files, which a Job without any cause does not need
    unclear = table.of(seen) or waiting.slow(seen)
    why = _causes(session, seen, found) if unclear else ()
    if not tries and previous:
        session.err(phrase("No container of these Pods was started more than once."))
    elif not tries:
        raise _not_started(seen, why, found)
    if explained := verdicts.explained(session, why):
        session.err("", *explained)
    return code


def _tries(record: PodRecord, previous: bool) -> Iterator[saving.Try]:
    """The tries whose logs are saved."""
    current = {*objects.attempts(record.pod), *objects.init_attempts(record.pod)}
    keys = {found.key for found in current}
    for attempt in _chosen(record, previous):
        there = not record.gone and attempt.key in keys
        yield saving.Try(record, attempt, there, not _is_latest(record, attempt))


def _say_gone(session: Session, seen: Snapshot) -> None:
    """Name the tries of which nothing is left: a kubelet keeps one earlier log a container."""
    for record in seen.pods:
        for container in dict.fromkeys(attempt.container for attempt in record.attempts):
            known = {one.number for one in record.attempts if one.container == container}
            missing = [number for number in range(1, max(known)) if number not in known]
            if missing:
                session.err(
                    phrase(
                        "Tries {numbers} of container {container} of pod/{name} are gone: a kubelet"
                        " keeps the log of one try before the last.",
                        numbers=_numbers(missing),
                        container=container,
                        name=record.name,
                    )
                )
    gone = objects.ended_pods(seen.job or {}) - sum(
        1 for one in seen.pods if one.gone or objects.has_ended(one.pod)
    )
    if gone > 0:
        session.err(
            plural(
                gone,
                "{n} Pod of the Job is gone, and its log with it.",
                "{n} Pods of the Job are gone, and their logs with them.",
            )
        )


def _numbers(missing: Sequence[int]) -> str:
    """Numbers that follow one another, as in 1-4."""
    first, last = missing[0], missing[-1]
    whole = len(missing) > 2 and list(missing) == list(range(first, last + 1))
    return f"{first}-{last}" if whole else ", ".join(map(str, missing))


def _causes(session: Session, seen: Snapshot, found: Located) -> Sequence[Cause]:
    """Why the Job does not succeed, without failures that its lab asks for."""
    if found.exercise is None:
        return session.gatherer.explained(seen)
    return standings.judge(session.gatherer, found.exercise, seen).causes


def _nothing(session: Session, seen: Snapshot, found: Located) -> JoblabError:
    """The error where the Job has no Pods. kubectl would wait 20 seconds for one."""
    if objects.ended_pods(seen.job or {}):
        return JoblabError(
            phrase(
                "error: no Pod of job.batch/{name} is left, and its logs went with them",
                name=seen.name,
            ),
            next=checks.again(found.exercise, seen)
            if found.exercise
            else f"kubectl describe job {seen.name}",
        )
    if objects.is_finished(seen.job or {}):
        asks_for_none = objects.spec(seen.job or {}).get("completions") == 0
        return JoblabError(
            phrase("error: job.batch/{name} has ended and made no Pod", name=seen.name),
            means=[phrase("Its spec.completions of 0 asks for none.")] if asks_for_none else [],
            next=found.command("check" if found.exercise else "describe"),
        )
    return _with_cause(
        phrase("error: job.batch/{name} has no Pod yet", name=seen.name),
        _causes(session, seen, found),
        f"kubectl describe job {seen.name}",
    )


def _nothing_comes(recorder: Recorder, cause: Cause) -> JoblabError:
    """The error where no container has started, and none will before someone does something."""
    missing = phrase("error: job.batch/{name} has no Pod yet", name=recorder.name)
    if recorder.pods:
        name = recorder.pods[0].name
        missing = phrase("error: pod/{name} has not started", name=name)
    return _with_cause(missing, [cause], cause.run)


def _not_started(seen: Snapshot, why: Sequence[Cause], found: Located) -> JoblabError:
    """The error where no container of the Pods has started. A deleted Job has none to look at."""
    pod = seen.pods[0]
    look = f"kubectl describe pod {pod.name}"
    if seen.gone:
        look = found.exercise.begin() if found.exercise else "kubectl get jobs"
    return _with_cause(phrase("error: pod/{name} has not started", name=pod.name), why, look)


def _with_cause(message: Sentence, found: Sequence[Cause], look: str) -> JoblabError:
    """The error with what keeps the Job from going on, and how to mend that, where it is known."""
    if not found:
        return JoblabError(message, next=look)
    return JoblabError(message, means=[found[0].line, found[0].fix], next=found[0].run)


def _chosen(record: PodRecord, previous: bool) -> Iterator[Attempt]:
    """The tries whose logs are printed: of init containers only those that failed."""
    inits = [one for one in objects.init_attempts(record.pod) if one.exit_code]
    for attempt in (*inits, *record.attempts):
        if not previous or not _is_latest(record, attempt):
            yield attempt


def _is_latest(record: PodRecord, attempt: Attempt) -> bool:
    """Whether the cluster shows no later start of the attempt's container."""
    inits = tuple(objects.init_attempts(record.pod))
    return record._replace(attempts=(*inits, *record.attempts)).is_latest(attempt)


def _silent(tries: Sequence[saving.Try]) -> Sentence:
    """The line about tries that have written nothing, and how that is known."""
    said = plural(
        len(tries),
        "{n} try, and it has written nothing to its log.",
        "{n} tries, and none has written anything to its log.",
    )
    if all(one.in_cluster for one in tries):
        return said
    return phrase("{said} This is as it was recorded before.", said=said)


def _print(
    session: Session, record: PodRecord, attempt: Attempt, tail: int | None, timestamps: bool
) -> bool:
    """Print the log of one try: as the cluster sends it, else as start saved it.

    Of a try whose container could not be started it is said why. Returns whether anything is told.
    """
    told = False
    if why := failing.start_error(record, attempt):
        session.note(
            phrase(
                "Try {number} of pod/{name} did not start: {why}",
                number=attempt.number,
                name=record.name,
                why=why,
            )
        )
        return True
    prefix = summary.prefix(record, attempt.container)
    current = {*objects.attempts(record.pod), *objects.init_attempts(record.pod)}
    if not record.gone and attempt.key in {found.key for found in current}:
        stream = session.client.logs(
            record.name,
            session.namespace,
            attempt.container,
            previous=not _is_latest(record, attempt),
            tail=tail,
            timestamps=timestamps,
        )
        try:
            for line in stream:
                if gather.is_lost([line]):
                    break
                told = True
                session.out(f"{prefix} {line}")
            else:
                return told
        except ApiError as error:
            if error.code in (401, 403):
                raise
            if attempt.log is None:
                session.err(error.message)
                return True
    return _print_saved(session, record, attempt, prefix, tail)


def _print_saved(
    session: Session, record: PodRecord, attempt: Attempt, prefix: str, tail: int | None
) -> bool:
    """Print the log of one try as start saved it; whether anything is told of it."""
    if attempt.log is None:
        session.err(
            phrase(
                "The log of try {number} of pod/{name} is gone.",
                number=attempt.number,
                name=record.name,
            )
        )
        return True
    if not attempt.log:
        return False
    if attempt.number == 1:
        saved = phrase("Pod {name} is deleted; this is the log that start saved.", name=record.name)
        kept = phrase("Earlier tries of pod {name} are as start saved them.", name=record.name)
        session.err(saved if record.gone else kept)
    lines = attempt.log if tail is None else attempt.log[max(len(attempt.log) - tail, 0) :]
    session.out(*(f"{prefix} {line}" for line in lines))
    return True


def _follow(session: Session, found: Located, tail: int | None, timestamps: bool) -> Recorder:
    """Print lines as they are written, until the Job ends; what was seen of it."""

    def show(pod: str, container: str, line: str) -> None:
        text = line if timestamps else line.partition(" ")[2]
        session.out(f"[pod/{pod}/{container}] {text}")

    recorder = Recorder(found.job, session.namespace)
    follow = Follow(session.client, recorder, session.say_lost, on_line=show, tail=tail)
    warnings = Warnings(session, found.exercise, recorder)
    for changes in fallback.followed(session, follow):
        for change in changes:
            if change.status == "DELETED":
                session.err(phrase("{object} is deleted.", object=change.object))
        cause = warnings.tell()
        if cause is None:
            continue
        if not any(record.attempts for record in recorder.pods):
            raise _nothing_comes(recorder, cause)
        warnings.warn(cause)  # what others print is followed
    return recorder
