"""start: put a lab's Job into the cluster, follow it until it is finished, show what it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kubectl_joblab import kube, objects
from kubectl_joblab.cli import judging, parameters, summary, verdicts
from kubectl_joblab.cli.command import SECONDS, output
from kubectl_joblab.cli.following import LiveView, StreamView, View
from kubectl_joblab.cli.parameters import Chosen, LabCommand
from kubectl_joblab.cli.session import Session
from kubectl_joblab.errors import (
    ApiError,
    JoblabError,
    ManifestError,
    StoppedError,
    UsageError,
    WaitTimeoutError,
)
from kubectl_joblab.labs import checks, launch, manifest, records
from kubectl_joblab.labs.follow import Follow
from kubectl_joblab.labs.manifest import Manifest
from kubectl_joblab.labs.recorder import Recorder, Trouble
from kubectl_joblab.language import Phrase, phrase
from kubectl_joblab.objects import Object
from kubectl_joblab.printing import fold, screen

OBJECT_FORMATS = ("json", "yaml", "name")


@click.command(
    cls=LabCommand,
    help="Create the Job of a lab, follow it until it is finished, and check it.\n"
    "The Job of an earlier, finished run is replaced; one that runs is joined.",
    examples=[
        ("Run lab 6 and watch its Pods", "kubectl joblab start parallelism"),
        ("Two Pods at a time instead of three", "kubectl joblab start 6 --parallelism=2"),
        ("Run your own manifest", "kubectl joblab start yaml -f 03-yaml/job.yaml"),
        ("See what would be created", "kubectl joblab start retry --dry-run=client -o yaml"),
    ],
)
@parameters.lab_argument()
@click.option("--variant", default="", help="The variant of the lab to run.")
@click.option("--name", default="", help="Another name for the Job.")
@click.option("-f", "--filename", "file", default="", help="Run this manifest; - for stdin.")
@click.option("--no-wait", is_flag=True, help="Create the Job and do not follow it.")
@click.option("--timeout", type=SECONDS, help="Stop following after this time, such as 2m.")
@click.option(
    "--dry-run",
    type=click.Choice(["none", "client", "server"]),
    default="none",
    help="Create nothing: print it (client), or have the server check it (server).",
)
@output(*verdicts.FORMATS)
@click.pass_obj
def start(
    session: Session,
    /,
    lab: str,
    variant: str,
    name: str,
    file: str,
    no_wait: bool,
    timeout: float | None,
    dry_run: str,
    output: str,
    **given: Any,
) -> int:
    """The command; its exit code is check's."""
    chosen = parameters.choose(session, lab, variant, given)
    made = _manifest(session, chosen, name, file)
    _require_job(session, chosen, made, name or chosen.variant.job)
    creates = dry_run == "none" and not no_wait
    if output and not creates and output not in OBJECT_FORMATS:
        raise UsageError(
            f"error: -o {output} needs a Job to follow; without one: {', '.join(OBJECT_FORMATS)}",
            see="kubectl joblab start",
        )
    if dry_run != "none":
        return _dry_run(session, chosen, made, dry_run, output)
    quiet = bool(output) and output != "wide"
    if not quiet:
        session.out(*_first_step(session, chosen, made))
    try:
        launched = launch.launch(
            session.client,
            session.namespace,
            chosen.lab,
            made.data,
            (lambda _: None) if quiet else session.out,
        )
    except ApiError as error:
        raise _refused(chosen, made, error) from error
    if no_wait:
        if output:
            _print_object(session, launched.job, output)
        session.next(
            f"kubectl joblab check {judging.arguments(chosen.lab, chosen.variant, name)} --wait"
        )
        return 0
    run = _Run(session, chosen, name, launched.job, file)
    run.follow(timeout, quiet=quiet)
    return run.show(output)


def _first_step(session: Session, chosen: Chosen, made: Manifest) -> list[str]:
    """The task that creating the Job answers, in a lab that goes step by step."""
    lines = summary.head(session, chosen.lab, "create", f"kubectl create -f {made.name}")
    return lines[1:] if len(lines) > 2 else []


def _manifest(session: Session, chosen: Chosen, name: str, file: str) -> Manifest:
    if not file:
        return manifest.render(chosen.lab, chosen.variant, chosen.changes, name)
    if chosen.changes:
        flag = next(p.flag for p in chosen.lab.parameters if p.name in chosen.changes)
        raise UsageError(
            f"error: {flag} does not go with -f: change the file", see="kubectl joblab start"
        )
    return manifest.parse(_read(session, chosen, file), file)


