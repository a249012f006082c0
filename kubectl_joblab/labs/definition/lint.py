"""Finds what does not go together in labs that are right one by one, and what ours lack.

`kubectl joblab lab lint` prints it, with what examination.py finds in each lab. It knows nothing
of clusters and screens.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubectl_joblab.labs.definition import document, loader, model, problem
from kubectl_joblab.labs.definition.problem import Keys, Problem


def problems_among(labs: Iterable[model.Lab]) -> list[Problem]:
    """What does not go together in these labs."""
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
                message = problem.unknown(name, "a lab", names)
                found.append(_in_lab(lab, ("requires", index), message))
    return found


def unsaid(labs: Iterable[model.Lab]) -> list[Problem]:
    """The hints of joblab's own labs that are for a check and do not say when they are so.

    Others' labs are read as they were before hints could say it.
    """
    return [
        _in_lab(lab, ("hints", index), "does not say when it is so; add a when")
        for lab in labs
        if lab.folder.parent == loader.built_in()
        for index, hint in enumerate(lab.hints)
        if hint.check and not hint.when
    ]


def _in_lab(lab: model.Lab, keys: Keys, message: str) -> Problem:
    return problem.at(lab.files[document.LAB], keys, message)
