"""Jobs that no lab has: random commands, exit codes, completions, parallelism and limits.

What has to come of each is computed beside it. The seed is in the test's name, so a Job that fails
its test can be made again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import MakePlace
from tests.e2e.place import Place

pytestmark = pytest.mark.e2e

SEEDS = range(20, 32)
INDEX = "batch.kubernetes.io/job-completion-index"
KILLED = {137, 143}  # what a Pod that the Job stops ends with


@dataclass(frozen=True)
class Case:
    """A Job, and what its Pods print and end with."""

    seed: int
    completions: int
    parallelism: int
    backoff_limit: int
    indexed: bool
    script: str
    printed: str
    exit_code: int

    @property
    def name(self) -> str:
        """The Job's."""
        return f"seed-{self.seed}"

    @property
    def manifest(self) -> dict[str, Any]:
        """The Job."""
        container = {
            "name": "main",
            "image": "busybox:1.36",
            "command": ["sh", "-c", self.script],
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": self.name},
            "spec": {
                "completions": self.completions,
                "parallelism": self.parallelism,
                "backoffLimit": self.backoff_limit,
                "completionMode": "Indexed" if self.indexed else "NonIndexed",
                "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
            },
        }


def case(seed: int) -> Case:
    """The Job of a seed; every third one fails."""
    chance = random.Random(seed)
    lines = [line(chance) for _ in range(chance.randint(1, 4))]
    code = chance.randint(1, 255) if seed % 3 == 0 else 0
    script = [command for command, _ in lines] + [f"sleep 0.{chance.randint(0, 9)}", f"exit {code}"]
    return Case(
        seed=seed,
        completions=chance.randint(1, 5),
        parallelism=chance.randint(1, 4),
        backoff_limit=chance.randint(0, 1) if code else chance.randint(0, 6),
        indexed=chance.random() < 0.5,
        script="\n".join(script),
        printed="".join(f"{output}\n" for _, output in lines),
        exit_code=code,
    )


def line(chance: random.Random) -> tuple[str, str]:
    """A command of sh, and what it prints."""
    one, other = chance.randint(0, 999), chance.randint(1, 99)
    word = "".join(chance.choices("abcxyz", k=5))
    return chance.choice(
        [
            (f"echo {word}", word),
            (f"echo $(({one} * {other} + 1))", str(one * other + 1)),
            (f"echo {word} | tr a-z A-Z", word.upper()),
            (f"seq {other} | tail -n 1", str(other)),
            (f"i=0; while [ $i -lt {other} ]; do i=$((i+1)); done; echo $i", str(other)),
            (f"(exit {other}); echo $?", str(other)),
            (f"X={word} sh -c 'echo $X {one}'", f"{word} {one}"),
        ]
    )


CASES: Mapping[int, Case] = {seed: case(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def submitted(make_place: MakePlace) -> Place:
    """A namespace in which all these Jobs run at once."""
    place = make_place("random")
    place.kubectl(
        "apply -f -", stdin="\n---\n".join(json.dumps(one.manifest) for one in CASES.values())
    )
    return place


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in CASES.values()])
def test_a_job_that_no_lab_has_ends_as_it_must(submitted: Place, one: Case) -> None:
    end = "Failed" if one.exit_code else "Complete"
    submitted.await_condition(f"job/{one.name}", f"condition={end}")
    job = submitted.get(f"job/{one.name}")
    pods = submitted.pods(one.name)
    codes = [exit_code(pod) for pod in pods]
    status = job["status"]
    assert status.get("active", 0) == 0
    if one.exit_code:
        at_once = min(one.parallelism, one.completions)
        assert "BackoffLimitExceeded" in {found["reason"] for found in status["conditions"]}
        assert one.backoff_limit < status["failed"] <= one.backoff_limit + at_once
        assert one.exit_code in codes
        assert set(codes) <= {one.exit_code, *KILLED}
    else:
        assert (status["succeeded"], status.get("failed", 0)) == (one.completions, 0)
        assert codes == [0] * one.completions
    if one.indexed and not one.exit_code:
        indexes = [int(pod["metadata"]["annotations"][INDEX]) for pod in pods]
        assert sorted(indexes) == list(range(one.completions))
    for pod, code in zip(pods, codes, strict=True):
        if code == one.exit_code:
            name = pod["metadata"]["name"]
            assert submitted.kubectl(f"logs {name}") == one.printed
    assert most_at_once(pods) <= one.parallelism


def ended(pod: Mapping[str, Any]) -> dict[str, Any]:
    """How its container ended."""
    return dict(pod["status"]["containerStatuses"][0]["state"]["terminated"])


def exit_code(pod: Mapping[str, Any]) -> int:
    """Its container's."""
    return int(ended(pod)["exitCode"])


def most_at_once(pods: list[dict[str, Any]]) -> int:
    """How many containers ran at the same time; whole seconds, so never too many."""
    spans = [(ended(pod)["startedAt"], ended(pod)["finishedAt"]) for pod in pods]
    return max(len([1 for begin, end in spans if begin <= moment < end]) for moment, _ in spans)
