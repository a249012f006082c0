"""Examines a lab's folder: reads each of its files strictly, and finds what is wrong with them.

`kubectl joblab lab lint` prints the problems, loader.py refuses a user's lab for the first. In
this order, each only if the one before found nothing: lab.yaml can be read (strict.py), it fits
lab.schema.json (schema.py), the rules hold (rules.py). It knows nothing of clusters and screens.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kubectl_joblab.labs.definition import document, rules, schema, strict
from kubectl_joblab.labs.definition.document import Files
from kubectl_joblab.labs.definition.problem import Problem


class Examination(NamedTuple):
    """The files of a lab, as far as they were read, and what is wrong with them.

    warnings: what a draft still lacks.
    """

    files: Files
    problems: list[Problem]
    warnings: list[Problem]


def examine(folder: Path) -> Examination:
    """What is wrong with the lab in this folder, in the order of files and lines."""
    read = Files(folder)
    try:
        lab_yaml = strict.lab_yaml(read)
        found = list(schema.problems(lab_yaml)) or rules.problems(read, lab_yaml)
    except strict.UnreadableError as error:
        found = error.problems
    first = folder / document.LAB
    found = sorted(dict.fromkeys(found), key=lambda it: (it.file != first, str(it.file), it.line))
    return Examination(
        read,
        [problem for problem in found if not problem.warning],
        [problem for problem in found if problem.warning],
    )