def _read(session: Session, chosen: Chosen, file: str) -> str:
    try:
        return session.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ManifestError(
            phrase("error: cannot read {file}: {reason}", file=file, reason=reason),
            next=f"kubectl joblab scaffold {chosen.lab.name}",
        ) from error


def _require_job(session: Session, chosen: Chosen, made: Manifest, name: str) -> None:
    """Refuse what kubectl refuses before it asks the server, and another name.

    What the server would refuse besides is told with it, so that nobody mends one line at a time.
    """
    for path in ("metadata", "metadata.labels"):
        if not isinstance(objects.field(made.data, path) or {}, dict):
            line = made.line(path)
            raise ManifestError(
                phrase(
                    "error: {file}:{line}: {key} is no mapping", file=made.name, line=line, key=path
                ),
                next="kubectl explain job.metadata",
            )
    lab = chosen.lab.name
    wanted = {"apiVersion": kube.JOBS.api_version, "kind": kube.JOBS.kind}
    missing = [key for key in wanted if made.data.get(key) is None]
    for key, value in wanted.items():
        if key not in missing and made.data[key] != value:
            raise ManifestError(
                phrase(
                    "error: {file}:{line}: {key} is {value}; a Job has {wanted}",
                    file=made.name,
                    line=made.line(key),
                    key=key,
                    value=made.data[key],
                    wanted=value,
                ),
                next="kubectl explain job",
            )
    if missing:
        unset = [f"{key} not set" for key in missing]
        said = unset[0] if len(unset) == 1 else f"[{', '.join(unset)}]"
        raise ManifestError(
            f'error: error validating "{made.name}": error validating data: {said}',
            means=[
                phrase("{file}:1: for a Job: {key}: {value}", file=made.name, key=key, value=value)
                for key, value in wanted.items()
                if key in missing
            ]
            + _refused_besides(session, made, wanted),
            next=_way(chosen),
        )
    if objects.name(made.data) != name:
        raise ManifestError(
            phrase(
                'error: {file}:{line}: metadata.name: lab {lab} looks for a Job named "{name}"',
                file=made.name,
                line=made.line("metadata.name"),
                lab=lab,
                name=name,
            ),
            next=f"kubectl joblab start {lab} -f {made.name} --name={objects.name(made.data)}",
        )


def _refused_besides(session: Session, made: Manifest, filled: dict[str, str]) -> list[Phrase]:
    """What the server would refuse of this manifest, were these fields filled in."""
    try:
        job = {**made.data, **filled}
        session.client.create(kube.JOBS, job, session.namespace, dry_run=True)
    except ApiError as error:
        return manifest.explain(made, error)
    return []


def _way(chosen: Chosen) -> str:
    """Where to read on about a manifest that is refused."""
    if chosen.variant.starter:
        return f"kubectl joblab hint {chosen.lab.name}"
    return "kubectl explain job.spec --recursive"


def _refused(chosen: Chosen, made: Manifest, error: ApiError) -> ApiError:
    """What the server refused, with the lines it is about."""
    explained = manifest.explain(made, error)
    if not explained:
        return error
    return ApiError(error.code, error.status, error.message, means=explained, next=_way(chosen))


def _dry_run(session: Session, chosen: Chosen, made: Manifest, mode: str, form: str) -> int:
    job = launch.claim(made.data, chosen.lab)
    if mode == "server":
        try:
            job = session.client.create(kube.JOBS, job, session.namespace, dry_run=True)
        except ApiError as error:
            raise _refused(chosen, made, error) from error
    if form:
        _print_object(session, job, form)
    else:
        kind = "server dry run" if mode == "server" else "dry run"
        session.out(f"job.batch/{objects.name(job)} created ({kind})")
    return 0


def _print_object(session: Session, job: Object, form: str) -> None:
    session.out(f"job.batch/{objects.name(job)}" if form == "name" else verdicts.dump(job, form))


