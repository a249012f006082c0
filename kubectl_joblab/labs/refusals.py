"""What to say where the API server refuses what a lab does, or its Job has no Pods.

judge/checks.py and judge/standings.py ask about Pods: they are refused, or parallelism is 0, as
evidence/causes/ finds; actions.py and setup.py about what the lab does and sets up there.
"""

from __future__ import annotations

from kubectl_joblab import objects, shell
from kubectl_joblab.errors import ApiError, JoblabError
from kubectl_joblab.evidence.causes import forbidden, kinds
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.labs.definition import document, model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import phrase

_FIELD = "spec.parallelism"
POLICY = "spec.template.spec.restartPolicy"


# ids of causes that an object is missing which a lab may set up
_MISSING = ("config-map-missing", "secret-missing", "service-account-missing", "claim-missing")


def way_on(cause: Cause, exercise: Exercise) -> Cause:
    """The cause, with what the lab knows to do about it."""
    if cause.kind == "refused" and forbidden.POD_SECURITY in str(cause.because):
        return cause._replace(
            fix=phrase(
                "Write what Pod Security asks for into the Pod template, as the lab's own manifest"
                " does."
            ),
            run=f"kubectl joblab scaffold {exercise.lab.name} -d -",
        )
    if cause.id in _MISSING and (file := _lacking(cause, exercise)):
        return cause._replace(
            fix=phrase("Create what the lab sets up beside the Job, and the Job goes on."),
            run=f"kubectl apply -f {shell.quote(str(exercise.path().with_name(file)))}",
        )
    if cause.kind == "noParallelism" and (wanted := _parallelism(exercise)):
        return cause._replace(
            fix=phrase("Set spec.parallelism to {n}, as the lab has it.", n=wanted),
            run=kinds.patch(exercise.job, {"parallelism": wanted}),
        )
    return cause


def in_one_pod(cause: Cause, exercise: Exercise) -> Cause | None:
    """A failure that the lab asks for, where its Pod goes on trying and the lab's own would not.

    None where the failure is as the lab has it.
    """
    if not cause.restarts:
        return None
    if objects.field(exercise.lab.files[exercise.file].data, POLICY) != "Never":
        return None
    return cause._replace(
        fix=phrase(
            "restartPolicy is OnFailure here, so one Pod tries again and again and is deleted at"
            " the limit; the lab's Job has Never. Delete the Job, and create it with restartPolicy:"
            " Never and the containers of the lab's manifest."
        ),
        run=f"{exercise.scaffold()} -d -",
    )


def of_lab(lab: model.Lab, key: str, error: ApiError) -> JoblabError:
    """The error that the server refuses what the lab asks of it, with the server's words.

    key: where lab.yaml asks it, such as stages[1].do[0].
    """
    message = phrase(
        "error: {file}: {key}: the cluster refuses it: {why}",
        file=lab.folder / document.LAB,
        key=key,
        why=error.message,
    )
    way = f"kubectl joblab lab lint {shell.quote(str(lab.folder))}"
    return JoblabError(message, means=error.means, next=error.next or way)


def of_file(lab: model.Lab, file: str, number: int, error: ApiError) -> JoblabError:
    """The error that the server refuses an object which a file of the lab has, with the lines.

    number: which document of the file it is, counted from 0.
    """
    from kubectl_joblab.labs import manifest  # it imports YAML, which check needs not

    made = lab.files[file].part(number)
    faults = manifest.faults(made, error)
    message = phrase(
        "error: {file}:{line}: the cluster refuses it: {why}",
        file=lab.folder / file,
        line=faults[0].line if faults else made.lines[0],
        why=error.message,
    )
    way = f"kubectl joblab lab lint {shell.quote(str(lab.folder))}"
    lines = zip(manifest.explain(made, error), faults, strict=True)
    told = [line for line, fault in lines if fault.meaning != manifest.NOT_TAKEN]
    if error.reason not in ("Invalid", "BadRequest"):  # it is not the object that is wrong
        way = error.next or way
    return JoblabError(message, means=[*told, *error.means], next=way)


def _lacking(cause: Cause, exercise: Exercise) -> str:
    """The file of the lab that has an object which a cause names as missing; "" where none has."""
    for file in exercise.lab.setup:
        for one in exercise.lab.files[file].every:
            if f'"{objects.name(one)}"' in str(cause.because):
                return file
    return ""


def _parallelism(exercise: Exercise) -> int:
    """How many Pods at once the exercise asks for; 0 where it does not say."""
    for parameter in exercise.lab.parameters:
        if parameter.field == _FIELD:
            return int(exercise.values.get(parameter.name, 0))
    found = objects.field(exercise.lab.files[exercise.file].data, _FIELD)
    return found if isinstance(found, int) else 0
