"""Thirty Jobs, each with the story that simulate is told and the script that acts it out.

test_simulate.py compares how they go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

RULES = {
    "fail-job": {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}},
    "ignore": {"action": "Ignore", "onExitCodes": {"operator": "In", "values": [75]}},
    "count": {"action": "Count", "onExitCodes": {"operator": "In", "values": [1]}},
    "fail-index": {"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [42]}},
}
SCRIPT = """\
n=$(cat /tries/n 2>/dev/null || echo 0); echo $((n + 1)) >/tries/n
case "$JOB_COMPLETION_INDEX/$n" in
{cases}
esac
"""


@dataclass(frozen=True)
class Try:
    """What a try does: how long it runs, its code, and whether it ends when it is told to."""

    run: int = 1
    exit: int = 1
    stops: bool = False

    @property
    def flag(self) -> str:
        """The try as simulate is told it."""
        return f"run={self.run}s exit={self.exit}" + (" stop=0s" if self.stops else "")

    @property
    def script(self) -> str:
        """The try as a shell does it."""
        if self.stops:
            return f"trap 'exit 143' TERM; sleep {self.run} & wait $!; exit {self.exit}"
        return f"sleep {self.run}; exit {self.exit}"


@dataclass(frozen=True)
class Case:
    """A Job. each, then, indexes: its story. pod: fields of the Pod's spec."""

    name: str
    spec: dict[str, Any]
    each: Try = Try()
    then: tuple[Try, ...] = ()
    indexes: dict[int, Try] = field(default_factory=dict)
    restart: str = "Never"
    pod: dict[str, Any] = field(default_factory=dict)

    @property
    def flags(self) -> list[str]:
        """The flags that tell simulate the story."""
        told = [word for i, one in self.indexes.items() for word in ("--index", str(i), one.flag)]
        return [f"--each={self.each.flag}", *(f"--then={one.flag}" for one in self.then), *told]

    @property
    def manifest(self) -> dict[str, Any]:
        """The Job."""
        cases = [f"{index}/*) {one.script} ;;" for index, one in self.indexes.items()]
        tries = [self.each, *self.then]
        cases += [f"*/{number}) {one.script} ;;" for number, one in enumerate(tries[:-1])]
        cases.append(f"*) {tries[-1].script} ;;")
        container = {
            "name": "main",
            "image": "busybox:1.36",
            "command": ["sh", "-c", SCRIPT.format(cases="\n".join(cases))],
            "volumeMounts": [{"name": "tries", "mountPath": "/tries"}],
        }
        pod = {
            "terminationGracePeriodSeconds": 2,
            "restartPolicy": self.restart,
            "containers": [container],
            "volumes": [{"name": "tries", "emptyDir": {}}],
            **self.pod,
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": self.name},
            "spec": {**self.spec, "template": {"spec": pod}},
        }


def _indexed(completions: int, **more: Any) -> dict[str, Any]:
    return {
        "completionMode": "Indexed",
        "completions": completions,
        "parallelism": completions,
        **more,
    }


def _policy(*names: str, **more: Any) -> dict[str, Any]:
    rules = [RULES[name] for name in names]
    return {"podFailurePolicy": {"rules": rules}, "podReplacementPolicy": "Failed", **more}


GOOD = Try(2, 0)
LONG = Try(300, 0)
HEEDS = Try(300, 0, stops=True)
# What a Job stops may end by itself: on a node that is busy, the Pods of a Job start one after
# another, and one has ended where the others have not begun.
PATIENT = {"terminationGracePeriodSeconds": 60}
CASES = (
    Case("good", {}, GOOD),
    Case("no-retry", {"backoffLimit": 0}, Try(3, 7)),
    Case("one-retry", {"backoffLimit": 1}, Try(2, 3)),
    Case("two-retries", {"backoffLimit": 2}, Try(1, 1)),
    Case("deadline-in-try", {"activeDeadlineSeconds": 40}, LONG),
    Case("deadline-in-try-that-stops", {"activeDeadlineSeconds": 40}, HEEDS),
    Case("deadline-in-second-try", {"activeDeadlineSeconds": 120}, Try(60, 1)),
    Case("deadline-in-back-off", {"activeDeadlineSeconds": 70}, Try(1, 1)),
    Case("in-turn", {"completions": 3, "parallelism": 1}, GOOD),
    Case("side-by-side", {"completions": 4, "parallelism": 2}, GOOD),
    Case(
        "all-fail-at-once",
        {"completions": 3, "parallelism": 3, "backoffLimit": 0},
        Try(20, 4),
        pod=PATIENT,
    ),
    Case("work-queue", {"parallelism": 2}, GOOD),
    # the last try is long: a kubelet that is late to tell of a restart starts a short one again
    Case(
        "restart", {"backoffLimit": 1}, Try(1, 1), (Try(40, 1),), restart="OnFailure", pod=PATIENT
    ),
    Case(
        "restart-never",
        {"backoffLimit": 0},
        Try(2, 5),
        (Try(40, 5),),
        restart="OnFailure",
        pod=PATIENT,
    ),
    Case("restart-recovers", {"backoffLimit": 3}, Try(1, 1), (GOOD,), restart="OnFailure"),
    Case(
        "restart-backs-off", {"backoffLimit": 4}, Try(1, 1), (Try(2, 2), GOOD), restart="OnFailure"
    ),
    Case(
        "restart-deadline", {"activeDeadlineSeconds": 60}, Try(2, 1), (LONG,), restart="OnFailure"
    ),
    Case("pod-deadline", {"backoffLimit": 0}, LONG, pod={"activeDeadlineSeconds": 20}),
    Case("pod-deadline-twice", {"backoffLimit": 1}, LONG, pod={"activeDeadlineSeconds": 20}),
    Case("fail-job", _policy("fail-job"), Try(2, 42)),
    Case("ignored", _policy("ignore", activeDeadlineSeconds=120, backoffLimit=0), Try(60, 75)),
    Case("counted", _policy("count", backoffLimit=1), Try(1, 1)),
    Case("indexed", _indexed(3), GOOD),
    Case(
        "one-index-fails",
        _indexed(3, backoffLimit=0),
        Try(40, 0),
        indexes={1: Try(20, 1)},
        pod=PATIENT,
    ),
    Case("per-index", _indexed(3, backoffLimitPerIndex=0), GOOD, indexes={2: Try(1, 1)}),
    Case("per-index-again", _indexed(2, backoffLimitPerIndex=1), GOOD, indexes={0: Try(20, 9)}),
    Case(
        "max-failed",
        _indexed(3, backoffLimitPerIndex=0, maxFailedIndexes=0),
        HEEDS,
        indexes={0: Try(20, 1)},
    ),
    Case(
        "fail-index",
        _indexed(2, backoffLimitPerIndex=3, **_policy("fail-index")),
        GOOD,
        indexes={1: Try(2, 42)},
    ),
    Case(
        "success-policy",
        _indexed(2, successPolicy={"rules": [{"succeededIndexes": "0"}]}),
        Try(20, 0),
        indexes={1: LONG},
    ),
    Case(
        "success-policy-count",
        _indexed(3, successPolicy={"rules": [{"succeededCount": 1}]}),
        HEEDS,
        indexes={1: Try(20, 0)},
    ),
)
