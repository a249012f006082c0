"""watch: follow a lab's Job while the learner works with kubectl in another window, or any Job."""

from __future__ import annotations

from typing import NoReturn

from kubectl_joblab import objects
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.commands.jobs import subject as one_job
from kubectl_joblab.cli.commands.jobs import watched
from kubectl_joblab.cli.screens import progress, verdicts, waiting
from kubectl_joblab.cli.screens.live import View
from kubectl_joblab.cli.screens.warnings import Warnings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.client import resources
from kubectl_joblab.client.connection import Stop
from kubectl_joblab.evidence import records
from kubectl_joblab.evidence.follow import TICK
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import Command, phrase
from kubectl_joblab.objects import Object


@declare.command(
    "watch",
    short_help="Follow a lab while you do it with kubectl, or any Job to its end",
    help="Follow a lab while you do it with kubectl in another window: wait for its Job, show\n"
    "what happens, each verdict as soon as it is decided, and go on with the next Job of its\n"
    "name. Ctrl-C ends it, with the exit status of check.\n"
    "\n"
    "job/NAME is followed to its end, whoever made it. The exit status is 0 where it is\n"
    "Complete, 2 where it Failed, 1 where it was deleted and 130 after Ctrl-C.",
    examples=[
        ("Watch lab 5", "kubectl joblab watch completions"),
        ("Wait until a Job of your own is Complete or Failed", "kubectl joblab watch job/report"),
        ("Watch a Job that has another name", "kubectl joblab watch retry --name=mine"),
    ],
)
@one_job.arguments
def watch(session: Session, /, subject: str, variant: str, name: str) -> int:
    """Judge one Job of the exercise after the other until Ctrl-C; the exit code is check's."""
    if one_job.any_job(session, subject, variant, name):
        return watched.watch(session, one_job.locate(session, subject, variant, name).job)
    found = session.find_lab(subject)
    one = Exercise(found, exercise.variant_of(found, variant, session.command), name)
    fallback.ensure_cluster(session)
    watching = _Watch(session, one)
    try:
        watching.run()
    except KeyboardInterrupt:
        if session.signal:  # something else than the learner has ended it
            raise
        session.err("")
        return watching.end()


