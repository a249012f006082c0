"""What the learner has passed, which lasts: on whichever cluster it was, whatever is deleted later.

`start`, `watch` and `check` note what passed (`check -A` does not), `list` and `next` go by it,
`reset` forgets it. A check that has passed once counts for ever. An exercise is done when each
check has passed at some time that its Job has, or would have as the lab's own; a lab when all its
exercises are. A check that a lab gains later undoes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from kubectl_joblab import files, objects
from kubectl_joblab.labs.exercise import Exercise, Run
from kubectl_joblab.labs.judge.checks import Result
from kubectl_joblab.labs.judge.standings import Judged

FORMAT = "joblab/v1"  # of the file
PLACES = 50  # in which the last run of an exercise is kept; the oldest are forgotten first
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Kept(NamedTuple):
    """What is kept of one lab.

    passed: by VARIANT/CHECK, where and when the check passed first. done: by variant, when the
    exercise was done. said: by VARIANT/QUESTION, what the learner has predicted last. runs: by
    variant, of one that takes several Jobs one after the other, its last run in each place, the
    newest last.
    """

    passed: Mapping[str, Mapping[str, str]] = {}
    done: Mapping[str, str] = {}
    said: Mapping[str, str] = {}
    runs: Mapping[str, Sequence[Run]] = {}


class Times(NamedTuple):
    """When the first check passed, and when all had; "" where that was never. In UTC, as the API's.

    Such times are in order as texts are. A file that someone has edited may have any text here.
    """

    begun: str = ""
    done: str = ""

    @property
    def seconds(self) -> int | None:
        """How long it took; None where one of the times is none."""
        try:
            begun, done = map(objects.time, self)
        except ValueError:
            return None
        return int((done - begun).total_seconds()) if begun and done else None


class Progress:
    """What is kept in a file, as it was when it was read."""

    def __init__(self, labs: Mapping[str, Kept]) -> None:
        self._labs = labs

    def has_done(self, exercise: Exercise) -> bool:
        """Whether this exercise was done once."""
        return exercise.variant.name in self._of(exercise).done

    def passed(self, exercise: Exercise) -> set[str]:
        """The ids of the checks of this exercise that have passed once."""
        variant = f"{exercise.variant.name}/"
        names = self._of(exercise).passed
        return {name.removeprefix(variant) for name in names if name.startswith(variant)}

    def times(self, exercise: Exercise) -> Times:
        """When the learner began this exercise, and was done with it."""
        kept, variant = self._of(exercise), exercise.variant.name
        passed = [
            str(place.get("time", ""))
            for name, place in kept.passed.items()
            if name.startswith(f"{variant}/")
        ]
        return Times(min(filter(None, passed), default=""), kept.done.get(variant, ""))

    def _of(self, exercise: Exercise) -> Kept:
        return self._labs.get(exercise.lab.name, Kept())

    def of(self, exercise: Exercise) -> Exercise:
        """The exercise, with the last runs of it and with what the learner has predicted."""
        kept, prefix = self._of(exercise), f"{exercise.variant.name}/"
        said = {
            key.removeprefix(prefix): answer
            for key, answer in kept.said.items()
            if key.startswith(prefix)
        }
        return exercise._replace(runs=tuple(kept.runs.get(exercise.variant.name, ())), said=said)

    def begun(self, lab: str) -> bool:
        """Whether any check of the lab of this name has passed once."""
        return bool(self._labs.get(lab, Kept()).passed)


def together(several: Iterable[Times]) -> Times:
    """From the first begin to the last end; without an end where one of them has none."""
    all_of = list(several)
    done = [one.done for one in all_of]
    begun = filter(None, (one.begun for one in all_of))
    return Times(min(begun, default=""), max(done) if done and all(done) else "")


def load(path: Path) -> Progress:
    """The progress in a file; none where there is no such file."""
    return Progress(_labs(files.read_json(path)))


def note(path: Path, judged: Iterable[Judged], cluster: str, now: datetime) -> None:
    """Keep what has passed. cluster: the API server. now: the time of the passing.

    The file is read and written under a lock, so that two programs lose nothing of each other's. A
    file that is not progress is moved aside and kept. Raises OSError where nothing can be written.
    """
    passed = [one for one in judged if one.started and Result.PASS in one.results]
    if not passed:
        return
    with files.locked(path):
        labs = _to_change(path)
        before = dict(labs)
        for one in passed:
            lab = one.exercise.lab.name
            labs[lab] = _with(labs.get(lab, Kept()), one, cluster, now.strftime(_TIME))
        if labs != before:
            _write(path, labs)


def predict(path: Path, exercise: Exercise, answers: Mapping[str, str]) -> None:
    """Keep what the learner predicts, by the question's id. Raises OSError."""
    with files.locked(path):
        labs = _to_change(path)
        kept = labs.get(exercise.lab.name, Kept())
        said = {f"{exercise.variant.name}/{key}": answer for key, answer in answers.items()}
        labs[exercise.lab.name] = kept._replace(said={**kept.said, **said})
        _write(path, labs)


