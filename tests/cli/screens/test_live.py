"""The bar of the live view: what its marks stand for."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_joblab.cli.screens import live
from kubectl_joblab.evidence.recorder import Recorder
from tests.labs import builders as b

# spec and status of a Job whose active Pods run, and the bar as runs of equal marks
BARS: dict[str, tuple[dict[str, Any], dict[str, int], str]] = {
    "nothing yet": ({}, {}, "40."),
    "one that runs leaves a cell open at 0/1": ({}, {"active": 1}, "39= 1."),
    "a failure takes a cell of what is to come": ({}, {"failed": 1}, "1x 39."),
    "a retry that runs is told from the tries that failed": (
        {},
        {"active": 1, "failed": 2},
        "37= 2x 1.",
    ),
    "one success of one": ({}, {"succeeded": 1}, "40#"),
    "a success after failures": ({}, {"succeeded": 1, "failed": 3}, "40#"),
    "half": ({"completions": 6}, {"succeeded": 3}, "20# 20."),
    "half, and the rest runs": ({"completions": 6}, {"succeeded": 3, "active": 3}, "20# 19= 1."),
    "all four": (
        {"completions": 4},
        {"succeeded": 1, "active": 1, "failed": 2},
        "10# 10= 2x 18.",
    ),
    "one of very many": ({"completions": 1000}, {"succeeded": 1, "active": 1}, "1# 1= 38."),
    "all but one of very many": ({"completions": 1000}, {"succeeded": 999}, "39# 1."),
    "more failures than cells": ({}, {"active": 1, "failed": 99}, "1= 38x 1."),
    "a work queue has as many as run at once": (
        {"completions": None, "parallelism": 4},
        {"active": 4},
        "39= 1.",
    ),
}


@pytest.mark.parametrize("name", BARS)
def test_the_bar(name: str) -> None:
    spec, status, wanted = BARS[name]
    recorder = Recorder(b.job(spec=spec, status=status), b.NAMESPACE)
    for number in range(status.get("active", 0)):
        recorder.on_pod("ADDED", b.runs(f"demo-{number}", 1), b.at(2))
    bar = str(live.progress(recorder)).partition("]")[0].lstrip("[")
    assert bar == "".join(mark[-1] * int(mark[:-1]) for mark in wanted.split())
    assert len(bar) == live.CELLS


def test_a_pod_that_cannot_start_does_not_run() -> None:
    recorder = Recorder(b.job(status={"active": 1}), b.NAMESPACE)
    waiting = b.pod("demo-0", b.container(b.waiting("ImagePullBackOff", "no")))
    recorder.on_pod("ADDED", waiting, b.at(2))
    assert str(live.progress(recorder)).endswith("] 0/1 succeeded, 0 running, 0 failed")


@pytest.mark.parametrize(
    ("deleted", "said"),
    [(None, "2 failed"), (1, "0 failed")],
    ids=["not counted yet", "deleted by the Job itself"],
)
def test_what_has_failed_and_the_rows_say_it_alike(deleted: int | None, said: str) -> None:
    """A Job with backoffLimitPerIndex counts a failed Pod when the next of its index comes."""
    recorder = Recorder(b.job(spec={"completions": 4, "parallelism": 4}), b.NAMESPACE)
    for number in range(2):
        end = b.container(b.ended(1, 2, 3))
        recorder.on_pod("ADDED", b.pod(f"demo-{number}-a", end, deleted=deleted), b.at(3))
    assert str(live.progress(recorder)).endswith(said)
