"""Proves a lab against a cluster: solutions pass, the starter does not, each cheat is caught.

`lab test` calls it. Everything that it creates has a name of its own and is deleted again.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.errors import ApiError, JoblabError, LabError, WaitTimeoutError
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.gather import Gatherer, Wanted
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import launch, manifest
from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise
from kubectl_joblab.labs.judge import checks, standings
from kubectl_joblab.labs.judge.checks import Result, Verdict
from kubectl_joblab.language import Sentence, phrase

PASSES, REFUSED = "all pass", "refused"
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"  # the letters Kubernetes makes names of
_KINDS = {resource.kind: resource for resource in (resources.JOBS, resources.PODS)}
_AT_ONCE = 3  # more would slow each other down on a small node, and checks measure time


@dataclass(frozen=True)
class Case:
    """A manifest of the lab and what it must lead to.

    expected: PASSES, REFUSED, or the id of the one check that the manifest's Job must fail.
    """

    name: str
    file: str
    variant: model.Variant
    expected: str


@dataclass(frozen=True)
class Outcome:
    """What a case led to.

    holds: whether that is what was expected. observed: what it led to, in words. verdicts: those
    that are not as they must be, or the FAIL that was expected. because: the API server's words,
    where it has refused the manifest.
    """

    case: Case
    holds: bool
    observed: str
    verdicts: tuple[Verdict, ...] = ()
    because: Sentence = ""


def cases(lab: model.Lab) -> list[Case]:
    """The cases of a lab: the manifests of its variants, its solutions, its cheats."""
    found = [
        Case(
            f"starter {variant.file}" if variant.starter else f"manifest {variant.file}",
            variant.file,
            variant,
            REFUSED if variant.starter else PASSES,
        )
        for variant in lab.variants
    ]
    found += [
        Case(
            f"solution {one.file.removeprefix('solutions/')}",
            one.file,
            lab.variant(one.variant),
            PASSES,
        )
        for one in lab.solutions
    ]
    found += [
        Case(f"cheat {one.name}", one.file, lab.variant(one.variant), one.fails)
        for one in lab.cheats
    ]
    return found


def prove(
    client: resources.Client, namespace: str, lab: model.Lab, wanted: list[Case]
) -> Iterator[Outcome]:
    """Run the cases side by side; their outcomes, as they become known.

    Raises LabError for a manifest that makes neither Job nor Pod, ApiError for what the server
    refuses for another reason than that the manifest is wrong.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(run, client, namespace, lab, case, stop) for case in wanted]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:  # after Ctrl-C too: the cases that run end soon, and delete what they created
            stop.set()
            pool.shutdown(cancel_futures=True)


def run(
    client: resources.Client, namespace: str, lab: model.Lab, case: Case, stop: threading.Event
) -> Outcome:
    """Create what a case is about, follow it until it is over or `stop` is set, and delete it."""
    made = manifest.parse(lab.read(case.file), case.file)
    suffix = "".join(random.choices(_SUFFIX, k=5))  # noqa: S311 -- a name, no secret
    name = f"{case.variant.job}-{suffix}"
    body = launch.claim(made.data, lab)
    body["metadata"]["name"] = name
    resource = _KINDS.get(str(body.get("kind", resources.JOBS.kind)))
    if resource is None:
        raise LabError(
            phrase(
                "error: {file}: kind {kind}: lab test creates {kinds}",
                file=lab.folder / case.file,
                kind=body["kind"],
                kinds=", ".join(sorted(_KINDS)),
            )
        )
    try:
        created = client.create(resource, body, namespace)
    except ApiError as error:
        if error.reason not in ("Invalid", "BadRequest"):
            raise
        return Outcome(case, case.expected == REFUSED, REFUSED, because=error.message)
    exercise = Exercise(lab, case.variant, name)
    gatherer = Gatherer(client, lambda _: None)  # nothing is on record of what was just created
    try:
        if resource is resources.PODS:
            seen = gatherer.named(namespace, name, Wanted())
        else:
            seen = _follow(client, namespace, exercise, created, stop)
        if standings.wanted(exercise).events:
            seen = gatherer.with_events(seen)
        return _judge(case, exercise, seen)
    except JoblabError as error:
        return Outcome(case, False, str(error.message))
    finally:
        _delete(client, resource, created, namespace)


def _delete(
    client: resources.Client, resource: resources.Resource, created: objects.Object, namespace: str
) -> None:
    """Delete what was created, unless someone has done so."""
    try:
        client.delete(resource, objects.name(created), namespace, uid=objects.uid(created))
    except ApiError as error:
        if error.code not in (404, 409):
            raise


def _follow(
    client: resources.Client,
    namespace: str,
    exercise: Exercise,
    job: objects.Object,
    stop: threading.Event,
) -> Snapshot:
    recorder = Recorder(job, namespace)
    follow = Follow(client, recorder, on_lost=lambda: None)
    try:
        for _ in follow.run(exercise.within):
            for cause in recorder.causes(client.now()):
                if cause.fatal:
                    raise JoblabError(phrase("error: {cause}", cause=cause.line))
            if stop.is_set():
                break
    except WaitTimeoutError:
        pass  # the Job is judged by what it has done until now
    if recorder.deleted and not recorder.finished:
        raise JoblabError(
            phrase("job.batch/{name} was deleted while it was waited for", name=recorder.name)
        )
    return recorder.view(client.now())


def _judge(case: Case, exercise: Exercise, seen: Snapshot) -> Outcome:
    verdicts = checks.judge(exercise, seen)
    failed = tuple(verdict for verdict in verdicts if verdict.result is Result.FAIL)
    missed = tuple(verdict for verdict in verdicts if verdict.result is not Result.PASS)
    names = ", ".join(verdict.check.id for verdict in failed)
    if case.expected == PASSES:
        return Outcome(case, not missed, _passed(missed), missed)
    if case.expected == REFUSED:
        return Outcome(case, bool(failed), _passed(missed), missed)
    holds = [verdict.check.id for verdict in failed] == [case.expected]
    return Outcome(case, holds, f"fails {names}" if failed else _passed(missed), failed)


def _passed(missed: tuple[Verdict, ...]) -> str:
    if not missed:
        return PASSES
    return ", ".join(f"{verdict.check.id} {verdict.result.value}" for verdict in missed)
