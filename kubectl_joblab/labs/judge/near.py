"""What was probably meant by a Job that is not there: asked by commands that found none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_joblab import objects, shell, spelling
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Sentence, phrase


class Meant(NamedTuple):
    """What was found. said: the sentence about it. way: the command line that goes on with it.

    elsewhere: whether it is in another namespace, where it may be another learner's: who asks what
    to do in this one is told of it, and not led away.
    """

    said: Sentence
    way: str
    elsewhere: bool = False


def find(
    client: resources.Client, namespace: str, exercises: Sequence[Exercise], command: str
) -> Meant | None:
    """What there is in place of a Job of these exercises; None where nothing is like it.

    That is a Job of nearly its name, or the one of its name in another namespace. What the user may
    not list counts as not there. command: the name of the command that found no Job.
    """
    return _alike(client, namespace, exercises, command) or _elsewhere(
        client, namespace, exercises, command
    )


def _alike(
    client: resources.Client, namespace: str, exercises: Sequence[Exercise], command: str
) -> Meant | None:
    try:
        jobs = client.list(resources.JOBS, namespace).items
    except ApiError:
        return None
    own = {variant.job for one in exercises for variant in one.lab.variants}
    found = [
        (spelling.likeness(one.job, name), -number, one._replace(name=name))
        for number, one in enumerate(exercises)
        for name in (objects.name(job) for job in jobs if not _is_another_labs(job, one))
        if name not in own and name != one.job
    ]
    best = max(found, key=lambda one: one[:2], default=None)
    if best is None or best[0] < spelling.NEAR:
        return None
    meant = best[2]
    said = phrase("There is job.batch/{name}; --name={name} means that one.", name=meant.job)
    return Meant(said, meant.command(command))


def _is_another_labs(job: objects.Object, exercise: Exercise) -> bool:
    from kubectl_joblab.labs import launch  # only for what was not found, as difflib

    return launch.is_ours(job) and not launch.is_ours(job, exercise.lab)


def _elsewhere(
    client: resources.Client, namespace: str, exercises: Sequence[Exercise], command: str
) -> Meant | None:
    for one in exercises:
        try:
            jobs = client.list(resources.JOBS, "", fields=f"metadata.name={one.job}").items
        except ApiError:
            return None
        places = [str(objects.metadata(job)["namespace"]) for job in jobs if one.owns(job)]
        if len(places) == 1 and places[0] != namespace:  # of several none is more likely meant
            said = phrase(
                "There is job.batch/{name} in namespace {place}; -n {place} means that one.",
                name=one.job,
                place=places[0],
            )
            way = f"{one.command(command)} -n {shell.quote(places[0])}"
            return Meant(said, way, elsewhere=True)
    return None
