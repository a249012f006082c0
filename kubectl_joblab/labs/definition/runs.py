"""The rules of what a run goes through: what is set up, stages, what is done in them, questions.

rules.py applies them with its own. The format joblab/v2 brought their keys.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubectl_joblab import objects
from kubectl_joblab.labs.definition import (
    expressions,
    lab_files,
    model,
    problem,
    questions,
    schema,
)
from kubectl_joblab.labs.definition.facts import shapes
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles
from kubectl_joblab.labs.definition.problem import Keys

# the keys that joblab/v1 has not: of the lab itself, and of the entries of its lists
_NEW = ("chapter", "draft", "kubernetes", "setup", "stages", "questions")
_NEW_IN = {
    "variants": ("debrief",),
    "tasks": ("stage", "variant"),
    "checks": ("stage", "optional"),
    "solutions": ("stage", "do"),
    "cheats": ("stage", "do"),
}
_NEW_KINDS = (
    *("failedIndexes", "suspended", "conditionOrder", "deleted", "replaced", "sum"),
    *("lastIndex", "answered", "cronJob", "scheduled", "message", "noted"),
)


def _format(lab: LabFiles) -> Found:
    """What only the newest format has is not in a lab of an earlier one."""
    newest = model.FORMATS[0]
    if lab.data["format"] == newest:
        return
    message = f"is not in {lab.data['format']}; write format: {newest}"
    for key in _NEW:
        if key in lab.data:
            yield lab.problem((key,), message)
    for name, new in _NEW_IN.items():
        for keys, entry in lab.all(name):
            for key in new:
                if key in entry:
                    yield lab.problem((*keys, key), message)
    for keys, kind, _ in lab_files.assertions(lab):
        if kind in _NEW_KINDS:
            yield lab.problem(keys, message)


def _setup(lab: LabFiles) -> Found:
    """What is set up is of the kinds that labs may make, each object under a name of its own."""
    first: dict[tuple[str, str], str] = {}
    files = [*lab.data.get("setup", ())]
    files += [one["apply"]["file"] for _, one in lab_files.actions(lab) if "apply" in one]
    for file in dict.fromkeys(files):
        document = lab.manifests.get(file)
        for number, made in enumerate(document.every if document else ()):
            assert document is not None
            misfit = functools.partial(problem.at_document, document, number)
            if not isinstance(made, dict):
                yield misfit((), f"is {problem.kind_of(made)}, not a mapping; write one object")
                continue
            kind, name = str(made.get("kind")), objects.name(made)
            if kind not in model.SETUP_KINDS:
                message = problem.unknown(made.get("kind"), "set up by labs", model.SETUP_KINDS)
                yield misfit(("kind",), message)
            if not name:
                yield misfit(("metadata", "name"), "is missing; add the object's name")
            if objects.metadata(made).get("namespace"):
                yield misfit(("metadata", "namespace"), "is the learner's to choose; remove it")
            other = first.setdefault((kind, name), file)
            if file in lab.data.get("setup", ()) and other != file:
                yield misfit(
                    ("metadata", "name"), f"{kind} {name} is in {other} already; remove one"
                )


def _stages(lab: LabFiles) -> Found:
    """Stages have names of their own, and what they are said to be can be."""
    names: dict[str, Keys] = {}
    solved = [entry.get("stage") for entry in lab.data.get("solutions", ())]
    judged = {check.get("stage") for check in lab.data["checks"]}
    variants = lab.values("variants", "name")
    for keys, stage in lab.all("stages"):
        name = stage["name"]
        if names.setdefault(name, keys) != keys:
            message = f"{problem.shown(name)} is already in {problem.shown_keys(names[name])}"
            yield lab.problem((*keys, "name"), f"{message}; choose another")
        first = keys[1] == 0
        if stage.get("repair") and first:
            yield lab.problem((*keys, "repair"), "is for later stages; there is no Job to mend yet")
        elif stage.get("repair") and "file" in stage:
            message = "makes the Job that the learner is to mend; remove one of the two"
            yield lab.problem((*keys, "file"), message)
        elif stage.get("repair") and name not in solved:
            message = f"has no solution; add one to solutions, with stage: {name}"
            yield lab.problem((*keys, "repair"), message)
        if name not in judged and not (first and None in judged):
            message = f"no check judges it; add one with stage: {name}"
            yield lab.problem((*keys, "name"), message)
        if stage.get("variant", variants[0]) not in variants:
            message = problem.unknown(stage["variant"], "a variant", variants)
            yield lab.problem((*keys, "variant"), message)
        if "file" in stage and "variant" not in stage and len(variants) > 1:
            message = "makes the Job of one variant; say which, with variant"
            yield lab.problem((*keys, "file"), message)


def _stage_names(lab: LabFiles) -> Found:
    """What is about a stage names one that is there."""
    names = lab.values("stages", "name")
    for keys, entry in lab.all("tasks", "questions", "checks", "solutions", "cheats"):
        if entry.get("stage", next(iter(names), None)) not in (*names, None):
            message = problem.unknown(entry["stage"], "a stage", names)
            yield lab.problem((*keys, "stage"), message)
    making = [stage["name"] for stage in lab.data.get("stages", ())[:1]]
    making += [s["name"] for s in lab.data.get("stages", ()) if "file" in s or s.get("repair")]
    for keys, entry in lab.all("solutions", "cheats"):
        if entry.get("stage") in set(names) - set(making):
            message = f"makes no Job of its own; write {problem.one_of(making)}"
            yield lab.problem((*keys, "stage"), message)


def _actions(lab: LabFiles) -> Found:
    """What is done to the cluster is done to something that is there."""
    there = {(made.get("kind"), objects.name(made)) for made in _made(lab)}
    all_read = all(file in lab.manifests for file in lab.data.get("setup", ()))
    values = {p["name"]: 1 for _, p in lab.all("parameters") if p["type"] == "integer"}
    for keys, action in lab_files.actions(lab):
        patch = action.get("patch", {})
        kind, name = patch.get("kind"), patch.get("name")
        if kind == "Job" and name not in (None, "{job}"):
            message = "is that of the lab's Job by itself; leave it out"
            yield lab.problem((*keys, "patch", "name"), message)
        elif kind not in (None, "Job") and (kind, name) not in there and all_read:
            names = [called for of, called in there if of == kind]
            message = problem.unknown(name, f"a {kind} of the setup", names)
            yield lab.problem((*keys, "patch", "name"), message)
        for path, message in shapes.misshapen(patch.get("patch", {})):
            yield lab.problem((*keys, "patch", "patch", *path), message)
        yield from _deletion(lab, keys, action.get("delete", {}))
        yield from _one_pod(lab, (*keys, "evict"), action.get("evict", {}))
        for key, value in action.get("scale", {}).items():
            if message := _incomputable(value, values):
                yield lab.problem((*keys, "scale", key), message)


def _deletion(lab: LabFiles, keys: Keys, delete: Mapping[str, Any]) -> Found:
    """A Pod is chosen in one way; the Job is deleted when all else is done. keys: the action's."""
    yield from _one_pod(lab, (*keys, "delete"), delete)
    if delete.get("kind") != "Job":
        return
    for key in {"which", "index"} & delete.keys():
        yield lab.problem((*keys, "delete", key), "chooses among Pods; remove it, or write Pod")
    if not _is_last(lab, keys):
        message = "deletes the Job while there is more to do; make it the last action of all"
        yield lab.problem((*keys, "delete", "kind"), message)


