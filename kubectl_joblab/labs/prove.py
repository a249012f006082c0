"""Proves a lab against a cluster: solutions pass, the starter does not, each cheat is caught.

`lab test` calls it. Everything that it creates has a name of its own and is deleted again.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from kubectl_joblab import objects
from kubectl_joblab.client import resources
from kubectl_joblab.errors import (
    ApiError,
    JoblabError,
    LabError,
    UnreachableError,
)
from kubectl_joblab.evidence.causes import table
from kubectl_joblab.evidence.causes.kinds import Cause
from kubectl_joblab.evidence.follow import Follow
from kubectl_joblab.evidence.gather import Gatherer, Wanted
from kubectl_joblab.evidence.recorder import Recorder
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import actions, launch, manifest, setup, stages
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

    expected: PASSES, REFUSED, or the id of the one check that the manifest's Job must fail. stage:
    the stage whose Job the manifest makes; "" for the last that makes one, None for the first. do:
    what is done to that Job, None where the stages say it.
    """

    name: str
    file: str
    variant: model.Variant
    expected: str
    stage: str | None = ""
    do: tuple[model.Action, ...] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a case led to.

    holds: whether that is what was expected. observed: what it led to, in words. verdicts: those
    that are not as they must be, with that of the check that had to fail, or the FAIL that was
    expected. because: the API server's words,
    where it has refused the manifest. causes: why the Job did not succeed. left: the actions of the
    lab that were not done.
    """

    case: Case
    holds: bool
    observed: str
    verdicts: tuple[Verdict, ...] = ()
    because: Sentence = ""
    causes: tuple[Cause, ...] = ()
    left: tuple[model.Action, ...] = ()


def cases(lab: model.Lab) -> list[Case]:
    """The cases of a lab: the manifests of its variants, its solutions, its cheats."""
    found = [
        Case(
            f"starter {variant.file}" if variant.starter else f"manifest {variant.file}",
            variant.file,
            variant,
            REFUSED if variant.starter else PASSES,
            stage=None,
        )
        for variant in lab.variants
    ]
    found += [
        Case(
            f"solution {one.file.removeprefix('solutions/')}",
            one.file,
            lab.variant(one.variant),
            PASSES,
            one.stage,
            one.do,
        )
        for one in lab.solutions
    ]
    found += [
        Case(f"cheat {one.name}", one.file, lab.variant(one.variant), one.fails, one.stage, one.do)
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
    trial = _Trial(client, namespace, lab, case, stop)
    try:
        return trial.run()
    except ApiError as error:
        if error.reason not in ("Invalid", "BadRequest"):
            raise
        return Outcome(case, case.expected == REFUSED, REFUSED, because=error.message)
    except (LabError, UnreachableError):
        raise
    except JoblabError as error:
        return Outcome(case, False, str(error.message))
    finally:
        trial.clean()


class _Trial:
    """One case, with all that it creates under names of its own."""

    def __init__(
        self,
        client: resources.Client,
        namespace: str,
        lab: model.Lab,
        case: Case,
        stop: threading.Event,
    ) -> None:
        suffix = "".join(random.choices(_SUFFIX, k=5))  # noqa: S311 -- a name, no secret
        self._client = client
        self._namespace = namespace
        # nobody has answered a question here
        judged = tuple(one for one in lab.checks if one.assertion.kind != "answered")
        self._lab = lab = lab._replace(checks=judged)
        self._case = case
        self._stop = stop
        self._exercise = Exercise(lab, case.variant, f"{case.variant.job}-{suffix}")
        self._names = setup.kept_apart(setup.of_files(lab, lab.setup), suffix)
        self._made: list[tuple[resources.Resource, objects.Object]] = []
        self._causes: list[Cause] = []
        self._left: list[model.Action] = []

    def run(self) -> Outcome:
        """Go through the rounds of the exercise, with the case's manifest in its own.

        What is found out of a cheat, or of a starter, is found out in that round.
        """
        making = setup.create_all(
            self._client, self._namespace, self._lab, lambda _: None, self._names
        )
        for one in making:
            self._made.append((setup.KINDS[str(one["kind"])], one))
        case, rounds = self._case, self._exercise.rounds
        own = _round(rounds, case.stage)
        verdicts: list[Verdict] = []
        for number, its in enumerate(rounds):
            mine = number == own
            do = case.do if mine and case.do is not None else its.do
            exercise = self._exercise._replace(round=number)
            seen = self._round(exercise, case.file if mine else its.solution, do)
            its_verdicts = checks.judge(exercise, seen)
            verdicts += its_verdicts
            self._causes += standings.unasked(exercise, its_verdicts, table.of(seen))
            if mine and case.expected != PASSES:
                break
        found = _judge(case, verdicts)
        return replace(found, causes=tuple(self._causes), left=tuple(self._left))

    def _round(self, exercise: Exercise, file: str, do: Sequence[model.Action]) -> Snapshot:
        """What is seen of the Job, or the Pod, that a manifest makes."""
        made = manifest.parse(self._lab.read(file), file)
        body = setup.pointed(launch.claim(made.data, self._lab), self._names)
        body = setup.taken(body, [one for _, one in self._made])
        body["metadata"]["name"] = self._exercise.job
        resource = _KINDS.get(str(body.get("kind", resources.JOBS.kind)))
        if resource is None:
            raise LabError(
                phrase(
                    "error: {file}: kind {kind}: lab test creates {kinds}",
                    file=self._lab.folder / file,
                    kind=body["kind"],
                    kinds=", ".join(sorted(_KINDS)),
                )
            )
        if self._made and self._made[-1][0] in _KINDS.values():  # that of the round before
            launch.replace(self._client, self._namespace, self._made.pop()[1])
        created = self._client.create(resource, body, self._namespace)
        self._made.append((resource, created))
        # nothing is on record of what was just created
        gatherer = Gatherer(self._client, lambda _: None)
        if resource is resources.PODS:
            seen = gatherer.named(self._namespace, self._exercise.job, Wanted())
        else:
            seen = self._follow(exercise, created, do)
        if standings.wanted(exercise).events:
            seen = gatherer.with_events(seen)
        return seen

    def _follow(
        self, exercise: Exercise, job: objects.Object, do: Sequence[model.Action]
    ) -> Snapshot:
        client = self._client
        recorder = Recorder(job, self._namespace)
        doing = actions.Actions(client, self._namespace, exercise, do, lambda _: None, self._names)

        def goes_on() -> bool:
            seen = recorder.view(client.now())
            goes = doing.end(seen) and not checks.is_out_of_time(exercise, seen)
            return goes or checks.awaits_more(exercise, seen)

        schedule = standings.wanted(exercise).schedule
        follow = Follow(client, recorder, on_lost=lambda: None, goes_on=goes_on, schedule=schedule)
        for _ in follow.run():
            doing.act(lambda: recorder.view(client.now()))
            for cause in standings.unasked(exercise, (), recorder.causes(client.now())):
                if cause.fatal:
                    raise JoblabError(phrase("error: {cause}", cause=cause.line))
            late = checks.is_out_of_time(exercise, recorder.view(client.now()))
            if self._stop.is_set() or (late and not recorder.finished):
                break  # the Job is judged by what it has done until now
        self._left += doing.left
        allowed = checks.allows_deletion(exercise)
        if recorder.deleted and not recorder.finished and not allowed:
            raise JoblabError(
                phrase("job.batch/{name} was deleted while it was waited for", name=recorder.name)
            )
        return recorder.view(client.now())

    def clean(self) -> None:
        """Delete what was created, the last first."""
        while self._made:
            resource, made = self._made.pop()
            setup.delete(self._client, self._namespace, resource, made)


def _round(rounds: Sequence[stages.Round], stage: str | None) -> int:
    """The round of a case: that of its stage, the last for "", the first for None."""
    if stage is None:
        return 0
    return next((number for number, one in enumerate(rounds) if one.has(stage)), len(rounds) - 1)


def _judge(case: Case, verdicts: Sequence[Verdict]) -> Outcome:
    # what has not come in its time is not waited for
    failed = tuple(one for one in verdicts if one.result is Result.FAIL or _is_late(case, one))
    missed = tuple(verdict for verdict in verdicts if verdict.result is not Result.PASS)
    names = ", ".join(verdict.check.id for verdict in failed)
    if case.expected == PASSES:
        return Outcome(case, not missed, _passed(missed), missed)
    if case.expected == REFUSED:
        return Outcome(case, bool(failed), _passed(missed), missed)
    if [verdict.check.id for verdict in failed] == [case.expected]:
        return Outcome(case, True, f"fails {names}", failed)
    told = tuple(one for one in verdicts if one in missed or one.check.id == case.expected)
    return Outcome(case, False, f"fails {names}" if failed else _passed(missed), told)


def _is_late(case: Case, verdict: Verdict) -> bool:
    """Whether what a check asks for will not come: its time is over, or nobody will do it.

    Nobody deletes the Job of a case that says what is done to it, and not that.
    """
    is_deletion = verdict.check.assertion.kind == "deleted"
    does_else = case.do is not None and not any(action.deletes_job for action in case.do)
    return verdict.late or (is_deletion and does_else and verdict.result is Result.PENDING)


def _passed(missed: tuple[Verdict, ...]) -> str:
    if not missed:
        return PASSES
    return ", ".join(f"{verdict.check.id} {verdict.result.value}" for verdict in missed)
