"""Which limit has ended a Job, and how far the Job had come: counted as that limit counts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest

from kubectl_joblab.cli import simulation
from kubectl_joblab.cli.syntax import stories
from kubectl_joblab.evidence import ending
from kubectl_joblab.evidence.snapshot import Snapshot
from kubectl_joblab.labs import manifest
from kubectl_joblab.language import Language
from kubectl_joblab.objects import Object
from tests.labs import builders as b

DAY = 24 * 3600.0
THREE = {"completions": 3, "parallelism": 3}
INDEXED = {"completionMode": "Indexed", "completions": 4, "parallelism": 4}
FIVE, LONG = "run=5s exit=1", "run=500s exit=0"


class Told(NamedTuple):
    """A Job and a story. says: which limit ends it. told: the story of some indexes."""

    says: str
    spec: Mapping[str, Any]
    each: str = FIVE
    then: Sequence[str] = ()
    told: Sequence[tuple[str, str]] = ()
    restart: str = "Never"
    pod: Mapping[str, Any] = {}
    drains: Sequence[str] = ()

    def simulated(self) -> Snapshot:
        """All of the Job, at its end."""
        containers = [{"name": name, "image": "none"} for name in self.pod.get("named", ["main"])]
        own = {key: value for key, value in self.pod.items() if key != "named"}
        pod = {"restartPolicy": self.restart, "containers": containers, **own}
        job = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {**self.spec, "template": {"spec": pod}},
        }
        made = manifest.parse(json.dumps(job), "job.json", creates=False)
        story = stories.story(self.each, self.then, self.told, self.drains)
        return simulation.play(made, story, DAY).seen


def rules(*actions: tuple[str, int]) -> Mapping[str, Any]:
    """A podFailurePolicy with a rule for each exit code."""
    found = [
        {"action": action, "onExitCodes": {"operator": "In", "values": [code]}}
        for action, code in actions
    ]
    return {"podFailurePolicy": {"rules": found}}


SIMULATED: Mapping[str, Told] = {
    "the last try that backoffLimit allows": Told(
        "backoffLimit 2 ends it after try 3 of 3", {"backoffLimit": 2}
    ),
    "a deadline within a try": Told(
        "deadline 25s ends it during try 2 of 7", {"activeDeadlineSeconds": 25}, "run=10s exit=1"
    ),
    "a deadline between two tries": Told(
        "deadline 12s ends it before try 2 of 7", {"activeDeadlineSeconds": 12}
    ),
    "two containers are one try": Told(
        "backoffLimit 1 ends it after try 2 of 2", {"backoffLimit": 1}, pod={"named": ["a", "b"]}
    ),
    "two containers succeed in one try": Told(
        "1/1 completions, in 1 try", {}, "exit=0", pod={"named": ["a", "b"]}
    ),
    "an eviction is the end of a try": Told(
        "backoffLimit 0 ends it after try 1 of 1", {"backoffLimit": 0}, LONG, drains=["20s"]
    ),
    # several Pods
    "Pods beside each other": Told(
        "backoffLimit 4 ends it at 0/3, after 6 failed Pods", {"backoffLimit": 4, **THREE}
    ),
    "Pods one after another": Told(
        "backoffLimit 1 ends it at 1/3, after 2 failed Pods",
        {"backoffLimit": 1, "completions": 3},
        then=["exit=0"],
    ),
    "a deadline while several Pods are tried again": Told(
        "deadline 20s ends it at 0/3, after 3 failed Pods", {"activeDeadlineSeconds": 20, **THREE}
    ),
    "a deadline before anything failed": Told(
        "deadline 20s ends it at 0/3, before any Pod failed",
        {"activeDeadlineSeconds": 20, **THREE},
        LONG,
    ),
    "Pods that end at once when the Job ends did not fail": Told(
        "deadline 20s ends it at 0/3, before any Pod failed",
        {"activeDeadlineSeconds": 20, **THREE},
        "run=500s stop=0s",
    ),
    "a work queue that fails": Told(
        "backoffLimit 2 ends it at 0 succeeded, after 3 failed Pods",
        {"backoffLimit": 2, "parallelism": 3},
    ),
    "a work queue that is done": Told(
        "work queue done, 3 succeeded, in 3 tries", {"parallelism": 3}, "exit=0"
    ),
    # restarts in place
    "restarts count": Told(
        "backoffLimit 2 ends it after 2 restarts", {"backoffLimit": 2}, restart="OnFailure"
    ),
    "without a retry the first restart is too many": Told(
        "backoffLimit 0 ends it after 1 restart", {"backoffLimit": 0}, restart="OnFailure"
    ),
    "restarts of all Pods are one sum": Told(
        "backoffLimit 2 ends it at 0/3, after 3 restarts in 3 Pods",
        {"backoffLimit": 2, **THREE},
        restart="OnFailure",
    ),
    "a deadline before the next restart": Told(
        "deadline 60s ends it before restart 4 of 6",
        {"activeDeadlineSeconds": 60},
        restart="OnFailure",
    ),
    "a deadline before any restart": Told(
        "deadline 20s ends it at 0/3, before restart 1 of 6",
        {"activeDeadlineSeconds": 20, **THREE},
        LONG,
        restart="OnFailure",
    ),
    # indexes
    "an index has its own limit": Told(
        "backoffLimitPerIndex 1 has failed index 3 after 2 tries",
        {**INDEXED, "backoffLimitPerIndex": 1},
        "exit=0",
        told=[("3", "exit=1")],
    ),
    "each index has its own limit": Told(
        "backoffLimitPerIndex 0 has failed indexes 0-3 after 1 try each",
        {**INDEXED, "backoffLimitPerIndex": 0},
    ),
    "an index with failures that are ignored": Told(
        "backoffLimitPerIndex 1 has failed index 3",
        {**INDEXED, "backoffLimitPerIndex": 1, **rules(("Ignore", 3))},
        "exit=0",
        told=[("3", "exit=3"), ("3", "exit=1")],
    ),
    "too many indexes": Told(
        "maxFailedIndexes 0 ends it at 1 failed index: 0",
        {**INDEXED, "parallelism": 1, "backoffLimitPerIndex": 1, "maxFailedIndexes": 0},
    ),
    "too many indexes at once": Told(
        "maxFailedIndexes 1 ends it at 4 failed indexes: 0-3",
        {**INDEXED, "backoffLimitPerIndex": 0, "maxFailedIndexes": 1},
    ),
    "a deadline before any index failed": Told(
        "deadline 12s ends it at 0/4, after 4 failed Pods, no index failed",
        {**INDEXED, "backoffLimitPerIndex": 3, "activeDeadlineSeconds": 12},
    ),
    "a deadline after an index failed": Told(
        "deadline 12s ends it at 0/4, after 1 failed Pod, index 2 failed",
        {**INDEXED, "backoffLimitPerIndex": 0, "activeDeadlineSeconds": 12},
        LONG,
        told=[("2", FIVE)],
    ),
    "the limit of the Job beside that of an index": Told(
        "backoffLimit 2 ends it at 0/4, after 4 failed Pods, no index failed",
        {**INDEXED, "backoffLimitPerIndex": 3, "backoffLimit": 2},
    ),
    # podFailurePolicy
    "FailJob": Told(
        "podFailurePolicy rule 0 ends it after try 2 of 7",
        rules(("FailJob", 42)),
        then=["exit=42"],
    ),
    "FailJob beside other Pods": Told(
        "podFailurePolicy rule 0 ends it at 0/4, after 1 failed Pod",
        {**INDEXED, **rules(("FailJob", 42))},
        "run=500s stop=0s",
        told=[("1", "run=5s exit=42")],
    ),
    "FailIndex": Told(
        "podFailurePolicy rule 0 has failed index 1",
        {**INDEXED, "backoffLimitPerIndex": 3, **rules(("FailIndex", 42))},
        "exit=0",
        told=[("1", "exit=42")],
    ),
    "FailIndex beside an index that was tried again": Told(
        "indexes 0,1: 1 failed by backoffLimitPerIndex 1, 1 by podFailurePolicy",
        {**INDEXED, "backoffLimitPerIndex": 1, **rules(("FailIndex", 42))},
        "exit=0",
        told=[("0", "exit=1"), ("1", "exit=42")],
    ),
    "Ignore": Told(
        "backoffLimit 1 ends it after try 4 (2 ignored)",
        {"backoffLimit": 1, **rules(("Ignore", 3))},
        "exit=3",
        ["exit=3", "exit=1"],
    ),
    "Ignore for ever": Told(
        "deadline 25s ends it before try 3 (2 ignored)",
        {"activeDeadlineSeconds": 25, **rules(("Ignore", 3))},
        "exit=3",
    ),
    "Ignore beside other Pods": Told(
        "deadline 12s ends it at 0/3, after 0 failed Pods (3 ignored)",
        {"activeDeadlineSeconds": 12, **THREE, **rules(("Ignore", 3))},
        "exit=3",
    ),
    "Count": Told(
        "backoffLimit 1 ends it after try 2 of 2",
        {"backoffLimit": 1, **rules(("Count", 3))},
        "exit=3",
    ),
    # the other ends
    "a success policy": Told(
        "successPolicy rule 0 ends it at 1/4: index 2",
        {**INDEXED, "successPolicy": {"rules": [{"succeededCount": 1}]}},
        "run=9s exit=0",
        told=[("2", "run=2s exit=0")],
    ),
    "a success policy that is not met": Told(
        "backoffLimit 3 ends it at 0/4, after 4 failed Pods",
        {**INDEXED, "backoffLimit": 3, "successPolicy": {"rules": [{"succeededIndexes": "0"}]}},
    ),
    "the Pods' own deadline": Told(
        "backoffLimit 1 ends it after try 2 of 2, each at the Pod's deadline 10s",
        {"backoffLimit": 1},
        LONG,
        pod={"activeDeadlineSeconds": 10},
    ),
    "the Pods' own deadline in one of two tries": Told(
        "backoffLimit 1 ends it after try 2 of 2, 1 at the Pod's deadline 10s",
        {"backoffLimit": 1},
        LONG,
        [FIVE],
        pod={"activeDeadlineSeconds": 10},
    ),
    "the Pods' own deadline fails Pods that restart in place": Told(
        "backoffLimit 0 ends it after try 1 of 1, at the Pod's deadline 10s",
        {"backoffLimit": 0},
        LONG,
        restart="OnFailure",
        pod={"activeDeadlineSeconds": 10},
    ),
    "the Job's deadline is first": Told(
        "the Job's deadline 10s ends it during try 1 of 7",
        {"activeDeadlineSeconds": 10},
        LONG,
        pod={"activeDeadlineSeconds": 20},
    ),
    "suspended": Told("", {"suspend": True, "activeDeadlineSeconds": 5}),
}

RESUMED = b.condition("Suspended", 20, "JobResumed", "False")
LATE = [b.condition(kind, 50, "DeadlineExceeded") for kind in ("FailureTarget", "Failed")]


def failed(*conditions: Object, status: Mapping[str, Any] | None = None, **spec: Any) -> Object:
    """A Job that has Failed."""
    return b.job(spec=spec, status={"failed": 1, **(status or {})}, conditions=conditions)


KNOWN: Mapping[str, tuple[str, Snapshot]] = {
    "resumed before it had a Pod": (
        "deadline 30s since it was resumed ends it during try 1 of 7",
        b.seen(
            failed(RESUMED, *LATE, activeDeadlineSeconds=30),
            b.ran("demo-a", 21, 50, 143, created=20),
        ),
    ),
    "resumed after it had a Pod": (
        "deadline 30s since it was resumed ends it",
        b.seen(
            failed(RESUMED, *LATE, activeDeadlineSeconds=30),
            b.ran("demo-a", 1, 9, 143),
            b.ran("demo-b", 21, 50, 143, created=20),
        ),
    ),
    "a Pod is gone": (
        "backoffLimit 1 ends it",
        b.seen(b.failed(14, pods=2, spec={"backoffLimit": 1}), b.ran("demo-a", 1, 2, 1)),
    ),
    "fewer failures than the limit must have counted": (
        "backoffLimit 3 ends it",
        b.seen(b.failed(14, pods=1, spec={"backoffLimit": 3}), b.ran("demo-a", 1, 2, 1)),
    ),
    "a Pod of an index that a rule may have failed is gone": (
        "failed indexes 0,2",
        b.seen(
            failed(
                b.condition("Failed", 9, "FailedIndexes"),
                status={"failed": 2, "failedIndexes": "0,2"},
                backoffLimitPerIndex=1,
                **rules(("FailIndex", 42)),
            )
        ),
    ),
}


def _says(seen: Snapshot, language: str = "en") -> str:
    limit = ending.of(seen)
    return Language(language)(limit.says) if limit else ""


@pytest.mark.parametrize("name", SIMULATED)
def test_the_limit_that_ends_a_job_is_told_with_what_it_has_counted(name: str) -> None:
    told = SIMULATED[name]
    assert _says(told.simulated()) == told.says


@pytest.mark.parametrize("name", KNOWN)
def test_no_more_is_counted_than_is_known(name: str) -> None:
    says, seen = KNOWN[name]
    assert _says(seen) == says


def test_it_is_told_in_korean() -> None:
    told = SIMULATED["restarts of all Pods are one sum"]
    says = "성공 0/3, Pod 3개의 재시작 3번 뒤에 backoffLimit 2로 끝납니다"
    assert _says(told.simulated(), "ko") == says
