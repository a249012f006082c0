"""The manifest that a command line of start means: the lab's, rendered, or the learner's file.

What is refused is told with file and line, kubectl's sentence first.
"""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

from kubectl_joblab import objects, shell
from kubectl_joblab.cli.session import Session
from kubectl_joblab.client import resources
from kubectl_joblab.errors import (
    ApiError,
    ConfigError,
    JoblabError,
    ManifestError,
    UnreachableError,
    UsageError,
)
from kubectl_joblab.formats import goyaml
from kubectl_joblab.labs import manifest, refusals
from kubectl_joblab.labs.definition import loader, model
from kubectl_joblab.labs.definition.document import Document
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.language import Phrase, phrase

if TYPE_CHECKING:
    from kubectl_joblab.labs.definition.facts.fields import Type

LONGEST = 1 << 20  # bytes of a manifest; an API server stores no object of 1.5 MiB
PATIENCE = 30.0  # seconds in which a manifest has to have come from a URL
_JOB = "io.k8s.api.batch.v1.Job"
_POLICY = "spec.template.spec.restartPolicy"
_IDENTITY = {"apiVersion": resources.JOBS.api_version, "kind": resources.JOBS.kind}


def of_command(session: Session, exercise: Exercise, file: str) -> Document:
    """The manifest to create: of -f FILE, else the lab's with the flags' values."""
    if not file:
        return manifest.of_exercise(exercise)
    if exercise.changes:
        flag = next(p.flag for p in exercise.lab.parameters if p.name in exercise.changes)
        raise UsageError(
            phrase("error: {flag} does not go with -f: change the file", flag=flag),
            see="kubectl joblab start",
        )
    try:
        made = read(session, file)
    except ManifestError as error:
        raise ManifestError(error.message, next=exercise.own_manifest()) from error
    try:
        return manifest.parse(made, file)
    except ManifestError as error:
        way = f"{exercise.scaffold()} -d -"  # how one looks
        raise ManifestError(error.message, means=error.means, next=way) from error


def read(session: Session, file: str) -> str:
    """The text of a file, of what is at a URL, or for - of stdin. Raises ManifestError."""
    if file.startswith("http://"):
        raise _unreadable(file, phrase("a manifest is fetched by https:// alone"))
    try:
        made = session.stdin.read(LONGEST + 1) if file == "-" else goyaml.text(_read(file))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else phrase("it is not UTF-8")
        raise _unreadable(file, reason) from error
    if len(made) > LONGEST:
        raise _unreadable(file, phrase("it has more than 1 MiB"))
    return made


def _unreadable(file: str, reason: object) -> ManifestError:
    return ManifestError(phrase("error: cannot read {file}: {reason}", file=file, reason=reason))


def _read(file: str) -> bytes:
    """What is in a file, or at a URL, up to what shows that it is too long. Raises OSError."""
    if not file.startswith("https://"):
        with open(file, "rb") as opened:
            return opened.read(LONGEST + 1)
    import http.client  # not imported where nothing is fetched
    import urllib.request

    end = time.monotonic() + PATIENCE
    found = b""
    try:
        with urllib.request.urlopen(file, timeout=PATIENCE) as response:  # noqa: S310 -- by https
            if not response.url.startswith("https://"):
                raise ValueError("redirected away from https")
            while len(found) <= LONGEST and (part := response.read1(LONGEST)):
                found += part
                if time.monotonic() > end:
                    raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    except (OSError, http.client.HTTPException, ValueError) as error:
        # urllib puts the error of a connection into its own, and what a server refuses with a code
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise OSError(errno.EIO, str(reason)) from error
    return found


def require_job(session: Session, exercise: Exercise, made: Document, *, ask: bool) -> None:
    """Raise an error where the manifest is no Job that could be created for this exercise.

    What kubectl refuses before it asks the server comes first, then another kind, then another
    name. ask: the server is asked what else it would refuse, so that nobody mends one line at a
    time.
    """
    require_kind(made)
    if missing := _unidentified(made):
        means = missing.means
        if _is_starter(exercise, made):
            means = (_yours_to_complete(exercise),)
        elif ask:
            means += tuple(_refused_besides(session, made))
        raise ManifestError(missing.message, means=means, next=_way(exercise, made))
    _require_name(exercise, made)
    given = objects.metadata(made.data).get("namespace")
    if given and given != session.namespace:
        raise ManifestError(
            f'error: the namespace from the provided object "{given}" does not match the'
            f" namespace \"{session.namespace}\". You must pass '--namespace={given}' to perform"
            " this operation."
        )


