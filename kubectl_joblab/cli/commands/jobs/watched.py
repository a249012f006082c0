"""Any Job followed to its end, whichever it is: what `watch job/NAME` does, and the exit status.

`logs job/NAME --exit-status` ends with the same status. What was seen is recorded as `start` does,
so that later commands know of Pods and logs that are gone.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.commands.jobs import subject
from kubectl_joblab.cli.screens import live, summary, verdicts
from kubectl_joblab.cli.screens.warnings import Warnings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import ExitCode, JoblabError, StoppedError
from kubectl_joblab.evidence import records
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object


def watch(session: Session, job: Object) -> int:
    """Show a Job until it ends, then its summary; the exit code says how. Raises JoblabError."""
    seen = session.gatherer.of(job, subject.SAVED)
    if not seen.finished:
        seen = _followed(session, job)
        session.out("")
    session.out(*summary.lines(session, None, seen)[1:])
    why = session.gatherer.explained(seen)
    if explained := verdicts.explained(session, why):
        session.out("", *explained)
    session.next(subject.of_any("logs" if seen.has_tries else "diagnose", seen.name))
    return exit_code(seen.job or {})


def exit_code(job: Object) -> ExitCode:
    """How a Job has ended: 0 Complete, 2 Failed; 1 where it has not."""
    if objects.is_true(job, "Complete"):
        return ExitCode.OK
    return ExitCode.FAILED if objects.is_true(job, "Failed") else ExitCode.ERROR


def keep(session: Session, recorder: Recorder) -> Snapshot:
    """Record what was seen of a Job; what is known of it by now."""
    seen, host = recorder.view(session.client.now()), session.client.host
    return records.keep(session.records, host, seen, session.say_unkept)


def deleted(recorder: Recorder) -> JoblabError:
    """The error where a Job was deleted before its end."""
    name = recorder.name
    done = objects.completions(recorder.job)
    return JoblabError(
        f'Error from server (NotFound): jobs.batch "{name}" not found',
        means=[phrase("It was deleted while it was watched, at {done}.", done=done)],
        next=subject.of_any("events", name),
    )


def stopped(recorder: Recorder, verb: str) -> StoppedError:
    """The error where the user has stopped the command. verb: the command that joins it again."""
    name, done = recorder.name, objects.completions(recorder.job)
    if recorder.finished:
        ended = phrase("\njob.batch/{name} is finished.", name=name)
        return StoppedError(ended, next=subject.of_any("status", name))
    goes_on = phrase(
        "\nStopped watching at {done}. job.batch/{name} goes on.", done=done, name=name
    )
    return StoppedError(goes_on, next=subject.of_any(verb, name))


def _followed(session: Session, job: Object) -> Snapshot:
    """All that was seen of a Job until its end. Raises JoblabError where it goes before that."""
    recorder = Recorder(job, session.namespace)
    view = live.view(session, recorder, session.out)
    follow = Follow(session.client, recorder, session.say_lost, on_line=view.tell)
    warnings = Warnings(session, None, recorder, stops=False)
    try:
        with view:
            for changes in fallback.followed(session, follow):
                view.show(changes)
                warnings.tell()
    except KeyboardInterrupt as error:
        raise stopped(recorder, "watch") from error
    finally:
        seen = keep(session, recorder)
    if recorder.deleted and not recorder.finished:
        raise deleted(recorder)
    return seen._replace(now=session.client.now())
