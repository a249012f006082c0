"""start: create a lab's Job, follow the Job until it is finished, show what it did."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects, shell
from kubectl_joblab.cli import manifests
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.screens import (
    jumps,
    live,
    page,
    predictions,
    progress,
    summary,
    verdicts,
)
from kubectl_joblab.cli.screens.keys import Keys
from kubectl_joblab.cli.screens.live import View
from kubectl_joblab.cli.screens.waiting import Deletion
from kubectl_joblab.cli.screens.warnings import Warnings
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, parameters
from kubectl_joblab.client import cluster_clock
from kubectl_joblab.client.cluster_clock import ClusterClock, Skipping
from kubectl_joblab.errors import (
    ApiError,
    ExitCode,
    JoblabError,
    StoppedError,
    UsageError,
    WaitTimeoutError,
)
from kubectl_joblab.evidence import records
from kubectl_joblab.evidence.causes import Cause
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import launch, setup, stages, versions
from kubectl_joblab.labs.actions import Actions
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, next_step, standings
from kubectl_joblab.labs.judge.next_step import After
from kubectl_joblab.labs.judge.standings import Judged
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import dump, fold

_KEY = "s"  # that has waits skipped; page.py tells of it
OBJECT_FORMATS = ("json", "yaml", "name")


@declare.command(
    "start",
    short_help="Create the Job of a lab, follow it, check it",
    lab_flags=True,
    help="Create the Job of a lab, follow it until it is finished, and check it.\n"
    "The Job of an earlier, finished run is replaced; one that runs is joined.",
    examples=[
        ("Run lab 6 and watch its Pods", "kubectl joblab start parallelism"),
        ("Two Pods at a time instead of three", "kubectl joblab start 6 --parallelism=2"),
        ("Run your own manifest", "kubectl joblab start yaml -f 03-yaml/job.yaml"),
        ("Wait for no back-off", "kubectl joblab start retry --skip-waits"),
        ("See what would be created", "kubectl joblab start retry --dry-run=client -o yaml"),
    ],
)
@declare.lab_argument()
@declare.option("--variant", help="The variant of the lab to run.")
@declare.option("--name", help="Another name for the Job.")
@declare.option("-f", "--filename", "file", takes="file", help="Run this manifest; - for stdin.")
@declare.option("--no-wait", is_flag=True, help="Create the Job and do not follow it.")
@declare.option("--no-predict", is_flag=True, help="Ask no questions before the run.")
@declare.option(
    "--skip-waits",
    is_flag=True,
    help="Move a practice cluster's clock over what the Job waits for.",
)
@declare.option(
    "--timeout", takes="duration", default=None, help="Stop following after this time, such as 2m."
)
@declare.option(
    "--dry-run",
    takes="choice",
    values=("none", "client", "server"),
    default="none",
    help="Create nothing: print it (client), or have the server check it (server).",
)
@declare.output(*verdicts.FORMATS)
def start(
    session: Session,
    /,
    lab: model.Lab,
    variant: str,
    name: str,
    file: str,
    no_wait: bool,
    no_predict: bool,
    skip_waits: bool,
    timeout: float | None,
    dry_run: str,
    output: str,
    **given: Any,
) -> int:
    """Run an exercise, or only create its Job; the exit code is the one that check would have."""
    exercise = parameters.choose(session, lab, variant, name, given)
    exercise = _to_go_on_with(session, exercise)
    if exercise.is_repair and not file:
        return _lead_to_repair(session, exercise)
    made = _of_round(exercise, manifests.of_command(session, exercise, file))
    if skip_waits and no_wait:
        raise UsageError(
            phrase("error: --skip-waits needs a run that is followed, which --no-wait is not"),
            see="kubectl joblab start",
        )
    if dry_run != "client":
        fallback.ensure_cluster(session)
    if skip_waits and dry_run == "none":
        ClusterClock(session.client).require()
    manifests.require_job(session, exercise, made, ask=dry_run != "client")
    creates = dry_run == "none" and not no_wait
    if output and not creates and output not in OBJECT_FORMATS:
        raise UsageError(
            phrase(
                "error: -o {output} needs a Job to follow; without one: {formats}",
                output=output,
                formats=", ".join(OBJECT_FORMATS),
            ),
            see="kubectl joblab start",
        )
    if dry_run != "none":
        return _dry_run(session, exercise, made, dry_run, output, from_file=bool(file))
    quiet = bool(output) and output != "wide"
    if no_wait:
        if exercise.lab.kubernetes:
            _try_out(session, exercise, made, file)
        job = _create(session, exercise, made, file, quiet=quiet)
        if output:
            _print_object(session, job, output)
        session.next(f"{exercise.command('check')} --wait")
        return 0
    has_key = not (quiet or skip_waits) and _has_key(session)
    if not quiet:
        asks = not no_predict and session.stdin.isatty() and session.stdout.isatty()
        exercise = _introduce(session, exercise, made, file, asks=asks, has_key=has_key)
    while True:
        job = _create(session, exercise, made, file, quiet=quiet)
        run = _Run(session, exercise, job, file)
        skip_waits = run.follow(timeout, quiet=quiet, skips=skip_waits, has_key=has_key)
        judged = run.show(output)
        following = judged.following
        if following is None or following.is_repair or quiet:
            return run.lead_on(judged, quiet=quiet)
        exercise, file = progress.known(session, [following])[0], ""
        session.out("")
        made = _of_round(exercise, manifests.of_command(session, exercise, file))


def _to_go_on_with(session: Session, exercise: Exercise) -> Exercise:
    """The exercise in the round to go on with in this namespace, where a run is begun there."""
    found = progress.known(session, [exercise])[0]
    if len(exercise.rounds) == 1:
        return found
    if fallback.missing(session):
        return found
    return found.at(None, session.client.host, session.namespace)


def _has_key(session: Session) -> bool:
    """Whether a key has the live view skip waits: on a terminal, and on a practice cluster."""
    drawn = live.is_drawn(session) and session.stdin.isatty()
    return drawn and cluster_clock.is_of(session.client)


def _lead_to_repair(session: Session, exercise: Exercise) -> int:
    """Say what is to be mended, and how that begins; returns the exit code of what is pending."""
    session.out(*_stage(session, exercise))
    path = exercise.path()
    session.next(exercise.start(str(path)) if path.exists() else exercise.scaffold())
    return ExitCode.PENDING


def _stage(session: Session, exercise: Exercise) -> list[str]:
    """The lines that the stage begins with which the Job of this round begins with."""
    stages = exercise.rounds[exercise.round].stages
    return _opened(session, exercise, stages[0]) if stages else []


def _opened(session: Session, exercise: Exercise, stage: model.Stage) -> list[str]:
    """The lines that a stage begins with: its title, and the tasks that no part of start shows."""
    tasks = [
        line
        for number, task in exercise.tasks
        if (task.stage or exercise.rounds[0].name) == stage.name and not task.shows
        for line in fold.fold(session.text(task.text), first=f"  {number}. ")
    ]
    return [session.text(verdicts.heading(exercise, stage)), *tasks]


def _of_round(exercise: Exercise, made: Document) -> Document:
    """The manifest, which says of what stage it is where that is not the first."""
    if not exercise.round:
        return made
    metadata = dict(objects.metadata(made.data))
    stage = exercise.rounds[exercise.round].name
    annotations = {**(metadata.get("annotations") or {}), stages.ANNOTATION: stage}
    made.data = {**made.data, "metadata": {**metadata, "annotations": annotations}}
    return made


def _create(
    session: Session, exercise: Exercise, made: Document, file: str, *, quiet: bool
) -> Object:
    """Have in the cluster what the lab sets up, then the Job; returns the Job."""

    def say(done: Sentence) -> None:
        if quiet:
            return
        if done == f"job.batch/{objects.name(made.data)} created":
            session.out(*_first_step(session, exercise, file))
        session.out(done)

    if not quiet:  # what the lab is about ends with a blank line, as the stage begins with one
        session.out(*_stage(session, exercise)[0 if exercise.round else 1 :])
    client = session.client
    try:
        list(setup.create_all(client, session.namespace, exercise.lab, say))
        return launch.launch(client, session.namespace, exercise, made.data, say)
    except ApiError as error:
        raise manifests.refused(exercise, made, error, from_file=bool(file)) from error
    except KeyboardInterrupt as error:
        text = phrase("\nStopped before the Job was known to be created.")
        raise StoppedError(text, next=f"kubectl get job {objects.name(made.data)}") from error


def _introduce(
    session: Session, exercise: Exercise, made: Document, file: str, *, asks: bool, has_key: bool
) -> Exercise:
    """Say what the lab is about, where its Job can be created: an error is told alone.

    asks: whether the learner is asked what to expect, before the page says what to look at.
    has_key: whether a key has the live view skip waits. Returns the exercise with the answers.
    """
    _try_out(session, exercise, made, file)
    lab = exercise.lab
    session.out(*page.head(session, lab, lab.heading))
    if asks and exercise.questions:
        session.out("")
        predictions.ask(session, exercise)
        exercise = progress.known(session, [exercise])[0]
    drawn = live.is_drawn(session)
    session.out(*page.before_start(session, lab, drawn=drawn, skips=has_key))
    return exercise


def _try_out(session: Session, exercise: Exercise, made: Document, file: str) -> None:
    """Raise an error where the Job cannot be created in this cluster, and create nothing."""
    session.warnings = []  # the server gives them again when the Job is created
    try:
        versions.try_out(session.client, session.namespace, exercise, made.data)
    except ApiError as error:
        raise manifests.refused(exercise, made, error, from_file=bool(file)) from error
    finally:
        session.warnings = None


def _first_step(session: Session, exercise: Exercise, file: str) -> list[str]:
    """The lines of the task that creating the Job answers, where the lab goes step by step."""
    create = f"kubectl create -f {shell.quote(file or '-')}"
    lines = summary.head(session, exercise, "create", create)
    if len(lines) < 3:
        return []
    if not file:
        written = session.with_flags(f"{exercise.scaffold()} -d -")
        lines[-1] = lines[-1].replace("# ", f"# {written} | ", 1)
    return lines[1:]


def _dry_run(
    session: Session, exercise: Exercise, made: Document, mode: str, form: str, *, from_file: bool
) -> int:
    say = (lambda _: None) if form else session.out
    if mode == "server":
        try:
            setup.rehearse(session.client, session.namespace, exercise.lab, say)
            job = versions.rehearse(session.client, session.namespace, exercise, made.data, say)
        except ApiError as error:
            raise manifests.refused(exercise, made, error, from_file=from_file) from error
    else:
        job = launch.claim(made.data, exercise.lab)
        for one in setup.of_files(exercise.lab, exercise.lab.setup):
            say(f"{launch.called(one)} created (dry run)")
        say(f"job.batch/{objects.name(job)} created (dry run)")
    if form:
        _print_object(session, job, form)
    return 0


def _print_object(session: Session, job: Object, form: str) -> None:
    session.out(f"job.batch/{objects.name(job)}" if form == "name" else dump.dump(job, form))


@dataclass
class _Run:
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
        skipping = Skipping(session.client)
        if skips:
            skipping.begin()
        view = self._view(quiet)
        deletion = Deletion(session, self.exercise, self.recorder, view)
        follow = Follow(
            session.client,
            self.recorder,
            session.say_lost,
            on_line=view.tell,
            goes_on=deletion.is_awaited,
        )
        warnings = Warnings(session, self.exercise, self.recorder)
        own = self.exercise.rounds[self.exercise.round]
        begun = list(own.stages[:1])  # which was said before the Job was created
        stages = iter([stage for stage in own.stages for _ in stage.do])

        def say(command: str) -> None:
            stage = next(stages)
            if stage not in begun:
                begun.append(stage)
                view.stage(session.text(verdicts.heading(self.exercise, stage)))
            view.done(command)

        doing = Actions(session.client, session.namespace, self.exercise, own.do, say)

        def tell_jumps() -> None:
            for jump in skipping.jumps():
                view.skipped(jumps.skipped(jump, session.namespace))

        keys = Keys(session.stdin, _KEY, skipping.begin, session.clock)
        try:
            with keys if has_key else nullcontext(), view:
                for changes in fallback.followed(session, follow, timeout):
                    tell_jumps()
                    view.show(changes)
                    doing.act(lambda: self.recorder.view(session.client.now()))
                    if cause := warnings.tell():
                        raise self._stuck(cause)
                tell_jumps()
        except KeyboardInterrupt as error:
            raise self._stopped() from error
        except WaitTimeoutError as error:
            raise self._timed_out(error) from error
        finally:
            skipping.end()
            seen, host = self.recorder.view(session.client.now()), session.client.host
            self._known = records.keep(session.records, host, seen, session.say_unkept)
        allowed = checks.allows_deletion(self.exercise)
        if self.recorder.deleted and not self.recorder.finished and not allowed:
            raise self._gone()
        return skipping.has_begun

    def _view(self, quiet: bool) -> View:
        return View() if quiet else live.view(self.session, self.recorder, self.session.out)

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
        return found[0] if found and found[0].fatal else None

    def _gone(self) -> JoblabError:
        done = objects.completions(self.recorder.job)
        return JoblabError(
            f'Error from server (NotFound): jobs.batch "{self.recorder.name}" not found',
            means=[phrase("It was deleted while it was watched, at {done}.", done=done)],
            next=self.again,
        )

    def _next(self, judged: Judged) -> str:
        """The command to go on with, where the lab's other variants count as not run yet."""
        lab, now = self.exercise.lab, self.session.client.now()
        following = lab.variants[lab.variants.index(self.exercise.variant) + 1 :]
        others = [
            standings.not_there(Exercise(lab, one), judged.namespace, now) for one in following
        ]
        return next_step.next_step(After.START, [judged, *others])

    def _debrief(self) -> list[str]:
        """The first paragraph of why the Job behaved so, and the command that prints them all."""
        text = self.session.text
        first, *more = text(self.exercise.lab.debrief).strip().split("\n")
        command = self.session.with_flags(
            f"kubectl joblab show {shell.quote(self.exercise.lab.name)} --debrief"
        )
        whole = phrase("More: {command}", command=command)
        return [*fold.fold(first), *([text(whole)] if more else [])]

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
            session.out("", *_stage(session, following))
        if judged.leaves_deletion and not quiet:
            last = self.exercise.lab.stages_of(self.exercise.variant)[-1]
            session.out("", *_opened(session, self.exercise, last))
        session.next(self._next(judged))
        return code
