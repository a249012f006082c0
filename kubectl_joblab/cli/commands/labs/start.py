"""start: create a lab's Job, follow the Job until it is finished, show what it did."""

from __future__ import annotations

from typing import Any

from kubectl_joblab import objects, shell
from kubectl_joblab.cli import manifests
from kubectl_joblab.cli.commands.cluster import fallback
from kubectl_joblab.cli.commands.labs.launched import Run
from kubectl_joblab.cli.screens import (
    live,
    openings,
    page,
    predictions,
    progress,
    summary,
    verdicts,
    waiting,
)
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, parameters
from kubectl_joblab.client.cluster_clock import ClusterClock
from kubectl_joblab.errors import (
    ApiError,
    ExitCode,
    StoppedError,
    UsageError,
)
from kubectl_joblab.labs import launch, setup, stages, versions
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import dump

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
    has_key = not (quiet or skip_waits) and waiting.has_key(session)
    if not quiet:
        asks = not no_predict and session.stdin.isatty() and session.stdout.isatty()
        exercise = _introduce(session, exercise, made, file, asks=asks, has_key=has_key)
    while True:
        job = _create(session, exercise, made, file, quiet=quiet)
        run = Run(session, exercise, job, file)
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


def _lead_to_repair(session: Session, exercise: Exercise) -> int:
    """Say what is to be mended, and how that begins; returns the exit code of what is pending."""
    session.out(*openings.of_round(session, exercise))
    session.next(exercise.begin())
    return ExitCode.PENDING


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
        session.out(*openings.of_round(session, exercise)[0 if exercise.round else 1 :])
    client = session.client
    try:
        there = list(setup.create_all(client, session.namespace, exercise.lab, say))
        wanted = setup.taken(made.data, there)
        return launch.launch(client, session.namespace, exercise, wanted, say)
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
        try:
            predictions.ask(session, exercise)
        except KeyboardInterrupt as error:
            text = phrase("\nStopped before anything was created.")
            raise StoppedError(text, next=exercise.start("" if file == "-" else file)) from error
        exercise = progress.known(session, [exercise])[0]
    drawn = live.is_drawn(session)
    session.out(*page.before_start(session, lab, drawn=drawn, skips=has_key))
    return exercise


def _try_out(session: Session, exercise: Exercise, made: Document, file: str) -> None:
    """Raise an error where the Job cannot be created in this cluster, and create nothing."""
    session.warnings = []  # the server gives them again when the Job is created
    try:
        with fallback.leading_on(session):
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
            with fallback.leading_on(session):
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
    session.out(
        f"job.batch/{objects.name(job)}" if form == "name" else dump.dump(dump.unmanaged(job), form)
    )