class _Watch:
    """The Jobs of an exercise, one after the other, and the verdicts on the last one."""

    def __init__(self, session: Session, one: Exercise) -> None:
        self._session = session
        self._exercise = one
        self._judged: Judged | None = None
        self._reported = False  # whether these verdicts were printed
        self._passed: set[str] = set()  # the checks of this Job whose passing is kept
        self._due = ""  # the command that was last said to be due

    def run(self) -> NoReturn:
        """Follow the Job that is there, then each that comes. Raises JoblabError."""
        session, name = self._session, self._exercise.job
        job = session.gatherer.job(session.namespace, name)
        if job is None or not self._exercise.owns(job):
            standings.require_namespace(session.client, session.namespace)
            session.err(phrase("Waiting for job.batch/{name}; Ctrl-C ends this.", name=name))
            job = self._next_job("")
        while True:
            self._see(job)
            session.err(
                phrase("Waiting for another job.batch/{name}; Ctrl-C ends this.", name=name)
            )
            job = self._next_job(objects.uid(job))

    def end(self) -> int:
        """Report what was not reported yet; the exit code that check would have."""
        session = self._session
        if self._judged is None:
            (judged,) = standings.in_namespace(
                session.gatherer, session.namespace, [self._exercise]
            )
            self._judged = judged
        elif not self._reported and self._judged.seen:  # which was judged without what explains it
            seen = self._judged.seen._replace(now=session.client.now())
            self._judged = standings.judge(session.gatherer, self._exercise, seen)
        if not self._reported:
            self._report(self._judged)
        return checks.exit_code(self._judged.results)

    def _next_job(self, uid: str) -> Object:
        """Wait for a Job of the name that has another uid than this. Raises ApiError."""
        session, stop = self._session, Stop(self._session.clock)
        fields = f"metadata.name={self._exercise.job}"
        events = session.client.watch(resources.JOBS, session.namespace, fields=fields, stop=stop)
        try:
            for event in events:
                if event.kind == "LOST":
                    session.say_lost()
                elif event.kind != "DELETED" and self._is_next(event.object, uid):
                    return event.object
        finally:
            stop.ask()
        raise RuntimeError("a watch ends only where it is asked to")

    def _is_next(self, job: Object, uid: str) -> bool:
        """Whether a Job is another than that of this uid, and may be the exercise's."""
        return objects.uid(job) != uid and self._exercise.owns(job)

    def _see(self, job: Object) -> None:
        """Follow a Job to its end, or to its deletion, and report the verdicts on it."""
        session = self._session
        one = self._exercise = progress.known(session, [self._exercise])[0].at(job)
        self._judged, self._reported, self._passed, self._due = None, False, set(), ""
        if objects.is_finished(job):
            seen = session.gatherer.of(job, standings.wanted(one))
        else:
            followed = self._followed(job)
            if followed is None:
                self._judged = None
                return
            seen = followed
            session.out("")
            if standings.wanted(one).events:  # only the Job's own were watched
                seen = session.gatherer.with_events(seen)
        self._judged = standings.judge(session.gatherer, one, seen)
        self._keep(self._judged)
        self._report(self._judged)

    def _followed(self, job: Object) -> Snapshot | None:
        """All that was seen of a Job, which is recorded; None where it was deleted unfinished."""
        session, recorder = self._session, Recorder(job, self._session.namespace)
        view, follow = waiting.follow(
            session, self._exercise, recorder, session.out, judges=True, by_hand=True
        )
        warnings = Warnings(session, self._exercise, recorder, stops=False)
        skipped = waiting.skips(session, view)
        looked = float("-inf")
        try:
            with skipped, view:
                for changes in fallback.followed(session, follow):
                    skipped.show()
                    view.show(changes)
                    moment = session.clock.monotonic()
                    if follow.has_begun and moment - looked >= TICK:
                        looked = moment
                        warnings.tell()
                        self._judge(recorder, view)
                self._judge(recorder, view)
        finally:
            seen = recorder.view(session.client.now())
            known = records.keep(session.records, session.client.host, seen, session.say_unkept)
        if self._is_lost(recorder):
            session.err(phrase("job.batch/{name} was deleted.", name=recorder.name))
            return None
        return known._replace(now=session.client.now())

    def _is_lost(self, recorder: Recorder) -> bool:
        """Whether the Job was deleted before its end, and no check asks for that."""
        early = recorder.deleted and not recorder.finished
        return early and not checks.allows_deletion(self._exercise)

    def _judge(self, recorder: Recorder, view: View) -> None:
        """Judge what is seen by now, and show and keep what has changed.

        A Job that someone has deleted before its end is judged no further, unless the lab asks for
        that.
        """
        session = self._session
        if self._is_lost(recorder):
            return
        seen = recorder.view(session.client.now())
        judged = standings.judge(session.gatherer, self._exercise, seen, explain=False)
        self._judged = judged
        self._keep(judged)
        view.judge(judged.verdicts)
        due = standings.due_now(session.gatherer, judged.exercise, judged.verdicts, seen)
        if due and due != self._due:
            session.warn(phrase("now it is your turn: {command}", command=Command(due)))
        self._due = due

    def _keep(self, judged: Judged) -> None:
        """Note what the learner has passed, where that is more than was noted of this Job."""
        passed = {one.check.id for one in judged.verdicts if one.result is Result.PASS}
        if passed - self._passed:
            progress.note(self._session, [judged])
            self._passed |= passed

    def _report(self, judged: Judged) -> None:
        verdicts.report(self._session, [judged], [judged])
        self._session.next(progress.way_on(self._session, After.CHECK, [judged]))
        self._reported = True
