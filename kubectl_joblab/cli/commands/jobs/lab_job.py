"""What the commands about one Job share: the arguments that name the Job, and how it is found."""

from __future__ import annotations

from typing import Any, NamedTuple

from kubectl_joblab import objects, shell
from kubectl_joblab.cli.screens import progress
from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.labs import exercise
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import standings
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object


def arguments(function: Any) -> Any:
    """Add to a command LAB, --variant and --name, by which a Job is named."""
    for decorator in (
        declare.option("--name", help="The Job's name, where it is not the lab's."),
        declare.option("--variant", help="The variant of the lab."),
        declare.lab_argument(),
    ):
        function = decorator(function)
    return function


class Located(NamedTuple):
    """The Job that arguments name, and the exercise that it is, in the Job's round.

    gone: whether the Job is there no longer, and as it is on record.
    """

    exercise: Exercise
    job: Object
    gone: bool = False


def locate(
    session: Session, lab: str, variant: str, name: str, *, recorded: bool = False
) -> Located:
    """Find the Job that the arguments name.

    Of a lab's variants the first is taken whose Job is there; where none is, and `recorded`, the
    first whose last Job is on record. Raises kubectl's NotFound where there is none.
    """
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
    for one in exercises if recorded else ():
        record = session.gatherer.newest(session.namespace, one.job)
        if record and record.job and one.owns(record.job):
            return Located(one.at(record.job), record.job, gone=True)
    standings.require_namespace(session.client, session.namespace)
    way, means = exercises[0].begin(), []
    if meant := standings.near(session.client, session.namespace, exercises):
        way = meant.command(session.command.split()[-1])
        means = [phrase("There is job.batch/{name}; --name={name} means that one.", name=meant.job)]
    raise ApiError(
        missing.code, missing.status, missing.message, means=means, next=way
    ) from missing


def _namesake(session: Session, exercise: Exercise, job: Object) -> JoblabError:
    """The error where the Job is that of another lab that has the name of this one."""
    lab = str(objects.annotation(job, objects.LAB_ANNOTATION))
    return JoblabError(
        phrase("error: job.batch/{name} is of lab {lab}", name=exercise.job, lab=lab),
        next=f"{session.command} {shell.quote(lab)}",
    )
