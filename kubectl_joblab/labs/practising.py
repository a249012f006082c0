"""Which lab practises a cause: the way from what went wrong with a Job of one's own to a lab.

Labs know causes, and causes know no lab. Where no lab is about a cause, there is none here.
"""

from __future__ import annotations

from collections.abc import Mapping

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
