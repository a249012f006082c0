"""What no run of a lab can come to: checks that nothing passes, cheats that cheat at nothing.

lint.py applies the rules. A lab of earlier days that breaks one is loaded as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import lab_files, problem, questions
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys

_HIGHEST = 255  # of exit codes
_OF_INDEXES = ("completedIndexes", "failedIndexes", "lastIndex")


def _exit_codes(lab: LabFiles) -> Found:
    """No process ends with more than 255."""
    for keys, kind, options in lab_files.assertions(lab):
        value = options.get("value")
        if kind == "exitCodes" and isinstance(value, int) and value > _HIGHEST:
            message = f"{value} is no exit code; the highest is {_HIGHEST}"
            yield lab.problem((*keys, "value"), message)


def _indexes(lab: LabFiles) -> Found:
    """Only an Indexed Job has indexes."""
    for keys, check in lab.all("checks"):
        ((kind, _),) = check["assert"].items()
        for _, variant in lab.all("variants") if kind in _OF_INDEXES else ():
            if check.get("variant", variant["name"]) == variant["name"]:
                yield from _not_indexed(lab, (*keys, "assert", kind), variant)


def _not_indexed(lab: LabFiles, keys: Keys, variant: Mapping[str, Any]) -> Found:
    """That no manifest of a variant makes an Indexed Job. keys: of what asks for its indexes."""
    name = variant["name"]
    of_stages = [s for _, s in lab.all("stages") if s.get("variant", name) == name]
    files = [variant["file"], *(one["file"] for one in of_stages if "file" in one)]
    made = [lab.manifests[file].data for file in files if file in lab.manifests]
    modes = [objects.field(one, "spec.completionMode") for one in made]
    if not variant.get("starter") and "Indexed" not in modes:
        message = f"the Job of variant {name} is not Indexed; write spec.completionMode: Indexed"
        yield lab.problem(keys, f"{message} in {variant['file']}")


def _cheats(lab: LabFiles) -> Found:
    """A cheat differs from what passes, and from the other cheats."""
    first: dict[tuple[object, ...], Keys] = {}
    for keys, variant in lab.all("variants"):
        if not variant.get("starter"):
            first[_run(variant, variant["name"])] = keys
    own = len(first)
    for keys, cheat in lab.all("cheats"):
        run = _run(cheat, (lab.variant(cheat) or {}).get("name"))
        other = first.setdefault(run, keys)
        if other != keys:
            is_own = list(first).index(run) < own
            what = "which passes" if is_own else "which fails already"
            message = f"is what {problem.shown_keys(other)} makes, {what}; write another manifest"
            yield lab.problem((*keys, "file"), message)


def _run(entry: Mapping[str, Any], variant: object) -> tuple[object, ...]:
    """What makes one run of a lab differ from another."""
    return (
        PurePosixPath(entry["file"]).as_posix(),
        variant,
        entry.get("stage"),
        repr(entry.get("do")),
    )


def _stages(lab: LabFiles) -> Found:
    """A task is of the stage whose checks prove it."""
    first = next(iter(lab.values("stages", "name")), None)
    tasks = lab.data["tasks"]
    for _, check in lab.all("checks"):
        number = check["task"]
        task = tasks[number - 1]
        own, its = task.get("stage", first), check.get("stage", first)
        if own != its and its == first:
            message = f"check {check['id']} of it is of the first stage, {first}; correct one"
            yield lab.problem(("tasks", number - 1), message)
        elif own != its:
            message = f"check {check['id']} of it is of another; write stage: {its}"
            keys = ("tasks", number - 1, *(["stage"] if "stage" in task else []))
            yield lab.problem(keys, message)


def _measures(lab: LabFiles) -> Found:
    """What a question measures leaves out what the learner says."""
    for keys, question in lab.all("questions"):
        ((kind, options),) = question["measure"].items()
        for key in questions.LACKED.get(kind, {}):
            if key in (options or {}):
                message = "is what the learner says; remove it"
                yield lab.problem((*keys, "measure", kind, key), message)


def _answers(lab: LabFiles) -> Found:
    """A cheat answers no question."""
    asked = {check["id"] for _, check in lab.all("checks") if "answered" in check["assert"]}
    for keys, cheat in lab.all("cheats"):
        if cheat["fails"] in asked:
            message = "asks for the learner's answer, which lab test leaves out; name another check"
            yield lab.problem((*keys, "fails"), message)


RULES: tuple[Callable[[LabFiles], Found], ...] = (
    _exit_codes,
    _indexes,
    _cheats,
    _stages,
    _measures,
    _answers,
)
