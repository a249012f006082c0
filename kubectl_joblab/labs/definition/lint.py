"""Finds what is wrong with a lab, and says so with file, line, key and remedy.

`kubectl joblab lab lint` prints it, loader.py refuses a user's lab for it. In this order, each
only if the one before found nothing: lab.yaml can be read (document.py), it fits lab.schema.json
(schema.py), the rules hold (rules.py). It knows nothing of clusters and screens.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kubectl_joblab.labs.definition import document, loader, model, problem, rules, schema
from kubectl_joblab.labs.definition.problem import Keys, Problem


def problems(folder: Path) -> list[Problem]:
    """What is wrong with the lab in this folder, in the order of files and lines."""
    try:
        lab_yaml = document.lab_yaml(folder / loader.FILE)
        found = list(schema.problems(lab_yaml)) or rules.problems(folder, lab_yaml)
    except document.UnreadableError as error:
        found = error.problems
    first = folder / loader.FILE
    return sorted(dict.fromkeys(found), key=lambda it: (it.file != first, str(it.file), it.line))


def problems_among(labs: Iterable[model.Lab]) -> list[Problem]:
    """What does not go together in labs that are right one by one."""
    labs = list(labs)
    found = []
    for key in ("name", "number"):
        first: dict[object, model.Lab] = {}
        for lab in labs:
            value = getattr(lab, key)
            other = first.setdefault(value, lab)
            if other is not lab:
                message = f"{problem.shown(value)} is the {key} of {other.folder}; choose another"
                found.append(_in_lab(lab, (key,), message))
    names = [lab.name for lab in labs]
    for lab in labs:
        for index, name in enumerate(lab.requires):
            if name not in names:
                found.append(
                    _in_lab(lab, ("requires", index), problem.unknown(name, "a lab", names))
                )
    return found


def _in_lab(lab: model.Lab, keys: Keys, message: str) -> Problem:
    file = lab.folder / loader.FILE
    try:
        return document.read(file).problem(keys, message)
    except document.UnreadableError:  # it has changed since it was loaded
        return Problem(file, 1, problem.shown_keys(keys), message)
