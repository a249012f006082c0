"""Whether a cluster can run a lab: by its version, and by the fields that it keeps.

start asks before it creates anything, for the labs that say which Kubernetes they are for.
"""

from __future__ import annotations

import re

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.client.resources import Client
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.labs import launch
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase
from kubectl_joblab.objects import Object


def require(client: Client, namespace: str, exercise: Exercise, wanted: Object) -> None:
    """Raise JoblabError where the cluster is older than the lab, or drops a field of the manifest.

    A server that knows a field but has it switched off takes the manifest and leaves the field out;
    a dry run shows it. What the server refuses for another reason is left to be told when the Job
    is created. Raises ApiError where /version is refused.
    """
    lab = exercise.lab
    if not lab.kubernetes:
        return
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
    try:
        made = client.create(resources.JOBS, _trial(wanted), namespace, dry_run=True)
    except ApiError:
        return
    for path, asked, kept in launch.differences(objects.spec(wanted), objects.spec(made), "spec"):
        if kept is None:
            raise JoblabError(
                phrase(
                    "error: lab {lab} needs {path} {value}, which this cluster drops ({found})",
                    lab=lab.name,
                    path=path,
                    value=launch.shown(asked),
                    found=found,
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
