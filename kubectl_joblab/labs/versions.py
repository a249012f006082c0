"""Whether a cluster can run a lab: by its version, and by the fields that it keeps.

start asks before it creates anything, for the labs that say which Kubernetes they are for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.labs import launch
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Sentence, phrase
from kubectl_joblab.objects import Object


def rehearse(
    client: Client,
    namespace: str,
    exercise: Exercise,
    wanted: Object,
    say: Callable[[Sentence], None],
) -> Object:
    """What `launch.rehearse` does, on a cluster that can run the lab; one dry run shows both.

    Raises JoblabError where the cluster is older than the lab, or drops a field of the manifest: a
    server that knows a field but has it switched off takes the manifest and leaves the field out.
    Raises ApiError where /version is refused, and what `launch.rehearse` raises.
    """
    found = _require_version(client, exercise)
    job = launch.rehearse(client, namespace, exercise, wanted, say)
    if found:
        if not objects.uid(job):  # the name is taken, so the server has made nothing
            job = client.create(resources.JOBS, _trial(wanted), namespace, dry_run=True)
        _require_fields(exercise, wanted, job, found)
    return job


def try_out(client: Client, namespace: str, exercise: Exercise, wanted: Object) -> None:
    """Raise what `rehearse` raises, and change nothing.

    A cluster whose admission webhooks do not take part in a dry run is not asked further.
    """
    try:
        rehearse(client, namespace, exercise, wanted, lambda _: None)
    except ApiError as error:
        # apiserver/pkg/admission/plugin/webhook/errors: NewDryRunUnsupportedErr
        if "does not support dry run" not in error.text:
            raise


def require(client: Client, namespace: str, exercise: Exercise, wanted: Object) -> None:
    """Raise JoblabError where the cluster cannot run the lab, whatever Job of its name is there.

    What the server refuses for another reason is left to be told when the Job is created. Raises
    ApiError where /version is refused.
    """
    if found := _require_version(client, exercise):
        try:
            job = client.create(resources.JOBS, _trial(wanted), namespace, dry_run=True)
        except ApiError:
            return
        _require_fields(exercise, wanted, job, found)


def _require_version(client: Client, exercise: Exercise) -> str:
    """The version of the cluster, "" where the lab does not care."""
    lab = exercise.lab
    if not lab.kubernetes:
        return ""
    found = str(client.version().get("gitVersion") or "")
    least = lab.kubernetes.removeprefix(">=").strip()
    if numbers(found) < numbers(least):
        raise JoblabError(
            phrase(
                "error: lab {lab} needs Kubernetes {least} or later; this cluster has {found}",
                lab=lab.name,
                least=least,
                found=found,
            ),
            next="kubectl joblab practice up",
        )
    return found


def _require_fields(exercise: Exercise, wanted: Object, made: Object, version: str) -> None:
    """Raise JoblabError where the server has left a field of the manifest out."""
    for path, asked, kept in launch.differences(objects.spec(wanted), objects.spec(made), "spec"):
        if kept is None:
            raise JoblabError(
                phrase(
                    "error: lab {lab} needs {path} {value}, which this cluster drops ({found})",
                    lab=exercise.lab.name,
                    path=path,
                    value=launch.shown(asked),
                    found=version,
                ),
                next="kubectl joblab practice up",
            )


def _trial(wanted: Object) -> Object:
    """The manifest under a name of the server's choice, which no Job has."""
    metadata = {key: value for key, value in objects.metadata(wanted).items() if key != "name"}
    metadata["generateName"] = f"{objects.name(wanted)[:50]}-"
    return {**wanted, "metadata": metadata}


def numbers(version: str) -> tuple[int, ...]:
    """Major and minor of a version such as v1.37.2."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", version)[:2])