@dataclass
class _Run:
    """A Job that was launched, while it is followed and after."""

    session: Session
    chosen: Chosen
    name: str
    job: Object
    file: str

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.job, self.session.namespace)
        self._warned: set[str] = set()

    @property
    def again(self) -> str:
        """The command that joins or repeats this run."""
        file = f" -f {self.file}" if self.file and self.file != "-" else ""
        flags = parameters.changed_flags(self.chosen)
        return f"kubectl joblab start {self._lab_arguments}{file}{flags}"

    @property
    def _lab_arguments(self) -> str:
        return judging.arguments(self.chosen.lab, self.chosen.variant, self.name)

    def follow(self, timeout: float | None, *, quiet: bool) -> None:
        """Watch until it is finished. What was seen is recorded, however this ends."""
        session = self.session
        view = self._view(quiet)
        follow = Follow(session.client, self.recorder, session.say_lost, on_line=view.tell)
        try:
            with view:
                for changes in follow.run(timeout):
                    view.show(changes)
                    self._heed(self.recorder.troubles(session.client.now()))
        except KeyboardInterrupt as error:
            raise self._stopped() from error
        except WaitTimeoutError as error:
            done = objects.completions(self.recorder.job)
            means = [phrase("It goes on, at {done}.", done=done)]
            raise WaitTimeoutError(error.message, means=means, next=self.again) from error
        finally:
            records.keep(session.records, objects.uid(self.job), self.recorder.pods)
        if self.recorder.deleted and not self.recorder.finished:
            raise self._gone()

    def _view(self, quiet: bool) -> View:
        if quiet:
            return View()
        if screen.fits(self.session.stdout, self.session.environ):
            return LiveView(self.session, self.recorder)
        return StreamView(self.session, self.recorder)

    def _heed(self, troubles: Iterator[Trouble]) -> None:
        """Warn of each trouble once; give up on what never goes away."""
        for trouble in troubles:
            line = f"{trouble.object}: {trouble.reason}: {trouble.message}"
            if trouble.fatal:
                raise self._stuck(trouble, line)
            if trouble.reason + trouble.object not in self._warned:
                self._warned.add(trouble.reason + trouble.object)
                self.session.warn(line)

    def _stuck(self, trouble: Trouble, line: str) -> JoblabError:
        name = self.recorder.name
        if trouble.reason == "FailedCreate":
            way = "kubectl describe quota"
            if "PodSecurity" in trouble.message:
                way = f"kubectl joblab scaffold {self.chosen.lab.name} -d -"
            elif "exceeded quota: " in trouble.message:
                quota = trouble.message.partition("exceeded quota: ")[2].partition(",")[0]
                way = f"kubectl describe quota {quota}"
            return JoblabError(f"error: {line}", next=way)
        return JoblabError(
            f"error: {line}",
            means=[
                phrase(
                    "A Job never fails from this: job.batch/{name} stays Running"
                    " until it is deleted.",
                    name=name,
                )
            ],
            next=f"kubectl describe {trouble.object.replace('/', ' ')}",
        )

    def _stopped(self) -> StoppedError:
        name, done = self.recorder.name, objects.completions(self.recorder.job)
        return StoppedError(
            phrase(
                "\nStopped watching at {done}. job.batch/{name} goes on; start joins it again.",
                done=done,
                name=name,
            ),
            next=self.again,
        )

    def _gone(self) -> JoblabError:
        done = objects.completions(self.recorder.job)
        return JoblabError(
            f'Error from server (NotFound): jobs.batch "{self.recorder.name}" not found',
            means=[phrase("It was deleted while it was watched, at {done}.", done=done)],
            next=self.again,
        )

    def _after(self) -> str:
        """The command to go on with: the next variant, else what the lab says."""
        lab, variant = self.chosen.lab, self.chosen.variant
        following = lab.variants[lab.variants.index(variant) + 1 :]
        if following:
            return f"kubectl joblab start {lab.name} --variant={following[0].name}"
        # what was just done needs no suggestion
        return "kubectl joblab list" if lab.next == self.again else lab.next

    def _debrief(self) -> list[str]:
        """Why it behaved so: the first paragraph, and where the others are."""
        text = self.session.text
        first, *more = text(self.chosen.lab.debrief).strip().split("\n")
        whole = phrase("More: kubectl joblab show {lab} --debrief", lab=self.chosen.lab.name)
        return [*fold.fold(first), *([text(whole)] if more else [])]

    def show(self, form: str) -> int:
        """Print what it did and whether that is right; returns the exit code."""
        session, chosen = self.session, self.chosen
        seen = self.recorder.view(session.client.now())
        judged = judging.judge(session, chosen.lab, chosen.variant, seen)
        if form and form != "wide":
            verdicts.print_as(session, [judged], form)
        else:
            session.out(*summary.lines(session, chosen.lab, seen))
            session.out("", *verdicts.table(session, [judged], wide=form == "wide"))
            if failed := verdicts.details(session, judged.verdicts):
                session.out("", *failed)
            session.out(verdicts.summary(session, [judged]))
        code = checks.exit_code(verdict.result for verdict in judged.verdicts)
        if code == 0 and form in ("", "wide"):
            session.out("", *self._debrief())
        if code == 0:
            # what was just done needs no suggestion
            session.next(
                "kubectl joblab list" if chosen.lab.next == self.again else chosen.lab.next
            )
        else:
            session.next(f"kubectl joblab hint {self._lab_arguments}")
        return code
