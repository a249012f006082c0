"""A Job that start has launched: it is followed, shown and judged; what comes next is said."""

from __future__ import annotations

from dataclasses import dataclass

from kubectl_joblab import objects, shell
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.screens import (
    openings,
    predictions,
    progress,
    summary,
    verdicts,
    waiting,
)
from kubectl_joblab.cli.screens.warnings import Warnings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import JoblabError, StoppedError, WaitTimeoutError
from kubectl_joblab.evidence import records
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import refusals
from kubectl_joblab.labs.actions import Actions
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object


@dataclass
class Run:
    """A Job that start has launched, while the Job is followed and afterwards."""

    session: Session
    exercise: Exercise
    job: Object
    file: str

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.job, self.session.namespace)
        self._known: Snapshot | None = None  # when the Job is no longer followed

    @property
    def again(self) -> str:
        """The command that joins this run, or repeats it when it is over."""
        # what came from stdin cannot be given again
        return self.exercise.start("" if self.file == "-" else self.file)

    def follow(self, timeout: float | None, *, quiet: bool, skips: bool, has_key: bool) -> bool:
        """Watch the Job until it is finished. What was seen is recorded, however that ends.

        skips: whether the cluster's clock is moved over what the Job waits for. has_key: whether
        that is so from when a key is pressed. Returns whether it was so at the end.
        """
        session = self.session
        say = None if quiet else session.out
        view, follow = waiting.follow(session, self.exercise, self.recorder, say)
        skipped = waiting.Skips(session, view, key=has_key, at_once=skips)
        warnings = Warnings(session, self.exercise, self.recorder)
        own = self.exercise.rounds[self.exercise.round]
        begun = list(own.stages[:1])  # which was said before the Job was created
        stages = iter([stage for stage in own.stages for _ in stage.do])

        def tell(command: str) -> None:
            stage = next(stages)
            if stage not in begun:
                begun.append(stage)
                view.stage(session.text(verdicts.heading(self.exercise, stage)))
            view.done(command)

        doing = Actions(session.client, session.namespace, self.exercise, own.do, tell)

        try:
            with skipped, view:
                for changes in fallback.followed(session, follow, timeout):
                    skipped.show()
                    view.show(changes)
                    doing.act(lambda: self.recorder.view(session.client.now()))
                    if cause := warnings.tell():
                        raise self._stuck(cause)
                skipped.show()
        except KeyboardInterrupt as error:
            raise self._stopped() from error
        except WaitTimeoutError as error:
            raise self._timed_out(error) from error
        finally:
            seen, host = self.recorder.view(session.client.now()), session.client.host
            self._known = records.keep(session.records, host, seen, session.say_unkept)
        allowed = checks.allows_deletion(self.exercise)
        if self.recorder.deleted and not self.recorder.finished and not allowed:
            raise self._gone()
        return skipped.have_begun

    def _stuck(self, cause: Cause) -> JoblabError:
        return JoblabError(
            phrase("error: {cause}", cause=cause.line), means=[cause.fix], next=cause.run
        )

    def _timed_out(self, error: WaitTimeoutError) -> WaitTimeoutError:
        """The error, with whether the Job goes on by itself."""
        if cause := self._kept_back():
            means = [cause.line, cause.fix]
            return WaitTimeoutError(error.message, means=means, next=cause.run)
        means = [phrase("It goes on, at {done}.", done=objects.completions(self.recorder.job))]
        if cause := self._unasked():
            return WaitTimeoutError(error.message, means=[*means, cause.fix], next=cause.run)
        return WaitTimeoutError(error.message, means=means, next=self.again)

    def _stopped(self) -> StoppedError:
        if self.recorder.finished:
            ended = phrase("\njob.batch/{name} is finished.", name=self.recorder.name)
            return StoppedError(ended, next=self.exercise.command("check"))
        name, done = self.recorder.name, objects.completions(self.recorder.job)
        if cause := self._kept_back():
            stopped = phrase("\nStopped watching at {done}.", done=done)
            return StoppedError(stopped, means=[cause.line, cause.fix], next=cause.run)
        return StoppedError(
            phrase(
                "\nStopped watching at {done}. job.batch/{name} goes on; start joins it again.",
                done=done,
                name=name,
            ),
            next=self.again,
        )

    def _unasked(self) -> Cause | None:
        """Why the Job does not succeed, where the lab does not ask for that; None where it may."""
        now = self.session.client.now()
        verdicts = checks.judge(self.exercise, self.recorder.view(now))
        found = standings.unasked(self.exercise, verdicts, self.recorder.causes(now))
        return next((cause for cause in found if cause.kind != "lost"), None)

    def _kept_back(self) -> Cause | None:
        """What keeps the Job from going on by itself; None where nothing does."""
        found = self.recorder.causes(self.session.client.now())
        return refusals.way_on(found[0], self.exercise) if found and found[0].fatal else None

    def _gone(self) -> JoblabError:
        done = objects.completions(self.recorder.job)
        return JoblabError(
            f'Error from server (NotFound): jobs.batch "{self.recorder.name}" not found',
            means=[phrase("It was deleted while it was watched, at {done}.", done=done)],
            next=self.again,
        )

    def _debrief(self) -> list[str]:
        """A paragraph on why this variant's Job behaved so, and the command that prints all."""
        text, own = self.session.text, self.exercise.variant.debrief
        first, *more = text.marked(self.exercise.lab.debrief).strip().split("\n")
        if own is not None:
            first, more = text.marked(own).strip(), [first, *more]
        command = self.session.with_flags(
            f"kubectl joblab show {shell.quote(self.exercise.lab.name)} --debrief"
        )
        whole = phrase("More: {command}", command=command)
        return [*self.session.fold(first), *([text(whole)] if more else [])]

    def _seen(self) -> Snapshot:
        """All that is known of the Job: also what an earlier start of the same Job recorded."""
        now = self.session.client.now()
        seen = self._known._replace(now=now) if self._known else self.recorder.view(now)
        if standings.wanted(self.exercise).events:  # only the Job's own were watched
            seen = self.session.gatherer.with_events(seen)
        return seen

    def show(self, form: str) -> Judged:
        """Print what the Job did and the verdicts, which are returned."""
        session, seen = self.session, self._seen()
        judged = standings.judge(session.gatherer, self.exercise, seen)
        if form and form != "wide":
            verdicts.print_as(session, [judged], form)
        else:
            session.out(*summary.lines(session, self.exercise, seen))
            session.out("", *verdicts.table(session, [judged], wide=form == "wide"))
            if failed := verdicts.details(session, judged.verdicts):
                session.out("", *failed)
            if explained := verdicts.explained(session, judged.causes):
                session.out("", *explained)
            session.out(verdicts.summary(session, [judged]))
            if compared := predictions.compared(session, judged):
                session.out("", *compared)
        progress.note(session, [judged])
        return judged

    def lead_on(self, judged: Judged, *, quiet: bool) -> int:
        """Print why it was so where all has passed, and what comes next; returns the exit code."""
        session = self.session
        code = checks.exit_code(verdict.result for verdict in judged.verdicts)
        if (code == 0 or judged.leaves_deletion) and not quiet:
            session.out("", *self._debrief())
        if (following := judged.following) and not quiet:
            session.out("", *openings.of_round(session, following))
        if judged.leaves_deletion and not quiet:
            last = self.exercise.lab.stages_of(self.exercise.variant)[-1]
            session.out("", *openings.of_stage(session, self.exercise, last))
        session.next(progress.way_on(session, After.START, [judged]))
        return code
