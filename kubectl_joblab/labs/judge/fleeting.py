"""Which checks rest on what is gone later, so that only who watches in time can pass them.

`show` names them. It follows from the checks alone: a lab whose Pods are deleted asks for that, or
for the reason with which the Job controller deletes them. No Job is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kubectl_joblab.labs.definition import model
from kubectl_joblab.labs.exercise import Exercise

# kinds of assertion that rest on the Job's Pods
FROM_PODS = (
    *(
        "attempts",
        "completedAfter",
        "concurrency",
        "duration",
        "exitCodes",
        "gaps",
        "lastIndex",
        "message",
    ),
    *("log", "owner", "pods", "replaced", "restarts", "sum"),
)
# pkg/controller/job/job_controller.go (deleteActivePods): with these reasons of its conditions the
# Job controller deletes the Pods that still run
_DELETING = ("DeadlineExceeded", "SuccessPolicy")
# the Pod that is restarted counts as one that runs
_DELETING_RESTARTED = ("BackoffLimitExceeded", *_DELETING)
_KEPT = 2  # starts of a container of which a Pod has the exit code, and the API the log


class _Asked(NamedTuple):
    """What a check asks, with the exercise's own values. kind and options: its assertion's."""

    check: model.Check
    kind: str
    options: Mapping[str, Any]

    def takes(self, kind: str) -> bool:
        """Whether the check asks that the Job, or its Pods, are gone. kind: Job or Pod."""
        return self.kind in ("absent", "deleted") and bool(self.options["kind"] == kind)

    @property
    def from_pods(self) -> bool:
        """Whether it rests on Pods, and not on the Job alone."""
        if self.kind == "duration":
            return bool(self.options["of"] != "job")
        return self.kind in FROM_PODS or (self.kind == "exists" and self.options["kind"] == "Pod")

    @property
    def from_first_start(self) -> bool:
        """Whether it rests on each start of a container, also the first."""
        if self.kind == "exitCodes":
            return self.options.get("which", "all") in ("all", "first")
        return self.kind in ("log", "sum")

    @property
    def starts(self) -> int:
        """How often the containers are started at the least, as far as it asks for that."""
        if self.kind not in ("attempts", "restarts") or self.options["operator"] not in (
            ">=",
            "==",
        ):
            return 0
        return int(self.options["value"]) + (self.kind == "restarts")


def fleeting(exercise: Exercise) -> list[model.Check]:
    """The checks that a look at the cluster some minutes after the exercise's run cannot pass.

    What the learner is to delete stays until the learner has looked.
    """
    stays = [check for check in exercise.checks if not exercise.deletes_job(check)]
    if not any(_may_matter(check.assertion) for check in stays):
        return []  # so that `show` of most labs imports nothing that computes
    asked = [_asked(exercise, check) for check in stays if _applies(exercise, check)]
    if any(one.takes("Job") for one in asked):
        return [one.check for one in asked if not one.takes("Job")]
    if any(one.takes("Pod") for one in asked) or _deletes_pods(asked):
        return [one.check for one in asked if one.from_pods]
    if _restarts(asked) and max(one.starts for one in asked) > _KEPT:
        return [one.check for one in asked if one.from_first_start]
    return []


def _may_matter(assertion: model.Assertion) -> bool:
    """Whether something may be gone where a check asks this."""
    kind, options = assertion
    ends = kind == "condition" and options.get("reason") in _DELETING_RESTARTED
    return ends or kind in ("absent", "deleted", "attempts", "restarts")


def _applies(exercise: Exercise, check: model.Check) -> bool:
    """Whether a check is about the lab's own Job, as far as its parameters say."""
    from kubectl_joblab.labs.judge import assertions

    lab, values = exercise.lab, exercise.parameters
    return all(assertions.by_default(lab, when, values) for when in check.when)


def _asked(exercise: Exercise, check: model.Check) -> _Asked:
    from kubectl_joblab.labs.definition import expressions

    kind, options = check.assertion
    values = exercise.parameters
    return _Asked(
        check,
        kind,
        {
            key: expressions.evaluate(value, values) if key == "value" else value
            for key, value in options.items()
        },
    )


def _restarts(asked: list[_Asked]) -> bool:
    """Whether a container that failed is to be started again in its Pod."""
    policy = "spec.template.spec.restartPolicy", "==", "OnFailure"
    return any(
        one.kind == "field"
        and (one.options["path"], one.options["operator"], one.options["value"]) == policy
        for one in asked
    )


def _deletes_pods(asked: list[_Asked]) -> bool:
    """Whether the Job is to end with a reason for which its Pods are deleted."""
    reasons = _DELETING_RESTARTED if _restarts(asked) else _DELETING
    return any(one.kind == "condition" and one.options.get("reason") in reasons for one in asked)
