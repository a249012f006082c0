"""What spec.podFailurePolicy makes of a failed Pod. Pure.

Follows pkg/controller/job/pod_failure_policy.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kubectl_joblab import objects
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
    for number, rule in enumerate(rules or ()):
        why = _why(rule, pod)
        if why is not None:
            action = rule["action"]
            fails = f"{why} matching {action} rule at index {number}"
            return Verdict(action, fails if action == "FailJob" else "")
    return Verdict()


def _why(rule: Object, pod: Object) -> str | None:
    name = f"{objects.metadata(pod)['namespace']}/{objects.name(pod)}"
    if "onExitCodes" in rule:
        container = _by_exit_code(rule["onExitCodes"], pod)
        if container is None:
            return None
        code = container["state"]["terminated"]["exitCode"]
        return f"Container {container['name']} for pod {name} failed with exit code {code}"
    condition = _by_condition(rule.get("onPodConditions") or (), pod)
    return None if condition is None else f"Pod {name} has condition {condition}"


def _by_exit_code(requirement: Object, pod: Object) -> Mapping[str, Any] | None:
    """The first container whose exit code matches; init containers come last."""
    status = objects.status(pod)
    for key in ("containerStatuses", "initContainerStatuses"):
        for container in status.get(key) or ():
            terminated = (container.get("state") or {}).get("terminated")
            if terminated is None or not terminated["exitCode"]:
                continue
            if requirement.get("containerName", container["name"]) != container["name"]:
                continue
            listed = terminated["exitCode"] in requirement["values"]
            if listed == (requirement["operator"] == "In"):
                return dict(container)
    return None


def _by_condition(patterns: Iterable[Object], pod: Object) -> str | None:
    """The type of the first condition of the Pod that one of the patterns matches."""
    wanted = {(pattern["type"], pattern["status"]) for pattern in patterns}
    for condition in objects.status(pod).get("conditions") or ():
        if (condition["type"], condition["status"]) in wanted:
            return str(condition["type"])
    return None


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
