"""What spec.podFailurePolicy makes of a failed Pod. Pure.

Follows pkg/controller/job/pod_failure_policy.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kubectl_joblab import failure_policy, objects
from kubectl_joblab.failure_policy import Match
from kubectl_joblab.objects import Object
from kubectl_joblab.practice.controllers.job import pods, spec


@dataclass(frozen=True)
class Verdict:
    """What a policy makes of a failed Pod.

    action: of the rule that matches, "" where none does. message: why the Job fails, where it does.
    """

    action: str = ""
    message: str = ""

    @property
    def counts(self) -> bool:
        """Whether the failure counts towards backoffLimit."""
        return self.action != "Ignore"


def matched(rules: Sequence[Object] | None, pod: Object) -> Verdict:
    """The verdict of the first rule that matches (matchPodFailurePolicy)."""
    found = failure_policy.match(rules, pod)
    if found is None:
        return Verdict()
    fails = f"{_why(found, pod)} matching {found.action} rule at index {found.number}"
    return Verdict(found.action, fails if found.action == "FailJob" else "")


def _why(found: Match, pod: Object) -> str:
    name = f"{objects.metadata(pod)['namespace']}/{objects.name(pod)}"
    if found.container:
        return f"Container {found.container} for pod {name} failed with exit code {found.code}"
    return f"Pod {name} has condition {found.condition}"


def fail_job_message(job: Object, pods_of_job: Iterable[Object]) -> str | None:
    """Why the Job fails at once; None where no failed Pod makes it fail (getFailJobMessage)."""
    rules = spec.pod_failure_rules(job)
    if rules is None:
        return None
    verdicts = (matched(rules, pod) for pod in pods_of_job if pods.is_failed(pod, job))
    return next((verdict.message for verdict in verdicts if verdict.message), None)


def counted(job: Object, failed: Sequence[Object]) -> int:
    """How many of these failures count (nonIgnoredFailedPodsCount)."""
    rules = spec.pod_failure_rules(job)
    return sum(matched(rules, pod).counts for pod in failed)
