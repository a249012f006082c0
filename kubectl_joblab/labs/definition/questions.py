"""What a question measures: an assertion that lacks what the learner says.

runs.py lints the questions of a lab by it, labs/judge/answers.py compares what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COUNTED = {"operator": "==", "value": 0}
# the kinds of assertion that a question may measure by, each with the options that it lacks then;
# they do not change what is observed
LACKING: Mapping[str, Mapping[str, Any]] = {
    **dict.fromkeys(("pods", "attempts", "restarts", "concurrency", "log", "event"), _COUNTED),
    **dict.fromkeys(("sum", "exitCodes", "duration", "suspended"), _COUNTED),
    "completedAfter": {"value": 0},
    "lastIndex": {"value": 0},
    "gaps": {"base": 1, "factor": 1},
    "condition": {"reason": "Any"},
    "field": {"operator": "==", "value": ""},
    "replaced": {"created": "after"},
    "completedIndexes": {"value": ""},
    "failedIndexes": {"value": ""},
    **{kind: {} for kind in ("exists", "absent", "owner", "deleted", "conditionOrder")},
}


def filled(kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the measure, with those that it lacks."""
    return {**LACKING[kind], **options}
