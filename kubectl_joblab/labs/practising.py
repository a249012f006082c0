"""Which lab practises a cause: the way from what went wrong with a Job of one's own to a lab.

Labs know causes, and causes know no lab. Where no lab is about a cause, there is none here.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubectl_joblab.evidence.causes import limits, policy
from kubectl_joblab.evidence.causes.kinds import Cause

# the id of a cause -> the name of a lab
LABS: Mapping[str, str] = {
    "exit-code": "retry",
    "backoff-limit": "retry",
    "command-not-executable": "exit-codes",
    "command-not-found": "exit-codes",
    "signal-or-own-code": "exit-codes",
    "killed": "exit-codes",
    "job-deadline": "deadline",
    "pod-deadline": "deadline",
    "pod-failure-policy": "fail-job",
    "failed-indexes": "per-index",
    "success-policy": "success-policy",
    "suspended": "suspend",
    "suspended-by-controller": "suspend",
    "no-parallelism": "parallelism",
    "eviction": "ignore",
    "preempted": "ignore",
    "node-lost": "ignore",
    "image-not-found": "yaml",
    "image-name-invalid": "yaml",
    "program-missing": "yaml",
    "shell-missing": "yaml",
}
# Cause.rule -> the name of the lab about such a rule
_BY_RULE: Mapping[str, str] = {
    "Ignore": "ignore",
    "FailJob": "fail-job",
    "FailIndex": "fail-index",
    policy.NONE_FITS: "fail-job",
}


def lab(cause: Cause) -> str | None:
    """The name of the lab that practises a cause; None where there is none."""
    if cause.what == limits.TOO_MANY_INDEXES:
        return "max-failed"
    return _BY_RULE.get(cause.rule) or LABS.get(cause.id)
