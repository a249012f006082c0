"""check: judge Jobs by what the cluster shows, whoever made the Jobs and with whatever tool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.screens import progress, verdicts
from kubectl_joblab.cli.screens.warnings import Warnings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.errors import LabError, StoppedError, UsageError, WaitTimeoutError
from kubectl_joblab.evidence import records, schedules, snapshot
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, near, next_step, standings
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

if TYPE_CHECKING:
    from kubectl_joblab.cli.screens.live import View

_LOST = phrase("A check has failed for good, whatever the Job still does.")
_YOUR_TURN = phrase("The lab goes on with a command of yours, which is due now.")
_TIME_IS_OVER = phrase("The time to wait is over; the Job is judged as it is.")
_STILL_HELD = phrase("Nobody has released it meanwhile; the Job is judged as it is.")


@declare.command(
    "check",
    short_help="Judge what the cluster shows: PASS, FAIL, PENDING or UNKNOWN",
    help="Judge what the cluster shows of a lab: PASS, FAIL, PENDING or UNKNOWN for each check.\n"
    "Without LAB: every lab whose Job exists here. It does not matter who made the Job.\n"
    "Exit status: 0 all passed, 1 an error, 2 something failed, 3 something is pending, "
    "unknown or not started.",
    examples=[
        ("Judge lab 6", "kubectl joblab check parallelism"),
        ("Wait until the Job is finished, then judge it", "kubectl joblab check retry --wait"),
        ("Judge every lab whose Job exists, for a CI system", "kubectl joblab check -o junit"),
        ("See where a class stands", "kubectl joblab check -A"),
    ],
)
@declare.argument("labs", metavar="[LAB...]", many=True)
@declare.option(
    "-A",
    "--all-namespaces",
    is_flag=True,
    help="Judge in all namespaces: a row for each namespace and lab.",
)
@declare.option("--variant", help="Judge only this variant of the lab.")
@declare.option("--name", help="The Job's name, where it is not the lab's.")
@declare.option(
    "--wait", is_flag=True, help="Wait until the Jobs are finished, or the checks decided."
)
@declare.option(
    "--timeout",
    takes="duration",
    default=None,
    help="How long to wait at most; the checks may be decided before.",
)
@declare.option("--no-headers", is_flag=True, help="Print no header line.")
@declare.output(*verdicts.FORMATS)
def check(
    session: Session,
    /,
    labs: Sequence[str],
    all_namespaces: bool,
    variant: str,
    name: str,
    wait: bool,
    timeout: float | None,
    no_headers: bool,
    output: str,
) -> int:
    """Judge these labs, or all labs, and print the verdicts; the exit code says what was found."""
    if (variant or name) and len(labs) != 1:
        raise UsageError(
            phrase("error: --variant and --name go with one LAB"), see="kubectl joblab check"
        )
    if timeout is not None and not wait:
        raise UsageError(phrase("error: --timeout goes with --wait"), see="kubectl joblab check")
    if wait and all_namespaces:
        raise UsageError(
            phrase("error: --wait goes with one namespace"), see="kubectl joblab check"
        )
    wanted = [loader.find(one, session.lab_paths) for one in labs]
    broken: list[LabError] = []
    everything = wanted or loader.load_all(session.lab_paths, broken)
    fallback.ensure_cluster(session)
    asked = progress.known(
        session,
        [
            one
            for lab in everything
            for one in exercise.of_flags(lab, variant, name, session.command)
        ],
    )
    if all_namespaces:
        from kubectl_joblab.cli.screens import overview

        code = overview.check(session, asked, output=output, no_headers=no_headers)
        return session.fail_each(broken) or code
    if wait:  # one by one, each judged as soon as it is finished
        standing = [_when_finished(session, one, timeout) for one in asked]
    else:
        standing = standings.in_namespace(session.gatherer, session.namespace, asked)
    _keep(session, standing)
    judged = standings.relevant(standing)
    if not any(one.started for one in judged):
        standings.require_namespace(session.client, session.namespace)
    shown = judged if wanted else [one for one in judged if one.started]
    _print(session, judged, shown, output, no_headers)
    for one in shown if wanted else ():
        if _was_to_be_seen(one):
            session.err(
                phrase("job.batch/{name} was not seen by check.", name=one.exercise.job),
                phrase("If you have deleted it, create it again and check it before that."),
            )
    progress.note(session, shown)
    if broken:
        return session.fail_each(broken)
    if wanted and (missed := standings.missed(session.gatherer, judged)):
        session.err(verdicts.unseen(missed))
        session.next(missed.command("watch"))
        return checks.exit_code(result for one in shown for result in one.results)
    if wanted and (meant := _meant(session, judged, asked)):
        session.err(*session.fold(meant.said, rest="  "))
        if not meant.elsewhere:
            session.next(meant.way)
            return checks.exit_code(result for one in shown for result in one.results)
    code = checks.exit_code(result for one in shown for result in one.results)
    if not wanted:  # the learner goes on where list and next do
        session.next(_next_of_all(session, standing))
        return code
    if len(everything) == 1:
        session.next(progress.way_on(session, After.CHECK, standing))
    else:
        session.next(next_step.next_step(After.CHECK, standing))
    return code


def _next_of_all(session: Session, standing: Sequence[Judged]) -> str:
    """The command to go on with where every lab was judged: about what is there, else as next."""
    if any(one.started and set(one.results) != {Result.PASS} for one in standing):
        return next_step.next_step(After.CHECK, standing)
    return next_step.next_step(After.LIST, progress.with_progress(session, standing))


def _was_to_be_seen(one: Judged) -> bool:
    """Whether there is no Job and no record of one, where the lab has the learner delete it."""
    checked = one.exercise.lab.checks_of(one.exercise.variant)
    return not one.started and any(map(one.exercise.deletes_job, checked))


def _keep(session: Session, judged: Sequence[Judged]) -> None:
    """Keep what is seen of Jobs that checks speak of later, when they are gone or replaced."""
    for one in judged:
        seen = one.seen
        later = standings.wanted(one.exercise).gone or len(one.exercise.rounds) > 1
        if seen and seen.job and not seen.gone and later:
            records.keep(session.records, session.client.host, seen, session.say_unkept)


def _meant(
    session: Session, judged: Sequence[Judged], asked: Sequence[Exercise]
) -> near.Meant | None:
    """What there is in place of the Job of one lab, which is not there."""
    if len(judged) != 1 or judged[0].started:
        return None
    return near.find(session.client, session.namespace, asked, "check")


def _when_finished(session: Session, one: Exercise, timeout: float | None) -> Judged:
    """Judge an exercise when its Job is finished, or when the time to wait for that is over."""
    gatherer, namespace = session.gatherer, session.namespace
    job = gatherer.job(namespace, one.job)
    one = one.at(job)
    if job is not None and not one.owns(job):
        seen = standings.gathered(gatherer, namespace, one)
    elif job is None:
        seen = gatherer.gone(namespace, one.job, standings.wanted(one))
    elif objects.is_finished(job):
        seen = gatherer.of(job, standings.wanted(one))
        if checks.awaits_more(one, seen):
            seen = _followed(session, one, job, timeout)
    elif _is_lost_by_spec(session, one, job):
        seen = gatherer.of(job, standings.wanted(one))
        session.err(_LOST)
    else:
        seen = _followed(session, one, job, timeout)
    return standings.judge(session.gatherer, one, seen)


def _is_lost_by_spec(session: Session, one: Exercise, job: Object) -> bool:
    """Whether a check has failed for good by the Job alone, whatever its Pods do."""
    alone = Snapshot(one.job, session.namespace, session.client.now(), job)
    return checks.is_lost(checks.judge(one, alone))


def _followed(session: Session, one: Exercise, job: Object, timeout: float | None) -> Snapshot:
    """What is seen of a Job until waiting on decides nothing. All is recorded, as start does."""
    from kubectl_joblab.cli.screens import waiting
    from kubectl_joblab.evidence.follow import TICK

    recorder = Recorder(job, session.namespace)
    view, follow = waiting.follow(session, one, recorder, session.err, judges=True)
    try:
        if not recorder.finished:
            session.err(phrase("Waiting for job.batch/{name} to finish.", name=recorder.name))
        warnings = Warnings(session, one, recorder, ends=True)
        skipped = waiting.skips(session, view)
        since, looked = session.client.now(), session.clock.monotonic()
        over: Sentence = ""
        with skipped, view:
            for changes in fallback.followed(session, follow, timeout):
                skipped.show()
                view.show(changes)
                moment = session.clock.monotonic()
                if not follow.has_begun:
                    looked = moment
                if moment - looked < TICK:
                    continue  # a Job may have thousands of Pods
                looked, held = moment, warnings.held
                if cause := warnings.tell():
                    over = _stays(cause)
                    break
                if held and not warnings.held:
                    since = session.client.now()  # what was released has all of its time
                if over := _why_over(session, one, recorder, view, since):
                    over = _STILL_HELD if warnings.held and over == _TIME_IS_OVER else over
                    break
        if over:
            session.err(over)
    except WaitTimeoutError:
        session.err(_TIME_IS_OVER)
    except KeyboardInterrupt as error:
        raise _stopped(session, one, recorder) from error
    finally:
        seen = recorder.view(session.client.now())
        known = records.keep(session.records, session.client.host, seen, session.say_unkept)
    allowed = checks.allows_deletion(one)
    if recorder.deleted and not recorder.finished and not allowed:
        session.warn(
            phrase("job.batch/{name} was deleted while it was waited for", name=recorder.name)
        )
    if not recorder.finished and not (recorder.deleted and allowed):
        # judged as a check without --wait would
        return standings.gathered(session.gatherer, session.namespace, one)
    return _as_checked(session, recorder, known, standings.wanted(one))


def _why_over(
    session: Session, one: Exercise, recorder: Recorder, view: View, since: datetime
) -> Sentence:
    """Why there is nothing left to wait for; "" where there is. The view gets the verdicts.

    since: when the waiting began.
    """
    if recorder.finished and not schedules.maker(recorder.job):
        return ""  # it is followed to its last log
    seen = recorder.view(session.client.now())
    verdicts = checks.judge(one, seen)
    if recorder.finished:
        return _YOUR_TURN if standings.due_now(session.gatherer, one, verdicts, seen) else ""
    view.judge(verdicts)
    if checks.is_lost(verdicts):
        return _LOST
    if standings.due_now(session.gatherer, one, verdicts, seen):
        return _YOUR_TURN
    if not checks.is_decided(verdicts, seen, since):
        return ""
    if any(verdict.late for verdict in verdicts):
        return _TIME_IS_OVER
    return phrase("Nothing is decided by waiting on; the Job is judged as it is.")


def _stays(cause: Cause) -> Sentence:
    """Why nothing is waited for where a cause does not go away by itself."""
    return phrase(
        "{object}: {what} does not go away by itself, so nothing is waited for.",
        object=cause.object,
        what=cause.what,
    )


def _as_checked(session: Session, recorder: Recorder, known: Snapshot, needed: Wanted) -> Snapshot:
    """What was followed, as a check sees it: what the cluster still has, and what is recorded."""
    seen = recorder.view(session.client.now())
    seen = seen._replace(pods=tuple(snapshot.left(seen.pods)))
    seen = snapshot.with_record(seen, known, logs=needed.logs)
    return session.gatherer.with_events(seen) if needed.events else seen


def _stopped(session: Session, one: Exercise, recorder: Recorder) -> StoppedError:
    """The error that the wait was stopped, with what check would say of the Job and do next."""
    if recorder.finished:
        ended = phrase("\njob.batch/{name} is finished.", name=recorder.name)
        return StoppedError(ended, next=f"{one.command('check')} --wait")
    judged = standings.judge(session.gatherer, one, recorder.view(session.client.now()))
    done = objects.completions(recorder.job)
    stopped = phrase("\nStopped waiting at {done}.", done=done)
    if not any(cause.fatal for cause in recorder.causes(session.client.now())):
        stopped = phrase(
            "\nStopped waiting at {done}. job.batch/{name} goes on.", done=done, name=recorder.name
        )
    means = [said for cause in judged.causes[:1] for said in (cause.line, cause.fix)]
    return StoppedError(stopped, means=means, next=next_step.next_step(After.CHECK, [judged]))


def _print(
    session: Session, judged: Sequence[Judged], shown: Sequence[Judged], form: str, no_headers: bool
) -> None:
    if form and form != "wide":
        verdicts.print_as(session, shown, form)
        return
    verdicts.report(session, judged, shown, wide=form == "wide", headers=not no_headers)
