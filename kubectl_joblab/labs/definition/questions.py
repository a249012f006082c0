"""What a question measures: an assertion that lacks what the learner says.

runs.py lints the questions of a lab, labs/judge/answers.py compares what the learner has said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# the kinds whose answer is no value that is compared by an operator: the option that it fills
FILLED = {
    "condition": "reason",
    "completedIndexes": "value",
    "failedIndexes": "value",
    "lastIndex": "value",
}
# the other kinds that measure one thing that can be predicted
COMPARED = (
    *("pods", "attempts", "restarts", "exitCodes", "concurrency", "duration", "suspended"),
    *("log", "event", "sum", "field"),
)


def filled(kind: str, options: Mapping[str, Any], said: int | str) -> dict[str, Any]:
    """The options of the assertion that holds where the learner has said what is so."""
    if kind in FILLED:
        return {**options, FILLED[kind]: said}
    return {**options, "operator": "==", "value": said}