def require_any_job(made: Document) -> None:
    """Raise an error where a manifest is not that of a Job, whatever the Job is called."""
    try:
        require_kind(made)
    except ManifestError as error:
        if made.data.get("kind") != "CronJob":
            raise
        template = phrase(
            "Its Job is what spec.jobTemplate holds: metadata and spec, below apiVersion: batch/v1"
            " and kind: Job."
        )
        way = "kubectl explain cronjob.spec.jobTemplate"
        raise ManifestError(error.message, means=[template], next=way) from error
    if missing := _unidentified(made):
        raise missing


def _unidentified(made: Document) -> ManifestError | None:
    """The error where kind or apiVersion is left out, in kubectl's words."""
    missing = {key: value for key, value in _IDENTITY.items() if made.data.get(key) is None}
    if not missing:
        return None
    unset = [f"{key} not set" for key in missing]
    said = unset[0] if len(unset) == 1 else f"[{', '.join(unset)}]"
    means = [
        phrase("{file}:1: for a Job: {key}: {value}", file=made.name, key=key, value=value)
        for key, value in missing.items()
    ]
    message = f'error: error validating "{made.name}": error validating data: {said}'
    return ManifestError(message, means=means, next="kubectl explain job")


def _require_mappings(made: Document) -> None:
    for path in ("metadata", "metadata.labels", "metadata.annotations", "spec"):
        if not isinstance(objects.field(made.data, path) or {}, dict):
            raise ManifestError(
                phrase(
                    "error: {file}:{line}: {key} is no mapping",
                    file=made.name,
                    line=made.line(path.split(".")),
                    key=path,
                ),
                next="kubectl explain job.metadata",
            )


def _is_other(found: dict[str, object], key: str) -> bool:
    return found[key] != _IDENTITY[key]


def require_kind(made: Document) -> None:
    """Raise an error where a manifest says that it is of another kind than Job."""
    _require_mappings(made)
    found = {key: made.data.get(key) or value for key, value in _IDENTITY.items()}
    if found != _IDENTITY:
        raise ManifestError(
            phrase(
                "error: {file}:{line}: this is a {kind} of {version}, not a Job of batch/v1",
                file=made.name,
                line=made.line([next(key for key in ("kind", *found) if _is_other(found, key))]),
                kind=found["kind"],
                version=found["apiVersion"],
            ),
            means=[
                manifest.in_case(_IDENTITY[key], str(value))
                for key, value in found.items()
                if _is_other(found, key) and str(value).lower() == _IDENTITY[key].lower()
            ],
            next="kubectl explain job",
        )


def _require_name(exercise: Exercise, made: Document) -> None:
    given = objects.name(made.data)
    if given == exercise.job:
        return
    way = "kubectl explain job.metadata.name"
    if manifest.is_name(given):
        way = exercise._replace(name=given).start(made.name)
    line = made.line(["metadata", "name"])
    message = phrase(
        'error: {file}:{line}: metadata.name: lab {lab} looks for a Job named "{name}"',
        file=made.name,
        line=line,
        lab=exercise.lab.name,
        name=exercise.job,
    )
    means = []
    if exercise.name and given:
        message = phrase(
            'error: {file}:{line}: metadata.name is "{given}", and --name is "{name}"',
            file=made.name,
            line=line,
            given=given,
            name=exercise.name,
        )
        means = [
            phrase("Both name the Job: write name: {name} in the file,", name=exercise.name),
            phrase("or give the file's name: --name={given}", given=given),
        ]
    raise ManifestError(message, means=means, next=way)


def _refused_besides(session: Session, made: Document) -> list[Phrase]:
    """What the server would refuse of this manifest, were kind and apiVersion there."""
    try:
        job = {**made.data, **_IDENTITY}
        session.client.create(resources.JOBS, job, session.namespace, dry_run=True)
    except ApiError as error:
        return manifest.explain(made, error, _fields)
    except (ConfigError, UnreachableError):
        return []  # the rest is told when there is a server to ask
    return []


