"""When spec.successPolicy calls an Indexed Job successful. Pure.

Follows pkg/controller/job/success_policy.go.
"""

from __future__ import annotations

from kubectl_joblab import objects
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import indexes, spec
from kubectl_joblab.practice.controllers.job.indexes import Indexes


def matched(job: Object, succeeded: Indexes) -> str | None:
    """The message of the first rule that is met; None where none is (matchSuccessPolicy)."""
    policy = objects.spec(job).get("successPolicy")
    if policy is None or not succeeded:
        return None
    for number, rule in enumerate(policy.get("rules") or ()):
        if _met(rule, succeeded, spec.indexes(job)):
            return f"Matched rules at index {number}"
    return None


def _met(rule: Object, succeeded: Indexes, completions: int) -> bool:
    count: int | None = rule.get("succeededCount")
    if "succeededIndexes" not in rule:
        return count is not None and len(succeeded) >= count
    required = indexes.parse(rule["succeededIndexes"], completions)
    if not required:
        return False
    done = len(required & succeeded)
    return done == len(required) or (count is not None and done >= count)
