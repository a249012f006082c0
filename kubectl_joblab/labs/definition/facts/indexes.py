"""Completion indexes as the status of an Indexed Job writes them: 0,1 or 1,3-5.

Follows pkg/controller/job/indexed_job_utils.go: two that follow each other stand with a comma,
three and more as a range.
"""

from __future__ import annotations

import re

from kubectl_joblab.labs.definition import expressions, lab_files, problem
from kubectl_joblab.labs.definition.lab_files import Found, LabFiles

_LISTED = re.compile(r"(?:[0-9]{1,6}(?:-[0-9]{1,6})?(?:, ?|$))+(?<!,)")
_MOST = 100_000  # indexes of an Indexed Job


def problems(lab: LabFiles) -> Found:
    """The indexes in assertions that are written otherwise: they are compared as text."""
    for keys, kind, options in lab_files.assertions(lab):
        value = options.get("value")
        if kind not in ("completedIndexes", "failedIndexes") or expressions.is_expression(value):
            continue
        if message := unwritten(str(value)):
            yield lab.problem((*keys, "value"), message)


def unwritten(value: str) -> str:
    """Why no status has these indexes as its value, "" where one may have."""
    if not value:
        return ""
    remedy = "write indexes as a status does, such as 0,1 or 1,3-5"
    if not _LISTED.fullmatch(value):
        return f"{problem.shown(value)} is in no status; {remedy}"
    ranges = [part.strip().partition("-") for part in value.split(",")]
    ends = [(int(first), int(last or first)) for first, _, last in ranges]
    if any(last < first or last >= _MOST for first, last in ends):
        return f"{problem.shown(value)} is in no status; {remedy}"
    found = sorted({index for first, last in ends for index in range(first, last + 1)})
    right = _shown(found)
    return "" if right == value else f"{problem.shown(value)} is in no status; write {right}"


def _shown(indexes: list[int]) -> str:
    runs: list[list[int]] = []
    for index in indexes:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ",".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs
    )
