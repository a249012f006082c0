"""Which rule of spec.podFailurePolicy a failed Pod matches. Pure.

Follows matchPodFailurePolicy of pkg/controller/job/pod_failure_policy.go. The Job controller of the
practice cluster acts by it, and diagnose tells by it what became of a failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_joblab import objects
from kubectl_joblab.objects import Object


class Match(NamedTuple):
    """The first rule that a Pod matches.

    number: of the rule, from 0. action: FailJob, FailIndex, Ignore or Count. container, code: the
    container that ended so, where the rule is on exit codes. condition: the type of the Pod's
    condition, where it is on those.
    """

    number: int
    action: str
    container: str = ""
    code: int = 0
    condition: str = ""


def match(rules: Sequence[Object] | None, pod: Object) -> Match | None:
    """The first rule that the Pod matches, None where there is none."""
    for number, rule in enumerate(rules or ()):
        found = Match(number, str(rule["action"]))
        if "onExitCodes" in rule:
            container = _by_exit_code(rule["onExitCodes"], pod)
            if container is not None:
                code = int(container["state"]["terminated"]["exitCode"])
                return found._replace(container=str(container["name"]), code=code)
        elif condition := _by_condition(rule.get("onPodConditions") or (), pod):
            return found._replace(condition=condition)
    return None


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


def _by_condition(patterns: Iterable[Object], pod: Object) -> str:
    """The type of the first condition of the Pod that one of the patterns matches; "" for none.

    A pattern without a status is one of True, as pkg/apis/batch/v1/defaults.go has it.
    """
    wanted = {(pattern["type"], pattern.get("status", "True")) for pattern in patterns}
    for condition in objects.status(pod).get("conditions") or ():
        if (condition["type"], condition["status"]) in wanted:
            return str(condition["type"])
    return ""
