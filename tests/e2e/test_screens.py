"""What golden screens leave out: lanes of the same run on a faster and on a slower machine."""

from __future__ import annotations

import pytest

from tests.e2e import screens

LANES = {
    "tries that last a second": (".=x=x-----13s-----=x", "x"),
    "tries that end in the second of their start": ("xx----13s----x", "x"),
    "tries of either kind": ("..=xx-----13s-----=x", "x"),
    "tries that are a blank apart": (".x.=x", "x"),
    "a try that fails and one that succeeds": (".=x=", "x="),
    "the same, in one second": ("x-10s-==", "x="),
    "a Pod that waits for its turn": ("   ---10s---=x", "-x"),
    "a run": ("..=====", "="),
}


TOLD = """\
Timeline: times since the Job was created
pod: retry-bcdfg; created: 14s; back-off: 10s; started: 15s; ran: 2s; exit: 0; status: Completed
At most 1 at once.
"""


def test_a_timeline_in_words_keeps_all_but_its_times() -> None:
    lines = list(screens._timeline(TOLD.splitlines()))
    assert lines == [
        "Timeline: times since the Job was created",
        "pod: retry-bcdfg; created: Ns; back-off: Ns; started: Ns; ran: Ns; exit: 0;"
        " status: Completed",
        "At most 1 at once.",
    ]


@pytest.mark.parametrize(
    ("line", "dropped"),
    [
        ("4s    sleep/pod         PASS                 1 Pod Succeeded", True),
        ("2m1s  retry-onfailure/restarted FAIL                 0 starts", True),
        ("age: 4s; object: sleep/pod; status: PASS; detail: 1 Pod Succeeded", True),
        ("sleep/pod        PASS     1 Pod Succeeded   1 Pod Succeeded", False),
        ("4s    pod/sleep-bcdfg   Running", False),
    ],
)
def test_a_verdict_that_a_wait_tells_before_its_end_is_left_out(line: str, dropped: bool) -> None:
    assert bool(screens._DECIDED.match(line)) is dropped


@pytest.mark.parametrize(("lane", "shown"), LANES.values(), ids=LANES)
def test_a_lane_is_the_same_however_long_its_parts_are(lane: str, shown: str) -> None:
    text = f"Timeline: 1 column is 1s\nretry-bcdfg   {lane}   exit 3"
    lines = list(screens._timeline(text.splitlines()))
    assert lines == ["Timeline: LEGEND", f"retry-bcdfg   {shown}   exit 3"]
