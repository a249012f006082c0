"""What a question measures: an assertion that lacks what the learner says.

runs.py lints the questions of a lab, labs/judge/answers.py compares what the learner has said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COMPARED: Mapping[str, Any] = {"operator": "==", "value": 1}
# The kinds that measure one thing that can be predicted, each with the options that its questions
# lack. The values here only make it an assertion: what an assertion observes does not depend on
# what it expects. The last three are answered with yes or no.
LACKED: Mapping[str, Mapping[str, Any]] = {
    "condition": {"reason": "Any"},
    "completedIndexes": {"value": "1"},
    "failedIndexes": {"value": "1"},
    "lastIndex": {"value": 1},
    **dict.fromkeys(("pods", "attempts", "restarts", "exitCodes", "concurrency"), _COMPARED),
    **dict.fromkeys(("duration", "suspended", "log", "event", "sum", "field"), _COMPARED),
    "completedAfter": {"value": 1},
    "gaps": {"base": 1, "factor": 1},
    "replaced": {"created": "after"},
    **{kind: {} for kind in ("exists", "absent", "deleted")},
}


def filled(kind: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """The options of a question's measure, with those that it lacks.

    options: None where lab.yaml has the kind alone, as in `measure: {pods: }`.
    """
    return {**(options or {}), **LACKED[kind]}
