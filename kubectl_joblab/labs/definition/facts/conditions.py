"""The conditions of Jobs, and the reasons that the Job controller gives for them.

rules.py looks a lab's conditions up here. Another controller (spec.managedBy) may give other
reasons, so of those only what is nearly one of these is taken for a slip.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_joblab.labs.definition import problem

TYPES = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet")
REASONS = (
    *("JobSuspended", "JobResumed", "BackoffLimitExceeded", "DeadlineExceeded"),
    *("PodFailurePolicy", "MaxFailedIndexesExceeded", "FailedIndexes"),
    *("CompletionsReached", "SuccessPolicy"),
)


def misnamed(kind: str) -> str:
    """Why this is no type of condition that Jobs have, "" where it is one."""
    return "" if kind in TYPES else problem.unknown(kind, "a condition of Jobs", TYPES)


def slips(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The options of a condition that Jobs do not have, each with what to write instead."""
    if message := misnamed(options["type"]):
        yield "type", message
    reason = options.get("reason", REASONS[0])
    if reason not in REASONS and problem.closest(reason, REASONS):
        yield "reason", problem.unknown(reason, "a reason of Jobs", REASONS)
