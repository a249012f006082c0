"""scaffold: write the manifest of a lab, to be changed and created with kubectl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubectl_joblab.cli.session import Session
from kubectl_joblab.cli.syntax import declare, parameters
from kubectl_joblab.errors import JoblabError
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Sentence, phrase


@declare.command(
    "scaffold",
    short_help="Write the manifest of a lab, with comments",
    lab_flags=True,
    help="Write a lab's manifest into NN-name/, with a comment at each field.\n"
    "The lab's flags change its values.",
    examples=[
        ("Write 04-retry/job-retry.yaml", "kubectl joblab scaffold retry"),
        (
            "Print it with other values",
            "kubectl joblab scaffold 6 --parallelism=2 --name=lanes -d -",
        ),
    ],
)
@declare.lab_argument()
@declare.option("--variant", help="The variant of the lab to write.")
@declare.option("--name", help="Another name for the Job.")
@declare.option("-d", "--directory", help="Where to write; - prints to stdout.")
@declare.option("--force", is_flag=True, help="Overwrite a file that is there.")
def scaffold(
    session: Session,
    /,
    lab: model.Lab,
    variant: str,
    name: str,
    directory: str,
    force: bool,
    **given: Any,
) -> int:
    """Print the lab's manifest with -d -, else write it; no file is overwritten without --force."""
    exercise = parameters.choose(session, lab, variant, name, given)
    if lab.stages:  # the manifest is that of the stage that one is in
        from kubectl_joblab.cli.screens import progress

        exercise = progress.known(session, [exercise])[0].at(None)
    if exercise.name or exercise.changes:
        from kubectl_joblab.labs import manifest  # which reads YAML

        text = manifest.of_exercise(exercise).text
    else:
        text = lab.read(exercise.file)
    if directory == "-":  # what is created now; what a stage applies comes later
        texts = [*map(lab.read, lab.setup), text]
        session.out("\n---\n".join(one.rstrip("\n") for one in texts))
        return 0
    path = exercise.path(directory)
    beside = [(path.with_name(file), lab.read(file)) for file in _beside(exercise)]
    # another variant may have brought what both need
    missing = [(where, own) for where, own in beside if force or not _is_there(where, own)]
    for where, written in [*missing, (path, text)]:
        _write(where, written, exercise, force=force)
        session.out(phrase("{path} written", path=where))
    way = exercise.apply(path)
    if said := _to_complete(exercise):
        session.err(*session.fold(said, rest="  "))
    starts = way.startswith("kubectl joblab")  # which replaces a finished Job itself
    session.next(way if starts else _deletion(session, exercise) or way)
    return 0


def _to_complete(exercise: Exercise) -> Sentence:
    """What the learner does to the manifest before it is run; "" where it is whole."""
    if exercise.is_repair:
        return phrase("Change it before you run it: as it is, it does what the last Job did.")
    if exercise.variant.starter:
        return phrase("Complete it before you run it: as it is, the API server refuses it.")
    return ""


def _deletion(session: Session, exercise: Exercise) -> str:
    """The command that deletes the Job that is in the way of the manifest; "" where none is.

    A cluster is asked only of a lab of which the learner has passed something: else scaffold needs
    none. Where it does not answer, nothing is known to be in the way.
    """
    from kubectl_joblab.labs import progress

    if not progress.load(session.progress).begun(exercise.lab.name):
        return ""
    from kubectl_joblab import objects
    from kubectl_joblab.labs import launch, manifest

    try:
        job = session.gatherer.job(session.namespace, exercise.job)
    except JoblabError:
        return ""
    if job is None:
        return ""
    wanted = objects.spec(manifest.of_exercise(exercise).data)
    differs = next(launch.differences(wanted, objects.spec(job), "spec"), None)
    return exercise.deletion if differs or objects.is_finished(job) else ""


def _beside(exercise: Exercise) -> list[str]:
    """The files that the manifest needs beside it: of the setup, and of what stages apply."""
    actions = [action for one in exercise.rounds for action in one.do]
    applied = [str(one.options["file"]) for one in actions if one.kind == "apply"]
    return list(dict.fromkeys([*exercise.lab.setup, *applied]))


def _is_there(path: Path, text: str) -> bool:
    """Whether the file has this text already."""
    try:
        return path.read_text("utf-8") == text
    except (OSError, ValueError):
        return False


def _write(path: Path, text: str, exercise: Exercise, *, force: bool) -> None:
    """Write the file. Where it is there, the error leads on with it, else to what can be read."""
    way = f"{exercise.scaffold()} -d -"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        message = phrase("error: {path} is there already; --force overwrites it", path=path)
        if path.exists():
            files = [path.with_name(one) for one in (*exercise.lab.setup, exercise.file)]
            way = exercise.apply(files[-1]) if all(one.exists() for one in files) else way
        else:
            message = phrase("error: {path} is a file, not a folder", path=path.parent)
        raise JoblabError(message, next=way) from error
    except OSError as error:
        message = phrase("error: cannot write {path}: {reason}", path=path, reason=error.strerror)
        raise JoblabError(message, next=way) from error
