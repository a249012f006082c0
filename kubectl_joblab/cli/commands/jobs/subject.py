"""What the commands about one Job share: the words that name the Job, and how it is found.

The Job is that of a lab, or any Job: job/NAME.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from kubectl_joblab import objects, shell
from kubectl_joblab.cli.screens import progress
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, target
from kubectl_joblab.cli.syntax.target import CRON_JOB, JOB, Target
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError, JoblabError, LabError, UsageError
from kubectl_joblab.evidence.gather import Wanted
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import near, standings
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object

# what is wanted of a Job beside its Pods, where its logs may be on record alone
SAVED = Wanted(saved=True)


def arguments(function: Any) -> Any:
    """Add to a command what names a Job: LAB with --variant and --name, or job/NAME."""
    for decorator in (
        declare.option("--name", help="The Job's name, where it is not the lab's."),
        declare.option("--variant", help="The variant of the lab."),
        declare.subject_argument(),
    ):
        function = decorator(function)
    return function


class Located(NamedTuple):
    """The Job that arguments name, and the exercise that it is, in the Job's round.

    exercise: None where job/NAME was typed, whoever made the Job. gone: whether the Job is there no
    longer, and as it is on record.
    """

    exercise: Exercise | None
    job: Object
    gone: bool = False

    def command(self, verb: str) -> str:
        """The command line that does something with the same Job. verb: such as check or logs."""
        if self.exercise is not None:
            return self.exercise.command(verb)
        return of_any(verb, objects.name(self.job))


def of_any(verb: str, job: str) -> str:
    """The command line that does something with the Job of this name, whoever made it."""
    return f"kubectl joblab {verb} {JOB}/{shell.quote(job)}"


def any_job(session: Session, subject: str, variant: str, name: str) -> Target | None:
    """The Job that a word means as job/NAME; None where the word is a lab.

    Raises UsageError where --variant or --name, which are of labs, stand beside job/NAME.
    """
    meant = target.parse(subject, (JOB,), session.command)
    for flag, value in (("--variant", variant), ("--name", name)):
        if meant is not None and value:
            raise UsageError(
                phrase(
                    "error: {flag} is about a lab, and {target} is none",
                    flag=flag,
                    target=meant.typed,
                ),
                see=session.command,
            )
    return meant


def require(session: Session, word: str, *kinds: str) -> Target:
    """What a word means, where a lab cannot stand. Raises UsageError.

    Of a lab the error names its Job, or its CronJob, which is what is likely meant.
    """
    job = ""
    if word and "/" not in word:
        with suppress(LabError):
            lab = session.find_lab(word)
            if kinds[0] == CRON_JOB:
                beside = (one for file in lab.setup for one in lab.files[file].every)
                made = (objects.name(one) for one in beside if one.get("kind") == "CronJob")
                job = next(made, "")
            else:
                job = exercise.of_flags(lab, "", "", session.command)[0].job
    return target.require(word, kinds, session.command, job)


def names(session: Session, subject: str, variant: str, name: str) -> list[str]:
    """The names that the Job may have which the arguments name."""
    if meant := any_job(session, subject, variant, name):
        return [meant.name]
    lab = session.find_lab(subject)
    return [one.job for one in exercise.of_flags(lab, variant, name, session.command)]


def locate(
    session: Session, subject: str, variant: str, name: str, *, recorded: bool = False
) -> Located:
    """Find the Job that the arguments name: a lab's, or with job/NAME any.

    Of a lab's variants the first is taken whose Job is there; where none is, and `recorded`, the
    first whose last Job is on record. Raises kubectl's NotFound where there is none.
    """
    if meant := any_job(session, subject, variant, name):
        return _locate_any(session, meant, recorded=recorded)
    return _locate_of_lab(session, subject, variant, name, recorded=recorded)


def _locate_any(session: Session, meant: Target, *, recorded: bool) -> Located:
    try:
        return Located(None, session.client.get(resources.JOBS, meant.name, session.namespace))
    except ApiError as error:
        record = session.gatherer.newest(session.namespace, meant.name)
        if error.code != 404:
            raise
        if recorded and record is not None and record.job is not None:
            return Located(None, record.job, gone=True)
        standings.require_namespace(session.client, session.namespace)
        raise


def _locate_of_lab(
    session: Session, lab: str, variant: str, name: str, *, recorded: bool
) -> Located:
    found = session.find_lab(lab)
    exercises = progress.known(session, exercise.of_flags(found, variant, name, session.command))
    missing: ApiError | None = None
    for one in exercises:
        try:
            job = session.client.get(resources.JOBS, one.job, session.namespace)
            if one.owns(job):
                return Located(one.at(job), job)
            raise _namesake(session, one, job)
        except ApiError as error:
            if error.code != 404:
                raise
            missing = missing or error
    assert missing is not None
    for one, record in _on_record(session, exercises) if recorded else ():
        return Located(one, record, gone=True)
    standings.require_namespace(session.client, session.namespace)
    way, means = exercises[0].begin(), list[Sentence]()
    verb = session.command.split()[-1]
    if meant := near.find(session.client, session.namespace, exercises, verb):
        way, means = meant.way, [meant.said]
    elif was := next(_on_record(session, exercises), None):
        one, record = was
        if standings.wanted(one).gone:  # to check it is there yet
            way, means = one.command("check"), [_deleted(record)]
    raise ApiError(
        missing.code, missing.status, missing.message, means=means, next=way
    ) from missing


def _on_record(
    session: Session, exercises: Sequence[Exercise]
) -> Iterator[tuple[Exercise, Object]]:
    """The exercises of which the last Job is on record, each with that Job."""
    for one in exercises:
        record = session.gatherer.newest(session.namespace, one.job)
        if record and record.job and one.owns(record.job):
            yield one.at(record.job), record.job


def _deleted(job: Object) -> Sentence:
    """That a finished Job is deleted, by its TTL where it has one."""
    ttl = objects.spec(job).get("ttlSecondsAfterFinished")
    if ttl is not None and objects.is_finished(job):
        return phrase(
            "It was {status}, and its ttlSecondsAfterFinished had it deleted {n}s after its end;"
            " check goes by what was recorded of it.",
            status=objects.job_status(job),
            n=ttl,
        )
    return phrase("It is deleted; check goes by what was recorded of it.")


def _namesake(session: Session, exercise: Exercise, job: Object) -> JoblabError:
    """The error where the Job is that of another lab that has the name of this one."""
    lab = str(objects.annotation(job, objects.LAB_ANNOTATION))
    return JoblabError(
        phrase("error: job.batch/{name} is of lab {lab}", name=exercise.job, lab=lab),
        next=f"{session.command} {shell.quote(lab)}",
    )
