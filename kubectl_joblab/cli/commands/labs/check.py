"""What check does, without click: a check takes little longer than to import that would.

quick.py calls it for plain command lines, check.py for all others.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_joblab import objects
from kubectl_joblab.cli import judging
from kubectl_joblab.cli.console import Session
from kubectl_joblab.cli.screens import verdicts
from kubectl_joblab.cli.screens.verdicts import Judged
from kubectl_joblab.errors import ExitCode, StoppedError, UsageError, WaitTimeoutError
from kubectl_joblab.evidence import records
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.judge import checks
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.language import phrase


def check(
    session: Session,
    *,
    labs: Sequence[str],
    all_namespaces: bool,
    variant: str,
    name: str,
    wait: bool,
    timeout: float | None,
    no_headers: bool,
    output: str,
) -> int:
    """Judge these labs, or all, and print it; the exit code says what was found."""
    if (variant or name) and len(labs) != 1:
        raise UsageError("error: --variant and --name go with one LAB", see="kubectl joblab check")
    if timeout is not None and not wait:
        raise UsageError("error: --timeout goes with --wait", see="kubectl joblab check")
    if wait and all_namespaces:
        raise UsageError("error: --wait goes with one namespace", see="kubectl joblab check")
    wanted = [loader.find(one, session.lab_paths) for one in labs]
    everything = wanted or loader.load_all(session.lab_paths)
    session.ensure_cluster()
    asked = [(lab, exercise.variants(lab, variant, name, session.command)) for lab in everything]
    if all_namespaces:
        from kubectl_joblab.cli.screens import overview

        return overview.check(session, asked, name, output=output, no_headers=no_headers)
    standings: list[list[Judged]] = []
    for some in [[one] for one in asked] if wait else [asked]:  # judged as soon as it is finished
        if wait:
            for lab, variants in some:
                for one in variants:
                    _wait(session, lab, one, name, timeout)
        standings += judging.look_at_all(session, some, name)
    judged = judging.relevant(standings)
    if not any(one.started for one in judged):
        judging.require_namespace(session)
    shown = judged if wanted else [one for one in judged if one.started]
    _print(session, judged, shown, output, no_headers)
    code = checks.exit_code(_results(shown))
    begin = [exercise.begin(*one) for one in judging.not_started(asked, standings)]
    if not begin and len(asked) == 1 and code == ExitCode.OK:
        lab, variants = asked[0]
        all_seen = len(variants) == len(lab.variants)
        begin = [lab.next if all_seen else judging.following(session, lab)]
    _next(session, judged, begin)
    return code


def _wait(
    session: Session, lab: model.Lab, variant: model.Variant, name: str, timeout: float | None
) -> None:
    """Wait until this Job is finished; what happens meanwhile is recorded, as start does."""
    from kubectl_joblab.evidence.follow import Follow

    seen = judging.look(session, lab, variant, name)
    if seen.job is None or seen.finished:
        return
    recorder = Recorder(seen.job, session.namespace)
    allowed = max(one.within for one in lab.checks_of(variant))
    follow = Follow(session.client, recorder, session.say_lost)
    try:
        session.err(phrase("Waiting for job.batch/{name} to finish.", name=seen.name))
        for _ in follow.run(allowed if timeout is None else timeout):
            if any(trouble.fatal for trouble in recorder.troubles(session.client.now())):
                return  # it will not be finished
    except WaitTimeoutError:
        return  # judged as it is
    except KeyboardInterrupt as error:
        again = f"kubectl joblab check {exercise.arguments(lab, variant, name)} --wait"
        raise _stopped(recorder, again) from error
    finally:
        records.keep(session.records, objects.uid(seen.job), recorder.pods)
    if recorder.deleted and not recorder.finished:
        session.warn(phrase("job.batch/{name} was deleted while it was waited for", name=seen.name))


def _stopped(recorder: Recorder, again: str) -> StoppedError:
    if recorder.finished:
        ended = phrase("\njob.batch/{name} is finished.", name=recorder.name)
        return StoppedError(ended, next=again)
    done = objects.completions(recorder.job)
    return StoppedError(
        phrase(
            "\nStopped waiting at {done}. job.batch/{name} goes on.", done=done, name=recorder.name
        ),
        next=again,
    )


def _print(
    session: Session, judged: Sequence[Judged], shown: Sequence[Judged], form: str, no_headers: bool
) -> None:
    if form and form != "wide":
        verdicts.print_as(session, shown, form)
        return
    session.out(*verdicts.table(session, shown, wide=form == "wide", headers=not no_headers))
    if failed := verdicts.details(session, [v for one in shown for v in one.verdicts]):
        session.out("", *failed)
    for trouble in (trouble for one in shown for trouble in one.troubles):
        session.warn(str(trouble))
    if (note := verdicts.recorded(shown)) is not None:
        session.out(note)
    session.out(verdicts.summary(session, judged))


def _results(judged: Sequence[Judged]) -> list[Result]:
    return [
        verdict.result if one.started else Result.PENDING
        for one in judged
        for verdict in one.verdicts
    ]


def _next(session: Session, judged: Sequence[Judged], begin: Sequence[str]) -> None:
    """begin: what to begin with where nothing is left to be done about what was judged."""
    found = [verdict for one in judged if one.started for verdict in one.verdicts]
    by_result = {verdict.result: verdict for verdict in reversed(found)}  # the first of each
    if failed := by_result.get(Result.FAIL):
        session.next(f"kubectl joblab hint {failed.lab.name}")
    elif stuck := [trouble for one in judged for trouble in one.troubles]:
        session.next(f"kubectl describe {stuck[0].object.replace('/', ' ')}")
    elif pending := by_result.get(Result.PENDING):
        session.next(f"kubectl joblab check {pending.lab.name} --wait")
    elif unknown := by_result.get(Result.UNKNOWN):
        session.next(verdicts.again(unknown))
    elif begin:
        session.next(begin[0])