def _one_pod(lab: LabFiles, keys: Keys, options: Mapping[str, Any]) -> Found:
    """The Pod of an action is chosen in one way. keys: those of its options."""
    if {"which", "index"} <= options.keys():
        message = "chooses the Pod already; remove one of the two"
        yield lab.problem((*keys, "index"), message)


def _is_last(lab: LabFiles, keys: Keys) -> bool:
    """Whether nothing comes after an action in a run. keys: its own."""
    name, place, _, index = keys
    entries = lab.data[str(name)]
    entry = entries[place]
    if index != len(entry["do"]) - 1:
        return False
    own = entry.get("variant")
    later = entries[int(place) + 1 :] if name == "stages" else []
    return not any(own is None or one.get("variant", own) == own for one in later)


def _made(lab: LabFiles) -> Iterator[Mapping[str, Any]]:
    """The objects that the lab sets up."""
    for file in lab.data.get("setup", ()):
        document = lab.manifests.get(file)
        yield from (one for one in (document.every if document else ()) if isinstance(one, dict))


def _incomputable(value: int | str, values: Mapping[str, int]) -> str:
    """Why a number cannot be computed, "" if it can."""
    try:
        expressions.evaluate(value, values)
    except ValueError:
        remedy = "use numbers, parameters, + - *, min() and max()"
        return f"{problem.shown(value)} gives no number; {remedy}"
    return ""


def _questions(lab: LabFiles) -> Found:
    """A question is asked once, and what it measures can be predicted."""
    variants = lab.values("variants", "name")
    known = list(questions.LACKED)
    for variant in variants:
        first: dict[str, Keys] = {}
        for keys, question in lab.all("questions"):
            if question.get("variant", variant) == variant:
                other = first.setdefault(question["id"], keys)
                if other != keys:
                    where = problem.shown_keys(other)
                    message = f"{problem.shown(question['id'])} is already in {where}"
                    yield lab.problem((*keys, "id"), f"{message}; choose another")
    for keys, question in lab.all("questions"):
        if question.get("variant", variants[0]) not in variants:
            message = problem.unknown(question["variant"], "a variant", variants)
            yield lab.problem((*keys, "variant"), message)
        ((kind, options),) = question["measure"].items()
        if kind not in known:
            message = problem.unknown(kind, "something to predict", known)
            yield lab.problem((*keys, "measure", kind), message)
            continue
        filled = questions.filled(kind, options)
        for path, message in schema.misfits("assertion", {kind: filled}):
            yield lab.problem((*keys, "measure", *path), message)
    yield from _reasons(lab)
    asked = lab.values("questions", "id")
    for keys, kind, options in lab_files.assertions(lab):
        if kind == "answered" and options["question"] not in asked:
            message = problem.unknown(options["question"], "a question", asked)
            yield lab.problem((*keys, "question"), message)


def _reasons(lab: LabFiles) -> Found:
    """Of the reasons of an answer, what is always so comes last."""
    for keys, question in lab.all("questions"):
        always: Keys = ()
        for of, reason in lab_files.reasons(keys, question):
            if always:
                message = f"comes after {problem.shown_keys(always)}, which is always so"
                yield lab.problem(of, f"{message}; exchange the two, or give that one a when")
            elif "when" not in reason:
                always = of


RULES: tuple[Callable[[LabFiles], Found], ...] = (
    _format,
    _setup,
    _stages,
    _stage_names,
    _actions,
    _questions,
)