def _to_change(path: Path) -> dict[str, Kept]:
    """What the file has, to be changed; a file that is not progress is moved aside and kept."""
    body = files.read_json(path)
    if body.get("format") != FORMAT and path.exists():
        os.replace(path, path.with_name(f"{path.name}.damaged"))
    return dict(_labs(body))


def forget(path: Path, lab: str) -> None:
    """Forget what was passed in the lab of this name. Raises OSError."""
    with files.locked(path):
        labs = dict(_labs(files.read_json(path)))
        if labs.pop(lab, None) is not None:
            _write(path, labs)


def _with(kept: Kept, one: Judged, cluster: str, now: str) -> Kept:
    variant = one.exercise.variant.name
    passed = dict(kept.passed)
    for verdict in one.verdicts:
        if verdict.result is Result.PASS:
            place = {"cluster": cluster, "namespace": one.namespace, "uid": verdict.uid or ""}
            passed.setdefault(f"{variant}/{verdict.check.id}", {**place, "time": now})
    done = dict(kept.done)
    if all(f"{variant}/{verdict.check.id}" in passed for verdict in one.verdicts):
        done.setdefault(variant, now)
    kept = kept._replace(passed=passed, done=done)
    if len(one.exercise.rounds) == 1:
        return kept
    return kept._replace(
        runs={**kept.runs, variant: _with_run(kept.runs.get(variant, ()), one, cluster)}
    )


def _with_run(runs: Sequence[Run], one: Judged, cluster: str) -> list[Run]:
    """The last runs, with the one that this Job belongs to as the newest.

    What has passed in it before stays so where it was with this Job, or with one that it follows.
    """
    known = one.exercise._replace(runs=tuple(runs)).run_in(cluster, one.namespace)
    uid = objects.uid(one.seen.job) if one.seen and one.seen.job else None
    passed = {check: other for check, other in known.passed.items() if other == uid}
    for verdict in one.verdicts:
        if verdict.result is Result.PASS:
            check = verdict.check.id
            passed[check] = verdict.uid or known.passed.get(check, "")
    elsewhere = [run for run in runs if run.place != known.place]
    return [*elsewhere, known._replace(passed=passed)][-PLACES:]


def _write(path: Path, labs: Mapping[str, Kept]) -> None:
    body = {"format": FORMAT, "labs": {name: _dump(lab) for name, lab in labs.items()}}
    files.write_json(path, body)


def _dump(kept: Kept) -> dict[str, Any]:
    """What is kept of a lab, as the file has it."""
    runs = {variant: [run._asdict() for run in runs] for variant, runs in kept.runs.items()}
    return {**kept._asdict(), "runs": runs}


def _labs(body: Mapping[str, Any]) -> dict[str, Kept]:
    """What a file holds, without entries that are none."""
    labs = body.get("labs") if body.get("format") == FORMAT else None
    if not isinstance(labs, dict):
        return {}
    return {
        str(name): Kept(
            passed=_mappings(kept.get("passed")),
            done=_texts(kept.get("done")),
            said=_texts(kept.get("said")),
            runs=_runs(kept.get("runs")),
        )
        for name, kept in labs.items()
        if isinstance(kept, dict)
    }


def _mappings(value: object) -> dict[str, Mapping[str, str]]:
    found = value if isinstance(value, dict) else {}
    return {key: _texts(entry) for key, entry in found.items() if isinstance(entry, dict)}


def _texts(value: object) -> dict[str, str]:
    found = value if isinstance(value, dict) else {}
    return {key: entry for key, entry in found.items() if isinstance(entry, str)}


def _runs(value: object) -> dict[str, list[Run]]:
    found = value if isinstance(value, dict) else {}
    return {
        variant: [_run(entry) for entry in entries if isinstance(entry, dict)]
        for variant, entries in found.items()
        if isinstance(entries, list)
    }


def _run(entry: Mapping[str, Any]) -> Run:
    cluster, namespace, job = (str(entry.get(key, "")) for key in ("cluster", "namespace", "job"))
    return Run(cluster, namespace, job, _texts(entry.get("passed")))