def _way(exercise: Exercise, made: Document) -> str:
    """The command to go on with where a manifest is refused."""
    if not exercise.variant.starter:
        return f"{exercise.scaffold()} -d -"  # the lab's own manifest, to compare
    if _is_starter(exercise, made):
        return exercise.begin()
    return exercise.command("hint")


def _is_starter(exercise: Exercise, made: Document) -> bool:
    """Whether a manifest is the lab's own, for the learner to complete first."""
    return bool(exercise.variant.starter) and made.folder == exercise.lab.folder


def _yours_to_complete(exercise: Exercise) -> Phrase:
    return phrase(
        "{file} is the lab's, for you to complete: scaffold writes it to {path}; give it with -f.",
        file=exercise.variant.file,
        path=exercise.path(),
    )


def refused(exercise: Exercise, made: Document, error: ApiError, *, from_file: bool) -> JoblabError:
    """The server's refusal, with the lines of the file that it is about."""
    explained: list[Phrase] = []
    if error.reason in ("Invalid", "BadRequest"):
        flags = exercise.changes or exercise.name or exercise.variant.starter
        if not from_file and not flags and exercise.lab.folder.parent != loader.built_in():
            return refusals.of_file(exercise.lab, exercise.file, 0, error)  # its author did it
        explained = manifest.explain(made, error, _fields)
    if not explained:
        return error
    if not from_file and not exercise.variant.starter:
        way = f"{exercise.command('start')} -h"  # a flag did it; there is no file
        if exercise.name and (near := manifest.nearest_name(exercise.name)) != exercise.name:
            way = exercise._replace(name=near).start()
        return ApiError(error.code, error.status, error.message, next=way)
    if _is_starter(exercise, made):
        explained = [_yours_to_complete(exercise)]
    return ApiError(
        error.code, error.status, error.message, means=explained, next=_way(exercise, made)
    )


def explained(made: Document, error: ApiError) -> ApiError:
    """A refusal of the API, with the lines of the file that it is about.

    A file that kubectl has printed of a Job that is there has what the API server added to it.
    """
    meta = made.data.get("metadata")
    if error.reason == "Invalid" and isinstance(meta, dict) and meta.get("uid"):
        return ApiError(
            error.code,
            error.status,
            phrase("error: {file} is what a cluster shows of a Job that it has", file=made.name),
            means=[
                phrase(
                    "The cluster has added spec.selector, the controller-uid and job-name labels,"
                    " metadata.uid and status: take them out. rerun does that, and prints the rest."
                )
            ],
            next=f"kubectl joblab rerun job/{shell.quote(str(meta.get('name')))} --dry-run=client"
            " -o yaml",
        )
    means = manifest.explain(made, error, _fields)
    return ApiError(
        error.code, error.status, error.message, means=means, next="kubectl explain job"
    )


def _fields() -> list[str]:
    """The paths of the fields of a Job that somebody writes, the shallow first."""
    return [path for path in _paths(_JOB) if path.partition(".")[0] != "status"]


def fields() -> dict[str, dict[str, Type]]:
    """The types of all fields of what labs make by their paths, the shallow first, by kind."""
    groups = {"CronJob": "batch"}  # the others are in the core
    beside = {
        kind: _paths(f"io.k8s.api.{groups.get(kind, 'core')}.v1.{kind}")
        for kind in model.SETUP_KINDS
    }
    of_job = _paths(_JOB)
    policy = of_job[_POLICY]
    # the types are those of a Pod, and a Job takes less
    of_job[_POLICY] = policy._replace(values=tuple(v for v in policy.values if v != "Always"))
    return {"Job": of_job, **beside}


def _paths(name: str) -> dict[str, Type]:
    """The types of all fields of an API type, by path. name: as the OpenAPI document has it."""
    from kubectl_joblab.labs.definition.facts.fields import Type
    from kubectl_joblab.practice.api import types  # a table that only a refusal is held against

    kinds = {"string": "string", "int32": "integer", "int64": "integer", "bool": "boolean"}
    found: dict[str, Type] = {}
    level: list[tuple[str, tuple[str, ...]]] = [("", (name,))]
    while level:
        below = []
        for path, names in level:
            for key, one in types.message(names[-1]).fields.items():
                place = f"{path}{key}{'[]' if one.repeated else ''}"
                found[place] = Type("" if one.map else kinds.get(one.type, ""), one.enum)
                if one.is_message and not one.map and one.type not in names:
                    below.append((f"{place}.", (*names, one.type)))
        level = below
    return found
